//! Stochastic depth: in training, a residual branch is dropped for a random part of the samples.
//!
//! "Deep Networks with Stochastic Depth", in the form that timm uses: whole samples, the rest scaled by 1 / keep. Which samples
//! is drawn from streams of their own ([`Draws`]). An engine has one generator for all threads, and what a thread gets from it
//! depends on when it asks.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use burn::module::{Flag, Param};
use burn::prelude::*;
use burn::tensor::{Distribution, TensorData};
use rand::RngExt;

use crate::random::stream;

/// What a training step draws for its samples: a function of a seed and of the sample's number.
///
/// A sample meets the same chance whoever computes it, and whatever shares its batch. Clones count their questions together, so
/// that a network that holds many of them asks each one once.
#[derive(Clone, Debug)]
pub struct Draws {
    seed: u64,
    samples: Range<u64>,
    asked: Arc<AtomicUsize>,
}

impl Draws {
    /// For `samples`, numbered since the training began, which pass through the network in this order, once or several times
    /// over.
    pub fn new(seed: u64, samples: Range<u64>) -> Self {
        Self { seed, samples, asked: Arc::default() }
    }

    /// Whether each of `rows` rows of a batch is kept, which happens with probability `keep`. Every question is drawn anew.
    fn kept(&self, rows: usize, keep: f64) -> Vec<bool> {
        let question = self.asked.fetch_add(1, Ordering::Relaxed);
        let samples = self.samples.end.saturating_sub(self.samples.start).max(1);
        let kept = |row: u64| {
            let purpose = format!("drop path {question}, copy {}", row / samples);
            stream(self.seed, self.samples.start + row % samples, &purpose).random_bool(keep)
        };
        (0..rows as u64).map(kept).collect()
    }
}

/// Stochastic depth of the residual branches of one block.
///
/// It has a training flag of its own: an attack records gradients in evaluation mode, so recording alone is no sign of
/// training.
#[derive(Module, Debug)]
pub(crate) struct DropPath {
    rate: f64,
    training: Param<Flag>,
    #[module(skip)]
    draws: Option<Draws>,
}

impl DropPath {
    /// Drops with probability `rate`, 0 ≤ rate < 1.
    pub(crate) fn new(rate: f64) -> Self {
        Self { rate, training: Param::from_bool(true), draws: None }
    }

    /// From now on the samples that are dropped are those that `draws` says; before, those that the engine's generator says.
    pub(crate) fn before_step(&mut self, draws: &Draws) {
        self.draws = Some(draws.clone());
    }

    /// Drops `branch` `[b, n, c]` for each sample, only in training.
    pub(crate) fn forward(&self, branch: Tensor<3>) -> Tensor<3> {
        if self.rate == 0.0 || !self.training.is_enabled() || !branch.is_autodiff() {
            return branch;
        }
        let keep = 1.0 - self.rate;
        let (shape, device) = ([branch.dims()[0], 1, 1], branch.device());
        let mask = match &self.draws {
            Some(draws) => {
                let kept: Vec<f32> =
                    draws.kept(shape[0], keep).into_iter().map(|kept| f32::from(u8::from(kept))).collect();
                Tensor::<3>::from_data(TensorData::new(kept, shape), &device)
            }
            None => Tensor::<3>::random(shape, Distribution::Bernoulli(keep), &device),
        };
        branch * mask.div_scalar(keep)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_kept_or_dropped_whoever_computes_it() {
        let whole = Draws::new(3, 100..116);
        let parts = [Draws::new(3, 100..107), Draws::new(3, 107..116)];
        for _ in 0..4 {
            let [first, second] = [parts[0].kept(7, 0.5), parts[1].kept(9, 0.5)];
            assert_eq!(whole.kept(16, 0.5), [first, second].concat());
        }
    }

    #[test]
    fn every_question_and_every_copy_of_a_sample_is_drawn_anew() {
        let draws = Draws::new(1, 0..1000);
        let (first, second) = (draws.kept(2000, 0.8), draws.clone().kept(1000, 0.8));
        assert_ne!(first[..1000], first[1000..]);
        assert_ne!(first[..1000], second[..]);
        assert_ne!(first, Draws::new(2, 0..1000).kept(2000, 0.8));
        let share = first.iter().filter(|kept| **kept).count() as f64 / 2000.0;
        assert!((share - 0.8).abs() < 0.04, "{share}");
    }
}
