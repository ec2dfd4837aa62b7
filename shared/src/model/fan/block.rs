//! One block of FAN's trunk: a token mixer, then channel attention, each scaled by a learned vector.
//!
//! In the largest model the last block of a width also halves the grid and widens the tokens.
//!
//! With TAP, the attention branch (not the residual) sees the pooled tokens, as in section 3.1 of "Robustifying Token
//! Attention for Vision Transformers".

use burn::module::{Initializer, Param};
use burn::prelude::*;

use super::channel_attention::{ChannelAttention, ChannelAttentionConfig};
use super::downsample::{Downsample, DownsampleConfig};
use super::mlp::{ConvMlp, ConvMlpConfig};
use crate::model::drop_path::{Draws, DropPath};
use crate::model::layer_norm::LayerNorm;
use crate::model::layers::layer_norm;
use crate::model::mix::tap::{Tap, TapConfig};
use crate::model::mix::{Context, Mix, Mixed, Mixer};
use crate::model::observer::{Observer, Within};
use crate::ops::scale_channels;

/// Shape of a block.
#[derive(Config, Debug)]
pub struct FanBlockConfig {
    /// Channels of a token.
    pub width: usize,
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
    attn: Mixer,
    norm2: LayerNorm,
    mlp: ChannelMixing,
    gamma1: Param<Tensor<1>>,
    gamma2: Param<Tensor<1>>,
    downsample: Option<Downsample>,
    drop_path: DropPath,
}

#[derive(Module, Debug)]
enum ChannelMixing {
    Attention(ChannelAttention),
    SqueezeExcite(ConvMlp),
}

impl FanBlockConfig {
    /// Builds the block with fresh weights around the mixer `attn`.
    pub fn init(&self, attn: Mixer, device: &Device) -> FanBlock {
        let scale = || Initializer::Constant { value: self.eta }.init([self.width], device);
        FanBlock {
            tap: self.tap_scales.map(|scales| TapConfig::new(self.width).with_scales(scales).init(device)),
            norm1: layer_norm(self.width, self.epsilon, device),
            attn,
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
    /// `[b, n, c]` on a grid → the same shape and grid (rows, columns), unless the block downsamples. What it shows of its mixer
    /// is from before.
    pub fn forward(&self, x: Tensor<3>, context: Context, observer: &mut impl Observer) -> (Mixed, [usize; 2]) {
        let grid = context.grid;
        let seen = match &self.tap {
            Some(tap) => tap.forward(x.clone(), grid, observer),
            None => x.clone(),
        };
        let mixed = self.attn.observed(self.norm1.forward(seen), context, observer);
        let x = x + self.drop_path.forward(scale_channels(mixed.tokens, self.gamma1.val().unsqueeze::<3>()));

        let normed = self.norm2.forward(x.clone());
        let gated = self.mlp.forward(normed, grid, &mut Within::new(observer, "mlp"));
        observer.see("mlp", &gated);
        let x = x + self.drop_path.forward(scale_channels(gated, self.gamma2.val().unsqueeze::<3>()));
        let (tokens, grid) = match &self.downsample {
            Some(downsample) => downsample.forward(x, grid),
            None => (x, grid),
        };
        (Mixed { tokens, ..mixed }, grid)
    }

    /// To be called before each training step; see [`Mix::before_step`].
    pub fn before_step(&mut self, draws: &Draws) {
        self.drop_path.before_step(draws);
        self.attn.before_step(draws);
    }

    /// To be called after each training step; see [`Mix::after_step`].
    pub fn after_step(&mut self, iteration: u64) {
        self.attn.after_step(iteration);
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
