//! FAN-Swin: a Swin transformer whose first stages have FAN's channel attention in place of the MLP.
//!
//! Patches, four stages of window attention with the grid halved in between, the mean over the tokens, a linear head. It
//! has no class token and no position encoding beside the windows' bias. TAP variants exist by name in the released code,
//! but are this network without TAP, so there are none here.
//!
//! `attention` puts another mixer of [`crate::model::mix`] into the windows. A mixer without scores has no bias of relative
//! positions and cannot keep tokens apart, so its windows are not shifted; convolutions and the merging of patches still
//! lead across their borders.

mod block;
mod presets;

pub use block::{SwinBlock, SwinBlockConfig};

use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;
use serde::{Deserialize, Serialize};

use super::drop_path::Draws;
use super::layers::{layer_norm, linear, to_tokens};
use super::mix::{AttentionKind, Mix, Site, Trail, name_or_table};
use super::observer::{Observer, Within};
use super::{Family, FamilyConfig, FamilyInfo, Forward, Layers, ModelError, ratio};
use crate::model::layer_norm::LayerNorm;
use crate::model::linear::Linear;
use block::NORM_EPSILON;

/// What FAN-Swin says of itself.
pub const INFO: FamilyInfo = FamilyInfo {
    name: "swin",
    title: "FAN-Swin",
    method: Some("fan"),
    presets: presets::PRESETS,
    keys: &[],
    takes_token_noise: false,
    takes_tap: false,
    takes_token_head: false,
};

/// Shape of a FAN-Swin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FanSwinConfig {
    /// Side of the square input, pixels.
    pub image_size: usize,
    /// Side of a patch, pixels; divides `image_size`. Paper: 4.
    pub patch_size: usize,
    /// Side of a window, tokens; divides the grid of every stage that is larger. Paper: 7.
    pub window: usize,
    /// Channels of a token in the first stage; they double with each stage. Paper: 96 to 192.
    pub width: usize,
    /// The stages in order.
    pub stages: Vec<SwinStage>,
    /// Hidden channels of the MLPs over the width of the stage. Paper: 4.
    #[serde(default = "ratio::four", serialize_with = "ratio::serialize")]
    pub mlp_ratio: f64,
    /// Largest drop-path rate; it grows linearly from 0 in the first block of all. Paper: 0.1 to 0.3.
    #[serde(default = "tenth")]
    pub drop_path: f64,
    /// What the blocks mix the tokens of a window with. Paper: softmax attention, which manifests leave out.
    #[serde(default, deserialize_with = "name_or_table", skip_serializing_if = "AttentionKind::is_softmax")]
    pub attention: AttentionKind,
    /// Number of classes.
    pub classes: usize,
}

/// Blocks of one width.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SwinStage {
    /// Number of blocks.
    pub depth: usize,
    /// Heads of the window attention and of the channel attention; divides the width.
    pub heads: usize,
    /// Whether blocks have channel attention (all published stages but the last) or a plain MLP.
    pub channel_attention: bool,
}

fn tenth() -> f64 {
    0.1
}

impl FanSwinConfig {
    /// A published shape: patches of 4, windows of 7 on 224 pixels, four stages, the last with a plain MLP.
    pub fn published(width: usize, depths: [usize; 4], heads: [usize; 4], classes: usize) -> Self {
        let stage = |i: usize| SwinStage { depth: depths[i], heads: heads[i], channel_attention: i < 3 };
        Self {
            image_size: 224,
            patch_size: 4,
            window: 7,
            width,
            stages: (0..4).map(stage).collect(),
            mlp_ratio: ratio::four(),
            drop_path: tenth(),
            attention: AttentionKind::Softmax,
            classes,
        }
    }

    /// Side of the token grid of stage `s`.
    fn side(&self, s: usize) -> usize {
        (self.image_size / self.patch_size) >> s
    }

