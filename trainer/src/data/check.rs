//! Looking at every image of a dataset before it costs a training: what cannot be decoded, and what is there twice.
//!
//! An image that is both trained on and tested on makes a test number too good, and is the fault that nobody sees. Images count
//! as the same when their pixels are, whatever their files are called.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Images, Set};

/// What was found.
#[derive(Debug, Default, Serialize)]
pub struct Findings {
    /// Images that were looked at.
    pub images: usize,
    /// Images that cannot be read, each with the reason.
    pub damaged: Vec<String>,
    /// Images of different splits with the same pixels.
    pub shared: Vec<[String; 2]>,
    /// Images of the same pixels but of different classes.
    pub contradictory: Vec<[String; 2]>,
    /// Further images of a split whose pixels are those of an earlier one.
    pub repeated: usize,
}

/// An image that could be read.
struct Seen {
    pixels: [u8; 32],
    split: &'static str,
    label: usize,
    name: String,
}

/// Reads every image on all cores. `heard` hears how many are done.
pub fn check(set: &Set, heard: impl Fn(usize) + Sync) -> Findings {
    let splits = [("training", Some(&set.train)), ("validation", set.validation.as_ref()), ("test", Some(&set.test))];
    let done = AtomicUsize::new(0);
    let mut findings = Findings::default();
    let mut first: HashMap<[u8; 32], Seen> = HashMap::new();
    for (split, images) in splits.into_iter().filter_map(|(split, images)| Some((split, images?.as_ref()))) {
        let look = |index: usize| {
            let seen = look(images, split, index);
            heard(done.fetch_add(1, Ordering::Relaxed) + 1);
            seen
        };
        // In order, so that the same dataset gives the same report.
        let seen: Vec<Result<Seen, String>> = (0..images.len()).into_par_iter().map(look).collect();
        findings.images += seen.len();
        for image in seen {
            match image {
                Err(reason) => findings.damaged.push(reason),
                Ok(image) => match first.get(&image.pixels) {
                    None => drop(first.insert(image.pixels, image)),
                    Some(earlier) => findings.twice(earlier, image),
                },
            }
        }
    }
    findings
}

impl Findings {
    /// Whether a training on these images would fail, or a test on them mean less than it says.
    pub fn are_bad(&self) -> bool {
        !self.damaged.is_empty() || !self.shared.is_empty() || !self.contradictory.is_empty()
    }

    fn twice(&mut self, earlier: &Seen, image: Seen) {
        let names = [earlier.name.clone(), image.name];
        if earlier.label != image.label {
            self.contradictory.push(names);
        } else if earlier.split != image.split {
            self.shared.push(names);
        } else {
            self.repeated += 1;
        }
    }
}

fn look(images: &dyn Images, split: &'static str, index: usize) -> Result<Seen, String> {
    let sample = images.sample(index).map_err(|error| format!("{error:#}"))?;
    let mut hash = Sha256::new();
    hash.update((sample.image.width() as u64).to_le_bytes());
    hash.update(sample.image.bytes());
    Ok(Seen { pixels: hash.finalize().into(), split, label: sample.label, name: images.name(index) })
}
