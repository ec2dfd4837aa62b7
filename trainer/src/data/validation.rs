//! Validation images: a part of the training images on which choices are made, so that none is made on the test images.
//!
//! Which images they are depends on their names alone (`class/file`): not on the order of a listing, on the number of
//! images, or on a seed. All runs on a dataset therefore hold out the same ones.

use vitro::random::fnv1a;

use super::File;

/// A file with its label.
type Labelled = (File, usize);

/// Names fall into this many drawers, and the first of them are for validation.
const DRAWERS: u64 = 10_000;

/// Cuts labelled files into those for training and those for validation, about `fraction` of them.
pub(super) fn cut(files: Vec<Labelled>, fraction: f64) -> (Vec<Labelled>, Vec<Labelled>) {
    files.into_iter().partition(|(file, _)| !is_for_validation(file, fraction))
}

fn is_for_validation(file: &File, fraction: f64) -> bool {
    let start = file.path.len().saturating_sub(2);
    // The last steps of the hash spread neighbouring numbers; its high bits are the better mixed ones.
    let hash = fnv1a(&file.path[start..].join("/"));
    ((hash >> 32) % DRAWERS) < (fraction * DRAWERS as f64).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(top: &str, numbers: impl Iterator<Item = usize>) -> Vec<(File, usize)> {
        let file = |number: usize| {
            let path = [top, "train", ["cat", "dog"][number % 2], &format!("{number:05}.jpg")].map(str::to_owned);
            (File::in_memory(path.to_vec(), Vec::new().into()), number % 2)
        };
        numbers.map(file).collect()
    }

    fn names(files: &[(File, usize)]) -> Vec<String> {
        files.iter().map(|(file, _)| file.path[2..].join("/")).collect()
    }

    #[test]
    fn about_the_fraction_of_every_class_is_held_out() {
        for fraction in [0.05, 0.1, 0.25] {
            let (train, validation) = cut(files("set", 0..20_000), fraction);
            assert_eq!(train.len() + validation.len(), 20_000);
            for class in 0..2 {
                let held = validation.iter().filter(|(_, label)| *label == class).count() as f64 / 10_000.0;
                assert!((held - fraction).abs() < 0.2 * fraction, "{held} of class {class} instead of {fraction}");
            }
        }
        assert!(cut(files("set", 0..100), 0.0).1.is_empty());
    }

    #[test]
    fn only_the_name_decides() {
        let (_, all) = cut(files("set", 0..4000), 0.1);
        // Another folder above, another order, other images missing.
        let (_, others) = cut(files("copy", (0..4000).rev().filter(|number: &usize| !number.is_multiple_of(3))), 0.1);
        assert!(!others.is_empty() && names(&others).iter().all(|name| names(&all).contains(name)));
        assert_eq!(others.len(), names(&all).iter().filter(|name| kept(name)).count());
    }

    fn kept(name: &str) -> bool {
        let number: usize = name.trim_end_matches(".jpg").rsplit('/').next().unwrap().parse().unwrap();
        !number.is_multiple_of(3)
    }
}
