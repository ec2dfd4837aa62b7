//! Training augmentation as a recipe says it: crop, flip and RandAugment of each image, mixing of a batch, erasing.

use vitro::augment::Interpolation;
use vitro::augment::mixup::Mixup;
use vitro::augment::paired::PairedTransform;
use vitro::augment::randaugment::RandAugment;
use vitro::augment::random_crop::RandomCrop;
use vitro::augment::random_erasing::RandomErasing;

use crate::recipe::{Recipe, Stl};

/// Shapes of a crop lie between 3:4 and 4:3.
const RATIO: (f64, f64) = (3.0 / 4.0, 4.0 / 3.0);

/// What is done to training images.
#[derive(Clone, Copy, Debug)]
pub struct Augment {
    /// One image, or both views of it.
    pub views: PairedTransform,
    /// Whether a labeler needs a view of its own.
    pub paired: bool,
    /// A batch.
    pub mixup: Option<Mixup>,
    /// A normalised input.
    pub erasing: Option<RandomErasing>,
}

impl Augment {
    /// As `recipe` says.
    pub fn new(recipe: &Recipe) -> Self {
        let data = &recipe.data;
        let paired = recipe.method.stl == Stl::Student;
        // A fraction of one takes the largest square and leaves its shape alone.
        let ratio = if data.crop < 1.0 { RATIO } else { (1.0, 1.0) };
        let views = PairedTransform {
            side: data.image_size,
            crop: RandomCrop { scale: (data.crop, 1.0), ratio },
            flip: if data.flip { 0.5 } else { 0.0 },
            augment: (data.randaugment > 0.0)
                .then(|| RandAugment { magnitude: data.randaugment, ..RandAugment::default() }),
            interpolation: (!paired).then_some(Interpolation::Bicubic),
        };
        let mixup = Mixup { mixup_alpha: data.mixup, cutmix_alpha: data.cutmix, mode: data.mix, ..Mixup::default() };
        let erasing = RandomErasing { probability: data.erasing, ..RandomErasing::default() };
        Self {
            views,
            paired,
            mixup: (data.mixup > 0.0 || data.cutmix > 0.0).then_some(mixup),
            erasing: (data.erasing > 0.0).then_some(erasing),
        }
    }
}
