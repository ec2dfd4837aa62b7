//! The shape of an RVT, and which shapes cannot be.

use burn::prelude::*;
use serde::{Deserialize, Serialize};

use super::block::{NORM_EPSILON, RvtBlock, RvtBlockConfig};
use super::pool::StagePoolConfig;
use super::stem::ConvStemConfig;
use super::{Rvt, Stage};
use crate::model::layers::layer_norm;
use crate::model::linear::LinearConfig;
use crate::model::mix::{AttentionKind, Block, Frame, Fresh, Site, name_or_table};
use crate::model::{FamilyConfig, Layers, ModelError, ratio};

/// The width at which the released plain network has an ordinary MLP.
const LINEAR_MLP_WIDTH: usize = 768;

/// Shape of an RVT.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RvtConfig {
    /// Side of the square input that the network is trained at, pixels.
    pub image_size: usize,
    /// Side of a patch: a multiple of 4. Paper: 16.
    pub patch_size: usize,
    /// Stages in order; between two of them the grid is halved. Paper: one, or two for the smallest.
    pub stages: Vec<RvtStage>,
    /// Blocks with position-aware attention scaling, counted from the first; all in the first stage. Paper: 10 or 5 in the
    /// variants with a star ("plus"), 0 in the others.
    #[serde(default)]
    pub masked_blocks: usize,
    /// Tokens that a mask covers, at least those of the first stage. Paper: 196.
    #[serde(default = "paper_mask")]
    pub mask_tokens: usize,
    /// Hidden channels of the MLPs over the width. Paper: 4.
    #[serde(default = "ratio::four", serialize_with = "ratio::serialize")]
    pub mlp_ratio: f64,
    /// Drop-path rate that the blocks grow towards: rate · i / blocks in block i, so that none reaches it. Paper: 0.1.
    #[serde(default)]
    pub drop_path: f64,
    /// What the blocks mix their tokens with; other attentions than softmax cannot have masks.
    #[serde(default, deserialize_with = "name_or_table")]
    pub attention: AttentionKind,
    /// Scales K of token-aware average pooling; none: no TAP. Paper: 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tap_scales: Option<usize>,
    /// Number of classes.
    pub classes: usize,
}

/// Shape of one stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RvtStage {
    /// Channels of a token; a multiple of the stage before. Paper: 32 or 64 per head.
    pub width: usize,
    /// Number of blocks.
    pub depth: usize,
    /// Attention heads per block; divides `width`.
    pub heads: usize,
}

fn paper_mask() -> usize {
    196
}

impl RvtConfig {
    /// An RVT with MLP ratio 4, softmax attention, no masks, no drop-path and no TAP.
    pub fn new(image_size: usize, patch_size: usize, stages: Vec<RvtStage>, classes: usize) -> Self {
        Self {
            image_size,
            patch_size,
            stages,
            masked_blocks: 0,
            mask_tokens: paper_mask(),
            mlp_ratio: ratio::four(),
            drop_path: 0.0,
            attention: AttentionKind::Softmax,
            tap_scales: None,
            classes,
        }
    }

    /// Whether the MLPs of a stage of this width treat tokens one by one: at 768 without TAP, as released.
    pub fn has_linear_mlp(&self, width: usize) -> bool {
        width == LINEAR_MLP_WIDTH && self.tap_scales.is_none()
    }

    /// Block `i` of the network, the one after `before` others of `stage`, whose tokens lie on a grid of side `side`.
    fn block(&self, stage: &RvtStage, side: usize, i: usize, before: usize, device: &Device) -> Block<RvtBlock> {
        let RvtStage { width, heads, .. } = *stage;
        let blocks: usize = self.stages.iter().map(|stage| stage.depth).sum();
        let frame = Frame {
            hidden: ratio::hidden(width, self.mlp_ratio),
            linear_mlp: self.has_linear_mlp(width),
            tap_scales: self.tap_scales,
            drop_path: self.drop_path * i as f64 / blocks as f64,
        };
        let site = Site {
            follows: before > 0,
            fresh: Fresh::Framework,
            // Masks are in the first stage only, because they are no more blocks than it has.
            mask_tokens: (i < self.masked_blocks).then_some(self.mask_tokens),
            frame,
            ..Site::new(width, heads, side)
        };
        let block = RvtBlockConfig::new(width, frame.hidden)
            .with_linear_mlp(frame.linear_mlp)
            .with_tap_scales(frame.tap_scales)
            .with_drop_path(frame.drop_path);
        Block::new(&self.attention, &site, device, |attn| block.init(attn, device))
    }

    /// Rows and columns of tokens of each stage for an image of `rows` × `columns` pixels.
    fn grids(&self, image: [usize; 2]) -> impl Iterator<Item = [usize; 2]> {
        let stem = ConvStemConfig::new(self.patch_size, 0);
        let first = image.map(|pixels| stem.tokens(pixels));
        std::iter::successors(Some(first), |grid| Some(grid.map(|side| side.div_ceil(2))))
    }

