//! Layers as the reference implementations initialise them.

use burn::module::Initializer;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;

use super::layer_norm::{LayerNorm, LayerNormConfig};
use super::linear::{Linear, LinearConfig};
use crate::ops;

/// Standard deviation of fresh linear weights in ViT, DeiT and FAN.
pub(crate) const LINEAR_DEVIATION: f64 = 0.02;

/// A linear layer with normal weights of standard deviation 0.02 and zero bias: the rule of ViT, DeiT and FAN.
pub(crate) fn linear(inputs: usize, outputs: usize, device: &Device) -> Linear {
    linear_of(inputs, outputs, LINEAR_DEVIATION, device)
}

/// A linear layer with normal weights of standard deviation `std` and zero bias.
pub(crate) fn linear_of(inputs: usize, outputs: usize, std: f64, device: &Device) -> Linear {
    let mut layer =
        LinearConfig::new(inputs, outputs).with_initializer(Initializer::Normal { mean: 0.0, std }).init(device);
    layer.bias = Some(Initializer::Zeros.init([outputs], device));
    layer
}

/// Layer normalisation over the last axis.
pub(crate) fn layer_norm(width: usize, epsilon: f64, device: &Device) -> LayerNorm {
    LayerNormConfig::new(width).with_epsilon(epsilon).init(device)
}

/// A 3×3 convolution per channel, padding 1, normal weights of deviation √(2 / fan out) and zero bias (fan out = 9).
pub(crate) fn depthwise3(channels: usize, device: &Device) -> Conv2d {
    let mut layer = Conv2dConfig::new([channels, channels], [3, 3])
        .with_groups(channels)
        .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
        .with_initializer(Initializer::Normal { mean: 0.0, std: (2.0f64 / 9.0).sqrt() })
        .init(device);
    layer.bias = Some(Initializer::Zeros.init([channels], device));
    layer
}

/// A 1×1 convolution of tokens `[b, n, c]` as they lie → `[b, n, d]`.
pub(crate) fn pointwise(layer: &Conv2d, x: Tensor<3>) -> Tensor<3> {
    let [outputs, inputs, _, _] = layer.weight.dims();
    let weight = layer.weight.val().reshape([outputs, inputs]).transpose();
    ops::linear(x, weight, layer.bias.as_ref().map(|bias| bias.val()))
}

/// Tokens on a grid to a map: `[b, n, c]` → `[b, c, y, x]`, row by row.
pub(crate) fn to_map(tokens: Tensor<3>, grid: [usize; 2]) -> Tensor<4> {
    let [b, _, c] = tokens.dims();
    tokens.swap_dims(1, 2).reshape([b, c, grid[0], grid[1]])
}

/// A map to tokens: `[b, c, y, x]` → `[b, n, c]`, row by row.
pub(crate) fn to_tokens(map: Tensor<4>) -> Tensor<3> {
    map.flatten::<3>(2, 3).swap_dims(1, 2)
}
