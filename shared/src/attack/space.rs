//! Where pixels may go, seen from a normalised image.
//!
//! Distances are given in pixels of 0 to 1. A model sees (pixel − mean) / std, so a distance is divided by the std of its
//! channel and the walls 0 and 1 lie elsewhere in each channel.

use burn::prelude::*;
use burn::tensor::TensorData;

use super::AttackError;
use crate::image::Preprocess;

/// The normalisation between pixels of 0 to 1 and what a model sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PixelSpace {
    mean: [f32; 3],
    std: [f32; 3],
}

impl PixelSpace {
    /// The model sees pixels of 0 to 1 as they are.
    pub const UNIT: Self = Self { mean: [0.0; 3], std: [1.0; 3] };

    /// The model sees (pixel − mean) / std.
    ///
    /// # Errors
    /// When a standard deviation is not positive.
    pub fn new(mean: [f32; 3], std: [f32; 3]) -> Result<Self, AttackError> {
        let legal = std.iter().all(|value| *value > 0.0 && value.is_finite()) && mean.iter().all(|v| v.is_finite());
        if legal { Ok(Self { mean, std }) } else { Err(AttackError::Std { std }) }
    }

    /// The space of a model's own preprocessing.
    ///
    /// # Errors
    /// When a standard deviation is not positive.
    pub fn of(preprocess: &Preprocess) -> Result<Self, AttackError> {
        Self::new(preprocess.mean, preprocess.std)
    }

    /// A distance in pixels as the model sees it, `[1, 3, 1, 1]`.
    pub fn distance(&self, pixels: f64, device: &Device) -> Tensor<4> {
        self.each(|channel| pixels / f64::from(self.std[channel]), device)
    }

    /// Black as the model sees it, `[1, 3, 1, 1]`.
    pub fn low(&self, device: &Device) -> Tensor<4> {
        self.each(|channel| -f64::from(self.mean[channel]) / f64::from(self.std[channel]), device)
    }

    /// White as the model sees it, `[1, 3, 1, 1]`.
    pub fn high(&self, device: &Device) -> Tensor<4> {
        self.each(|channel| (1.0 - f64::from(self.mean[channel])) / f64::from(self.std[channel]), device)
    }

    /// Cuts images `[b, 3, y, x]` off at black and white.
    pub fn clamp(&self, images: Tensor<4>) -> Tensor<4> {
        let device = images.device();
        between(images, self.low(&device), self.high(&device))
    }

    fn each(&self, value: impl Fn(usize) -> f64, device: &Device) -> Tensor<4> {
        let values: Vec<f32> = (0..3).map(|channel| value(channel) as f32).collect();
        Tensor::from_data(TensorData::new(values, [1, 3, 1, 1]), device)
    }
}

/// `images` `[b, c, y, x]`, not below `low` and not above `high`; these may be one value for each channel.
pub(super) fn between(images: Tensor<4>, low: Tensor<4>, high: Tensor<4>) -> Tensor<4> {
    let dims = images.dims();
    images.max_pair(low.expand(dims)).min_pair(high.expand(dims))
}
