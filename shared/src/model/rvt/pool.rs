//! The step between two stages of RVT: the grid is halved and the channels are multiplied, by one grouped convolution.

use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;

/// Shape of the step.
#[derive(Config, Debug)]
pub struct StagePoolConfig {
    /// Channels that come in.
    pub inputs: usize,
    /// Channels that go out; a multiple of `inputs`. Paper: twice as many.
    pub outputs: usize,
}

/// A 3×3 convolution of stride 2, one group per incoming channel.
#[derive(Module, Debug)]
pub struct StagePool {
    conv: Conv2d,
}

impl StagePoolConfig {
    /// Builds the step with fresh weights. Channels that are not a multiple are the caller's to refuse.
    pub fn init(&self, device: &Device) -> StagePool {
        StagePool {
            conv: Conv2dConfig::new([self.inputs, self.outputs], [3, 3])
                .with_stride([2, 2])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .with_groups(self.inputs)
                .init(device),
        }
    }
}

impl StagePool {
    /// `[b, c, y, x]` → `[b, c', ⌈y/2⌉, ⌈x/2⌉]`.
    pub fn forward(&self, map: Tensor<4>) -> Tensor<4> {
        self.conv.forward(map)
    }
}
