//! Self-attention with position-aware attention scaling (PAAS), from "Towards Robust Vision Transformer".
//!
//! In a masked block, every pair of positions has a learned gate: the scaled scores are multiplied by sigmoid(mask) before
//! the softmax. The mask is not added and its rows are not normalised. The released masks cover 14 × 14 tokens; smaller
//! grids take their top left corner, as in the released code.

use std::f64::consts::{FRAC_1_SQRT_2, PI, SQRT_2};

use burn::module::{Param, ParamId};
use burn::nn::{Linear, LinearConfig};
use burn::prelude::*;
use burn::tensor::Distribution;
use burn::tensor::activation::sigmoid;

use crate::model::attention::{mix, scores, split_heads};

/// Deviation of a fresh mask, and where it is cut off on either side.
const MASK_DEVIATION: f64 = 0.02;

/// Shape of the attention.
#[derive(Config, Debug)]
pub struct SelfAttentionConfig {
    /// Channels of a token.
    pub width: usize,
    /// Heads; divides `width`.
    pub heads: usize,
    /// Tokens that the mask covers; none: no mask. Paper: 196.
    pub mask_tokens: Option<usize>,
}

/// Softmax attention between tokens, its scores scaled by position where there is a mask.
#[derive(Module, Debug)]
pub struct SelfAttention {
    qkv: Linear,
    att_mask: Option<Param<Tensor<3>>>,
    proj: Linear,
    heads: usize,
}

impl SelfAttentionConfig {
    /// Builds the layer with fresh weights.
    pub fn init(&self, device: &Device) -> SelfAttention {
        let mask = |tokens| truncated_normal([self.heads, tokens, tokens], MASK_DEVIATION, device);
        SelfAttention {
            qkv: LinearConfig::new(self.width, 3 * self.width).init(device),
            att_mask: self.mask_tokens.map(mask),
            proj: LinearConfig::new(self.width, self.width).init(device),
            heads: self.heads,
        }
    }
}

impl SelfAttention {
    /// `[b, n, c]` → mixed tokens `[b, n, c]` and attention weights `[b, h, n, n]`.
    ///
    /// More tokens than a mask covers are an error of the caller and give a panic in the engine.
    pub fn forward(&self, x: Tensor<3>) -> (Tensor<3>, Tensor<4>) {
        let [_, n, c] = x.dims();
        let qkv = self.qkv.forward(x);
        let part = |i: usize| split_heads(qkv.clone().narrow(2, i * c, c), self.heads);
        let scores = scores(part(0), part(1));
        let scores = match &self.att_mask {
            Some(mask) => scores * sigmoid(mask.val().narrow(1, 0, n).narrow(2, 0, n)).unsqueeze::<4>(),
            None => scores,
        };
        let (mixed, weights) = mix(scores, part(2));
        (self.proj.forward(mixed), weights)
    }
}

/// Normal values of deviation `std`, cut off one deviation from zero on either side.
///
/// Uniform numbers go through the inverse of the distribution. It is found by Newton's method, which from below the root
/// gains digits quadratically on this short interval: four steps are exact in f32.
fn truncated_normal(shape: [usize; 3], std: f64, device: &Device) -> Param<Tensor<3>> {
    let values = move |device: &Device, require_grad: bool| {
        let within = libm::erf(FRAC_1_SQRT_2);
        let share = Tensor::<3>::random(shape, Distribution::Uniform(-within, within), device);
        let inverse_slope = PI.sqrt() / 2.0;
        let mut root = share.clone().mul_scalar(inverse_slope);
        for _ in 0..4 {
            let miss = root.clone().erf() - share.clone();
            root = root.clone() - miss * (root.clone() * root).exp().mul_scalar(inverse_slope);
        }
        let values = root.mul_scalar(SQRT_2 * std).detach();
        if require_grad { values.require_grad() } else { values }
    };
    Param::uninitialized(ParamId::new(), values, device.clone(), true, shape.into())
}
