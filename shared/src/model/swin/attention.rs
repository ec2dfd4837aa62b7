//! Window attention of the Swin transformer (arXiv 2103.14030, section 3.2): softmax attention inside square windows, with
//! a learned bias for each relative position.
//!
//! Every second block shifts the windows by half their side. The map is rolled for that, and tokens that meet only because
//! of the roll are kept apart by −100 before the softmax.

use burn::module::{Initializer, Param};
use burn::nn::Linear;
use burn::prelude::*;
use burn::tensor::TensorData;
use burn::tensor::activation::softmax;

use crate::model::attention::split_heads;
use crate::model::layers::linear;

/// What a forbidden pair of tokens adds to its score.
const FORBIDDEN: f32 = -100.0;

/// Shape of the window attention.
#[derive(Config, Debug)]
pub struct WindowAttentionConfig {
    /// Channels of a token.
    pub width: usize,
    /// Heads; divides `width`.
    pub heads: usize,
    /// Side of a window, tokens. Paper: 7.
    pub window: usize,
    /// How far windows are shifted, tokens: 0 or half a window.
    #[config(default = 0)]
    pub shift: usize,
}

/// Softmax attention inside windows.
#[derive(Module, Debug)]
pub struct WindowAttention {
    qkv: Linear,
    proj: Linear,
    relative_position_bias_table: Param<Tensor<2>>,
    heads: usize,
    window: usize,
    shift: usize,
}

impl WindowAttentionConfig {
    /// Builds the layer with fresh weights.
    pub fn init(&self, device: &Device) -> WindowAttention {
        let positions = (2 * self.window - 1).pow(2);
        WindowAttention {
            qkv: linear(self.width, 3 * self.width, device),
            proj: linear(self.width, self.width, device),
            relative_position_bias_table: Initializer::Normal { mean: 0.0, std: 0.02 }
                .init([positions, self.heads], device),
            heads: self.heads,
            window: self.window,
            shift: self.shift,
        }
    }
}

impl WindowAttention {
    /// `[b, n, c]` on `grid` (rows, columns; multiples of the window) → mixed tokens `[b, n, c]`, and the attention
    /// `[b·windows, h, w², w²]` of each window, an image's windows side by side.
    pub fn forward(&self, x: Tensor<3>, grid: [usize; 2]) -> (Tensor<3>, Tensor<4>) {
        let [b, n, c] = x.dims();
        let [rows, columns] = grid;
        let shift = self.shift as i64;
        let map = x.reshape([b, rows, columns, c]).roll(&[-shift, -shift], &[1, 2]);
        let (mixed, weights) = self.attend(self.cut(map), grid);
        let map = self.join(mixed, [b, rows, columns, c]).roll(&[shift, shift], &[1, 2]);
        (map.reshape([b, n, c]), weights)
    }

    /// `[b, y, x, c]` → `[b·windows, w², c]`, windows row by row.
    fn cut(&self, map: Tensor<4>) -> Tensor<3> {
        let [b, rows, columns, c] = map.dims();
        let w = self.window;
        let cells = map.reshape([b, rows / w, w, columns / w, w, c]).permute([0, 1, 3, 2, 4, 5]);
        cells.reshape([b * (rows / w) * (columns / w), w * w, c])
    }

    /// The inverse of [`Self::cut`].
    fn join(&self, windows: Tensor<3>, [b, rows, columns, c]: [usize; 4]) -> Tensor<4> {
        let w = self.window;
        let cells = windows.reshape([b, rows / w, columns / w, w, w, c]).permute([0, 1, 3, 2, 4, 5]);
        cells.reshape([b, rows, columns, c])
    }

    /// Attention inside each window, `[b·windows, w², c]`.
    fn attend(&self, x: Tensor<3>, grid: [usize; 2]) -> (Tensor<3>, Tensor<4>) {
        let [count, n, c] = x.dims();
        let depth = c / self.heads;
        let qkv = self.qkv.forward(x);
        let part = |i: usize| split_heads(qkv.clone().narrow(2, i * c, c), self.heads);
        let scores = part(0).mul_scalar((depth as f64).powf(-0.5)).matmul(part(1).swap_dims(2, 3)) + self.bias();
        let scores = match self.mask(grid, &scores.device()) {
            Some(mask) => {
                let [windows, _, _] = mask.dims();
                let apart = scores.reshape([count / windows, windows, self.heads, n, n]);
                (apart + mask.reshape([1, windows, 1, n, n])).reshape([count, self.heads, n, n])
            }
            None => scores,
        };
        let weights = softmax(scores, 3);
        let mixed = weights.clone().matmul(part(2)).swap_dims(1, 2).reshape([count, n, c]);
        (self.proj.forward(mixed), weights)
    }

    /// The learned bias of each pair of tokens in a window, `[1, h, w², w²]`.
    fn bias(&self) -> Tensor<4> {
        let table = self.relative_position_bias_table.val();
        let (w, n) = (self.window, self.window * self.window);
        // One row of the table for each difference of rows and of columns, both from 1 − w to w − 1.
        let place = |i: usize| {
            let (query, key) = (i / n, i % n);
            let rows = query / w + w - 1 - key / w;
            let columns = query % w + w - 1 - key % w;
            (rows * (2 * w - 1) + columns) as i32
        };
        let places: Vec<i32> = (0..n * n).map(place).collect();
        let places = Tensor::<1, Int>::from_data(TensorData::new(places, [n * n]), &table.device());
        table.select(0, places).reshape([1, n, n, self.heads]).permute([0, 3, 1, 2])
    }

    /// `[windows, w², w²]`: what keeps tokens of different sides of the roll apart; none without a shift.
    fn mask(&self, [rows, columns]: [usize; 2], device: &Device) -> Option<Tensor<3>> {
        if self.shift == 0 {
            return None;
        }
        let (w, n) = (self.window, self.window * self.window);
        // After the roll, an axis has three regions: whole windows, the part that stayed, the part that came around.
        let region = |at: usize, length: usize| usize::from(at >= length - w) + usize::from(at >= length - self.shift);
        let windows = (rows / w) * (columns / w);
        let mut values = Vec::with_capacity(windows * n * n);
        for window in 0..windows {
            let (top, left) = (window / (columns / w) * w, window % (columns / w) * w);
            let place = |token: usize| (region(top + token / w, rows), region(left + token % w, columns));
            for query in 0..n {
                values.extend((0..n).map(|key| if place(query) == place(key) { 0.0 } else { FORBIDDEN }));
            }
        }
        Some(Tensor::from_data(TensorData::new(values, [windows, n, n]), device))
    }
}
