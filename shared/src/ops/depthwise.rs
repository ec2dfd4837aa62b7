//! A k×k convolution of each channel by itself, on tokens `[b, n, c]` as they lie: channels innermost.
//!
//! The engine's convolution wants maps `[b, c, y, x]`; with one channel to a group its gradients are a product per image and
//! channel, and a convolution per channel for the weights. On tokens, every tap is a multiplication of neighbours in memory,
//! and nothing is transposed on the way in or out. The gradient of the input is the same convolution with the taps turned round.
//!
//! Stride 1, zeros outside, odd k, as many zeros on each side as keep the grid.

use burn::nn::conv::Conv2d;
use burn::prelude::*;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;

use crate::model::layers::{to_map, to_tokens};

/// `layer` of the tokens `x` `[b, n, c]` on `grid` (rows, columns) → the same shape.
pub(crate) fn depthwise(layer: &Conv2d, x: Tensor<3>, grid: [usize; 2]) -> Tensor<3> {
    convolve(x, layer.weight.val(), layer.bias.as_ref().map(|bias| bias.val()), grid)
}

/// As above, `weight` `[c, 1, k, k]`, `bias` `[c]`.
pub(super) fn convolve(x: Tensor<3>, weight: Tensor<4>, bias: Option<Tensor<1>>, grid: [usize; 2]) -> Tensor<3> {
    #[cfg(feature = "flex")]
    if let Some(bias) = &bias
        && super::engine::is_ours(&x)
    {
        return fast::depthwise(x, weight, bias.clone(), grid);
    }
    reference(x, weight, bias, grid)
}

/// By the engine's convolution of maps.
pub(super) fn reference(x: Tensor<3>, weight: Tensor<4>, bias: Option<Tensor<1>>, grid: [usize; 2]) -> Tensor<3> {
    let [c, _, side, _] = weight.dims();
    let reach = [side / 2; 2];
    to_tokens(conv2d(to_map(x, grid), weight, bias, ConvOptions::new([1, 1], reach, [1, 1], c)))
}

#[cfg(feature = "flex")]
mod fast {
    use burn::backend::{Backend, Dispatch, Flex, TensorMetadata, backend_extension, tensor::FloatTensor};
    use burn::prelude::*;

    use crate::ops::engine::{Flat, in_order, tensor, values};
    use crate::ops::vector::new_rows;

    /// The convolution as an operation of the processor engine.
    #[backend_extension(Flex, Autodiff: cfg(feature = "autodiff"))]
    pub(crate) trait Depthwise: Backend {
        /// x `[b, n, c]` on a grid, weight `[c, 1, k, k]`, bias `[c]`.
        fn convolve_channels(
            x: FloatTensor<Self>,
            weight: FloatTensor<Self>,
            bias: FloatTensor<Self>,
            grid: [usize; 2],
        ) -> FloatTensor<Self>;
    }

    pub(super) fn depthwise(x: Tensor<3>, weight: Tensor<4>, bias: Tensor<1>, grid: [usize; 2]) -> Tensor<3> {
        let (weight, bias) = (weight.into_dispatch(), bias.into_dispatch());
        Tensor::from_dispatch(Dispatch::convolve_channels(x.into_dispatch(), weight, bias, grid))
    }

    /// Rows and columns of the grid, channels, side of the kernel.
    #[derive(Clone, Copy)]
    struct Shape {
        rows: usize,
        columns: usize,
        channels: usize,
        side: usize,
    }

    impl Shape {
        fn of(weight: &Flat, [rows, columns]: [usize; 2]) -> Self {
            let shape = weight.shape();
            Self { rows, columns, channels: shape[0], side: shape[3] }
        }

        /// The taps `[c, 1, k, k]` with channels innermost, `[k·k, c]`.
        fn taps(self, weight: &[f32]) -> Vec<f32> {
            let area = self.side * self.side;
            (0..area * self.channels).map(|i| weight[i % self.channels * area + i / self.channels]).collect()
        }

