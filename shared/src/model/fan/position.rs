//! Fourier position encoding: sines and cosines of the grid coordinates, projected to the token width.
//!
//! No table of positions is learned, so any grid works. Coordinates are 1-based and reach 2π at the far side.

use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;
use burn::tensor::TensorData;

/// Shape of the encoding.
#[derive(Config, Debug)]
pub struct FourierPositionConfig {
    /// Channels of a token.
    pub width: usize,
    /// Features per axis; even. Paper: 32.
    #[config(default = 32)]
    pub features: usize,
    /// Ratio between the slowest and the fastest frequency. Paper: 10 000.
    #[config(default = 10000.0)]
    pub temperature: f64,
}

/// Position encoding of a token grid.
#[derive(Module, Debug)]
pub struct FourierPosition {
    projection: Conv2d,
    features: usize,
    temperature: f64,
}

impl FourierPositionConfig {
    /// Builds the layer with fresh weights.
    pub fn init(&self, device: &Device) -> FourierPosition {
        FourierPosition {
            projection: Conv2dConfig::new([2 * self.features, self.width], [1, 1]).init(device),
            features: self.features,
            temperature: self.temperature,
        }
    }
}

impl FourierPosition {
    /// The encoding `[1, c, y, x]` of a grid of `rows` × `columns`.
    pub fn forward(&self, [rows, columns]: [usize; 2]) -> Tensor<4> {
        let vertical = self.axis(rows);
        let horizontal = self.axis(columns);
        let mut values = Vec::with_capacity(2 * self.features * rows * columns);
        for feature in 0..self.features {
            for y in 0..rows {
                values.extend(std::iter::repeat_n(vertical[y * self.features + feature], columns));
            }
        }
        for feature in 0..self.features {
            for _ in 0..rows {
                values.extend((0..columns).map(|x| horizontal[x * self.features + feature]));
            }
        }
        let data = TensorData::new(values, [1, 2 * self.features, rows, columns]);
        self.projection.forward(Tensor::from_data(data, &self.projection.weight.val().device()))
    }

    /// Features of each coordinate of an axis, `[length, features]`: sine on even, cosine on odd places.
    fn axis(&self, length: usize) -> Vec<f32> {
        let step = std::f32::consts::TAU / (length as f32 + 1e-6);
        let mut values = Vec::with_capacity(length * self.features);
        for i in 1..=length {
            for feature in 0..self.features {
                let exponent = (feature / 2 * 2) as f64 / self.features as f64;
                let phase = i as f32 * step / self.temperature.powf(exponent) as f32;
                values.push(if feature % 2 == 0 { phase.sin() } else { phase.cos() });
            }
        }
        values
    }
}
