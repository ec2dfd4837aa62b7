//! Layer normalisation over the channels of a map, at each pixel: the norm of the hybrid stem.
//!
//! The released layer has two code paths and picks one by memory layout; one divides the squared distances by C, the other
//! by C − 1. So the numbers of a released model depend on the engine that it runs on. Here the divisor is a property of
//! each layer, and new models use C everywhere.

use burn::module::{Initializer, Param};
use burn::prelude::*;
use serde::{Deserialize, Serialize};

/// What the squared distances from the mean are divided by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variance {
    /// The number of channels C, as layer norm is defined.
    #[default]
    Population,
    /// C − 1.
    Sample,
}

/// Shape of the layer.
#[derive(Config, Debug)]
pub struct LayerNorm2dConfig {
    /// Channels of the map; at least 2 with [`Variance::Sample`].
    pub channels: usize,
    /// Added to the variance. Paper: 1e-6.
    #[config(default = 1e-6)]
    pub epsilon: f64,
    /// Divisor of the variance.
    #[config(default = "Variance::Population")]
    pub variance: Variance,
}

/// Normalises the channels of each pixel.
#[derive(Module, Debug)]
pub struct LayerNorm2d {
    weight: Param<Tensor<1>>,
    bias: Param<Tensor<1>>,
    divisor: f64,
    epsilon: f64,
}

impl LayerNorm2dConfig {
    /// Builds the layer with weight 1 and bias 0.
    pub fn init(&self, device: &Device) -> LayerNorm2d {
        let divisor = match self.variance {
            Variance::Population => self.channels,
            Variance::Sample => self.channels - 1,
        };
        LayerNorm2d {
            weight: Initializer::Ones.init([self.channels], device),
            bias: Initializer::Zeros.init([self.channels], device),
            divisor: divisor as f64,
            epsilon: self.epsilon,
        }
    }
}

impl LayerNorm2d {
    /// `[b, c, y, x]` → `[b, c, y, x]`.
    pub fn forward(&self, map: Tensor<4>) -> Tensor<4> {
        let [_, c, _, _] = map.dims();
        let mean = map.clone().mean_dim(1);
        let centred = map - mean;
        let variance = (centred.clone() * centred.clone()).sum_dim(1).div_scalar(self.divisor);
        let normed = centred / variance.add_scalar(self.epsilon).sqrt();
        normed * self.weight.val().reshape([1, c, 1, 1]) + self.bias.val().reshape([1, c, 1, 1])
    }
}
