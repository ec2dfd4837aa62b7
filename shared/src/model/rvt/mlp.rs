//! The MLP of "Towards Robust Vision Transformer": hidden channels look at their 3×3 neighbourhood, and every convolution is
//! followed by batch norm.
//!
//! The released plain network has an ordinary MLP where the width is exactly 768 (RVT-B); with TAP it never has. Both forms
//! are here, and the network decides.

use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, PaddingConfig2d};
use burn::prelude::*;

use crate::model::layers::pointwise;
use crate::model::linear::{Linear, LinearConfig};
use crate::ops::{batch_norm, depthwise, gelu};

/// Shape of an MLP.
#[derive(Config, Debug)]
pub struct RvtMlpConfig {
    /// Channels of a token.
    pub width: usize,
    /// Hidden channels. Paper: 4 × width.
    pub hidden: usize,
    /// Whether tokens are treated one by one, without convolution and batch norm.
    #[config(default = false)]
    pub linear: bool,
}

/// The MLP of a block.
#[derive(Module, Debug)]
pub enum RvtMlp {
    /// Three convolutions with batch norm.
    Convolutional(ConvolutionalMlp),
    /// Linear, GELU, linear.
    Linear(LinearMlp),
}

/// 1×1 convolution up, 3×3 convolution per channel, 1×1 convolution down.
#[derive(Module, Debug)]
pub struct ConvolutionalMlp {
    fc1: Conv2d,
    bn1: BatchNorm,
    dwconv: Conv2d,
    bn2: BatchNorm,
    fc2: Conv2d,
    bn3: BatchNorm,
}

/// Linear, GELU, linear, initialised as the framework does.
#[derive(Module, Debug)]
pub struct LinearMlp {
    fc1: Linear,
    fc2: Linear,
}

impl RvtMlpConfig {
    /// Builds the MLP with fresh weights.
    pub fn init(&self, device: &Device) -> RvtMlp {
        let Self { width, hidden, linear } = *self;
        if linear {
            return RvtMlp::Linear(LinearMlp {
                fc1: LinearConfig::new(width, hidden).init(device),
                fc2: LinearConfig::new(hidden, width).init(device),
            });
        }
        let norm = |channels| BatchNormConfig::new(channels).init(device);
        RvtMlp::Convolutional(ConvolutionalMlp {
            fc1: Conv2dConfig::new([width, hidden], [1, 1]).init(device),
            bn1: norm(hidden),
            dwconv: Conv2dConfig::new([hidden, hidden], [3, 3])
                .with_groups(hidden)
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .init(device),
            bn2: norm(hidden),
            fc2: Conv2dConfig::new([hidden, width], [1, 1]).init(device),
            bn3: norm(width),
        })
    }
}

impl RvtMlp {
    /// `[b, n, c]` on `grid` (rows, columns) → `[b, n, c]`.
    pub fn forward(&self, x: Tensor<3>, grid: [usize; 2]) -> Tensor<3> {
        match self {
            Self::Convolutional(mlp) => mlp.forward(x, grid),
            Self::Linear(mlp) => mlp.fc2.forward(gelu(mlp.fc1.forward(x))),
        }
    }
}

impl ConvolutionalMlp {
    fn forward(&self, x: Tensor<3>, grid: [usize; 2]) -> Tensor<3> {
        let hidden = gelu(batch_norm(&self.bn1, pointwise(&self.fc1, x)));
        let hidden = gelu(batch_norm(&self.bn2, depthwise(&self.dwconv, hidden, grid)));
        batch_norm(&self.bn3, pointwise(&self.fc2, hidden))
    }
}
