//! The Performer, "Rethinking Attention with Performers", as the VARS release has it for comparison.
//!
//! The features stand in for the softmax, but the n × n matrix is formed and its rows are divided by their sums, so nothing
//! is saved in time; it also means that there is an attention map to look at.

use burn::module::{Initializer, Param};
use burn::nn::{Linear, LinearConfig};
use burn::prelude::*;

use super::features::random_features;
use crate::model::Mixed;
use crate::model::attention::{merge_heads, split_heads};

/// Row sums below this count as this.
const LEAST_SUM: f64 = 1e-12;

/// Shape of the attention.
#[derive(Config, Debug)]
pub struct PerformerConfig {
    /// Channels of a token.
    pub width: usize,
    /// Heads; divides `width`.
    pub heads: usize,
    /// Random features per channel of a head. Paper: 2.
    #[config(default = 2)]
    pub ratio: usize,
}

/// Attention between random features.
#[derive(Module, Debug)]
pub struct Performer {
    qkv: Linear,
    proj: Linear,
    rand_matrix: Param<Tensor<3>>,
    heads: usize,
}

impl PerformerConfig {
    /// Builds the layer with fresh weights.
    pub fn init(&self, device: &Device) -> Performer {
        let depth = self.width / self.heads;
        Performer {
            qkv: LinearConfig::new(self.width, 3 * self.width).init(device),
            proj: LinearConfig::new(self.width, self.width).init(device),
            rand_matrix: Initializer::Normal { mean: 0.0, std: 1.0 }
                .init([self.heads, depth, self.ratio * depth], device),
            heads: self.heads,
        }
    }
}

impl Performer {
    /// `[b, n, c]` → mixed tokens `[b, n, c]` and attention `[b, h, n, n]`, rows summing to one.
    pub fn forward(&self, x: Tensor<3>) -> Mixed {
        let [_, _, c] = x.dims();
        let qkv = self.qkv.forward(x);
        let part = |i: usize| split_heads(qkv.clone().narrow(2, i * c, c), self.heads);
        let matrix = self.rand_matrix.val().detach();
        let query = random_features(part(0), matrix.clone());
        let key = random_features(part(1), matrix);
        let similarity = query.matmul(key.swap_dims(2, 3));
        // Features are positive, so a row's sum is its ℓ₁ norm.
        let weights = similarity.clone() / similarity.sum_dim(3).clamp_min(LEAST_SUM);
        let tokens = self.proj.forward(merge_heads(weights.clone().matmul(part(2))));
        Mixed { tokens, attention: Some(weights), codes: None }
    }
}
