//! The fully attentional network (FAN), "Understanding the Robustness in Vision Transformers" (ICML 2022).
//!
//! A trunk of blocks with token attention and channel attention, a class token that joins only after the trunk, and two
//! class-attention blocks that read it out. Here are the ViT-style variants; TAP is switched on by `tap_scales`.

mod block;
mod channel_attention;
mod class_attention;
mod downsample;
mod mlp;
mod patch_embed;
mod position;
mod token_attention;

pub use block::{FanBlock, FanBlockConfig};
pub use channel_attention::{ChannelAttention, ChannelAttentionConfig};
pub use class_attention::{ClassAttentionBlock, ClassAttentionBlockConfig};
pub use downsample::{Downsample, DownsampleConfig};
pub use mlp::{ConvMlp, ConvMlpConfig};
pub use patch_embed::{ConvPatchEmbed, ConvPatchEmbedConfig};
pub use position::{FourierPosition, FourierPositionConfig};
pub use token_attention::{TokenAttention, TokenAttentionConfig};

use burn::module::{Initializer, Param};
use burn::nn::{LayerNorm, Linear};
use burn::prelude::*;
use serde::{Deserialize, Serialize};

use super::layers::{layer_norm, linear, to_tokens};
use super::observer::{Observer, Within};
use super::{Forward, ModelError};

/// Shape of a ViT-style FAN.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FanConfig {
    /// Side of the square input that the network is trained at, pixels. Other sizes work too.
    pub image_size: usize,
    /// Side of a patch: 4, 8 or 16. Paper: 16.
    pub patch_size: usize,
    /// Channels of a token. Paper: 192 to 480.
    pub width: usize,
    /// Blocks of the trunk. Paper: 12 to 24.
    pub depth: usize,
    /// Heads of the token attention; divides `width`.
    pub heads: usize,
    /// Heads of the channel attention of each block; empty: `heads` everywhere, as in every published variant.
    #[serde(default)]
    pub channel_heads: Vec<usize>,
    /// Hidden channels of the MLPs over `width`. Paper: 4.
    #[serde(default = "four")]
    pub mlp_ratio: usize,
    /// Class-attention blocks after the trunk. Paper: 2.
    #[serde(default = "two")]
    pub class_depth: usize,
    /// First value of the layer scales. Paper: 1.
    #[serde(default = "one")]
    pub eta: f64,
    /// Whether class-attention blocks normalise all rows. Paper: yes.
    #[serde(default = "yes")]
    pub tokens_norm: bool,
    /// Drop-path rate, the same in every block of the trunk. Paper: 0 to 0.45 by size.
    #[serde(default)]
    pub drop_path: f64,
    /// Scales K of token-aware average pooling; none: no TAP. Paper: 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tap_scales: Option<usize>,
    /// Number of classes.
    pub classes: usize,
}

fn four() -> usize {
    4
}

fn two() -> usize {
    2
}

fn one() -> f64 {
    1.0
}

fn yes() -> bool {
    true
}

impl FanConfig {
    /// A FAN with the paper's ratios and no TAP.
    pub fn new(image_size: usize, patch_size: usize, width: usize, depth: usize, heads: usize, classes: usize) -> Self {
        Self {
            image_size,
            patch_size,
            width,
            depth,
            heads,
            channel_heads: Vec::new(),
            mlp_ratio: four(),
            class_depth: two(),
            eta: one(),
            tokens_norm: yes(),
            drop_path: 0.0,
            tap_scales: None,
            classes,
        }
    }

    /// Number of patches at the configured image size.
    pub fn patches(&self) -> usize {
        self.image_size.div_ceil(self.patch_size).pow(2)
    }

