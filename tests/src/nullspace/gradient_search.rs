//! The first generation's search, with which the authors observed the nullspace: plain descent whose gradient is never
//! cleared.
//!
//! Each update uses the sum of all gradients so far, G ← G + g and δ ← δ − η G: momentum without damping. It is kept for
//! comparison with the published observations, for token noise and for noise on the pixels. Same objective as
//! `noise_search`, no stop rule, weights frozen.

use anyhow::{Result, ensure};
use burn::prelude::*;
use serde::{Deserialize, Serialize};

use vitro::method::nullspace::trial::Trial;
use vitro::model::{Model, ModelError};

/// How the learning rate falls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GradientSearchConfig {
    /// First learning rate. Published: 0.01.
    pub learning_rate: f64,
    /// Rounds, counted from 0, after which it is divided by ten. Published: 150, 300 and 400 of 500.
    pub milestones: Vec<usize>,
    /// Batches of a round.
    pub batches: usize,
}

impl Default for GradientSearchConfig {
    fn default() -> Self {
        Self { learning_rate: 0.01, milestones: vec![150, 300, 400], batches: 1 }
    }
}

impl GradientSearchConfig {
    /// A search from `start`: token noise `[1, n, c]` or pixel noise `[1, 3, y, x]`.
    pub fn init<const D: usize>(&self, start: Tensor<D>) -> GradientSearch<D> {
        let noise = start.inner();
        GradientSearch { config: self.clone(), sum: noise.zeros_like(), noise, taken: 0 }
    }
}

/// A search under way, for token noise (`D` = 3) or pixel noise (`D` = 4).
#[derive(Clone, Debug)]
pub struct GradientSearch<const D: usize> {
    config: GradientSearchConfig,
    noise: Tensor<D>,
    sum: Tensor<D>,
    taken: usize,
}

impl<const D: usize> GradientSearch<D> {
    /// The noise so far.
    pub fn noise(&self) -> Tensor<D> {
        self.noise.clone()
    }

    /// Learning rate of the next step.
    pub fn learning_rate(&self) -> f64 {
        let round = self.taken / self.config.batches.max(1);
        let passed = self.config.milestones.iter().filter(|milestone| **milestone < round).count();
        self.config.learning_rate / 10f64.powi(passed as i32)
    }

    fn descend(&mut self, trial: Trial<D>) -> Tensor<1> {
        self.sum = self.sum.clone() + trial.gradient;
        self.noise = self.noise.clone() - self.sum.clone().mul_scalar(self.learning_rate());
        self.taken += 1;
        trial.objective
    }
}

impl GradientSearch<3> {
    /// One step of token noise on normalised images `[b, 3, y, x]`; the objective before it, `[1]`.
    ///
    /// # Errors
    /// When the noise does not fit the model, or its family takes none.
    pub fn step(&mut self, model: &Model, images: Tensor<4>) -> Result<Tensor<1>> {
        let (model, images) = (model.valid(), images.inner());
        let trial = Trial::new(model.forward(images.clone()), self.noise.clone(), |noise| {
            Ok::<_, ModelError>(model.forward_with_noise(images, Some(noise), &mut ())?.logits)
        })?;
        Ok(self.descend(trial))
    }
}

impl GradientSearch<4> {
    /// One step of pixel noise on normalised images `[b, 3, y, x]`; the objective before it, `[1]`.
    ///
    /// # Errors
    /// When the noise has another size than the images.
    pub fn step(&mut self, model: &Model, images: Tensor<4>) -> Result<Tensor<1>> {
        let (model, images) = (model.valid(), images.inner());
        let [_, channels, y, x] = images.dims();
        let given = self.noise.dims();
        let expected = [1, channels, y, x];
        ensure!(given == expected, "the noise is {given:?}, the images want {expected:?}");
        let trial = Trial::new(model.forward(images.clone()), self.noise.clone(), |noise| {
            Ok::<_, ModelError>(model.forward(images + noise))
        })?;
        Ok(self.descend(trial))
    }
}
