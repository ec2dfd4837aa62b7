//! The robust vision transformer (RVT), "Towards Robust Vision Transformer" (CVPR 2022), and its form with TAP.
//!
//! A convolutional stem, stages of blocks whose MLPs convolve, and a head on the average of all tokens: no class token and
//! no position embedding. Position comes from the convolutions and, in the variants with a star, from learned scales of the
//! attention scores. TAP is switched on by `tap_scales`, and `attention` puts any mixer of [`crate::model::mix`] in every block.
//!
//! The released code takes every grid for a square; here the grid is carried along. It also drops the batch axis of a
//! batch of one before the head; here it stays.

mod block;
mod config;
mod mlp;
mod pool;
mod presets;
mod stem;

pub use block::{RvtBlock, RvtBlockConfig};
pub use config::{RvtConfig, RvtStage};
pub use mlp::{ConvolutionalMlp, LinearMlp, RvtMlp, RvtMlpConfig};
pub use pool::{StagePool, StagePoolConfig};
pub use stem::{ConvStem, ConvStemConfig};

use burn::prelude::*;

use super::drop_path::Draws;
use super::layers::{to_map, to_tokens};
use super::mix::{Block, Mix, Trail};
use super::observer::{Observer, Within};
use super::{Family, FamilyInfo, Forward};
use crate::model::layer_norm::LayerNorm;
use crate::model::linear::Linear;

/// What RVT says of itself.
pub const INFO: FamilyInfo = FamilyInfo {
    name: "rvt",
    title: "RVT",
    method: Some("rvt"),
    presets: presets::PRESETS,
    keys: &[
        ("patch_embed.proj.0.", "patch_embed.conv."),
        ("patch_embed.proj.1.", "patch_embed.norm."),
        ("patch_embed.proj.3.", "patch_embed.project."),
        ("proj.0.", "conv."),
        ("proj.1.", "norm."),
        ("proj.3.", "project."),
    ],
    takes_token_noise: true,
    takes_tap: true,
    takes_token_head: false,
};

/// An RVT. Tokens and grid of a forward pass are those of the last stage.
///
/// With masks, an image with more tokens than they cover is an error of the caller and gives a panic in the engine.
#[derive(Module, Debug)]
pub struct Rvt {
    patch_embed: ConvStem,
    transformers: Vec<Stage>,
    pools: Vec<StagePool>,
    norm: LayerNorm,
    head: Linear,
}

#[derive(Module, Debug)]
struct Stage {
    blocks: Vec<Block<RvtBlock>>,
}

impl Family for Rvt {
    fn embed(&self, images: Tensor<4>, observer: &mut impl Observer) -> (Tensor<3>, [usize; 2]) {
        let map = self.patch_embed.forward(images);
        observer.see("patch_embed", &map);
        let [_, _, rows, columns] = map.dims();
        (to_tokens(map), [rows, columns])
    }

    fn encode(&self, patches: Tensor<3>, grid: [usize; 2], observer: &mut impl Observer) -> Forward {
        let (mut tokens, mut grid) = (patches, grid);
        let mut trail = Trail::default();
        for (s, stage) in self.transformers.iter().enumerate() {
            if s > 0 {
                let map = self.pools[s - 1].forward(to_map(tokens, grid));
                observer.see(&format!("pools.{}", s - 1), &map);
                let [_, _, rows, columns] = map.dims();
                (tokens, grid) = (to_tokens(map), [rows, columns]);
            }
            for (i, block) in stage.blocks.iter().enumerate() {
                let place = format!("transformers.{s}.blocks.{i}");
                let mixed = block.forward(tokens, trail.context(grid), &mut Within::new(observer, &place));
                observer.see(&place, &mixed.tokens);
                tokens = trail.pass(mixed);
            }
        }

        let pooled = self.norm.forward(tokens.clone().mean_dim(1).squeeze_dim::<2>(1));
        observer.see("norm", &pooled);
        let logits = self.head.forward(pooled);
        observer.see("head", &logits);
        let tokens = self.norm.forward(tokens);
        let Trail { attention, codes, .. } = trail;
        Forward { logits, attention, class_attention: None, codes, tokens, token_logits: None, grid }
    }

    fn before_step(&mut self, draws: &Draws) {
        for block in self.transformers.iter_mut().flat_map(|stage| &mut stage.blocks) {
            block.before_step(draws);
        }
    }

    fn after_step(&mut self, iteration: u64) {
        for block in self.transformers.iter_mut().flat_map(|stage| &mut stage.blocks) {
            block.after_step(iteration);
        }
    }
}
