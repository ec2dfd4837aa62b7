//! Token labels from a labeler's token scores, section 3.2 of the STL paper.
//!
//! The hard label is one-hot at the largest score plus Gumbel noise, which is a sample of the softmax; it is then smoothed.
//! The release adds α/1000 whatever the number of classes K, so its rows sum to one only for K = 1000; [`Spread::Classes`]
//! adds α/K instead and is the default. Its plain-argmax mode is 1000 classes wide; here it has K. Scores are taken in f32,
//! where half precision can give infinite noise.

use burn::prelude::*;
use burn::tensor::activation::softmax;
use burn::tensor::{FloatDType, TensorData};
use chacha20::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::random::normal::uniform;

/// Classes that the release divides the smoothing by.
const RELEASED_CLASSES: f64 = 1000.0;

/// How scores become labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LabelMode {
    /// One-hot at a class sampled from the softmax, smoothed.
    #[default]
    Gumbel,
    /// One-hot at the likeliest class, smoothed.
    Argmax,
    /// The softmax itself, not smoothed.
    Softmax,
}

/// What smoothing adds to every class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Spread {
    /// α/K: rows sum to one.
    #[default]
    Classes,
    /// α/1000, as released.
    Released,
}

/// Turns token scores into labels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenLabels {
    /// How scores become labels.
    pub mode: LabelMode,
    /// α of the smoothing. Paper: 0.1.
    pub smoothing: f64,
    /// What smoothing adds to every class.
    pub spread: Spread,
}

impl Default for TokenLabels {
    fn default() -> Self {
        Self { mode: LabelMode::Gumbel, smoothing: 0.1, spread: Spread::Classes }
    }
}

impl TokenLabels {
    /// Labels of `logits` `[b, n, k]`, or `[b, k]` after [`token_mean`]; noise is drawn where the mode needs it.
    pub fn draw<const D: usize>(&self, logits: Tensor<D>, random: &mut ChaCha8Rng) -> Tensor<D> {
        let noise = match self.mode {
            LabelMode::Gumbel => Some(gumbel(random, logits.dims(), &logits.device())),
            LabelMode::Argmax | LabelMode::Softmax => None,
        };
        self.with_noise(logits, noise)
    }

    /// Labels with given Gumbel noise of the shape of `logits`. Modes without noise ignore it; without noise, a sample is
    /// the likeliest class. No gradient flows through labels.
    pub fn with_noise<const D: usize>(&self, logits: Tensor<D>, noise: Option<Tensor<D>>) -> Tensor<D> {
        let logits = logits.detach().cast(FloatDType::F32);
        let scores = match (self.mode, noise) {
            (LabelMode::Softmax, _) => return softmax(logits, D - 1),
            (LabelMode::Gumbel, Some(noise)) => logits + noise,
            (LabelMode::Gumbel, None) | (LabelMode::Argmax, _) => logits,
        };
        let classes = scores.dims()[D - 1] as f64;
        let added = match self.spread {
            Spread::Classes => self.smoothing / classes,
            Spread::Released => self.smoothing / RELEASED_CLASSES,
        };
        one_hot_of_largest(scores).mul_scalar(1.0 - self.smoothing).add_scalar(added)
    }
}

/// The mean of the tokens' scores, `[b, n, k]` → `[b, k]`: labels of it are the release's "single" mode.
pub fn token_mean(token_logits: Tensor<3>) -> Tensor<2> {
    token_logits.mean_dim(1).squeeze_dim::<2>(1)
}

/// Gumbel noise, −log of an exponential variable, of any shape.
pub fn gumbel<const D: usize>(random: &mut ChaCha8Rng, shape: [usize; D], device: &Device) -> Tensor<D> {
    // Zero, which comes once in 2⁵³ draws, would give an infinite logarithm; one never comes.
    const LEAST: f64 = 1.0 / (1u64 << 54) as f64;
    let mut draw = || -libm::log(-libm::log(uniform(random).max(LEAST))) as f32;
    let count = shape.iter().product();
    let values: Vec<f32> = std::iter::repeat_with(&mut draw).take(count).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// One at the largest value of the last axis, zero elsewhere.
fn one_hot_of_largest<const D: usize>(scores: Tensor<D>) -> Tensor<D> {
    let shape = scores.dims();
    let classes = shape[D - 1];
    let mut row = [1; D];
    row[D - 1] = classes;
    let numbers = Tensor::<1, Int>::arange(0..classes as i64, &scores.device()).reshape(row).expand(shape);
    scores.argmax(D - 1).expand(shape).equal(numbers).float()
}
