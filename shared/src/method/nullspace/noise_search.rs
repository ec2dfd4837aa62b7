//! Learning token noise that a model does not see, as the finetuning of the paper does before each epoch.
//!
//! δ starts far out, uniform in ±range, and descends the distance of the logits until the stop rule holds: "large" comes from
//! the start alone, there is no term or constraint for the norm. The rule is tested before each update, on the current batch
//! only, and on squared distances of probabilities. The optimiser is AdamW with its default decay, which also shrinks δ.
//! The published loop crashes when a round has no batch; here the start is returned.
//!
//! The search is a sequence of steps: the caller brings the batches, sees every step and may leave at any time.

use std::f64::consts::PI;
use std::ops::ControlFlow;

use burn::prelude::*;
use burn::tensor::TensorData;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::controls;
use super::trial::Trial;
use crate::model::{Model, ModelError};

/// Decay rates of AdamW's moments and its small number.
const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// How a noise is learned. The defaults are those of the published multi-machine runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NoiseSearchConfig {
    /// The start is uniform in ±`range`. Published: 3; 1 on a single machine. Too large and the rule never holds, too small
    /// and it holds at once.
    pub range: f64,
    /// First learning rate; a cosine brings it down. Published: 0.1; 0.02. A step moves an entry by about this much.
    pub learning_rate: f64,
    /// Decoupled weight decay of δ. Published: 0.01, the default of the optimiser.
    pub weight_decay: f64,
    /// The search stops once the mean squared distance of the probabilities is below this. Published: 0.01; 0.001. Paper: 0.03.
    pub threshold: f64,
    /// Passes over the chosen batches. Published: 3.
    pub rounds: usize,
    /// Share of the batches of an epoch that each pass uses. Published: 0.1.
    pub share: f64,
}

impl Default for NoiseSearchConfig {
    fn default() -> Self {
        Self { range: 3.0, learning_rate: 0.1, weight_decay: 0.01, threshold: 0.01, rounds: 3, share: 0.1 }
    }
}

/// A configuration that no search can have.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("the noise search's {field} is {value}; it must be {legal}")]
pub struct NoiseSearchError {
    /// Name of the field.
    pub field: &'static str,
    /// What was given.
    pub value: f64,
    /// What would do.
    pub legal: &'static str,
}

impl NoiseSearchConfig {
    /// Refuses numbers that cannot be.
    ///
    /// # Errors
    /// When a field is negative, not finite, or above what makes sense.
    pub fn check(&self) -> Result<(), NoiseSearchError> {
        let rows = [
            ("range", self.range, f64::MAX, "a positive number"),
            ("learning_rate", self.learning_rate, f64::MAX, "a positive number"),
            ("weight_decay", self.weight_decay, f64::MAX, "zero or a positive number"),
            ("threshold", self.threshold, 2.0, "between 0 (never stop) and 2"),
            ("share", self.share, 1.0, "above 0 and at most 1"),
        ];
        for (field, value, most, legal) in rows {
            let may_be_zero = ["weight_decay", "threshold"].contains(&field);
            if !(value <= most && (value > 0.0 || may_be_zero && value == 0.0)) {
                return Err(NoiseSearchError { field, value, legal });
            }
        }
        Ok(())
    }

    /// A start of shape `[1, n, c]` (see [`crate::model::ModelConfig::noise_shape`]); another for each `epoch`.
    pub fn start(&self, shape: [usize; 3], seed: u64, epoch: u64, device: &Device) -> Tensor<3> {
        let values = controls::uniform(shape.iter().product(), self.range, seed, epoch);
        Tensor::from_data(TensorData::new(values, shape), &device.clone().inner())
    }

    /// A search from `start` over an epoch of `batches` batches.
    ///
    /// # Errors
    /// When a field of the configuration cannot be.
    pub fn init(&self, start: Tensor<3>, batches: usize) -> Result<NoiseSearch, NoiseSearchError> {
        self.check()?;
        let noise = start.inner();
        Ok(NoiseSearch {
            first: noise.zeros_like(),
            second: noise.zeros_like(),
            noise,
            config: *self,
            batches,
            taken: 0,
            enough: false,
        })
    }
}

/// A search under way.
#[derive(Clone, Debug)]
pub struct NoiseSearch {
    config: NoiseSearchConfig,
    noise: Tensor<3>,
    first: Tensor<3>,
    second: Tensor<3>,
    batches: usize,
    taken: usize,
    enough: bool,
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The noise moved.
    Moved,
    /// The stop rule held: the noise is as it was, the search is over.
    Enough,
}