        /// The taps of the gradient: the same, last first.
        #[cfg(feature = "autodiff")]
        fn turned(self, weight: &[f32]) -> Vec<f32> {
            let area = self.side * self.side;
            let tap = |i: usize| area - 1 - i / self.channels;
            (0..area * self.channels).map(|i| weight[i % self.channels * area + tap(i)]).collect()
        }

        /// Taps along an axis of `length` whose neighbour of place `at` lies inside.
        #[inline(always)]
        fn inside(self, at: usize, length: usize) -> std::ops::Range<usize> {
            let reach = self.side / 2;
            reach.saturating_sub(at)..self.side.min(length + reach - at)
        }
    }

    impl Depthwise for Flex {
        fn convolve_channels(x: Flat, weight: Flat, bias: Flat, grid: [usize; 2]) -> Flat {
            let (weight, bias) = (in_order(weight), in_order(bias));
            let shape = Shape::of(&weight, grid);
            convolve(x, &shape.taps(values(&weight)), values(&bias), shape)
        }
    }

    fn convolve(x: Flat, taps: &[f32], bias: &[f32], shape: Shape) -> Flat {
        let x = in_order(x);
        let row = shape.columns * shape.channels;
        let out = new_rows!(values(&x).len(), row, |first, out| {
            for (i, out) in out.chunks_exact_mut(row).enumerate() {
                convolve_row(values(&x), taps, bias, shape, first + i, out);
            }
        });
        tensor(out, x.shape())
    }

    /// Channels that are worked off together.
    const BLOCK: usize = 64;
    const SMALL_BLOCK: usize = 8;

    /// One row of the grid; `row` counts the rows of all images.
    #[inline(always)]
    fn convolve_row(x: &[f32], taps: &[f32], bias: &[f32], shape: Shape, row: usize, out: &mut [f32]) {
        let c = shape.channels;
        for (column, out) in out.chunks_exact_mut(c).enumerate() {
            let mut channel = 0;
            while channel + BLOCK <= c {
                convolve_block::<BLOCK>(x, taps, bias, shape, [row, column, channel], out);
                channel += BLOCK;
            }
            while channel + SMALL_BLOCK <= c {
                convolve_block::<SMALL_BLOCK>(x, taps, bias, shape, [row, column, channel], out);
                channel += SMALL_BLOCK;
            }
            while channel < c {
                convolve_block::<1>(x, taps, bias, shape, [row, column, channel], out);
                channel += 1;
            }
        }
    }

    #[inline(always)]
    fn convolve_block<const N: usize>(
        x: &[f32],
        taps: &[f32],
        bias: &[f32],
        shape: Shape,
        [row, column, channel]: [usize; 3],
        out: &mut [f32],
    ) {
        let Shape { rows, columns, channels, side } = shape;
        let reach = side / 2;
        let mut sums = [0.0; N];
        sums.copy_from_slice(&bias[channel..channel + N]);
        for tap_row in shape.inside(row % rows, rows) {
            for tap_column in shape.inside(column, columns) {
                let pixel = (row + tap_row - reach) * columns + column + tap_column - reach;
                let x = &x[pixel * channels + channel..][..N];
                let tap = &taps[(tap_row * side + tap_column) * channels + channel..][..N];
                for i in 0..N {
                    sums[i] += x[i] * tap[i];
                }
            }
        }
        out[channel..channel + N].copy_from_slice(&sums);
    }

    /// What was kept: input, weight, grid.
    #[cfg(feature = "autodiff")]
    fn backward((x, weight, grid): (Flat, Flat, [usize; 2]), gradient: Flat, wanted: [bool; 3]) -> [Option<Flat>; 3] {
        let gradient = in_order(gradient);
        let shape = Shape::of(&weight, grid);
        let parameters = wanted[1] || wanted[2];
        let [of_weight, of_bias] = match parameters {
            true => of_parameters(values(&x), values(&gradient), shape, &weight).map(Some),
            false => [None, None],
        };
        let none = vec![0.0; shape.channels];
        let of_x = wanted[0].then(|| convolve(gradient, &shape.turned(values(&weight)), &none, shape));
        [of_x, of_weight, of_bias]
    }