    fn check(&self) -> Result<(), ModelError> {
        let Self { image_size, patch_size, masked_blocks, mask_tokens, .. } = *self;
        if patch_size == 0 || patch_size % 4 != 0 {
            return Err(ModelError::RvtPatch { patch_size });
        }
        if self.patches() == 0 {
            let least = ConvStemConfig::new(patch_size, 0).least_pixels();
            return Err(ModelError::EmptyGrid { image_size, patch_size, least });
        }
        for RvtStage { width, depth, heads } in self.stages.iter().copied() {
            if heads == 0 || width == 0 || width % heads != 0 {
                return Err(ModelError::HeadsDoNotDivide { width, heads });
            }
            if depth == 0 {
                return Err(ModelError::Zero { field: "depth" });
            }
        }
        for pair in self.stages.windows(2) {
            if pair[1].width % pair[0].width != 0 {
                return Err(ModelError::StageWidth { before: pair[0].width, after: pair[1].width });
            }
        }
        let depth = self.stages.first().map_or(0, |stage| stage.depth);
        if masked_blocks > depth {
            return Err(ModelError::MaskedBlocks { given: masked_blocks, depth });
        }
        if masked_blocks > 0 && !self.attention.is_softmax() {
            return Err(ModelError::MasksNeedSoftmax { kind: self.attention.name() });
        }
        if masked_blocks > 0 && self.patches() > mask_tokens {
            return Err(ModelError::MaskTooSmall { tokens: self.patches(), covered: mask_tokens });
        }
        self.attention.check()?;
        let counts = [("stages", self.stages.len()), ("classes", self.classes)];
        for (field, value) in counts.into_iter().chain(self.tap_scales.map(|k| ("tap_scales", k))) {
            if value == 0 {
                return Err(ModelError::Zero { field });
            }
        }
        ratio::check(self.patch_width(), self.mlp_ratio)?;
        ModelError::check_rate("drop_path", self.drop_path)
    }
}

impl FamilyConfig for RvtConfig {
    type Model = Rvt;

    fn init(&self, device: &Device) -> Result<Rvt, ModelError> {
        self.check()?;
        let (first, last) = (self.stages[0], self.stages[self.stages.len() - 1]);
        let mut index = 0..;
        let sides = self.grids([self.image_size; 2]).map(|[side, _]| side);
        let transformers = self.stages.iter().zip(sides).map(|(stage, side)| Stage {
            blocks: (index.by_ref().take(stage.depth).enumerate())
                .map(|(before, i)| self.block(stage, side, i, before, device))
                .collect(),
        });
        let pools = self.stages.windows(2);
        Ok(Rvt {
            patch_embed: ConvStemConfig::new(self.patch_size, first.width).init(device),
            transformers: transformers.collect(),
            pools: pools.map(|pair| StagePoolConfig::new(pair[0].width, pair[1].width).init(device)).collect(),
            norm: layer_norm(last.width, NORM_EPSILON, device),
            head: LinearConfig::new(last.width, self.classes).init(device),
        })
    }

    fn image_size(&self) -> usize {
        self.image_size
    }

    fn classes(&self) -> usize {
        self.classes
    }

    fn patches(&self) -> usize {
        ConvStemConfig::new(self.patch_size, 0).tokens(self.image_size).pow(2)
    }

    fn patch_width(&self) -> usize {
        self.stages.first().map_or(0, |stage| stage.width)
    }

    fn attention(&self) -> AttentionKind {
        self.attention
    }

    fn tap_scales(&self) -> Option<usize> {
        self.tap_scales
    }

    fn layers(&self) -> Layers {
        let stem = Layers::new(&["patch_embed"]);
        let trunk = self.stages.iter().enumerate().fold(stem, |layers, (s, stage)| {
            let layers = if s > 0 { layers.towards(&format!("pools.{}", s - 1)) } else { layers };
            layers.blocks(&format!("transformers.{s}.blocks"), stage.depth)
        });
        trunk.heads(&["norm", "head"])
    }

    /// Softmax attention without masks, the Performer and VARS-D take any; what was learned position by position does not.
    fn check_image(&self, image: [usize; 2]) -> Result<(), ModelError> {
        let trained = self.grids([self.image_size; 2]);
        for (_, ([side, _], grid)) in self.stages.iter().zip(trained.zip(self.grids(image))) {
            self.attention.check_grid(side, grid)?;
        }
        let tokens = self.grids(image).next().map_or(0, |[rows, columns]| rows * columns);
        if self.masked_blocks > 0 && tokens > self.mask_tokens {
            return Err(ModelError::MaskTooSmall { tokens, covered: self.mask_tokens });
        }
        Ok(())
    }
}