    /// Builds the network with fresh weights, or says which field cannot be.
    pub fn init(&self, device: &Device) -> Result<Fan, ModelError> {
        self.check()?;
        let hidden = self.mlp_ratio * self.width;
        let block = |i: usize| {
            let channel_heads = self.channel_heads.get(i).copied().unwrap_or(self.heads);
            FanBlockConfig::new(self.width, self.heads, channel_heads, hidden)
                .with_eta(self.eta)
                .with_drop_path(self.drop_path)
                .with_tap_scales(self.tap_scales)
                .init(device)
        };
        let class_block = |_| {
            ClassAttentionBlockConfig::new(self.width, self.heads, hidden)
                .with_eta(self.eta)
                .with_tokens_norm(self.tokens_norm)
                .init(device)
        };
        Ok(Fan {
            patch_embed: ConvPatchEmbedConfig::new(self.patch_size, self.width).init(device),
            pos_embed: FourierPositionConfig::new(self.width).init(device),
            blocks: (0..self.depth).map(block).collect(),
            cls_token: Initializer::Normal { mean: 0.0, std: 0.02 }.init([1, 1, self.width], device),
            cls_attn_blocks: (0..self.class_depth).map(class_block).collect(),
            norm: layer_norm(self.width, 1e-6, device),
            head: linear(self.width, self.classes, device),
        })
    }

    fn check(&self) -> Result<(), ModelError> {
        let Self { image_size, patch_size, width, depth, heads, .. } = *self;
        if !ConvPatchEmbedConfig::PATCH_SIZES.contains(&patch_size) {
            return Err(ModelError::FanPatch { patch_size });
        }
        if image_size == 0 || image_size % patch_size != 0 {
            return Err(ModelError::PatchDoesNotDivide { image_size, patch_size });
        }
        for heads in self.channel_heads.iter().copied().chain([heads]) {
            if heads == 0 || width == 0 || width % heads != 0 {
                return Err(ModelError::HeadsDoNotDivide { width, heads });
            }
        }
        if !self.channel_heads.is_empty() && self.channel_heads.len() != depth {
            return Err(ModelError::ChannelHeads { given: self.channel_heads.len(), depth });
        }
        if width < 8 {
            return Err(ModelError::TooNarrow { width, least: 8 });
        }
        let counts = [("depth", depth), ("classes", self.classes), ("mlp_ratio", self.mlp_ratio)];
        for (field, value) in counts.into_iter().chain(self.tap_scales.map(|k| ("tap_scales", k))) {
            if value == 0 {
                return Err(ModelError::Zero { field });
            }
        }
        if self.class_depth == 0 {
            return Err(ModelError::Zero { field: "class_depth" });
        }
        ModelError::check_rate("drop_path", self.drop_path)
    }
}

/// A ViT-style FAN.
#[derive(Module, Debug)]
pub struct Fan {
    patch_embed: ConvPatchEmbed,
    pos_embed: FourierPosition,
    blocks: Vec<FanBlock>,
    cls_token: Param<Tensor<3>>,
    cls_attn_blocks: Vec<ClassAttentionBlock>,
    norm: LayerNorm,
    head: Linear,
}

impl Fan {
    /// Pictures `[b, 3, y, x]` to logits and what probes look at; intermediate tensors go to `observer`.
    pub fn forward(&self, pictures: Tensor<4>, observer: &mut impl Observer) -> Forward {
        let map = self.patch_embed.forward(pictures);
        let [b, c, rows, columns] = map.dims();
        let grid = [rows, columns];
        let patches = to_tokens(map);
        observer.see("patch_embed", &patches);
        let positions = self.pos_embed.forward(grid);
        observer.see("pos_embed", &positions);

        let mut tokens = patches + to_tokens(positions);
        let mut attention = Vec::with_capacity(self.blocks.len());
        for (i, block) in self.blocks.iter().enumerate() {
            let place = format!("blocks.{i}");
            let (next, weights) = block.forward(tokens, grid, &mut Within::new(observer, &place));
            observer.see(&place, &next);
            tokens = next;
            attention.push(weights);
        }

        let mut rows = Tensor::cat(vec![self.cls_token.val().expand([b, 1, c]), tokens], 1);
        let mut class_attention = None;
        for (i, block) in self.cls_attn_blocks.iter().enumerate() {
            let place = format!("cls_attn_blocks.{i}");
            let (next, weights) = block.forward(rows, &mut Within::new(observer, &place));
            observer.see(&place, &next);
            rows = next;
            let [_, _, n] = weights.dims();
            class_attention = Some(weights.narrow(2, 1, n - 1));
        }
        let tokens = self.norm.forward(rows);
        observer.see("norm", &tokens);
        let logits = self.head.forward(tokens.clone().narrow(1, 0, 1).squeeze_dim::<2>(1));
        observer.see("head", &logits);
        Forward { logits, attention, class_attention, tokens, grid }
    }
}
