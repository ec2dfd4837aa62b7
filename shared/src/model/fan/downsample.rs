//! Overlapping downsampling between two widths of the largest FAN: a 3×3 convolution of stride 2, then layer norm.

use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;

use crate::model::layer_norm::LayerNorm;
use crate::model::layers::{layer_norm, to_map, to_tokens};

/// Shape of the layer.
#[derive(Config, Debug)]
pub struct DownsampleConfig {
    /// Channels that come in. Paper: 528.
    pub inputs: usize,
    /// Channels that go out. Paper: 768.
    pub outputs: usize,
    /// Epsilon of the norm.
    #[config(default = 1e-5)]
    pub epsilon: f64,
}

/// Halves the token grid.
#[derive(Module, Debug)]
pub struct Downsample {
    proj: Conv2d,
    norm: LayerNorm,
}

impl DownsampleConfig {
    /// Builds the layer with fresh weights.
    pub fn init(&self, device: &Device) -> Downsample {
        Downsample {
            proj: Conv2dConfig::new([self.inputs, self.outputs], [3, 3])
                .with_stride([2, 2])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .init(device),
            norm: layer_norm(self.outputs, self.epsilon, device),
        }
    }
}

impl Downsample {
    /// `[b, n, c]` on `grid` (rows, columns) → `[b, n', c']` and the new grid, each side halved and rounded up.
    pub fn forward(&self, x: Tensor<3>, grid: [usize; 2]) -> (Tensor<3>, [usize; 2]) {
        let map = self.proj.forward(to_map(x, grid));
        let [_, _, rows, columns] = map.dims();
        (self.norm.forward(to_tokens(map)), [rows, columns])
    }
}
