//! A k×k convolution of tokens `[b, n, c]` to few channels, as TAP's predictor has.
//!
//! The engine writes out k² shifted copies of every channel and multiplies those. With few outputs it is cheaper the other way
//! round: one product of the tokens with all taps `[c, k²·d]`, then for each token the sum over its taps, each from its own
//! neighbour. Stride 1, zeros outside, odd k, as many zeros on each side as keep the grid.

use burn::nn::conv::Conv2d;
use burn::prelude::*;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;

use super::linear;
use crate::model::layers::{to_map, to_tokens};

/// `layer`, without a bias, of the tokens `x` `[b, n, c]` on `grid` (rows, columns) → `[b, n, d]`.
pub(crate) fn convolution(layer: &Conv2d, x: Tensor<3>, grid: [usize; 2]) -> Tensor<3> {
    convolve(x, layer.weight.val(), grid)
}

/// As above, `weight` `[d, c, k, k]`.
pub(super) fn convolve(x: Tensor<3>, weight: Tensor<4>, grid: [usize; 2]) -> Tensor<3> {
    #[cfg(feature = "flex")]
    if super::engine::is_ours(&x) {
        let [d, c, side, _] = weight.dims();
        let taps = weight.permute([1, 2, 3, 0]).reshape([c, side * side * d]);
        return fast::sum_of_taps(linear(x, taps, None), side, grid);
    }
    reference(x, weight, grid)
}

/// By the engine's convolution of maps.
pub(super) fn reference(x: Tensor<3>, weight: Tensor<4>, grid: [usize; 2]) -> Tensor<3> {
    let reach = [weight.dims()[2] / 2; 2];
    to_tokens(conv2d(to_map(x, grid), weight, None, ConvOptions::new([1, 1], reach, [1, 1], 1)))
}

#[cfg(feature = "flex")]
mod fast {
    use burn::backend::{Backend, Dispatch, Flex, TensorMetadata, backend_extension, tensor::FloatTensor};
    use burn::prelude::*;

    use crate::ops::engine::{Flat, in_order, tensor, values};
    use crate::ops::vector::new_rows;

    /// The sum as an operation of the processor engine.
    #[backend_extension(Flex, Autodiff: cfg(feature = "autodiff"))]
    pub(crate) trait SumOfTaps: Backend {
        /// `[b, n, k²·d]` → `[b, n, d]`: tap t of a token is read at the neighbour that t stands for.
        fn sum_of_taps(x: FloatTensor<Self>, side: usize, grid: [usize; 2]) -> FloatTensor<Self>;
    }

    pub(super) fn sum_of_taps(x: Tensor<3>, side: usize, grid: [usize; 2]) -> Tensor<3> {
        Tensor::from_dispatch(<Dispatch as SumOfTaps>::sum_of_taps(x.into_dispatch(), side, grid))
    }

    /// The neighbour of token `p` under tap `tap`; none outside.
    #[inline(always)]
    fn neighbour(p: usize, tap: usize, side: usize, [rows, columns]: [usize; 2]) -> Option<usize> {
        let reach = side / 2;
        let row = (p / columns + tap / side).wrapping_sub(reach);
        let column = (p % columns + tap % side).wrapping_sub(reach);
        (row < rows && column < columns).then(|| row * columns + column)
    }

    impl SumOfTaps for Flex {
        fn sum_of_taps(x: Flat, side: usize, grid: [usize; 2]) -> Flat {
            let (shape, area) = (x.shape(), side * side);
            let [b, n, all] = [0, 1, 2].map(|axis| shape[axis]);
            let (x, d) = (in_order(x), all / area);
            let out = new_rows!(b * n * d, d, |first, out| {
                for (i, out) in out.chunks_exact_mut(d).enumerate() {
                    let (image, p) = ((first + i) / n, (first + i) % n);
                    for tap in 0..area {
                        let Some(neighbour) = neighbour(p, tap, side, grid) else { continue };
                        let from = &values(&x)[((image * n + neighbour) * area + tap) * d..][..d];
                        out.iter_mut().zip(from).for_each(|(out, x)| *out += x);
                    }
                }
            });
            tensor(out, [b, n, d].into())
        }
    }

    /// Tap t of a token went to the token on the other side of it.
    #[cfg(feature = "autodiff")]
    fn backward((side, grid): (usize, [usize; 2]), gradient: Flat, _: [bool; 1]) -> [Option<Flat>; 1] {
        let (shape, area) = (gradient.shape(), side * side);
        let [b, n, d] = [0, 1, 2].map(|axis| shape[axis]);
        let gradient = in_order(gradient);
        let out = new_rows!(b * n * area * d, area * d, |first, out| {
            for (i, out) in out.chunks_exact_mut(area * d).enumerate() {
                let (image, p) = ((first + i) / n, (first + i) % n);
                for (tap, out) in out.chunks_exact_mut(d).enumerate() {
                    let Some(origin) = neighbour(p, area - 1 - tap, side, grid) else { continue };
                    out.copy_from_slice(&values(&gradient)[(image * n + origin) * d..][..d]);
                }
            }
        });
        [Some(tensor(out, [b, n, area * d].into()))]
    }

    #[cfg(feature = "autodiff")]
    impl<C: burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy> SumOfTaps
        for burn::backend::Autodiff<Flex, C>
    {
        fn sum_of_taps(x: FloatTensor<Self>, side: usize, grid: [usize; 2]) -> FloatTensor<Self> {
            let forward = |[x]: [Flat; 1]| (<Flex as SumOfTaps>::sum_of_taps(x, side, grid), (side, grid));
            crate::ops::engine::record::<C, _, _>([x], forward, backward)
        }
    }
}
