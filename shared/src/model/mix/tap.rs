//! Token-aware average pooling (TAP), section 3.1 of "Robustifying Token Attention for Vision Transformers" (ICCV 2023).
//!
//! Each token mixes its own value with 3×3 averages at growing dilation; a small convolution decides the mix. Zeros
//! outside the grid count in the average, as in the released weights. The released code takes the grid for a square;
//! here it is given, so other grids work too.
//!
//! An average over {−k, 0, k}² is a banded matrix along each axis of the grid, so the pools are two small matrix
//! products, which every engine does fast and differentiates.

use burn::module::Initializer;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, PaddingConfig2d};
use burn::prelude::*;
use burn::tensor::TensorData;

use crate::model::observer::Observer;
use crate::ops::{batch_norm, convolution, dilated_average, softmax};

/// Mixes a token grid with dilated averages of its neighbourhood.
#[derive(Config, Debug)]
pub struct TapConfig {
    /// Channels of a token.
    pub channels: usize,
    /// Number of scales K, the identity included. Paper: 4.
    #[config(default = 4)]
    pub scales: usize,
}

/// Token-aware average pooling.
#[derive(Module, Debug)]
pub struct Tap {
    predictor: Conv2d,
    norm: BatchNorm,
    mix: Conv2d,
    scales: usize,
}

impl TapConfig {
    /// Builds the layer with fresh weights.
    pub fn init(&self, device: &Device) -> Tap {
        let conv = |inputs| {
            Conv2dConfig::new([inputs, self.scales], [3, 3])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .with_bias(false)
                .with_initializer(Initializer::KaimingUniform { gain: 1.0 / 3f64.sqrt(), fan_out_only: false })
                .init(device)
        };
        Tap {
            predictor: conv(self.channels),
            norm: BatchNormConfig::new(self.scales).init(device),
            mix: conv(self.scales),
            scales: self.scales,
        }
    }
}

impl Tap {
    /// `[b, n, c]` on `grid` (rows, columns) → `[b, n, c]`.
    pub fn forward(&self, x: Tensor<3>, grid: [usize; 2], observer: &mut impl Observer) -> Tensor<3> {
        let weights = self.weights(x.clone(), grid);
        let [b, _, k] = weights.dims();
        observer.see("tap_weights", &weights.clone().reshape([b, grid[0], grid[1], k]));
        dilated_average(x, weights, grid)
    }

    /// As [`Self::forward`]; tokens before the grid (a class token) pass by unchanged: `[b, k + n, c]` → the same shape.
    pub fn forward_past_class_token(&self, x: Tensor<3>, grid: [usize; 2], observer: &mut impl Observer) -> Tensor<3> {
        let [_, rows, _] = x.dims();
        let patches = grid[0] * grid[1];
        let before = rows - patches;
        if before == 0 {
            return self.forward(x, grid, observer);
        }
        let pooled = self.forward(x.clone().narrow(1, before, patches), grid, observer);
        Tensor::cat(vec![x.narrow(1, 0, before), pooled], 1)
    }

    /// How much of each scale every token takes: `[b, n, c]` → `[b, n, k]`, summing to one over k.
    fn weights(&self, x: Tensor<3>, grid: [usize; 2]) -> Tensor<3> {
        let scores = batch_norm(&self.norm, convolution(&self.predictor, x, grid));
        softmax(convolution(&self.mix, scores, grid), 2)
    }
}

/// The 3×3 average with dilation `scale`, zeros outside counted: `[b, n, c]` on `grid` → `[b, n, c]`. Scale 0 is the identity.
pub fn pool(x: Tensor<3>, [rows, columns]: [usize; 2], scale: usize) -> Tensor<3> {
    if scale == 0 {
        return x;
    }
    let [b, n, c] = x.dims();
    let device = x.device();
    let down = band(rows, scale, &device).matmul(x.reshape([b, rows, columns * c]));
    let across = band(columns, scale, &device).matmul(down.reshape([b * rows, columns, c]));
    across.reshape([b, n, c])
}

/// `[1, length, length]`, a third where two coordinates are equal or `scale` apart.
fn band(length: usize, scale: usize, device: &Device) -> Tensor<3> {
    let value = |i: usize| {
        let distance = (i / length).abs_diff(i % length);
        if distance == 0 || distance == scale { 1.0f32 / 3.0 } else { 0.0 }
    };
    let values: Vec<f32> = (0..length * length).map(value).collect();
    Tensor::from_data(TensorData::new(values, [1, length, length]), device)
}
