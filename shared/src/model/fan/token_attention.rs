//! FAN's token attention, section 2.4 of the specification: plain softmax attention with separate query and key–value maps.

use burn::nn::Linear;
use burn::prelude::*;

use crate::model::attention::{attend, split_heads};
use crate::model::layers::linear;

/// Shape of the token attention.
#[derive(Config, Debug)]
pub struct TokenAttentionConfig {
    /// Channels of a token.
    pub width: usize,
    /// Heads; divides `width`.
    pub heads: usize,
}

/// Softmax attention between tokens.
#[derive(Module, Debug)]
pub struct TokenAttention {
    q: Linear,
    kv: Linear,
    proj: Linear,
    heads: usize,
}

impl TokenAttentionConfig {
    /// Builds the layer with fresh weights.
    pub fn init(&self, device: &Device) -> TokenAttention {
        let width = self.width;
        TokenAttention {
            q: linear(width, width, device),
            kv: linear(width, 2 * width, device),
            proj: linear(width, width, device),
            heads: self.heads,
        }
    }
}

impl TokenAttention {
    /// `[b, n, c]` → mixed tokens `[b, n, c]` and attention weights `[b, h, n, n]`.
    pub fn forward(&self, x: Tensor<3>) -> (Tensor<3>, Tensor<4>) {
        let [_, _, c] = x.dims();
        let q = split_heads(self.q.forward(x.clone()), self.heads);
        let kv = self.kv.forward(x);
        // The first half of the channels are keys, the second half values.
        let k = split_heads(kv.clone().narrow(2, 0, c), self.heads);
        let v = split_heads(kv.narrow(2, c, c), self.heads);
        let (mixed, weights) = attend(q, k, v);
        (self.proj.forward(mixed), weights)
    }
}
