//! A block of FAN-Swin: window attention, then channel attention or, in the last stage, a plain MLP.
//!
//! There is no layer scale, and the MLP inside the channel attention has no skip around its depth-wise branch, both as
//! released.

use burn::nn::LayerNorm;
use burn::prelude::*;

use super::attention::{WindowAttention, WindowAttentionConfig};
use crate::model::drop_path::DropPath;
use crate::model::fan::{ChannelAttention, ChannelAttentionConfig};
use crate::model::layers::layer_norm;
use crate::model::observer::{Observer, Within};
use crate::model::vit::Mlp;

/// Epsilon of every norm of FAN-Swin.
pub(super) const NORM_EPSILON: f64 = 1e-5;

/// Shape of a block.
#[derive(Config, Debug)]
pub struct SwinBlockConfig {
    /// Its window attention.
    pub attention: WindowAttentionConfig,
    /// Hidden channels of the MLP. Paper: 4 × width.
    pub hidden: usize,
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
    attn: WindowAttention,
    norm2: LayerNorm,
    mlp: SwinMlp,
    drop_path: DropPath,
}

#[derive(Module, Debug)]
enum SwinMlp {
    ChannelAttention(ChannelAttention),
    Plain(Mlp),
}

impl SwinBlockConfig {
    /// Builds the block with fresh weights.
    pub fn init(&self, device: &Device) -> SwinBlock {
        let WindowAttentionConfig { width, heads, .. } = self.attention;
        let mlp = if self.channel_attention {
            let config = ChannelAttentionConfig::new(width, heads, self.hidden).with_mlp_skip(false);
            SwinMlp::ChannelAttention(config.init(device))
        } else {
            SwinMlp::Plain(Mlp::new(width, self.hidden, device))
        };
        SwinBlock {
            norm1: layer_norm(width, NORM_EPSILON, device),
            attn: self.attention.init(device),
            norm2: layer_norm(width, NORM_EPSILON, device),
            mlp,
            drop_path: DropPath::new(self.drop_path),
        }
    }
}

impl SwinBlock {
    /// `[b, n, c]` on `grid` (rows, columns) → the same shape, and the attention `[b·windows, h, w², w²]` of each window.
    pub fn forward(&self, x: Tensor<3>, grid: [usize; 2], observer: &mut impl Observer) -> (Tensor<3>, Tensor<4>) {
        let (mixed, weights) = self.attn.forward(self.norm1.forward(x.clone()), grid);
        observer.see("attn", &mixed);
        observer.see("attn_map", &weights);
        let x = x + self.drop_path.forward(mixed);
        let normed = self.norm2.forward(x.clone());
        let hidden = match &self.mlp {
            SwinMlp::ChannelAttention(gated) => gated.forward(normed, grid, &mut Within::new(observer, "mlp")),
            SwinMlp::Plain(mlp) => mlp.forward(normed),
        };
        observer.see("mlp", &hidden);
        (x + self.drop_path.forward(hidden), weights)
    }
}