/// One step, for whoever watches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Number of the step, from 0.
    pub number: usize,
    /// Steps of a search that does not stop early.
    pub of: usize,
    /// Learning rate of the step.
    pub learning_rate: f64,
    /// Distance of the logits before the step.
    pub objective: f64,
    /// Squared distance of the probabilities before the step.
    pub probability_shift: f64,
    /// What came of it.
    pub outcome: Outcome,
}

impl NoiseSearch {
    /// The noise so far, `[1, n, c]`.
    pub fn noise(&self) -> Tensor<3> {
        self.noise.clone()
    }

    /// Whether the stop rule held.
    pub fn stopped_early(&self) -> bool {
        self.enough
    }

    /// Steps of a search that does not stop early.
    pub fn steps(&self) -> usize {
        self.config.rounds * self.per_round()
    }

    /// Which batch of the epoch the next step wants; none when the search is over.
    pub fn next_batch(&self) -> Option<usize> {
        (!self.enough && self.taken < self.steps()).then(|| self.taken % self.per_round())
    }

    /// Learning rate of the next step: a cosine to zero over all batches of all rounds. With a share below one the search
    /// ends long before that.
    pub fn learning_rate(&self) -> f64 {
        let period = (self.batches * self.config.rounds).max(1);
        self.config.learning_rate * 0.5 * (1.0 + libm::cos(PI * self.taken as f64 / period as f64))
    }

    /// Looks at the noise on normalised images `[b, 3, y, x]`. The model is used in evaluation mode and not changed.
    ///
    /// # Errors
    /// When the noise does not fit the model, or its family takes none.
    pub fn look(&self, model: &Model, images: Tensor<4>) -> Result<Trial<3>, ModelError> {
        let model = model.valid();
        let images = images.inner();
        let clean = model.forward(images.clone());
        Trial::new(clean, self.noise.clone(), |noise| {
            Ok(model.forward_with_noise(images, Some(noise), &mut ())?.logits)
        })
    }

    /// Acts on what [`Self::look`] found; `probability_shift` is the value of the trial's, read by the caller. Split from
    /// it for engines that are read asynchronously.
    pub fn advance(&mut self, trial: &Trial<3>, probability_shift: f64) -> Outcome {
        if self.enough || probability_shift < self.config.threshold {
            self.enough = true;
            return Outcome::Enough;
        }
        let rate = self.learning_rate();
        self.taken += 1;
        let gradient = trial.gradient.clone();
        self.first = self.first.clone().mul_scalar(BETA_1) + gradient.clone().mul_scalar(1.0 - BETA_1);
        self.second = self.second.clone().mul_scalar(BETA_2) + gradient.square().mul_scalar(1.0 - BETA_2);
        let correction = |beta: f64| 1.0 - beta.powi(self.taken.min(i32::MAX as usize) as i32);
        let spread = self.second.clone().div_scalar(correction(BETA_2)).sqrt().add_scalar(EPSILON);
        let step = self.first.clone().mul_scalar(rate / correction(BETA_1)) / spread;
        self.noise = self.noise.clone().mul_scalar(1.0 - rate * self.config.weight_decay) - step;
        Outcome::Moved
    }

    /// One step on the images of [`Self::next_batch`]; none when the search is over.
    ///
    /// # Errors
    /// When the noise does not fit the model, or its family takes none.
    pub fn step(&mut self, model: &Model, images: Tensor<4>) -> Result<Option<Step>, ModelError> {
        if self.next_batch().is_none() {
            return Ok(None);
        }
        let (number, learning_rate) = (self.taken, self.learning_rate());
        let trial = self.look(model, images)?;
        let objective = f64::from(trial.objective.clone().into_scalar::<f32>());
        let probability_shift = f64::from(trial.probability_shift.clone().into_scalar::<f32>());
        let outcome = self.advance(&trial, probability_shift);
        Ok(Some(Step { number, of: self.steps(), learning_rate, objective, probability_shift, outcome }))
    }

    /// All remaining steps. `batch` brings the images of a batch of the epoch, `watch` sees every step and may break off.
    ///
    /// # Errors
    /// What `batch` reports, or a noise that does not fit the model.
    pub fn run<E: From<ModelError>>(
        &mut self,
        model: &Model,
        mut batch: impl FnMut(usize) -> Result<Tensor<4>, E>,
        mut watch: impl FnMut(&Step) -> ControlFlow<()>,
    ) -> Result<(), E> {
        while let Some(index) = self.next_batch() {
            let images = batch(index)?;
            let Some(step) = self.step(model, images)? else { break };
            if watch(&step).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn per_round(&self) -> usize {
        (self.config.share * self.batches as f64) as usize
    }
}
