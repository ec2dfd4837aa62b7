//! The hybrid patch embedding: two ConvNeXt stages, then a 2×2 projection of stride 2. A token stands for 16 × 16 pixels.

use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;

use super::convnext::{ConvNext, ConvNextConfig};
use crate::model::observer::{Observer, Within};

/// Side of the patch that a token of the hybrid embedding stands for, pixels.
pub(super) const PATCH_SIZE: usize = 16;

/// Shape of the embedding.
#[derive(Clone, Debug, PartialEq)]
pub struct HybridPatchEmbedConfig {
    /// The two convolutional stages.
    pub backbone: ConvNextConfig,
    /// Channels of a token.
    pub width: usize,
}

/// ConvNeXt stages and a projection to tokens.
#[derive(Module, Debug)]
pub struct HybridPatchEmbed {
    backbone: ConvNext,
    proj: Conv2d,
}

impl HybridPatchEmbedConfig {
    /// Builds the embedding with fresh weights.
    pub fn init(&self, device: &Device) -> HybridPatchEmbed {
        HybridPatchEmbed {
            backbone: self.backbone.init(device),
            proj: Conv2dConfig::new([self.backbone.widths[1], self.width], [2, 2]).with_stride([2, 2]).init(device),
        }
    }
}

impl HybridPatchEmbed {
    /// Images `[b, 3, y, x]` → map `[b, c, y/16, x/16]`.
    pub fn forward(&self, images: Tensor<4>, observer: &mut impl Observer) -> Tensor<4> {
        self.proj.forward(self.backbone.forward(images, &mut Within::new(observer, "backbone")))
    }
}
