//! What a trained model looks at: an ordered registry of probes, read by the page, the report and `vitro explain`.
//!
//! A probe works in two steps, since a browser reads numbers back from a device only asynchronously. [`Probe::take`] reduces
//! a forward pass on the device to `[b, k]`, or says that this model forms nothing of the kind; [`Probe::read`] turns the k
//! numbers of one image into a [`Reading`]: a map over the patches, one map for each step, or a number with its words.
//! Whoever shows probes asks [`ALL`] and draws what comes; a new probe is its file and one line there.
//!
//! What needs gradients besides cannot be taken from a forward pass that is over: `class_map`, with the feature `autodiff`.

mod attention_distance;
mod attention_map;
#[cfg(feature = "autodiff")]
pub mod class_map;
mod focus;
mod iterations;
mod layers;
mod map;
mod token_labels;

pub use attention_distance::ATTENTION_DISTANCE;
pub use attention_map::ATTENTION_MAP;
pub use focus::FOCUS;
pub use iterations::ITERATIONS;
pub use layers::{Layer, layers};
pub use token_labels::TOKEN_LABELS;

use burn::prelude::*;

use crate::model::Forward;

/// Every probe, in the order in which readings are shown.
pub const ALL: &[Probe] = &[ATTENTION_MAP, FOCUS, ITERATIONS, ATTENTION_DISTANCE, TOKEN_LABELS];

/// An analysis of a trained model.
#[derive(Clone, Copy, Debug)]
pub struct Probe {
    /// Name in JSON.
    pub key: &'static str,
    /// Name for people, lower case: it stands before the reading.
    pub title: &'static str,
    /// What it is, what is high and what is low, in one or two sentences.
    pub meaning: &'static str,
    take: fn(&Forward) -> Option<Tensor<2>>,
    read: fn(&[f32], usize) -> Reading,
}

impl Probe {
    /// What the probe needs of a forward pass, `[b, k]`. None where the model forms nothing of the kind.
    pub fn take(&self, forward: &Forward) -> Option<Tensor<2>> {
        (self.take)(forward)
    }

    /// Reads the k numbers of one image with `patches` patches.
    pub fn read(&self, values: &[f32], patches: usize) -> Reading {
        (self.read)(values, patches)
    }
}

/// What a probe says about one image.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// A value for each patch, row by row, summing to one.
    Map(Vec<f32>),
    /// Such a map for each step of a recurrence, the first before any step.
    Maps(Vec<Vec<f32>>),
    /// A number, and the words in which it is shown: `12 of 64 patches`.
    Number {
        /// The number in the probe's unit.
        value: f32,
        /// With its unit, for people.
        words: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_unique_and_everything_has_words() {
        for (nth, probe) in ALL.iter().enumerate() {
            assert!(ALL[..nth].iter().all(|earlier| earlier.key != probe.key), "{}", probe.key);
            assert!(probe.key.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{}", probe.key);
            assert!(!probe.title.is_empty() && probe.meaning.ends_with('.'), "{}", probe.key);
        }
    }
}
