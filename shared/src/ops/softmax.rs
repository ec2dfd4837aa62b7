//! Softmax over any axis: exp(x − max) over its sum. Backward: y · (g − Σ g·y).
//!
//! Attention takes it over the last axis; FAN's channel attention and TAP over others, where neighbours in memory belong to
//! different sums: those are worked off in blocks of columns, without moving anything.

use burn::prelude::*;
use burn::tensor::activation;

/// Softmax over axis `axis`, any shape.
pub(crate) fn softmax<const D: usize>(x: Tensor<D>, axis: usize) -> Tensor<D> {
    #[cfg(feature = "flex")]
    if super::engine::is_ours(&x) {
        return fast::softmax(x, axis);
    }
    activation::softmax(x, axis)
}

#[cfg(feature = "flex")]
mod fast {
    use burn::backend::{Backend, Dispatch, Flex, TensorMetadata, backend_extension, tensor::FloatTensor};
    use burn::prelude::*;
    use burn::tensor::Shape;

    use crate::ops::engine::{Flat, rewrite};
    use crate::ops::exp::exp;
    use crate::ops::vector::{greater, greatest, sum};

    /// Softmax as an operation of the processor engine.
    #[backend_extension(Flex, Autodiff: cfg(feature = "autodiff"))]
    pub(crate) trait Softmax: Backend {
        /// Softmax over `axis`.
        fn softmax_over(x: FloatTensor<Self>, axis: usize) -> FloatTensor<Self>;
    }

    pub(super) fn softmax<const D: usize>(x: Tensor<D>, axis: usize) -> Tensor<D> {
        Tensor::from_dispatch(Dispatch::softmax_over(x.into_dispatch(), axis))
    }

    /// Elements along the axis, and how far two of them are apart in memory.
    fn extent(shape: &Shape, axis: usize) -> (usize, usize) {
        let stride = (axis + 1..shape.num_dims()).map(|i| shape[i]).product();
        (shape[axis], stride)
    }

    impl Softmax for Flex {
        fn softmax_over(x: Flat, axis: usize) -> Flat {
            let (length, stride) = extent(&x.shape(), axis);
            rewrite!(x, length * stride, |_, out| {
                for part in out.chunks_exact_mut(length * stride) {
                    if stride == 1 { forward_row(part) } else { forward_columns(part, stride) }
                }
            })
        }
    }

    #[inline(always)]
    fn forward_row(row: &mut [f32]) {
        let most = greatest(row);
        row.iter_mut().for_each(|x| *x = exp(*x - most));
        let scale = 1.0 / sum(row);
        row.iter_mut().for_each(|x| *x *= scale);
    }

    /// Columns that are worked off together.
    const BLOCK: usize = 32;

    #[inline(always)]
    fn forward_columns(part: &mut [f32], stride: usize) {
        let mut column = 0;
        while column + BLOCK <= stride {
            forward_block::<BLOCK>(part, stride, column);
            column += BLOCK;
        }
        while column < stride {
            forward_block::<1>(part, stride, column);
            column += 1;
        }
    }

    #[inline(always)]
    fn forward_block<const N: usize>(part: &mut [f32], stride: usize, column: usize) {
        let (mut most, mut total) = ([f32::NEG_INFINITY; N], [0.0; N]);
        for row in part.chunks_exact(stride) {
            let row: &[f32] = &row[column..column + N];
            for i in 0..N {
                most[i] = greater(most[i], row[i]);
            }
        }
        for row in part.chunks_exact_mut(stride) {
            let row = &mut row[column..column + N];
            for i in 0..N {
                row[i] = exp(row[i] - most[i]);
                total[i] += row[i];
            }
        }
        let scale = total.map(|total| 1.0 / total);
        for row in part.chunks_exact_mut(stride) {
            let row = &mut row[column..column + N];
            for i in 0..N {
                row[i] *= scale[i];
            }
        }
    }

    /// What was kept: the output, and the axis.
    #[cfg(feature = "autodiff")]
    fn backward((y, axis): (Flat, usize), gradient: Flat, _: [bool; 1]) -> [Option<Flat>; 1] {
        let (length, stride) = extent(&y.shape(), axis);
        let (y, size) = (crate::ops::engine::values(&y), length * stride);
        let gradient = rewrite!(gradient, size, |first, gradient| {
            let parts = gradient.chunks_exact_mut(size).zip(y[first * size..].chunks_exact(size));
            for (g, y) in parts {
                if stride == 1 { backward_row(g, y) } else { backward_columns(g, y, stride) }
            }
        });
        [Some(gradient)]
    }

    #[cfg(feature = "autodiff")]
    #[inline(always)]
    fn backward_row(gradient: &mut [f32], y: &[f32]) {
        let common = crate::ops::vector::sum_of(gradient, y, |g, y| g * y);
        for (g, y) in gradient.iter_mut().zip(y) {
            *g = y * (*g - common);
        }
    }

    #[cfg(feature = "autodiff")]
    #[inline(always)]
    fn backward_columns(gradient: &mut [f32], y: &[f32], stride: usize) {
        let mut column = 0;
        while column + BLOCK <= stride {
            backward_block::<BLOCK>(gradient, y, stride, column);
            column += BLOCK;
        }
        while column < stride {
            backward_block::<1>(gradient, y, stride, column);
            column += 1;
        }
    }

    #[cfg(feature = "autodiff")]
    #[inline(always)]
    fn backward_block<const N: usize>(gradient: &mut [f32], y: &[f32], stride: usize, column: usize) {
        let mut common = [0.0; N];
        for (g, y) in gradient.chunks_exact(stride).zip(y.chunks_exact(stride)) {
            let (g, y) = (&g[column..column + N], &y[column..column + N]);
            for i in 0..N {
                common[i] += g[i] * y[i];
            }
        }
        for (g, y) in gradient.chunks_exact_mut(stride).zip(y.chunks_exact(stride)) {
            let (g, y) = (&mut g[column..column + N], &y[column..column + N]);
            for i in 0..N {
                g[i] = y[i] * (g[i] - common[i]);
            }
        }
    }

    #[cfg(feature = "autodiff")]
    impl<C: burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy> Softmax
        for burn::backend::Autodiff<Flex, C>
    {
        fn softmax_over(x: FloatTensor<Self>, axis: usize) -> FloatTensor<Self> {
            let forward = |[x]: [Flat; 1]| {
                let y = Flex::softmax_over(x, axis);
                (y.clone(), (y, axis))
            };
            crate::ops::engine::record::<C, _, _>([x], forward, backward)
        }
    }
}