    /// Gradients of the weight `[c, 1, k, k]` and of the bias `[c]`.
    #[cfg(feature = "autodiff")]
    fn of_parameters(x: &[f32], gradient: &[f32], shape: Shape, weight: &Flat) -> [Flat; 2] {
        let (c, area) = (shape.channels, shape.side * shape.side);
        let (mut taps, mut bias) = (vec![0.0f32; area * c], vec![0.0f32; c]);
        crate::lanes::widest!({
            let mut channel = 0;
            while channel + BLOCK <= c {
                parameters_block::<BLOCK>(x, gradient, shape, channel, &mut taps, &mut bias);
                channel += BLOCK;
            }
            while channel + SMALL_BLOCK <= c {
                parameters_block::<SMALL_BLOCK>(x, gradient, shape, channel, &mut taps, &mut bias);
                channel += SMALL_BLOCK;
            }
            while channel < c {
                parameters_block::<1>(x, gradient, shape, channel, &mut taps, &mut bias);
                channel += 1;
            }
        });
        let weight_values = (0..area * c).map(|i| taps[i % area * c + i / area]).collect();
        [tensor(weight_values, weight.shape()), tensor(bias, [c].into())]
    }

    #[cfg(feature = "autodiff")]
    #[inline(always)]
    fn parameters_block<const N: usize>(
        x: &[f32],
        gradient: &[f32],
        shape: Shape,
        channel: usize,
        taps: &mut [f32],
        bias: &mut [f32],
    ) {
        let Shape { rows, columns, channels, side } = shape;
        let reach = side / 2;
        let mut level = [0.0; N];
        for g in gradient.chunks_exact(channels) {
            let g = &g[channel..channel + N];
            for i in 0..N {
                level[i] += g[i];
            }
        }
        bias[channel..channel + N].copy_from_slice(&level);
        let all_rows = gradient.len() / (columns * channels);
        for (tap_row, tap_column) in (0..side * side).map(|tap| (tap / side, tap % side)) {
            let mut sums = [0.0; N];
            // The columns whose neighbour under this tap lies inside.
            let (from, to) = (reach.saturating_sub(tap_column), (columns + reach - tap_column).min(columns));
            for row in (0..all_rows).filter(|row| shape.inside(row % rows, rows).contains(&tap_row)) {
                for column in from..to {
                    let pixel = row * columns + column;
                    let neighbour = (row + tap_row - reach) * columns + column + tap_column - reach;
                    let g = &gradient[pixel * channels + channel..][..N];
                    let x = &x[neighbour * channels + channel..][..N];
                    for i in 0..N {
                        sums[i] += g[i] * x[i];
                    }
                }
            }
            taps[(tap_row * side + tap_column) * channels + channel..][..N].copy_from_slice(&sums);
        }
    }

    #[cfg(feature = "autodiff")]
    impl<C: burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy> Depthwise
        for burn::backend::Autodiff<Flex, C>
    {
        fn convolve_channels(
            x: FloatTensor<Self>,
            weight: FloatTensor<Self>,
            bias: FloatTensor<Self>,
            grid: [usize; 2],
        ) -> FloatTensor<Self> {
            let forward = |[x, weight, bias]: [Flat; 3]| {
                let (x, weight) = (in_order(x), in_order(weight));
                (Flex::convolve_channels(x.clone(), weight.clone(), bias, grid), (x, weight, grid))
            };
            crate::ops::engine::record::<C, _, _>([x, weight, bias], forward, backward)
        }
    }
}