    fn check(&self) -> Result<(), ModelError> {
        let Self { image_size, patch_size, window, width, .. } = *self;
        let counts = [("stages", self.stages.len()), ("window", window), ("width", width), ("classes", self.classes)];
        for (field, value) in counts {
            if value == 0 {
                return Err(ModelError::Zero { field });
            }
        }
        if patch_size == 0 || image_size == 0 || image_size % patch_size != 0 {
            return Err(ModelError::PatchDoesNotDivide { image_size, patch_size });
        }
        for (s, stage) in self.stages.iter().enumerate() {
            let (width, heads, side) = (width << s, stage.heads, self.side(s));
            if stage.depth == 0 {
                return Err(ModelError::Zero { field: "depth" });
            }
            if heads == 0 || width % heads != 0 {
                return Err(ModelError::HeadsDoNotDivide { width, heads });
            }
            let halves = s + 1 == self.stages.len() || side % 2 == 0;
            if side == 0 || side % window.min(side) != 0 || !halves {
                return Err(ModelError::SwinGrid { stage: s + 1, side, window });
            }
        }
        self.attention.check()?;
        if self.attention.info().hands_on {
            let reason = "what its blocks hand on belongs to windows, and those move from block to block";
            let kind = self.attention.name();
            return Err(ModelError::MixerHasNoPlace { kind, family: INFO.title, reason });
        }
        ratio::check(self.patch_width(), self.mlp_ratio)?;
        ModelError::check_rate("drop_path", self.drop_path)
    }
}

impl FamilyConfig for FanSwinConfig {
    type Model = FanSwin;

    fn init(&self, device: &Device) -> Result<FanSwin, ModelError> {
        self.check()?;
        let total: usize = self.stages.iter().map(|stage| stage.depth).sum();
        let ramp = |i: usize| self.drop_path * i as f64 / (total.max(2) - 1) as f64;
        let mut before = 0;
        let mut layers = Vec::with_capacity(self.stages.len());
        for (s, stage) in self.stages.iter().enumerate() {
            let (width, side) = (self.width << s, self.side(s));
            let block = |j: usize| {
                // A window as large as the grid is the grid: there is nothing to shift.
                let shifts = j % 2 == 1 && side > self.window && self.attention.info().keeps_apart;
                let shift = if shifts { self.window / 2 } else { 0 };
                let window = self.window.min(side);
                let site = Site { window: Some(window), ..Site::new(width, stage.heads, window) };
                let block = SwinBlockConfig::new(width, stage.heads, ratio::hidden(width, self.mlp_ratio), window)
                    .with_shift(shift)
                    .with_channel_attention(stage.channel_attention)
                    .with_drop_path(ramp(before + j));
                Ok(block.init(self.attention.mixer(&site, INFO.title, device)?, device))
            };
            layers.push(Stage {
                blocks: (0..stage.depth).map(block).collect::<Result<_, ModelError>>()?,
                downsample: (s + 1 < self.stages.len()).then(|| PatchMerging::new(width, device)),
            });
            before += stage.depth;
        }
        let last = self.width << (self.stages.len() - 1);
        Ok(FanSwin {
            patch_embed: PatchEmbed {
                proj: Conv2dConfig::new([3, self.width], [self.patch_size; 2])
                    .with_stride([self.patch_size; 2])
                    .init(device),
                norm: layer_norm(self.width, NORM_EPSILON, device),
            },
            layers,
            norm: layer_norm(last, NORM_EPSILON, device),
            head: linear(last, self.classes, device),
        })
    }

    fn image_size(&self) -> usize {
        self.image_size
    }

    fn classes(&self) -> usize {
        self.classes
    }

    fn patches(&self) -> usize {
        (self.image_size / self.patch_size).pow(2)
    }

    fn patch_width(&self) -> usize {
        self.width
    }

    fn attention(&self) -> AttentionKind {
        self.attention
    }

