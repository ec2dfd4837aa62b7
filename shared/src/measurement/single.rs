//! One image by itself, a file or a scene, as an evaluation sees the images of a dataset.

use super::{Conditions, scenes};
use crate::corruption::{Corruption, Severity};
use crate::image::{Preprocess, Rgb8};
use crate::scene::{self, Split};
use crate::view;

/// An image that a comparison is about.
#[derive(Clone, Debug)]
pub enum Single {
    /// A file: its pixels, all of them.
    File(Rgb8),
    /// A scene of the held-out split, rendered for each model.
    Scene {
        /// Of the scenes.
        seed: u64,
        /// Of this one among them.
        index: usize,
    },
}

impl Single {
    /// The scene of an address `scene:SEED/INDEX`.
    pub fn scene(address: &str) -> Option<Self> {
        let (seed, index) = address.strip_prefix("scene:")?.split_once('/')?;
        Some(Self::Scene { seed: seed.parse().ok()?, index: index.parse().ok()? })
    }

    /// The square that visitors are shown.
    pub fn square(&self) -> Rgb8 {
        match self {
            Self::File(image) => view::square(image),
            Self::Scene { seed, index } => scene::render(*seed, *index as u64, Split::Test, view::SIDE).image,
        }
    }

    /// The known class.
    pub fn label(&self) -> Option<&'static str> {
        match self {
            Self::File(_) => None,
            Self::Scene { seed, index } => scene::CLASSES.get(scene::label(*seed, *index as u64, Split::Test)).copied(),
        }
    }

    /// The image at the model's size.
    pub fn prepared(&self, preprocess: &Preprocess) -> Rgb8 {
        match self {
            Self::File(image) => preprocess.prepare(image),
            Self::Scene { seed, index } => {
                preprocess.prepare(&scenes::render(*seed, *index, preprocess.image_size).image)
            }
        }
    }

    /// A [prepared](Self::prepared) image, corrupted as an evaluation with this seed does it. A file counts as the first
    /// image of its own dataset.
    pub fn corrupted(
        &self,
        prepared: &Rgb8,
        preprocess: &Preprocess,
        (corruption, severity): (&Corruption, Severity),
        seed: u64,
    ) -> Rgb8 {
        let index = match self {
            Self::File(_) => 0,
            Self::Scene { index, .. } => *index,
        };
        Conditions::of(preprocess, seed).corrupted(prepared, index, corruption, severity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corruption;

    #[test]
    fn a_scene_is_seen_as_the_evaluation_sees_it() {
        let preprocess = Preprocess::imagenet(48);
        let single = Single::scene("scene:0/5").unwrap();
        let scene = preprocess.prepare(&scenes::render(0, 5, 48).image);
        assert_eq!(single.prepared(&preprocess), scene);
        let fog = (corruption::find("fog").unwrap(), Severity::ALL[3]);
        let expected = Conditions::of(&preprocess, 9).corrupted(&scene, 5, fog.0, fog.1);
        assert_eq!(single.corrupted(&scene, &preprocess, fog, 9), expected);
        assert_eq!(single.label(), scene::CLASSES.get(scene::label(0, 5, Split::Test)).copied());
        assert_eq!(single.square().width(), view::SIDE);
    }

    #[test]
    fn a_file_is_prepared_from_all_its_pixels() {
        let file = Rgb8::from_fn(300, 250, |x, y| [(x * y) as u8, x as u8, y as u8]);
        let preprocess = Preprocess { crop_pct: 0.9, ..Preprocess::imagenet(32) };
        assert_eq!(Single::File(file.clone()).prepared(&preprocess), preprocess.prepare(&file));
        assert_eq!(Single::File(file).label(), None);
    }

    #[test]
    fn only_two_numbers_are_a_scene() {
        for address in ["scene:7", "scene:7/x", "scene:/3", "scene:-1/2", "photo.jpg", "scene:7/3/4"] {
            assert!(Single::scene(address).is_none(), "{address}");
        }
    }
}
