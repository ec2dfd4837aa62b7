//! The weights before the first step: fresh ones, or those that the recipe starts from.

use anyhow::Result;
use burn::module::Module;
use burn::tensor::Device;
use vitro::model::{Model, ModelConfig};

use crate::subject::Subject;
use crate::weights;

/// A model on `device` with fresh weights or those of `start`. Fresh weights are drawn on the CPU, so that a seed means the
/// same on every processor.
///
/// # Errors
/// For a shape that cannot be, and a start that is another network.
pub fn model(config: &ModelConfig, seed: u64, start: Option<&Subject>, device: &Device) -> Result<Model> {
    let cpu = Device::flex();
    cpu.seed(seed);
    let model = config.init(&cpu)?;
    // Weights are drawn when first looked at; that must happen here and in this order, not in a worker.
    drop(weights::values(&model, |_| true));
    let model = model.to_device(device);
    match start {
        Some(start) => weights::adopt(model, &start.model, start.manifest.model.classes() == config.classes()),
        None => Ok(model),
    }
}
