//! The test images of whoever brings none: rendered scenes of the held-out split.

use super::balanced;
use crate::image::Preprocess;
use crate::protocol::{self, CorruptionSource, Protocol};
use crate::scene::{self, Scene, Split};

/// Name of the dataset.
pub const NAME: &str = "scenes";
/// How many test scenes there are when nothing else is said: fifty of each class.
pub const COUNT: usize = 50 * scene::CLASSES.len();
/// Seed of the scenes that a bundle is tested on; the corruptions have a seed of their own.
pub const SEED: u64 = 0;

/// Side at which scenes are rendered for a model whose images have this side. Smaller models see them shrunk.
pub fn side(image_size: usize) -> usize {
    image_size.max(scene::SMALLEST)
}

/// Test scene `index` for a model whose images have this side.
pub fn render(seed: u64, index: usize, image_size: usize) -> Scene {
    scene::render(seed, index as u64, Split::Test, side(image_size))
}

/// A fixed part of the [`COUNT`] test scenes of a bundle, each class as often, or once more; `limit` 0 takes all.
pub fn chosen(limit: usize) -> Vec<usize> {
    if limit == 0 || limit >= COUNT {
        return (0..COUNT).collect();
    }
    let labels: Vec<usize> = (0..COUNT).map(|index| scene::label(SEED, index as u64, Split::Test)).collect();
    balanced(&labels, limit)
}

/// The conditions of an evaluation of a bundle on `images` of these scenes.
pub fn protocol(images: usize, preprocess: Preprocess, corruption: Option<CorruptionSource>) -> Protocol {
    let split = if images < COUNT { protocol::Split::PartOfTest } else { protocol::Split::Test };
    Protocol { dataset: NAME.to_owned(), split, images, preprocess, corruption }
}

/// The place of each class of the scenes among `classes`, or the name of the first that is not there.
pub fn columns(classes: &[String]) -> Result<Vec<usize>, &'static str> {
    let place = |name: &'static str| classes.iter().position(|class| class == name).ok_or(name);
    scene::CLASSES.into_iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_the_same_number_of_each_class_and_nothing_is_all() {
        for limit in [24, 48, 240] {
            let chosen = chosen(limit);
            let mut of_class = [0; scene::CLASSES.len()];
            chosen.iter().for_each(|index| of_class[scene::label(SEED, *index as u64, Split::Test)] += 1);
            assert_eq!(of_class, [limit / of_class.len(); scene::CLASSES.len()]);
        }
        assert_eq!((chosen(0).len(), chosen(5000).len()), (COUNT, COUNT));
    }

    #[test]
    fn classes_are_found_by_name_in_any_order_or_named() {
        let mut classes: Vec<String> = scene::CLASSES.iter().rev().map(ToString::to_string).collect();
        let last = classes.len() - 1;
        assert_eq!(columns(&classes).map(|columns| columns[0]), Ok(last));
        classes[last] = "something else".into();
        assert_eq!(columns(&classes), Err(scene::CLASSES[0]));
    }
}
