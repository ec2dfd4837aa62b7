//! Vectors brought to unit length: x / max(‖x‖, ε), over the last axis or another one. Backward: (g − y · Σ g·y) / ‖x‖, and
//! g / ε where the length is below ε.
//!
//! The dictionary of VARS is normalised over its tokens, where neighbours in memory belong to different vectors: these are worked off
//! together, row by row, without moving anything.

use burn::prelude::*;

/// Lengths below this count as this.
const LEAST: f64 = 1e-12;

/// `x` of unit length over axis `axis`, any shape.
pub(crate) fn unit<const D: usize>(x: Tensor<D>, axis: usize) -> Tensor<D> {
    #[cfg(feature = "flex")]
    if super::engine::is_ours(&x) {
        return fast::unit(x, axis);
    }
    reference(x, axis)
}

pub(super) fn reference<const D: usize>(x: Tensor<D>, axis: usize) -> Tensor<D> {
    // The square root of zero has no gradient; the floor goes inside it.
    let length = (x.clone() * x.clone()).sum_dim(axis).clamp_min(LEAST * LEAST).sqrt();
    x / length
}

#[cfg(feature = "flex")]
mod fast {
    use burn::backend::{Backend, Dispatch, Flex, TensorMetadata, backend_extension, tensor::FloatTensor};
    use burn::prelude::*;

    use super::LEAST;
    use crate::lanes::widest;
    use crate::ops::engine::{Flat, in_order, rewrite, values};
    use crate::ops::vector::sum_of;

    /// The normalisation as an operation of the processor engine.
    #[backend_extension(Flex, Autodiff: cfg(feature = "autodiff"))]
    pub(crate) trait Unit: Backend {
        /// Unit length over `axis`.
        fn unit_over(x: FloatTensor<Self>, axis: usize) -> FloatTensor<Self>;
    }

    pub(super) fn unit<const D: usize>(x: Tensor<D>, axis: usize) -> Tensor<D> {
        Tensor::from_dispatch(Dispatch::unit_over(x.into_dispatch(), axis))
    }

    /// Elements of a vector, and how far two of them are apart in memory.
    fn extent(x: &Flat, axis: usize) -> (usize, usize) {
        let shape = x.shape();
        (shape[axis].max(1), (axis + 1..shape.num_dims()).map(|i| shape[i]).product::<usize>().max(1))
    }

    /// Σ a·b of each vector.
    fn products(a: &[f32], b: &[f32], (length, stride): (usize, usize)) -> Vec<f32> {
        let mut sums = vec![0.0; a.len() / length];
        let parts = a.chunks_exact(length * stride).zip(b.chunks_exact(length * stride));
        widest!({
            for (sums, (a, b)) in sums.chunks_exact_mut(stride).zip(parts) {
                if stride == 1 {
                    sums[0] = sum_of(a, b, |a, b| a * b);
                    continue;
                }
                for (a, b) in a.chunks_exact(stride).zip(b.chunks_exact(stride)) {
                    sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum += a * b);
                }
            }
        });
        sums
    }

    /// The least square of a length.
    const SQUARE: f32 = (LEAST * LEAST) as f32;

    /// 1 / max(‖x‖, ε) of vectors with these squares.
    fn inverses(squares: &[f32]) -> Vec<f32> {
        squares.iter().map(|square| 1.0 / square.max(SQUARE).sqrt()).collect()
    }

    /// Every vector times its own factor.
    fn scaled(x: Flat, factors: &[f32], (length, stride): (usize, usize)) -> Flat {
        rewrite!(x, length * stride, |first, out| {
            for (i, part) in out.chunks_exact_mut(length * stride).enumerate() {
                let factors = &factors[(first + i) * stride..][..stride];
                if stride == 1 {
                    part.iter_mut().for_each(|x| *x *= factors[0]);
                    continue;
                }
                for row in part.chunks_exact_mut(stride) {
                    row.iter_mut().zip(factors).for_each(|(x, factor)| *x *= factor);
                }
            }
        })
    }

    impl Unit for Flex {
        fn unit_over(x: Flat, axis: usize) -> Flat {
            let extent = extent(&x, axis);
            let x = in_order(x);
            let factors = inverses(&products(values(&x), values(&x), extent));
            scaled(x, &factors, extent)
        }
    }

    /// What is kept: x and the axis. With i = 1/‖x‖, dx = i·g − i³·(Σ g·x)·x; below ε, i·g.
    #[cfg(feature = "autodiff")]
    fn backward((x, axis): (Flat, usize), gradient: Flat, _: [bool; 1]) -> [Option<Flat>; 1] {
        let (extent @ (length, stride), gradient) = (extent(&x, axis), in_order(gradient));
        let x = values(&x);
        let squares = products(x, x, extent);
        let inverses = inverses(&squares);
        let sums = products(values(&gradient), x, extent).into_iter().zip(squares.iter().zip(&inverses));
        let along = sums.map(|(sum, (square, i))| if *square < SQUARE { 0.0 } else { sum * i * i * i });
        let along: Vec<f32> = along.collect();
        let gradient = rewrite!(gradient, length * stride, |first, out| {
            for (part, out) in out.chunks_exact_mut(length * stride).enumerate() {
                let (own, x) = ((first + part) * stride, &x[(first + part) * length * stride..][..length * stride]);
                let (inverses, along) = (&inverses[own..][..stride], &along[own..][..stride]);
                if stride == 1 {
                    out.iter_mut().zip(x).for_each(|(g, x)| *g = *g * inverses[0] - x * along[0]);
                    continue;
                }
                for (row, x) in out.chunks_exact_mut(stride).zip(x.chunks_exact(stride)) {
                    let vectors = x.iter().zip(inverses.iter().zip(along));
                    row.iter_mut().zip(vectors).for_each(|(g, (x, (i, along)))| *g = *g * i - x * along);
                }
            }
        });
        [Some(gradient)]
    }

    #[cfg(feature = "autodiff")]
    impl<C: burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy> Unit for burn::backend::Autodiff<Flex, C> {
        fn unit_over(x: FloatTensor<Self>, axis: usize) -> FloatTensor<Self> {
            let forward = |[x]: [Flat; 1]| {
                let x = in_order(x);
                (Flex::unit_over(x.clone(), axis), (x, axis))
            };
            crate::ops::engine::record::<C, _, _>([x], forward, backward)
        }
    }
}
