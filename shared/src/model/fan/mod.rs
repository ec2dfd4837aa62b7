//! The fully attentional network (FAN), "Understanding the Robustness in Vision Transformers" (ICML 2022).
//!
//! A trunk of blocks with token attention and channel attention, a class token that joins only after the trunk, and two
//! class-attention blocks that read it out. Patches come from a stack of convolutions (the ViT-style variants) or from two
//! ConvNeXt stages (`hybrid`); the largest variant widens inside the trunk (`block_widths`). `attention`
//! puts another mixer of [`crate::model::mix`] in every block of the trunk; VARS-S, which brings its whole block, would leave
//! nothing of FAN and is refused. TAP is switched on by `tap_scales`, the token head of STL by `token_head`. The Swin variants are [`super::swin`].

mod block;
mod channel_attention;
mod class_attention;
mod convnext;
mod downsample;
mod hybrid;
mod keys;
mod layer_norm_2d;
mod mlp;
mod patch_embed;
mod position;
mod presets;
mod squeeze_excite;
mod token_head;

pub use block::{FanBlock, FanBlockConfig};
pub use channel_attention::{ChannelAttention, ChannelAttentionConfig};
pub use class_attention::{ClassAttentionBlock, ClassAttentionBlockConfig};
pub use convnext::{ConvNext, ConvNextConfig, StemVariance};
pub use downsample::{Downsample, DownsampleConfig};
pub use hybrid::{HybridPatchEmbed, HybridPatchEmbedConfig};
pub use layer_norm_2d::{LayerNorm2d, LayerNorm2dConfig, Variance};
pub use mlp::{ConvMlp, ConvMlpConfig};
pub use patch_embed::{ConvPatchEmbed, ConvPatchEmbedConfig};
pub use position::{FourierPosition, FourierPositionConfig};
pub use squeeze_excite::{SqueezeExcite, SqueezeExciteConfig};
pub use token_head::{TOKEN_WEIGHT, fuse};

use burn::module::{Initializer, Param};
use burn::prelude::*;
use serde::{Deserialize, Serialize};

use super::drop_path::Draws;
use super::layers::{LINEAR_DEVIATION, layer_norm, linear, linear_of, to_tokens};
use super::mix::{AttentionKind, Projection, Site, Trail, name_or_table};
use super::observer::{Observer, Within};
use super::{Family, FamilyConfig, FamilyInfo, Forward, Layers, ModelError, ratio};
use crate::model::{layer_norm::LayerNorm, linear::Linear};
use patch_embed::PatchEmbed;

/// What FAN says of itself.
pub const INFO: FamilyInfo = FamilyInfo {
    name: "fan",
    title: "FAN",
    method: Some("fan"),
    presets: presets::PRESETS,
    keys: keys::KEYS,
    takes_token_noise: true,
    takes_tap: true,
    takes_token_head: true,
};

