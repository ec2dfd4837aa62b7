//! The convolutional patch embedding of "Towards Robust Vision Transformer": a wide convolution, batch norm and max-pooling
//! before a small patch projection.
//!
//! The released stem has no activation, and its first convolution is padded by 2, not 3, so that sizes are not the usual
//! ones: 224 → 111 → 56 → 14. Both are kept. Released are patches of 4 and 16; any multiple of 4 follows the same rule.

use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, PaddingConfig2d};
use burn::prelude::*;

/// Channels between the two convolutions.
const CHANNELS: usize = 32;

/// Shape of the stem.
#[derive(Config, Debug)]
pub struct ConvStemConfig {
    /// Side of a patch: a multiple of 4. Paper: 16.
    pub patch_size: usize,
    /// Channels of a token.
    pub width: usize,
}

/// Convolution, batch norm, max-pooling, patch projection.
#[derive(Module, Debug)]
pub struct ConvStem {
    conv: Conv2d,
    norm: BatchNorm,
    pool: MaxPool2d,
    project: Conv2d,
}

impl ConvStemConfig {
    /// Builds the stem with fresh weights. A patch side that is not a multiple of 4 is the caller's to refuse.
    pub fn init(&self, device: &Device) -> ConvStem {
        let side = self.patch_size / 4;
        ConvStem {
            conv: Conv2dConfig::new([3, CHANNELS], [7, 7])
                .with_stride([2, 2])
                .with_padding(PaddingConfig2d::Explicit(2, 2, 2, 2))
                .init(device),
            norm: BatchNormConfig::new(CHANNELS).init(device),
            pool: MaxPool2dConfig::new([3, 3])
                .with_strides([2, 2])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .init(),
            project: Conv2dConfig::new([CHANNELS, self.width], [side; 2]).with_stride([side; 2]).init(device),
        }
    }

    /// Tokens along a side of `pixels` pixels; 0 where nothing is left.
    pub fn tokens(&self, pixels: usize) -> usize {
        let halved = pixels.saturating_sub(1) / 2;
        halved.div_ceil(2) / (self.patch_size / 4).max(1)
    }

    /// The shortest side that leaves a token, pixels.
    pub fn least_pixels(&self) -> usize {
        self.patch_size.saturating_sub(1)
    }
}

impl ConvStem {
    /// Images `[b, 3, y, x]` → map `[b, c, y', x']`, each side as [`ConvStemConfig::tokens`] says.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        self.project.forward(self.pool.forward(self.norm.forward(self.conv.forward(images))))
    }
}
