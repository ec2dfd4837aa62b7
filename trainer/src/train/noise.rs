//! The token noise of a nullspace fine-tuning: learned anew against the current weights before every epoch, then held
//! still. The random control has the norm of what the same search finds, so both see noise of the same size.

use std::ops::ControlFlow;

use anyhow::{Context, Result};
use burn::Tensor;
use burn::tensor::{Device, TensorData};
use vitro::method::nullspace::controls;
use vitro::model::{Model, ModelConfig};

use crate::data::batch::Batch;
use crate::recipe::{Method, NullspaceNoise};

/// What a search needs.
pub struct Search<'a> {
    /// Which noise, and how it is searched.
    pub method: &'a Method,
    /// The weights as they are.
    pub model: &'a Model,
    /// Where they are, without gradients.
    pub device: &'a Device,
    /// Seed of the training.
    pub seed: u64,
}

impl Search<'_> {
    /// The noise `[1, n, c]` of epoch `epoch`; `None` where the recipe adds none. `batch` makes one of the epoch's `batches`.
    pub fn run(
        &self,
        config: &ModelConfig,
        epoch: usize,
        batches: usize,
        batch: impl Fn(usize) -> Result<Batch>,
    ) -> Result<Option<Tensor<3>>> {
        let noise = self.method.nullspace;
        if !matches!(noise, NullspaceNoise::Learned | NullspaceNoise::Random) {
            return Ok(None);
        }
        let shape = config.noise_shape().context("this family takes no token noise; choose a vit_… or fan_… preset")?;
        let config = self.method.noise_search();
        let mut search = config.init(config.start(shape, self.seed, epoch as u64, self.device), batches)?;
        search.run(
            self.model,
            |index| Ok::<_, anyhow::Error>(batch(index)?.tensor(self.device)),
            |_| ControlFlow::Continue(()),
        )?;
        let learned = search.noise();
        if noise == NullspaceNoise::Learned {
            return Ok(Some(learned));
        }
        let random = controls::random_like(&values(&learned), self.seed, epoch as u64);
        Ok(Some(Tensor::from_data(TensorData::new(random, shape), self.device)))
    }
}

/// Euclidean norm.
pub fn norm(noise: &Tensor<3>) -> f64 {
    controls::norm(&values(noise))
}

fn values(noise: &Tensor<3>) -> Vec<f32> {
    noise.clone().into_data().try_into_vec().unwrap_or_default()
}