/// Shape of a FAN, ViT-style or hybrid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FanConfig {
    /// Side of the square input that the network is trained at, pixels. Other sizes work too.
    pub image_size: usize,
    /// Side of a patch: 4, 8 or 16; 16 for hybrids. Paper: 16.
    pub patch_size: usize,
    /// The two ConvNeXt stages of a hybrid; none: a stack of convolutions makes the patches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hybrid: Option<ConvNextConfig>,
    /// Channels of a token, in the first block if `block_widths` is given. Paper: 192 to 480.
    pub width: usize,
    /// Blocks of the trunk. Paper: 8 to 24.
    pub depth: usize,
    /// Heads of the token attention; divides `width`.
    pub heads: usize,
    /// Channels of a token in each block; empty: `width` everywhere. Where two blocks differ, the grid is halved in
    /// between. Paper: X-large alone, 528 in 20 blocks and 768 in 3.
    #[serde(default)]
    pub block_widths: Vec<usize>,
    /// Heads of each block; empty: `heads` everywhere. The class-attention blocks have those of the last. Paper: X-large
    /// alone, 11 in 20 blocks and 16 in 3.
    #[serde(default)]
    pub block_heads: Vec<usize>,
    /// Heads of the channel attention of each block; empty: its `heads`, as in every published variant.
    #[serde(default)]
    pub channel_heads: Vec<usize>,
    /// Hidden channels of the MLPs over `width`. Paper: 4.
    #[serde(default = "ratio::four", serialize_with = "ratio::serialize")]
    pub mlp_ratio: f64,
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
    /// What the blocks mix their tokens with. Paper: softmax attention, which manifests leave out.
    #[serde(default, deserialize_with = "name_or_table", skip_serializing_if = "AttentionKind::is_softmax")]
    pub attention: AttentionKind,
    /// Scales K of token-aware average pooling; none: no TAP. Paper: 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tap_scales: Option<usize>,
    /// Whether a second head scores every patch token, as STL needs.
    #[serde(default)]
    pub token_head: bool,
    /// Factor on the fresh weights and bias of the head. Paper: 0.001 in the large hybrid, else 1.
    #[serde(default = "one")]
    pub head_scale: f64,
    /// Number of classes.
    pub classes: usize,
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
    /// A ViT-style FAN with the paper's ratios, no TAP and no token head.
    pub fn new(image_size: usize, patch_size: usize, width: usize, depth: usize, heads: usize, classes: usize) -> Self {
        Self {
            image_size,
            patch_size,
            hybrid: None,
            width,
            depth,
            heads,
            block_widths: Vec::new(),
            block_heads: Vec::new(),
            channel_heads: Vec::new(),
            mlp_ratio: ratio::four(),
            class_depth: two(),
            eta: one(),
            tokens_norm: yes(),
            drop_path: 0.0,
            attention: AttentionKind::Softmax,
            tap_scales: None,
            token_head: false,
            head_scale: one(),
            classes,
        }
    }

    /// Channels of a token in block `i`.
    fn width_of(&self, i: usize) -> usize {
        self.block_widths.get(i).copied().unwrap_or(self.width)
    }

    /// Channels of a token after block `i`, where that halves the grid.
    fn next_width(&self, i: usize) -> Option<usize> {
        Some(self.width_of(i + 1)).filter(|next| i + 1 < self.depth && *next != self.width_of(i))
    }

    /// Tokens along a side of `pixels` pixels, before the trunk halves it.
    fn tokens(&self, pixels: usize) -> usize {
        match self.hybrid {
            Some(_) => pixels / hybrid::PATCH_SIZE,
            None => pixels.div_ceil(self.patch_size),
        }
    }

    /// Side of the token grid in block `i` at the configured image size.
    fn side_of(&self, i: usize) -> usize {
        let halvings = (0..i).filter(|before| self.next_width(*before).is_some()).count();
        (0..halvings).fold(self.tokens(self.image_size), |side, _| side.div_ceil(2))
    }

    fn block(&self, i: usize, device: &Device) -> Result<FanBlock, ModelError> {
        let (width, heads) = (self.width_of(i), self.heads_of(i));
        let site = Site {
            follows: i > 0 && self.next_width(i - 1).is_none() && self.heads_of(i - 1) == heads,
            projection: Projection::KeyValue,
            ..Site::new(width, heads, self.side_of(i))
        };
        let channel_heads = self.channel_heads.get(i).copied().unwrap_or(heads);
        let block = FanBlockConfig::new(width, channel_heads, ratio::hidden(width, self.mlp_ratio))
            .with_eta(self.eta)
            .with_drop_path(self.drop_path)
            .with_tap_scales(self.tap_scales)
            .with_next_width(self.next_width(i));
        Ok(block.init(self.attention.mixer(&site, INFO.title, device)?, device))
    }

    /// Heads of block `i`.
    fn heads_of(&self, i: usize) -> usize {
        self.block_heads.get(i).copied().unwrap_or(self.heads)
    }

    fn check(&self) -> Result<(), ModelError> {
        let Self { image_size, patch_size, width, depth, .. } = *self;
        if !ConvPatchEmbedConfig::PATCH_SIZES.contains(&patch_size) {
            return Err(ModelError::FanPatch { patch_size });
        }
        if self.hybrid.is_some() && patch_size != hybrid::PATCH_SIZE {
            return Err(ModelError::HybridPatch { patch_size });
        }
        if image_size == 0 || image_size % patch_size != 0 {
            return Err(ModelError::PatchDoesNotDivide { image_size, patch_size });
        }
        let lists = [("block_widths", &self.block_widths), ("block_heads", &self.block_heads)];
        for (field, list) in lists {
            if !list.is_empty() && list.len() != depth {
                return Err(ModelError::PerBlock { field, given: list.len(), depth });
            }
        }
        if !self.channel_heads.is_empty() && self.channel_heads.len() != depth {
            return Err(ModelError::ChannelHeads { given: self.channel_heads.len(), depth });
        }
        if self.width_of(0) != width {
            return Err(ModelError::FirstWidth { width, first: self.width_of(0) });
        }
        for i in 0..depth.max(1) {
            let width = self.width_of(i);
            for heads in self.channel_heads.get(i).copied().into_iter().chain([self.heads_of(i)]) {
                if heads == 0 || width == 0 || !width.is_multiple_of(heads) {
                    return Err(ModelError::HeadsDoNotDivide { width, heads });
                }
            }
        }
        if width < 8 {
            return Err(ModelError::TooNarrow { width, least: 8 });
        }
        // The sample variance of a single channel has nothing to divide by.
        let stem = self.hybrid.iter().flat_map(|stem| stem.widths);
        if let Some(width) = stem.min().filter(|width| *width < 2) {
            return Err(ModelError::TooNarrow { width, least: 2 });
        }
        let counts = [("depth", depth), ("classes", self.classes)];
        for (field, value) in counts.into_iter().chain(self.tap_scales.map(|k| ("tap_scales", k))) {
            if value == 0 {
                return Err(ModelError::Zero { field });
            }
        }
        self.attention.check()?;
        if self.class_depth == 0 {
            return Err(ModelError::Zero { field: "class_depth" });
        }
        ratio::check(self.patch_width(), self.mlp_ratio)?;
        ModelError::check_rate("drop_path", self.drop_path)
    }
}

