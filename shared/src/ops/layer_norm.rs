//! Layer normalisation over the last axis ("Layer Normalization", arXiv 1607.06450): (x − mean) / √(variance + ε) · γ + β, with
//! the biased variance.
//!
//! One pass over the rows forward, one backward: with x̂ the normalised row and h = γ·g, the gradient of a row is
//! (h − mean(h) − x̂ · mean(h·x̂)) / √(variance + ε). Mean and variance are computed again in the backward pass; a row is in the
//! nearest cache then, and nothing but the input is kept.

use burn::prelude::*;
use burn::tensor::{DType, module};

/// `x` `[…, c]` with normalised rows, times `gamma` `[c]`, plus `beta` `[c]`.
pub(crate) fn layer_norm<const D: usize>(x: Tensor<D>, gamma: Tensor<1>, beta: Tensor<1>, epsilon: f64) -> Tensor<D> {
    #[cfg(feature = "flex")]
    if super::engine::is_ours(&x) {
        return fast::layer_norm(x, gamma, beta, epsilon);
    }
    reference(x, gamma, beta, epsilon)
}

/// By the engine; sums of 16-bit numbers are taken in 32 bits.
pub(super) fn reference<const D: usize>(x: Tensor<D>, gamma: Tensor<1>, beta: Tensor<1>, epsilon: f64) -> Tensor<D> {
    let own = x.dtype();
    if !matches!(own, DType::F16 | DType::BF16) {
        return module::layer_norm(x, gamma, Some(beta), epsilon);
    }
    let [gamma, beta] = [gamma, beta].map(|parameter| parameter.cast(DType::F32));
    module::layer_norm(x.cast(DType::F32), gamma, Some(beta), epsilon).cast(own)
}

#[cfg(feature = "flex")]
mod fast {
    use burn::backend::{Backend, Dispatch, Flex, backend_extension, tensor::FloatTensor};
    use burn::prelude::*;

    use crate::ops::engine::{Flat, in_order, rewrite, rows, values};
    use crate::ops::vector::{sum, sum_of};

    /// Layer normalisation as an operation of the processor engine.
    #[backend_extension(Flex, Autodiff: cfg(feature = "autodiff"))]
    pub(crate) trait Norm: Backend {
        /// (x − mean) / √(variance + ε) · γ + β over the last axis.
        fn norm_rows(
            x: FloatTensor<Self>,
            gamma: FloatTensor<Self>,
            beta: FloatTensor<Self>,
            epsilon: f64,
        ) -> FloatTensor<Self>;
    }

    pub(super) fn layer_norm<const D: usize>(
        x: Tensor<D>,
        gamma: Tensor<1>,
        beta: Tensor<1>,
        epsilon: f64,
    ) -> Tensor<D> {
        let (gamma, beta) = (gamma.into_dispatch(), beta.into_dispatch());
        Tensor::from_dispatch(Dispatch::norm_rows(x.into_dispatch(), gamma, beta, epsilon))
    }

    /// Mean of a row, and one over its deviation.
    #[inline(always)]
    fn moments(row: &[f32], epsilon: f32) -> (f32, f32) {
        let length = row.len() as f32;
        let mean = sum(row) / length;
        let variance = sum_of(row, row, |x, _| (x - mean) * (x - mean)) / length;
        (mean, 1.0 / (variance + epsilon).sqrt())
    }

    impl Norm for Flex {
        fn norm_rows(x: Flat, gamma: Flat, beta: Flat, epsilon: f64) -> Flat {
            let (gamma, beta, epsilon) = (in_order(gamma), in_order(beta), epsilon as f32);
            let (gamma, beta) = (values(&gamma), values(&beta));
            let (_, length) = rows(&x);
            rewrite!(x, length, |_, out| {
                for row in out.chunks_exact_mut(length) {
                    let (mean, scale) = moments(row, epsilon);
                    for ((x, gamma), beta) in row.iter_mut().zip(gamma).zip(beta) {
                        *x = (*x - mean) * scale * gamma + beta;
                    }
                }
            })
        }
    }

    /// What was kept: input, γ, ε.
    #[cfg(feature = "autodiff")]
    fn backward((x, gamma, epsilon): (Flat, Flat, f64), gradient: Flat, [_, _, _]: [bool; 3]) -> [Option<Flat>; 3] {
        use crate::lanes::widest;
        use crate::ops::engine::tensor;

        let (_, length) = rows(&x);
        let (x, gamma, epsilon) = (values(&x), values(&gamma), epsilon as f32);
        let (mut of_gamma, mut of_beta) = (vec![0.0; length], vec![0.0; length]);
        // One thread: training has a thread per part of the batch, and the two sums run over all rows.
        let mut gradient = in_order(gradient);
        let own = gradient.storage_mut::<f32>();
        widest!({
            for (g, x) in own.chunks_exact_mut(length).zip(x.chunks_exact(length)) {
                backward_row(g, x, gamma, epsilon, &mut of_gamma, &mut of_beta);
            }
        });
        let parameter = |values| Some(tensor(values, [length].into()));
        [Some(gradient), parameter(of_gamma), parameter(of_beta)]
    }

    #[cfg(feature = "autodiff")]
    #[inline(always)]
    fn backward_row(
        gradient: &mut [f32],
        x: &[f32],
        gamma: &[f32],
        epsilon: f32,
        of_gamma: &mut [f32],
        of_beta: &mut [f32],
    ) {
        let (mean, scale) = moments(x, epsilon);
        let parameters = of_gamma.iter_mut().zip(of_beta.iter_mut()).zip(gamma);
        for ((g, x), ((of_gamma, of_beta), gamma)) in gradient.iter_mut().zip(x).zip(parameters) {
            *of_gamma += *g * ((x - mean) * scale);
            *of_beta += *g;
            *g *= gamma;
        }
        let length = x.len() as f32;
        let level = sum(gradient) / length;
        let slope = sum_of(gradient, x, |h, x| h * ((x - mean) * scale)) / length;
        for (g, x) in gradient.iter_mut().zip(x) {
            *g = (*g - level - (x - mean) * scale * slope) * scale;
        }
    }

    #[cfg(feature = "autodiff")]
    impl<C: burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy> Norm for burn::backend::Autodiff<Flex, C> {
        fn norm_rows(
            x: FloatTensor<Self>,
            gamma: FloatTensor<Self>,
            beta: FloatTensor<Self>,
            epsilon: f64,
        ) -> FloatTensor<Self> {
            let forward = |[x, gamma, beta]: [Flat; 3]| {
                let (x, gamma) = (in_order(x), in_order(gamma));
                (Flex::norm_rows(x.clone(), gamma.clone(), beta, epsilon), (x, gamma, epsilon))
            };
            crate::ops::engine::record::<C, _, _>([x, gamma, beta], forward, backward)
        }
    }
}
