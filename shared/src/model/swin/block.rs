//! A block of FAN-Swin: a mixer inside windows, then channel attention or, in the last stage, a plain MLP.
//!
//! There is no layer scale, and the MLP inside the channel attention has no skip around its depth-wise branch, both as
//! released.

use burn::prelude::*;

use crate::model::drop_path::{Draws, DropPath};
use crate::model::fan::{ChannelAttention, ChannelAttentionConfig};
use crate::model::layer_norm::LayerNorm;
use crate::model::layers::layer_norm;
use crate::model::mix::windows::Windows;
use crate::model::mix::{Context, Mix, Mixed, Mixer};
use crate::model::observer::{Observer, Within};
use crate::model::vit::Mlp;

/// Epsilon of every norm of FAN-Swin.
pub(super) const NORM_EPSILON: f64 = 1e-5;

/// Shape of a block.
#[derive(Config, Debug)]
pub struct SwinBlockConfig {
    /// Channels of a token.
    pub width: usize,
    /// Heads of the channel attention; divides `width`.
    pub heads: usize,
    /// Hidden channels of the MLP. Paper: 4 × width.
    pub hidden: usize,
    /// Side of a window, tokens. Paper: 7.
    pub window: usize,
    /// How far windows are shifted, tokens: 0 or half a window.
    #[config(default = 0)]
    pub shift: usize,
    /// Whether channel attention follows (true) or a plain MLP.
    #[config(default = true)]
    pub channel_attention: bool,
    /// Drop-path rate.
    #[config(default = 0.0)]
    pub drop_path: f64,
}

/// One block.
#[derive(Module, Debug)]
pub struct SwinBlock {
    norm1: LayerNorm,
    attn: Mixer,
    norm2: LayerNorm,
    mlp: SwinMlp,
    window: usize,
    shift: usize,
    drop_path: DropPath,
}

#[derive(Module, Debug)]
enum SwinMlp {
    ChannelAttention(ChannelAttention),
    Plain(Mlp),
}

impl SwinBlockConfig {
    /// Builds the block with fresh weights around the mixer `attn`.
    pub fn init(&self, attn: Mixer, device: &Device) -> SwinBlock {
        let mlp = if self.channel_attention {
            let config = ChannelAttentionConfig::new(self.width, self.heads, self.hidden).with_mlp_skip(false);
            SwinMlp::ChannelAttention(config.init(device))
        } else {
            SwinMlp::Plain(Mlp::new(self.width, self.hidden, device))
        };
        SwinBlock {
            norm1: layer_norm(self.width, NORM_EPSILON, device),
            attn,
            norm2: layer_norm(self.width, NORM_EPSILON, device),
            mlp,
            window: self.window,
            shift: self.shift,
            drop_path: DropPath::new(self.drop_path),
        }
    }
}

impl Mix for SwinBlock {
    /// `[b, n, c]` on a grid of multiples of the window → the same shape; attention `[b·windows, h, w², w²]` of each window.
    fn forward(&self, x: Tensor<3>, Context { grid, .. }: Context, observer: &mut impl Observer) -> Mixed {
        let windows = Windows { side: self.window, shift: self.shift };
        let context = Context { apart: windows.apart(grid, &x.device()), ..Context::on([self.window; 2]) };
        let inside = windows.cut(self.norm1.forward(x.clone()), grid);
        let mixed = self.attn.forward(inside, context, &mut Within::new(observer, "attn"));
        let tokens = windows.join(mixed.tokens, grid);
        observer.see("attn", &tokens);
        if let Some(weights) = &mixed.attention {
            observer.see("attn_map", weights);
        }
        let x = x + self.drop_path.forward(tokens);
        let normed = self.norm2.forward(x.clone());
        let hidden = match &self.mlp {
            SwinMlp::ChannelAttention(gated) => gated.forward(normed, grid, &mut Within::new(observer, "mlp")),
            SwinMlp::Plain(mlp) => mlp.forward(normed),
        };
        observer.see("mlp", &hidden);
        Mixed { tokens: x + self.drop_path.forward(hidden), ..mixed }
    }

    fn before_step(&mut self, draws: &Draws) {
        self.drop_path.before_step(draws);
        self.attn.before_step(draws);
    }

    fn after_step(&mut self, iteration: u64) {
        self.attn.after_step(iteration);
    }
}
