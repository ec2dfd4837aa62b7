//! How a test image becomes what a model sees in a cell: resized and cropped for the model first, corrupted there with the
//! constants that fit its size, and never compressed in between.

use rand::RngExt;

use crate::corruption::{Corruption, Severity, Variant, corrupt_with};
use crate::image::{Preprocess, Rgb8};
use crate::protocol::CorruptionSource;
use crate::random::stream;

/// How images are corrupted for one model.
#[derive(Clone, Copy, Debug)]
pub struct Conditions<'a> {
    /// Side at which corruptions act, pixels: that of the model's images.
    pub side: usize,
    /// Constants.
    pub variant: Variant,
    /// Seed.
    pub seed: u64,
    /// Where frost is cut from; empty: it is drawn.
    pub photographs: &'a [Rgb8],
}

impl Conditions<'_> {
    /// Those of an evaluation that asks for nothing else: the constants for the model's size, frost drawn.
    pub fn of(preprocess: &Preprocess, seed: u64) -> Self {
        let side = preprocess.image_size;
        Self { side, variant: Variant::for_side(side), seed, photographs: &[] }
    }

    /// Test image `index` under a corruption; `prepared` is the image at the model's size ([`Preprocess::prepare`]).
    pub fn corrupted(&self, prepared: &Rgb8, index: usize, corruption: &Corruption, severity: Severity) -> Rgb8 {
        let seed = image_seed(self.seed, index);
        corrupt_with(prepared, corruption, severity, self.variant, seed, self.photographs)
    }

    /// What a reader of the numbers must know.
    pub fn described(&self) -> CorruptionSource {
        let Self { side, variant, seed, photographs } = *self;
        CorruptionSource::Memory { side, variant, seed, photographs: photographs.len() }
    }
}

/// A seed of its own for every image, the same in every cell and for every model.
pub fn image_seed(seed: u64, index: usize) -> u64 {
    stream(seed, index as u64, "corruption of a test image").random()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corruption;

    #[test]
    fn an_image_has_the_same_chance_in_every_severity_and_another_than_the_next_image() {
        let seeds: Vec<u64> = (0..100).map(|index| image_seed(4, index)).collect();
        assert_eq!(seeds.iter().collect::<std::collections::BTreeSet<_>>().len(), 100);
        assert_ne!(image_seed(4, 0), image_seed(5, 0));
        let (preprocess, noise) = (Preprocess::imagenet(32), corruption::find("gaussian_noise").unwrap());
        let image = Rgb8::from_fn(32, 32, |x, y| [(x * 7) as u8, (y * 7) as u8, 90]);
        let seen = |index| Conditions::of(&preprocess, 4).corrupted(&image, index, noise, Severity::ALL[0]);
        assert_eq!(seen(3), seen(3));
        assert_ne!(seen(3), seen(4));
    }

    #[test]
    fn constants_follow_the_size_of_the_models_images() {
        for (side, variant) in [(32, Variant::Cifar), (64, Variant::Tiny), (224, Variant::ImageNet)] {
            let expected = CorruptionSource::Memory { side, variant, seed: 2, photographs: 0 };
            assert_eq!(Conditions::of(&Preprocess::imagenet(side), 2).described(), expected);
        }
    }
}
