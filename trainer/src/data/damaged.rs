//! Images that cannot be read, in a training that is to go on: `data.damaged = "skip"`.
//!
//! The next image of the split that can be read stands in for a damaged one. Which one that is depends on the files alone, so a
//! training that is resumed learns from the same images as one that is not. Every damaged image is counted and named.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use super::{Images, Sample, Set};

/// What `data.damaged` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Damaged {
    /// A damaged image ends the training.
    #[default]
    Refuse,
    /// The next image stands in for it.
    Skip,
}

/// Damaged images that are named; the others are only counted.
const NAMED: usize = 5;

/// Images with others in the place of the damaged ones.
struct Whole {
    images: Arc<dyn Images>,
    /// Why each damaged one that was asked for cannot be read.
    found: RwLock<BTreeMap<usize, String>>,
}

impl Whole {
    fn is_known(&self, index: usize) -> bool {
        self.found.read().unwrap_or_else(PoisonError::into_inner).contains_key(&index)
    }
}

impl Images for Whole {
    fn len(&self) -> usize {
        self.images.len()
    }

    fn is_endless(&self) -> bool {
        self.images.is_endless()
    }

    fn sample(&self, index: usize) -> Result<Arc<Sample>> {
        let count = self.len();
        let others = (1..count).map(|step| (index + step) % count);
        for at in std::iter::once(index).chain(others).filter(|at| !self.is_known(*at)) {
            match self.images.sample(at) {
                Ok(sample) => return Ok(sample),
                Err(reason) => {
                    let mut found = self.found.write().unwrap_or_else(PoisonError::into_inner);
                    found.insert(at, format!("{reason:#}"));
                }
            }
        }
        bail!("none of the {count} images can be read, among them {}; check the disk", self.images.name(index))
    }

    fn label(&self, index: usize) -> Result<usize> {
        self.images.label(index)
    }

    fn size(&self, index: usize) -> Result<u64> {
        self.images.size(index)
    }

    fn name(&self, index: usize) -> String {
        self.images.name(index)
    }

    fn damaged(&self) -> BTreeMap<usize, String> {
        self.found.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Set {
    /// The same set, in which the next image stands in for one that cannot be read.
    pub fn without_damaged(self) -> Self {
        let whole =
            |images: Arc<dyn Images>| -> Arc<dyn Images> { Arc::new(Whole { images, found: RwLock::default() }) };
        Self { train: whole(self.train), validation: self.validation.map(whole), test: whole(self.test), ..self }
    }

    /// How many images were damaged so far, with the first few of them; nothing if none was.
    pub fn damage(&self) -> Option<String> {
        let splits = [Some(&self.train), self.validation.as_ref(), Some(&self.test)];
        let found: Vec<String> =
            splits.into_iter().flatten().flat_map(|images| images.damaged().into_values()).collect();
        let more = found.len().saturating_sub(NAMED);
        let named = found.iter().take(NAMED).map(|reason| format!("\n  {reason}")).collect::<String>();
        let rest =
            if more > 0 { format!("\n  and {more} more; `vitro data --check` names all") } else { String::new() };
        let are = if found.len() == 1 {
            "image is damaged; another stands in for it"
        } else {
            "images are damaged; others stand in for them"
        };
        (!found.is_empty()).then(|| format!("{} {are}:{named}{rest}", found.len()))
    }
}

#[cfg(test)]
mod tests {
    use vitro::image::Rgb8;

    use super::*;

    /// Those that are a multiple of three cannot be read; with `none`, nothing can.
    struct Some {
        none: bool,
    }

    impl Images for Some {
        fn len(&self) -> usize {
            10
        }
        fn sample(&self, index: usize) -> Result<Arc<Sample>> {
            if self.none || index.is_multiple_of(3) {
                bail!("{index}.png has no pixels")
            }
            Ok(Arc::new(Sample { image: Rgb8::from_fn(1, 1, |_, _| [0; 3]), label: index }))
        }
        fn name(&self, index: usize) -> String {
            format!("{index}.png")
        }
    }

    fn set(none: bool) -> Set {
        let images: Arc<dyn Images> = Arc::new(Some { none });
        let (title, classes, train_data) = (String::new(), Vec::new(), String::new());
        Set { title, classes, train: images.clone(), validation: None, test: images, train_data }.without_damaged()
    }

    #[test]
    fn the_next_image_stands_in_in_whatever_order_they_are_asked_for() {
        let seen = |order: &[usize]| {
            let set = set(false);
            let mut labels: Vec<_> =
                order.iter().map(|index| (*index, set.train.sample(*index).unwrap().label)).collect();
            labels.sort_unstable();
            labels
        };
        let forward = seen(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(forward.iter().map(|(_, label)| *label).collect::<Vec<_>>(), [1, 1, 2, 4, 4, 5, 7, 7, 8, 1]);
        assert_eq!(seen(&[9, 3, 3, 8, 0, 6, 5, 7, 2, 1, 4]).into_iter().filter(|(at, _)| *at != 3).count(), 9);
        assert!(seen(&[9, 0, 6, 3, 1, 2, 4, 5, 7, 8]) == forward);
    }

    #[test]
    fn damaged_images_are_counted_and_the_first_are_named() {
        let set = set(false);
        assert_eq!(set.damage(), None);
        for split in [&set.train, &set.test] {
            (0..10).for_each(|index| drop(split.sample(index).unwrap()));
        }
        let said = set.damage().unwrap();
        assert!(said.starts_with("8 images are damaged") && said.contains("0.png has no pixels"), "{said}");
        assert!(said.contains("and 3 more"), "{said}");
    }

    #[test]
    fn a_split_without_any_image_ends_with_a_sentence() {
        let refusal = set(true).train.sample(4).unwrap_err().to_string();
        assert!(refusal.contains("none of the 10 images") && refusal.contains("4.png"), "{refusal}");
    }
}
