//! One block of FAN's trunk: token attention, then channel attention, each scaled by a learned vector.
//!
//! In the largest model the last block of a width also halves the grid and widens the tokens.
//!
//! With TAP, the attention branch (not the residual) sees the pooled tokens, as in section 3.1 of "Robustifying Token
//! Attention for Vision Transformers".

use burn::module::{Initializer, Param};
use burn::nn::LayerNorm;
use burn::prelude::*;

use super::channel_attention::{ChannelAttention, ChannelAttentionConfig};
use super::downsample::{Downsample, DownsampleConfig};
use super::mlp::{ConvMlp, ConvMlpConfig};
use super::token_attention::{TokenAttention, TokenAttentionConfig};
use crate::model::drop_path::DropPath;
use crate::model::layers::layer_norm;
use crate::model::mix::tap::{Tap, TapConfig};
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
    /// Channels of a token after this block, which then halves the grid; none: the block keeps width and grid.
    pub next_width: Option<usize>,
    /// Whether a squeeze-and-excite MLP stands in for the channel attention. No published weights have it.
    #[config(default = false)]
    pub squeeze_excite: bool,
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
    mlp: ChannelMixing,
    gamma1: Param<Tensor<1>>,
    gamma2: Param<Tensor<1>>,
    downsample: Option<Downsample>,
    drop_path: DropPath,
}

/// What a block forwards: tokens `[b, n, c]`, token attention `[b, h, m, m]` and the grid (rows, columns) of the n tokens.
/// Only a block that halves the grid has n ≠ m.
pub type FanBlockOutput = (Tensor<3>, Tensor<4>, [usize; 2]);

#[derive(Module, Debug)]
enum ChannelMixing {
    Attention(ChannelAttention),
    SqueezeExcite(ConvMlp),
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
            mlp: self.channel_mixing(device),
            gamma1: scale(),
            gamma2: scale(),
            downsample: self.next_width.map(|next| DownsampleConfig::new(self.width, next).init(device)),
            drop_path: DropPath::new(self.drop_path),
        }
    }

    fn channel_mixing(&self, device: &Device) -> ChannelMixing {
        if self.squeeze_excite {
            let mlp = ConvMlpConfig::new(self.width, self.hidden).with_squeeze_excite(true);
            return ChannelMixing::SqueezeExcite(mlp.init(device));
        }
        let attention = ChannelAttentionConfig::new(self.width, self.channel_heads, self.hidden);
        ChannelMixing::Attention(attention.init(device))
    }
}

impl FanBlock {
    /// `[b, n, c]` on `grid` (rows, columns) → the same shape and grid, unless the block downsamples.
    pub fn forward(&self, x: Tensor<3>, grid: [usize; 2], observer: &mut impl Observer) -> FanBlockOutput {
        let seen = match &self.tap {
            Some(tap) => tap.forward(x.clone(), grid, observer),
            None => x.clone(),
        };
        let (mixed, weights) = self.attn.forward(self.norm1.forward(seen));
        observer.see("attn", &mixed);
        observer.see("attn_map", &weights);
        let x = x + self.drop_path.forward(mixed * self.gamma1.val().unsqueeze::<3>());

        let normed = self.norm2.forward(x.clone());
        let gated = self.mlp.forward(normed, grid, &mut Within::new(observer, "mlp"));
        observer.see("mlp", &gated);
        let x = x + self.drop_path.forward(gated * self.gamma2.val().unsqueeze::<3>());
        match &self.downsample {
            Some(downsample) => {
                let (x, grid) = downsample.forward(x, grid);
                (x, weights, grid)
            }
            None => (x, weights, grid),
        }
    }
}

impl ChannelMixing {
    fn forward(&self, x: Tensor<3>, grid: [usize; 2], observer: &mut impl Observer) -> Tensor<3> {
        match self {
            Self::Attention(attention) => attention.forward(x, grid, observer),
            Self::SqueezeExcite(mlp) => mlp.forward(x, grid, observer),
        }
    }
}
