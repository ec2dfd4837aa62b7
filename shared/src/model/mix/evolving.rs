//! Evolving Attention (ICML 2021, arXiv 2102.12895): the scores of a block grow out of those of the block before.
//!
//! Maps of neighbouring blocks look alike. A block mixes its own scores with those that it was handed, lets a 3×3
//! convolution over the map (heads are channels, pairs of tokens are pixels) say how they evolve, and hands on what its
//! softmax reads. The first block of a chain is softmax attention; so is any block whose heads or tokens are not those of
//! the block before.
//!
//! The released code has this in convolutional networks; here it is in every block of a transformer. Row and column of a
//! class token take part in the convolution like any other. Names differ between the paper and its code, so the settings
//! are called by what they do. Fresh biases are zero, as in the framework of the released code: a negative one among small
//! fresh scores would silence its head.

use burn::module::Initializer;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;
use burn::tensor::activation::relu;
use serde::{Deserialize, Serialize};

use super::{Context, Mix, Mixed, MixerInfo, Site, Tie};
use crate::model::ModelError;
use crate::model::attention::{kept_apart, mix, scores, split_heads};
use crate::model::linear::Linear;
use crate::model::observer::Observer;

/// What Evolving Attention says of itself.
pub const INFO: MixerInfo = MixerInfo {
    name: "evolving",
    title: "Evolving Attention",
    paper: "Evolving Attention, arXiv 2102.12895",
    tie: Tie::Nothing,
    forms_attention: true,
    hands_on: true,
    keeps_apart: true,
    jumps: false,
};

/// Settings of Evolving Attention.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evolution {
    /// Fraction of the scores that comes from the block before. Released for images: 0.5.
    #[serde(default = "half")]
    pub previous: f64,
    /// Fraction of the mixed scores that passes the convolution by. Released for images: 0.
    #[serde(default)]
    pub residual: f64,
}

fn half() -> f64 {
    0.5
}

impl Default for Evolution {
    fn default() -> Self {
        Self { previous: half(), residual: 0.0 }
    }
}

impl Evolution {
    pub(super) fn check(&self) -> Result<(), ModelError> {
        ModelError::check_rate("previous", self.previous)?;
        ModelError::check_rate("residual", self.residual)
    }

    /// The scores `[b, h, n, n]` that `scores` and those of the block `before` make, by way of `convolution`.
    pub fn evolve(&self, scores: Tensor<4>, before: Tensor<4>, convolution: &Conv2d) -> Tensor<4> {
        let mixed = scores.mul_scalar(1.0 - self.previous) + before.mul_scalar(self.previous);
        let evolved = relu(convolution.forward(mixed.clone())).mul_scalar(1.0 - self.residual);
        if self.residual == 0.0 {
            return evolved;
        }
        evolved + mixed.mul_scalar(self.residual)
    }
}

/// Softmax attention whose scores evolve from block to block.
#[derive(Module, Debug)]
pub struct EvolvingAttention {
    qkv: Linear,
    evolve: Option<Conv2d>,
    proj: Linear,
    heads: usize,
    previous: f64,
    residual: f64,
}

/// The attention at `site`.
pub fn build(settings: &Evolution, site: &Site, device: &Device) -> EvolvingAttention {
    let Evolution { previous, residual } = *settings;
    EvolvingAttention {
        qkv: site.fresh.linear(site.width, 3 * site.width, device),
        evolve: site.follows.then(|| convolution(site.heads, device)),
        proj: site.fresh.linear(site.width, site.width, device),
        heads: site.heads,
        previous,
        residual,
    }
}

fn convolution(heads: usize, device: &Device) -> Conv2d {
    let mut layer = Conv2dConfig::new([heads, heads], [3, 3])
        .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
        .with_initializer(Initializer::XavierUniform { gain: 1.0 })
        .init(device);
    layer.bias = Some(Initializer::Zeros.init([heads], device));
    layer
}

impl Mix for EvolvingAttention {
    fn forward(&self, x: Tensor<3>, context: Context, observer: &mut impl Observer) -> Mixed {
        let [q, k, v] = self.qkv.parts(x).map(|part| split_heads(part, self.heads));
        let scores = scores(q, k);
        let before = context.carried.filter(|before| before.dims() == scores.dims());
        let scores = match (&self.evolve, before) {
            (Some(convolution), Some(before)) => {
                let settings = Evolution { previous: self.previous, residual: self.residual };
                settings.evolve(scores, before, convolution)
            }
            _ => scores,
        };
        observer.see("scores", &scores);
        let carried = Some(scores.clone());
        let scores = match context.apart {
            Some(apart) => kept_apart(scores, apart),
            None => scores,
        };
        let (mixed, weights) = mix(scores, v, observer);
        Mixed { carried, ..Mixed::by_attention((self.proj.forward(mixed), weights)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_outside_their_range_are_refused() {
        assert_eq!(Evolution { previous: 0.0, residual: 0.9 }.check(), Ok(()));
        let refusal = Evolution { previous: 1.0, residual: 0.0 }.check();
        assert_eq!(refusal, Err(ModelError::Rate { field: "previous", value: 1.0 }));
        assert!(Evolution { previous: 0.5, residual: -0.1 }.check().is_err());
    }
}
