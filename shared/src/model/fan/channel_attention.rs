//! FAN's channel attention, section 3.3 and equation (7) of "Understanding the Robustness in Vision Transformers".
//!
//! Each channel of a convolutional MLP is scaled by a gate in (0, T). The gate compares the channel's query, softmaxed
//! over the tokens, with the head's mean key, which is the un-projected input softmaxed over the tokens. Equation (6) of
//! the paper is not what was released and trained; (7) is. The temperature multiplies after the sigmoid, and the norm of
//! the values keeps the framework's default epsilon of 1e-5, both as released.

use burn::module::{Initializer, Param};
use burn::prelude::*;
use burn::tensor::activation::sigmoid;

use super::mlp::{ConvMlp, ConvMlpConfig};
use crate::model::layer_norm::LayerNorm;
use crate::model::layers::{layer_norm, linear};
use crate::model::linear::Linear;
use crate::model::observer::{Observer, Within};
use crate::ops::{channel_gate, scale_channels, softmax};

/// Shape of the channel attention.
#[derive(Config, Debug)]
pub struct ChannelAttentionConfig {
    /// Channels of a token.
    pub width: usize,
    /// Channel heads; divides `width`. Every published variant uses the token heads.
    pub heads: usize,
    /// Hidden channels of the MLP on the value path. Paper: 4 × width.
    pub hidden: usize,
    /// Epsilon of the norm on the values.
    #[config(default = 1e-5)]
    pub value_epsilon: f64,
    /// Whether the MLP adds its depth-wise branch to a skip. FAN-Swin does not.
    #[config(default = true)]
    pub mlp_skip: bool,
}

/// Attention between channels: a gated convolutional MLP.
#[derive(Module, Debug)]
pub struct ChannelAttention {
    temperature: Param<Tensor<3>>,
    q: Linear,
    mlp_v: ConvMlp,
    norm_v: LayerNorm,
    heads: usize,
}

impl ChannelAttentionConfig {
    /// Builds the layer with fresh weights.
    pub fn init(&self, device: &Device) -> ChannelAttention {
        ChannelAttention {
            temperature: Initializer::Ones.init([self.heads, 1, 1], device),
            q: linear(self.width, self.width, device),
            mlp_v: ConvMlpConfig::new(self.width, self.hidden).with_skip(self.mlp_skip).init(device),
            norm_v: layer_norm(self.width, self.value_epsilon, device),
            heads: self.heads,
        }
    }
}

impl ChannelAttention {
    /// `[b, n, c]` on `grid` (rows, columns) → `[b, n, c]`.
    pub fn forward(&self, x: Tensor<3>, grid: [usize; 2], observer: &mut impl Observer) -> Tensor<3> {
        let [b, _, c] = x.dims();
        let (heads, depth) = (self.heads, c / self.heads);
        let query = softmax(self.q.forward(x.clone()), 1);
        let key = softmax(x.clone(), 1);
        let gate = sigmoid(channel_gate(query, key, heads).reshape([b, heads, depth, 1]))
            * self.temperature.val().reshape([1, heads, 1, 1]);
        observer.see("gate", &gate);

        let value = self.mlp_v.forward(x, grid, &mut Within::new(observer, "mlp_v"));
        observer.see("mlp_v", &value);
        let value = self.norm_v.forward(value);
        observer.see("v", &value);
        scale_channels(value, gate.reshape([b, 1, c]))
    }
}
