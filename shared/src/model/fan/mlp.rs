//! The convolutional MLP on the value path of FAN's channel attention.
//!
//! Linear up, a depth-wise branch that is added to its input, linear down. The only activation is inside the branch:
//! 3×3 convolution, GELU, batch norm, 3×3 convolution, in this order. A block without channel attention puts a
//! squeeze-and-excite gate behind it.

use burn::module::{Initializer, Param};
use burn::nn::conv::Conv2d;
use burn::nn::{BatchNorm, BatchNormConfig};
use burn::prelude::*;

use super::squeeze_excite::{SqueezeExcite, SqueezeExciteConfig};
use crate::model::layers::{depthwise3, linear};
use crate::model::linear::Linear;
use crate::model::observer::Observer;
use crate::ops::{batch_norm, depthwise, gelu, scale_channels};

/// Shape of the convolutional MLP.
#[derive(Config, Debug)]
pub struct ConvMlpConfig {
    /// Channels of a token.
    pub width: usize,
    /// Hidden channels. Paper: 4 × width.
    pub hidden: usize,
    /// Whether the depth-wise branch is added to its input (FAN) or replaces it (FAN-Swin).
    #[config(default = true)]
    pub skip: bool,
    /// Whether a squeeze-and-excite gate follows.
    #[config(default = false)]
    pub squeeze_excite: bool,
}

/// An MLP whose hidden channels look at their 3×3 neighbourhood.
#[derive(Module, Debug)]
pub struct ConvMlp {
    fc1: Linear,
    dwconv: DepthwiseBranch,
    gamma: Param<Tensor<1>>,
    fc2: Linear,
    se: Option<SqueezeExcite>,
    skip: bool,
}

#[derive(Module, Debug)]
struct DepthwiseBranch {
    conv1: Conv2d,
    bn: BatchNorm,
    conv2: Conv2d,
}

impl ConvMlpConfig {
    /// Builds the layer with fresh weights.
    pub fn init(&self, device: &Device) -> ConvMlp {
        ConvMlp {
            fc1: linear(self.width, self.hidden, device),
            dwconv: DepthwiseBranch {
                conv1: depthwise3(self.hidden, device),
                bn: BatchNormConfig::new(self.hidden).init(device),
                conv2: depthwise3(self.hidden, device),
            },
            gamma: Initializer::Ones.init([self.hidden], device),
            fc2: linear(self.hidden, self.width, device),
            se: self.squeeze_excite.then(|| SqueezeExciteConfig::new(self.width).init(device)),
            skip: self.skip,
        }
    }
}

impl ConvMlp {
    /// `[b, n, c]` on `grid` (rows, columns) → `[b, n, c]`.
    pub fn forward(&self, x: Tensor<3>, grid: [usize; 2], observer: &mut impl Observer) -> Tensor<3> {
        let hidden = self.fc1.forward(x);
        let branch = self.dwconv.forward(hidden.clone(), grid);
        observer.see("dwconv", &branch);
        let branch = scale_channels(branch, self.gamma.val().unsqueeze::<3>());
        let out = self.fc2.forward(if self.skip { hidden + branch } else { branch });
        match &self.se {
            Some(gate) => gate.forward(out),
            None => out,
        }
    }
}

impl DepthwiseBranch {
    fn forward(&self, x: Tensor<3>, grid: [usize; 2]) -> Tensor<3> {
        depthwise(&self.conv2, batch_norm(&self.bn, gelu(depthwise(&self.conv1, x, grid))), grid)
    }
}