    fn layers(&self) -> Layers {
        let trunk = self.stages.iter().enumerate().fold(Layers::new(&["patch_embed"]), |layers, (s, stage)| {
            let layers = if s > 0 { layers.towards(&format!("layers.{}.downsample", s - 1)) } else { layers };
            layers.blocks(&format!("layers.{s}.blocks"), stage.depth)
        });
        trunk.heads(&["norm", "head"])
    }

    fn check_image(&self, _image: [usize; 2]) -> Result<(), ModelError> {
        Ok(())
    }
}

/// A FAN-Swin.
#[derive(Module, Debug)]
pub struct FanSwin {
    patch_embed: PatchEmbed,
    layers: Vec<Stage>,
    norm: LayerNorm,
    head: Linear,
}

#[derive(Module, Debug)]
struct PatchEmbed {
    proj: Conv2d,
    norm: LayerNorm,
}

#[derive(Module, Debug)]
struct Stage {
    blocks: Vec<SwinBlock>,
    downsample: Option<PatchMerging>,
}

/// Halves the grid: four neighbours side by side, normalised, projected to twice the width.
#[derive(Module, Debug)]
struct PatchMerging {
    norm: LayerNorm,
    reduction: Linear,
}

impl Family for FanSwin {
    fn embed(&self, images: Tensor<4>, observer: &mut impl Observer) -> (Tensor<3>, [usize; 2]) {
        let map = self.patch_embed.proj.forward(images);
        let [_, _, rows, columns] = map.dims();
        let tokens = self.patch_embed.norm.forward(to_tokens(map));
        observer.see("patch_embed", &tokens);
        (tokens, [rows, columns])
    }

    fn encode(&self, patches: Tensor<3>, grid: [usize; 2], observer: &mut impl Observer) -> Forward {
        let (mut tokens, mut grid) = (patches, grid);
        let mut trail = Trail::default();
        for (s, stage) in self.layers.iter().enumerate() {
            for (j, block) in stage.blocks.iter().enumerate() {
                let place = format!("layers.{s}.blocks.{j}");
                let mixed = block.forward(tokens, trail.context(grid), &mut Within::new(observer, &place));
                observer.see(&place, &mixed.tokens);
                tokens = trail.pass(mixed);
            }
            if let Some(merging) = &stage.downsample {
                tokens = merging.forward(tokens, grid);
                grid = grid.map(|side| side / 2);
            }
            observer.see(&format!("layers.{s}"), &tokens);
        }
        let tokens = self.norm.forward(tokens);
        observer.see("norm", &tokens);
        let [b, _, c] = tokens.dims();
        let logits = self.head.forward(tokens.clone().mean_dim(1).reshape([b, c]));
        observer.see("head", &logits);
        let Trail { attention, codes, .. } = trail;
        Forward { logits, attention, class_attention: None, codes, tokens, token_logits: None, grid }
    }

    fn before_step(&mut self, draws: &Draws) {
        for block in self.layers.iter_mut().flat_map(|stage| &mut stage.blocks) {
            block.before_step(draws);
        }
    }

    fn after_step(&mut self, iteration: u64) {
        for block in self.layers.iter_mut().flat_map(|stage| &mut stage.blocks) {
            block.after_step(iteration);
        }
    }
}

impl PatchMerging {
    fn new(width: usize, device: &Device) -> Self {
        let mut reduction = linear(4 * width, 2 * width, device);
        reduction.bias = None;
        Self { norm: layer_norm(4 * width, NORM_EPSILON, device), reduction }
    }

    /// `[b, n, c]` on `grid` (even rows and columns) → `[b, n/4, 2c]`.
    fn forward(&self, x: Tensor<3>, [rows, columns]: [usize; 2]) -> Tensor<3> {
        let [b, n, c] = x.dims();
        // The neighbours' order is (0, 0), (1, 0), (0, 1), (1, 1) in (row, column): the column is the slower of the two.
        let cells = x.reshape([b, rows / 2, 2, columns / 2, 2, c]).permute([0, 1, 3, 4, 2, 5]);
        self.reduction.forward(self.norm.forward(cells.reshape([b, n / 4, 4 * c])))
    }
}