impl FamilyConfig for FanConfig {
    type Model = Fan;

    fn init(&self, device: &Device) -> Result<Fan, ModelError> {
        self.check()?;
        let last = self.depth - 1;
        let width = self.width_of(last);
        let class_block = |_| {
            ClassAttentionBlockConfig::new(width, self.heads_of(last), ratio::hidden(width, self.mlp_ratio))
                .with_eta(self.eta)
                .with_tokens_norm(self.tokens_norm)
                .init(device)
        };
        Ok(Fan {
            patch_embed: PatchEmbed::new(self, device),
            pos_embed: FourierPositionConfig::new(self.width).init(device),
            blocks: (0..self.depth).map(|i| self.block(i, device)).collect::<Result<_, _>>()?,
            cls_token: Initializer::Normal { mean: 0.0, std: 0.02 }.init([1, 1, width], device),
            cls_attn_blocks: (0..self.class_depth).map(class_block).collect(),
            norm: layer_norm(width, 1e-6, device),
            head: linear_of(width, self.classes, LINEAR_DEVIATION * self.head_scale, device),
            token_head: self.token_head.then(|| linear(width, self.classes, device)),
        })
    }

    fn image_size(&self) -> usize {
        self.image_size
    }

    fn classes(&self) -> usize {
        self.classes
    }

    fn patches(&self) -> usize {
        self.image_size.div_ceil(self.patch_size).pow(2)
    }

    fn patch_width(&self) -> usize {
        self.width
    }

