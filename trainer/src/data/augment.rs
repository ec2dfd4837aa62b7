//! Training augmentation as a recipe says it: crop, flip and RandAugment or colour jitter of each image, a corruption, AugMix,
//! mixing of a batch, erasing; in this order.

use anyhow::Result;
use serde::{Deserialize, Serialize};
use vitro::augment::Interpolation;
use vitro::augment::augmix::AugMix;
use vitro::augment::color_jitter::ColorJitter;
use vitro::augment::mixup::Mixup;
use vitro::augment::paired::PairedTransform;
use vitro::augment::randaugment::RandAugment;
use vitro::augment::random_corruption::RandomCorruption;
use vitro::augment::random_crop::RandomCrop;
use vitro::augment::random_erasing::RandomErasing;
use vitro::corruption::{Severity, Variant};

use crate::recipe::{Recipe, Stl};

/// Shapes of a crop lie between 3:4 and 4:3.
const RATIO: (f64, f64) = (3.0 / 4.0, 4.0 / 3.0);

/// AugMix versions that an image is compared with.
pub const VERSIONS: usize = 2;

/// How training images are read between pixels, where a crop is resized or an operation moves pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// Bicubic; for a student of STL either, drawn each time, as released.
    #[default]
    Auto,
    /// Four by four pixels.
    Bicubic,
    /// Two by two pixels.
    Bilinear,
    /// Either, drawn each time.
    Random,
}

/// What is done to training images.
#[derive(Clone, Debug)]
pub struct Augment {
    /// One image, or both views of it.
    pub views: PairedTransform,
    /// Whether a labeler needs a view of its own.
    pub paired: bool,
    /// The colours of an image.
    pub jitter: Option<ColorJitter>,
    /// An image, now and then.
    pub corruption: Option<RandomCorruption>,
    /// An image, blended with alterations of itself.
    pub augmix: Option<AugMix>,
    /// Whether [`VERSIONS`] of AugMix stand beside an image, to be compared with it; else one takes its place.
    pub compared: bool,
    /// A batch.
    pub mixup: Option<Mixup>,
    /// A normalised input.
    pub erasing: Option<RandomErasing>,
}

impl Augment {
    /// As `recipe` says.
    ///
    /// # Errors
    /// For corruptions that there are not.
    pub fn new(recipe: &Recipe) -> Result<Self> {
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
            interpolation: match data.interpolation {
                Reading::Auto => (!paired).then_some(Interpolation::Bicubic),
                Reading::Bicubic => Some(Interpolation::Bicubic),
                Reading::Bilinear => Some(Interpolation::Bilinear),
                Reading::Random => None,
            },
        };
        let corruption = RandomCorruption {
            probability: data.corrupt,
            corruptions: data.seen_corruptions()?,
            strongest: Severity::try_from(u8::try_from(data.corrupt_severity)?)?,
            variant: Variant::for_side(data.image_size),
        };
        let augmix = AugMix {
            severity: data.augmix as f64,
            width: data.augmix_width,
            depth: (data.augmix_depth > 0).then_some(data.augmix_depth),
            alpha: data.augmix_alpha,
            all_operations: false,
        };
        let mixup = Mixup { mixup_alpha: data.mixup, cutmix_alpha: data.cutmix, mode: data.mix, ..Mixup::default() };
        let erasing = RandomErasing { probability: data.erasing, ..RandomErasing::default() };
        Ok(Self {
            views,
            paired,
            jitter: (data.jitter > 0.0).then_some(ColorJitter { strength: data.jitter }),
            corruption: (data.corrupt > 0.0).then_some(corruption),
            augmix: (data.augmix > 0).then_some(augmix),
            compared: data.augmix > 0 && recipe.method.consistency > 0.0,
            mixup: (data.mixup > 0.0 || data.cutmix > 0.0).then_some(mixup),
            erasing: (data.erasing > 0.0).then_some(erasing),
        })
    }
}
