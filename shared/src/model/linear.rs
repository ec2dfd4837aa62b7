//! A linear layer, x·W + b, that multiplies all rows of a batch at once ([`crate::ops`]).
//!
//! Names, initialisation and order of the weights are the framework's, so checkpoints fit either.

use burn::module::{Initializer, Param};
use burn::nn;
use burn::prelude::*;

use crate::ops;

/// Shape of a linear layer.
#[derive(Config, Debug)]
pub struct LinearConfig {
    /// Numbers that go in.
    pub inputs: usize,
    /// Numbers that come out.
    pub outputs: usize,
    /// How the weights are drawn. The framework's default: uniform within ±1/√inputs.
    #[config(default = "Initializer::KaimingUniform { gain: 1.0 / 3f64.sqrt(), fan_out_only: false }")]
    pub initializer: Initializer,
}

/// A linear layer with a bias.
#[derive(Module, Debug)]
pub struct Linear {
    /// `[inputs, outputs]`.
    pub weight: Param<Tensor<2>>,
    /// `[outputs]`.
    pub bias: Option<Param<Tensor<1>>>,
}

impl LinearConfig {
    /// Builds the layer with fresh weights, the bias drawn like the weights.
    pub fn init(&self, device: &Device) -> Linear {
        let config = nn::LinearConfig::new(self.inputs, self.outputs).with_initializer(self.initializer.clone());
        let nn::Linear { weight, bias } = config.init(device);
        Linear { weight, bias }
    }
}

impl Linear {
    /// `[…, inputs]` → `[…, outputs]`.
    pub fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        ops::linear(x, self.weight.val(), self.bias.as_ref().map(|bias| bias.val()))
    }

    /// As [`Self::forward`], cut into `N` equal parts of the outputs, each with a product of its own: `[…, inputs]` → `N` times
    /// `[…, outputs / N]`. Cutting the weights costs less than cutting the outputs, whose gradient would be put together anew.
    pub fn parts<const D: usize, const N: usize>(&self, x: Tensor<D>) -> [Tensor<D>; N] {
        let ([_, outputs], weight) = (self.weight.dims(), self.weight.val());
        let length = outputs / N;
        std::array::from_fn(|i| {
            let bias = self.bias.as_ref().map(|bias| bias.val().narrow(0, i * length, length));
            ops::linear(x.clone(), weight.clone().narrow(1, i * length, length), bias)
        })
    }
}