    fn attention(&self) -> AttentionKind {
        self.attention
    }

    fn tap_scales(&self) -> Option<usize> {
        self.tap_scales
    }

    fn token_head(&self) -> bool {
        self.token_head
    }

    /// The class token joins after the trunk, so it is no part of the embedding, which has all of a hybrid's convolutions.
    fn layers(&self) -> Layers {
        let trunk = Layers::new(&["patch_embed", "pos_embed"]).blocks("blocks", self.depth);
        let read_out = trunk.towards("cls_token").blocks("cls_attn_blocks", self.class_depth);
        read_out.heads(&["norm", "head", "token_head"])
    }

    /// Positions are computed, so any grid will do that the mixer takes.
    fn check_image(&self, image: [usize; 2]) -> Result<(), ModelError> {
        let mut grid = image.map(|pixels| self.tokens(pixels));
        for i in 0..self.depth {
            self.attention.check_grid(self.side_of(i), grid)?;
            if self.next_width(i).is_some() {
                grid = grid.map(|side| side.div_ceil(2));
            }
        }
        Ok(())
    }
}

/// A FAN, ViT-style or hybrid.
#[derive(Module, Debug)]
pub struct Fan {
    patch_embed: PatchEmbed,
    pos_embed: FourierPosition,
    blocks: Vec<FanBlock>,
    cls_token: Param<Tensor<3>>,
    cls_attn_blocks: Vec<ClassAttentionBlock>,
    norm: LayerNorm,
    head: Linear,
    token_head: Option<Linear>,
}

impl Family for Fan {
    fn embed(&self, images: Tensor<4>, observer: &mut impl Observer) -> (Tensor<3>, [usize; 2]) {
        let map = self.patch_embed.forward(images, &mut Within::new(observer, "patch_embed"));
        let [_, _, rows, columns] = map.dims();
        let patches = to_tokens(map);
        observer.see("patch_embed", &patches);
        (patches, [rows, columns])
    }

    fn encode(&self, patches: Tensor<3>, mut grid: [usize; 2], observer: &mut impl Observer) -> Forward {
        let b = patches.dims()[0];
        let positions = self.pos_embed.forward(grid);
        observer.see("pos_embed", &positions);

        let mut tokens = patches + to_tokens(positions);
        let mut trail = Trail::default();
        for (i, block) in self.blocks.iter().enumerate() {
            let place = format!("blocks.{i}");
            let (mixed, next_grid) = block.forward(tokens, trail.context(grid), &mut Within::new(observer, &place));
            observer.see(&place, &mixed.tokens);
            (tokens, grid) = (trail.pass(mixed), next_grid);
        }
        let Trail { attention, codes, .. } = trail;

        let [_, n, c] = tokens.dims();
        let mut rows = Tensor::cat(vec![self.cls_token.val().expand([b, 1, c]), tokens], 1);
        let mut class_attention = None;
        for (i, block) in self.cls_attn_blocks.iter().enumerate() {
            let place = format!("cls_attn_blocks.{i}");
            let (next, weights) = block.forward(rows, &mut Within::new(observer, &place));
            observer.see(&place, &next);
            rows = next;
            class_attention = Some(weights.narrow(2, 1, n));
        }
        let tokens = self.norm.forward(rows);
        observer.see("norm", &tokens);
        let logits = self.head.forward(tokens.clone().narrow(1, 0, 1).squeeze_dim::<2>(1));
        observer.see("head", &logits);
        let token_logits = self.token_head.as_ref().map(|head| head.forward(tokens.clone().narrow(1, 1, n)));
        Forward { logits, attention, class_attention, codes, tokens, token_logits, grid }
    }

    fn before_step(&mut self, draws: &Draws) {
        for block in &mut self.blocks {
            block.before_step(draws);
        }
    }

    fn after_step(&mut self, iteration: u64) {
        for block in &mut self.blocks {
            block.after_step(iteration);
        }
    }
}
