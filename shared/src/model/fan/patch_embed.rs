//! FAN's convolutional patch embedding: stride-2 convolutions with batch norm in place of one large patch projection.
//!
//! [`PatchEmbed`] is this or the hybrid one, as the model's configuration says.

use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, PaddingConfig2d};
use burn::prelude::*;

use super::FanConfig;
use super::hybrid::{HybridPatchEmbed, HybridPatchEmbedConfig};
use crate::model::layers::{to_map, to_tokens};
use crate::model::observer::Observer;
use crate::ops::{Moves, batch_norm, gelu, strided};

/// Either patch embedding.
#[derive(Module, Debug)]
pub(super) enum PatchEmbed {
    Convolutions(ConvPatchEmbed),
    Hybrid(HybridPatchEmbed),
}

impl PatchEmbed {
    pub(super) fn new(config: &FanConfig, device: &Device) -> Self {
        let width = config.width;
        match &config.hybrid {
            Some(backbone) => Self::Hybrid(HybridPatchEmbedConfig { backbone: backbone.clone(), width }.init(device)),
            None => Self::Convolutions(ConvPatchEmbedConfig::new(config.patch_size, width).init(device)),
        }
    }

    /// Images `[b, 3, y, x]` → map `[b, c, y/p, x/p]`.
    pub(super) fn forward(&self, images: Tensor<4>, observer: &mut impl Observer) -> Tensor<4> {
        match self {
            Self::Convolutions(stack) => stack.forward(images),
            Self::Hybrid(hybrid) => hybrid.forward(images, observer),
        }
    }
}

/// Shape of the embedding.
#[derive(Config, Debug)]
pub struct ConvPatchEmbedConfig {
    /// Side of a patch: 4, 8 or 16 (two, three or four convolutions).
    pub patch_size: usize,
    /// Channels of a token.
    pub width: usize,
}

/// How each convolution moves.
const HALVING: Moves = Moves { side: 3, stride: 2, padding: 1 };

/// A stack of 3×3 convolutions of stride 2.
#[derive(Module, Debug)]
pub struct ConvPatchEmbed {
    stages: Vec<Stage>,
}

#[derive(Module, Debug)]
struct Stage {
    conv: Conv2d,
    norm: BatchNorm,
}

impl ConvPatchEmbedConfig {
    /// Patch sides that the stack can make.
    pub const PATCH_SIZES: [usize; 3] = [4, 8, 16];

    /// Builds the stack with fresh weights. A patch side outside [`Self::PATCH_SIZES`] is the caller's to refuse.
    pub fn init(&self, device: &Device) -> ConvPatchEmbed {
        let channels = self.channels();
        let stages = channels
            .windows(2)
            .map(|pair| Stage {
                conv: Conv2dConfig::new([pair[0], pair[1]], [3, 3])
                    .with_stride([HALVING.stride; 2])
                    .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                    .with_bias(false)
                    .init(device),
                norm: BatchNormConfig::new(pair[1]).init(device),
            })
            .collect();
        ConvPatchEmbed { stages }
    }

    fn channels(&self) -> Vec<usize> {
        let w = self.width;
        match self.patch_size {
            16 => vec![3, w / 8, w / 4, w / 2, w],
            8 => vec![3, w / 4, w / 2, w],
            _ => vec![3, w / 4, w],
        }
    }
}

impl ConvPatchEmbed {
    /// Images `[b, 3, y, x]` → map `[b, c, ⌈y/p⌉, ⌈x/p⌉]`.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        let [_, _, y, x] = images.dims();
        let last = self.stages.len() - 1;
        let start = (to_tokens(images), [y, x]);
        let (tokens, grid) = self.stages.iter().enumerate().fold(start, |(tokens, grid), (i, stage)| {
            let (tokens, grid) = strided(&stage.conv, tokens, grid, HALVING);
            let tokens = batch_norm(&stage.norm, tokens);
            (if i == last { tokens } else { gelu(tokens) }, grid)
        });
        to_map(tokens, grid)
    }
}
