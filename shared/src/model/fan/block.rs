//! One block of FAN's trunk: token attention, then channel attention, each scaled by a learned vector.
//!
//! With TAP, the attention branch (not the residual) sees the pooled tokens, as in section 3.1 of "Robustifying Token
//! Attention for Vision Transformers".

use burn::module::{Initializer, Param};
use burn::nn::LayerNorm;
use burn::prelude::*;

use super::channel_attention::{ChannelAttention, ChannelAttentionConfig};
use super::token_attention::{TokenAttention, TokenAttentionConfig};
use crate::method::tap::{Tap, TapConfig};
use crate::model::drop_path::drop_path;
use crate::model::layers::layer_norm;
use crate::model::observer::{Observer, Within};

/// Shape of a block.
#[derive(Config, Debug)]
pub struct FanBlockConfig {
    /// Channels of a token.
    pub width: usize,
    /// Heads of the token attention.
    pub heads: usize,
    /// Heads of the channel attention.
    pub channel_heads: usize,
    /// Hidden channels of the MLP. Paper: 4 × width.
    pub hidden: usize,
    /// First value of the two layer scales. Paper: 1.
    #[config(default = 1.0)]
    pub eta: f64,
    /// Drop-path rate; the same in every block.
    #[config(default = 0.0)]
    pub drop_path: f64,
    /// Number of TAP scales; none: no TAP.
    pub tap_scales: Option<usize>,
    /// Epsilon of the two norms.
    #[config(default = 1e-6)]
    pub epsilon: f64,
}

/// One block of the trunk.
#[derive(Module, Debug)]
pub struct FanBlock {
    tap: Option<Tap>,
    norm1: LayerNorm,
    attn: TokenAttention,
    norm2: LayerNorm,
    mlp: ChannelAttention,
    gamma1: Param<Tensor<1>>,
    gamma2: Param<Tensor<1>>,
    drop_path: f64,
}

impl FanBlockConfig {
    /// Builds the block with fresh weights.
    pub fn init(&self, device: &Device) -> FanBlock {
        let scale = || Initializer::Constant { value: self.eta }.init([self.width], device);
        FanBlock {
            tap: self.tap_scales.map(|scales| TapConfig::new(self.width).with_scales(scales).init(device)),
            norm1: layer_norm(self.width, self.epsilon, device),
            attn: TokenAttentionConfig::new(self.width, self.heads).init(device),
            norm2: layer_norm(self.width, self.epsilon, device),
            mlp: ChannelAttentionConfig::new(self.width, self.channel_heads, self.hidden).init(device),
            gamma1: scale(),
            gamma2: scale(),
            drop_path: self.drop_path,
        }
    }
}

impl FanBlock {
    /// `[b, n, c]` on `grid` (rows, columns) → the same shape, and the token attention `[b, h, n, n]`.
    pub fn forward(&self, x: Tensor<3>, grid: [usize; 2], observer: &mut impl Observer) -> (Tensor<3>, Tensor<4>) {
        let seen = match &self.tap {
            Some(tap) => tap.forward(x.clone(), grid, observer),
            None => x.clone(),
        };
        let (mixed, weights) = self.attn.forward(self.norm1.forward(seen));
        observer.see("attn", &mixed);
        observer.see("attn_map", &weights);
        let x = x + drop_path(mixed * self.gamma1.val().unsqueeze::<3>(), self.drop_path);

        let normed = self.norm2.forward(x.clone());
        let gated = self.mlp.forward(normed, grid, &mut Within::new(observer, "mlp"));
        observer.see("mlp", &gated);
        (x + drop_path(gated * self.gamma2.val().unsqueeze::<3>(), self.drop_path), weights)
    }
}
