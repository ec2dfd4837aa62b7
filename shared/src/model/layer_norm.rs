//! Layer normalisation over the last axis, in one pass ([`crate::ops`]).
//!
//! Names of the weights are the framework's, so checkpoints fit either.

use burn::module::{Initializer, Param};
use burn::prelude::*;

use crate::ops;

/// Shape of the layer.
#[derive(Config, Debug)]
pub struct LayerNormConfig {
    /// Length of the last axis.
    pub width: usize,
    /// Added to the variance. The framework's default: 1e-5.
    #[config(default = 1e-5)]
    pub epsilon: f64,
}

/// Normalises the last axis, then scales and shifts each place of it.
#[derive(Module, Debug)]
pub struct LayerNorm {
    gamma: Param<Tensor<1>>,
    beta: Param<Tensor<1>>,
    epsilon: f64,
}

impl LayerNormConfig {
    /// Builds the layer with scale 1 and shift 0.
    pub fn init(&self, device: &Device) -> LayerNorm {
        LayerNorm {
            gamma: Initializer::Ones.init([self.width], device),
            beta: Initializer::Zeros.init([self.width], device),
            epsilon: self.epsilon,
        }
    }
}

impl LayerNorm {
    /// `[…, width]` → the same shape.
    pub fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        ops::layer_norm(x, self.gamma.val(), self.beta.val(), self.epsilon)
    }
}
