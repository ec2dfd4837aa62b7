//! What the images of a run were: enough to notice that they changed between two parts of a training.
//!
//! A training that goes on with other images mixes two datasets in one set of weights, and images that it learned from may
//! have become test images. Names, sizes of files and labels are compared, not pixels: reading every image before the first
//! step would take too long.

use anyhow::Result;
use serde::{Deserialize, Serialize};
use vitro::random::fnv1a;

use crate::data::{Images, Set};

/// The splits of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    train: Split,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    validation: Option<Split>,
    test: Split,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Split {
    images: usize,
    /// A hash over name, size and label of every image, in order.
    digest: String,
}

impl Fingerprint {
    /// That of `set`.
    ///
    /// # Errors
    /// When a file has vanished since it was listed.
    pub fn of(set: &Set) -> Result<Self> {
        let validation = set.validation.as_deref().map(Split::of).transpose()?;
        Ok(Self { train: Split::of(set.train.as_ref())?, validation, test: Split::of(set.test.as_ref())? })
    }

    /// What is different in `now`, for people; `None` when nothing is.
    pub fn difference(&self, now: &Self) -> Option<String> {
        let none = Split::default();
        let validation = |fingerprint: &Self| fingerprint.validation.as_ref().unwrap_or(&none).clone();
        let splits = [
            ("training", self.train.clone(), now.train.clone()),
            ("validation", validation(self), validation(now)),
            ("test", self.test.clone(), now.test.clone()),
        ];
        let different: Vec<String> = splits.iter().filter_map(|(name, then, now)| then.difference(now, name)).collect();
        (!different.is_empty()).then(|| different.join(" and "))
    }
}

impl Split {
    fn of(images: &dyn Images) -> Result<Self> {
        let mut digest = 0;
        for index in 0..images.len() {
            let (name, size, label) = (images.name(index), images.size(index)?, images.label(index)?);
            digest = fnv1a(&format!("{digest:016x} {size} {label} {name}"));
        }
        Ok(Self { images: images.len(), digest: format!("{digest:016x}") })
    }

    fn difference(&self, now: &Self, name: &str) -> Option<String> {
        if self == now {
            return None;
        }
        if self.images != now.images {
            return Some(format!("{} {name} images instead of {}", now.images, self.images));
        }
        Some(format!("{} other {name} images, by their names or sizes", now.images))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::data::Sample;

    /// Images of which nothing but name, size and label is known.
    #[derive(Clone)]
    struct Listed(Vec<(&'static str, u64, usize)>);

    impl Images for Listed {
        fn len(&self) -> usize {
            self.0.len()
        }
        fn sample(&self, _index: usize) -> Result<Arc<Sample>> {
            anyhow::bail!("a fingerprint needs no pixels")
        }
        fn label(&self, index: usize) -> Result<usize> {
            Ok(self.0[index].2)
        }
        fn name(&self, index: usize) -> String {
            self.0[index].0.to_owned()
        }
        fn size(&self, index: usize) -> Result<u64> {
            Ok(self.0[index].1)
        }
    }

    fn fingerprint(train: &[(&'static str, u64, usize)]) -> Fingerprint {
        let (train, test) = (Listed(train.to_vec()), Listed(vec![("t", 1, 0)]));
        let (title, classes, train_data) = (String::new(), Vec::new(), String::new());
        let (train, test) = (Arc::new(train), Arc::new(test));
        Fingerprint::of(&Set { title, classes, train, validation: None, test, train_data }).unwrap()
    }

    #[test]
    fn names_sizes_labels_and_numbers_count() {
        let then = fingerprint(&[("a", 5, 0), ("b", 6, 1)]);
        assert_eq!(then.difference(&fingerprint(&[("a", 5, 0), ("b", 6, 1)])), None);
        for other in [[("a", 5, 0), ("c", 6, 1)], [("a", 5, 0), ("b", 7, 1)], [("a", 5, 0), ("b", 6, 0)]] {
            let said = then.difference(&fingerprint(&other)).unwrap();
            assert!(said.contains("2 other training images") && !said.contains("test"), "{said}");
        }
        let said = then.difference(&fingerprint(&[("a", 5, 0)])).unwrap();
        assert_eq!(said, "1 training images instead of 2");
    }
}
