//! Batch normalisation of tokens `[b, n, c]` as they lie, each channel over all tokens of the batch ("Batch Normalization",
//! arXiv 1502.03167).
//!
//! The engine's layer wants channels second; between two convolutions on tokens that would be four transpositions of the whole
//! batch. While training the mean and the biased variance of the batch count, and move the running ones by the momentum, as the
//! engine's layer does; otherwise the running ones count.

use burn::nn::BatchNorm;
use burn::prelude::*;

/// `layer` of the tokens `x` `[b, n, c]` → the same shape.
pub(crate) fn batch_norm(layer: &BatchNorm, x: Tensor<3>) -> Tensor<3> {
    #[cfg(feature = "flex")]
    if super::engine::is_ours(&x) {
        return fast::batch_norm(layer, x);
    }
    reference(layer, x)
}

/// By the engine's layer, which takes rows for samples.
pub(super) fn reference(layer: &BatchNorm, x: Tensor<3>) -> Tensor<3> {
    let [b, n, c] = x.dims();
    layer.forward(x.reshape([b * n, c])).reshape([b, n, c])
}

#[cfg(feature = "flex")]
mod fast {
    use burn::backend::{Backend, Dispatch, Flex, backend_extension, tensor::FloatTensor};
    use burn::nn::BatchNorm;
    use burn::prelude::*;

    use crate::lanes::widest;
    use crate::ops::engine::{Flat, in_order, rewrite, rows, tensor, values};

    /// Batch normalisation as operations of the processor engine.
    #[backend_extension(Flex, Autodiff: cfg(feature = "autodiff"))]
    pub(crate) trait ColumnNorm: Backend {
        /// Mean and biased variance of each column, `[2, c]`; not to be differentiated.
        fn column_moments(x: FloatTensor<Self>) -> FloatTensor<Self>;

        /// (x − mean) / √(variance + ε) · γ + β of each column; `moments` as above, `of_batch` if they are those of `x`.
        fn norm_columns(
            x: FloatTensor<Self>,
            gamma: FloatTensor<Self>,
            beta: FloatTensor<Self>,
            moments: FloatTensor<Self>,
            epsilon: f64,
            of_batch: bool,
        ) -> FloatTensor<Self>;
    }

    pub(super) fn batch_norm(layer: &BatchNorm, x: Tensor<3>) -> Tensor<3> {
        let of_batch = x.is_autodiff() && layer.training.is_enabled();
        let moments = if of_batch { moments_of_batch(layer, &x) } else { running(layer) };
        let (gamma, beta) = (layer.gamma.val().into_dispatch(), layer.beta.val().into_dispatch());
        let (x, moments) = (x.into_dispatch(), moments.into_dispatch());
        Tensor::from_dispatch(Dispatch::norm_columns(x, gamma, beta, moments, layer.epsilon, of_batch))
    }

    fn running(layer: &BatchNorm) -> Tensor<2> {
        Tensor::stack(vec![plain(layer.running_mean.value()), plain(layer.running_var.value())], 0)
    }

    /// Off the tape.
    fn plain<const D: usize>(x: Tensor<D>) -> Tensor<D> {
        if x.is_autodiff() { x.inner() } else { x }
    }

    /// Moments of the batch, `[2, c]`; the running ones move towards them.
    fn moments_of_batch(layer: &BatchNorm, x: &Tensor<3>) -> Tensor<2> {
        let moments: Tensor<2> = Tensor::from_dispatch(Dispatch::column_moments(plain(x.clone()).into_dispatch()));
        let states = [&layer.running_mean, &layer.running_var];
        for (i, state) in states.into_iter().enumerate() {
            let now = state.value_sync();
            let seen = moments.clone().narrow(0, i, 1).squeeze_dim::<1>(0).mul_scalar(layer.momentum);
            let moved = plain(now.clone()).mul_scalar(1.0 - layer.momentum) + seen;
            state.update(if now.is_autodiff() { Tensor::from_inner(moved) } else { moved });
        }
        moments
    }

    impl ColumnNorm for Flex {
        fn column_moments(x: Flat) -> Flat {
            let (m, c) = rows(&x);
            let x = in_order(x);
            let (x, m) = (values(&x), m as f32);
            let mut moments = vec![0.0; 2 * c];
            widest!({
                let (mean, variance) = moments.split_at_mut(c);
                sum_columns(x, mean, |sums, row| sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += x));
                mean.iter_mut().for_each(|mean| *mean /= m);
                sum_columns(x, variance, |sums, row| {
                    for ((sum, x), mean) in sums.iter_mut().zip(row).zip(mean.iter()) {
                        *sum += (x - mean) * (x - mean);
                    }
                });
                variance.iter_mut().for_each(|variance| *variance /= m);
            });
            tensor(moments, [2, c].into())
        }

        fn norm_columns(x: Flat, gamma: Flat, beta: Flat, moments: Flat, epsilon: f64, _: bool) -> Flat {
            let (gamma, beta, moments) = (in_order(gamma), in_order(beta), in_order(moments));
            let (_, c) = rows(&x);
            let (mean, variance) = values(&moments).split_at(c);
            let scale = scales(variance, values(&gamma), epsilon);
            rewrite!(x, c, |_, out| {
                for row in out.chunks_exact_mut(c) {
                    let column = mean.iter().zip(&scale).zip(values(&beta));
                    for (x, ((mean, scale), beta)) in row.iter_mut().zip(column) {
                        *x = (*x - mean) * scale + beta;
                    }
                }
            })
        }
    }

    /// γ / √(variance + ε).
    fn scales(variance: &[f32], gamma: &[f32], epsilon: f64) -> Vec<f32> {
        variance.iter().zip(gamma).map(|(variance, gamma)| gamma / (variance + epsilon as f32).sqrt()).collect()
    }

    /// Rows whose sums are put together first: sums of sums lose fewer digits than one long sum.
    const GROUP: usize = 64;

    #[inline(always)]
    fn sum_columns(x: &[f32], total: &mut [f32], add: impl Fn(&mut [f32], &[f32])) {
        let c = total.len();
        let mut sums = vec![0.0; c];
        for group in x.chunks(GROUP * c) {
            sums.fill(0.0);
            group.chunks_exact(c).for_each(|row| add(&mut sums, row));
            total.iter_mut().zip(&sums).for_each(|(total, sum)| *total += sum);
        }
    }

    /// What is kept of the forward pass.
    #[cfg(feature = "autodiff")]
    #[derive(Clone, Debug)]
    struct Kept {
        x: Flat,
        gamma: Flat,
        moments: Flat,
        epsilon: f64,
        of_batch: bool,
    }

    /// dβ = Σ g, dγ = Σ g·x̂, dx = γ/√(variance + ε) · (g − dβ/m − x̂·dγ/m); without the last two where the moments are fixed.
    #[cfg(feature = "autodiff")]
    fn backward(kept: Kept, gradient: Flat, _: [bool; 4]) -> [Option<Flat>; 4] {
        let (m, c) = rows(&kept.x);
        let (x, gradient) = (values(&kept.x), in_order(gradient));
        let (mean, variance) = values(&kept.moments).split_at(c);
        let (mut of_gamma, mut of_beta) = (vec![0.0; c], vec![0.0; c]);
        let ones = vec![1.0; c];
        let normal = scales(variance, &ones, kept.epsilon);
        widest!({
            let (mut level, mut slope) = (vec![0.0f32; c], vec![0.0f32; c]);
            for (g, x) in values(&gradient).chunks(GROUP * c).zip(x.chunks(GROUP * c)) {
                level.fill(0.0);
                slope.fill(0.0);
                for (g, x) in g.chunks_exact(c).zip(x.chunks_exact(c)) {
                    let sums = level.iter_mut().zip(slope.iter_mut()).zip(mean);
                    for ((g, x), ((level, slope), mean)) in g.iter().zip(x).zip(sums) {
                        *level += g;
                        *slope += g * (x - mean);
                    }
                }
                let sums = level.iter().zip(&slope).zip(&normal);
                for ((of_beta, of_gamma), ((level, slope), normal)) in of_beta.iter_mut().zip(&mut of_gamma).zip(sums) {
                    *of_beta += level;
                    *of_gamma += slope * normal;
                }
            }
        });
        let share = if kept.of_batch { 1.0 / m as f32 } else { 0.0 };
        let scale = scales(variance, values(&kept.gamma), kept.epsilon);
        let level: Vec<f32> = of_beta.iter().map(|sum| sum * share).collect();
        let slope: Vec<f32> = of_gamma.iter().zip(&normal).map(|(sum, normal)| sum * share * normal).collect();
        let gradient = rewrite!(gradient, c, |first, gradient| {
            for (g, x) in gradient.chunks_exact_mut(c).zip(x[first * c..].chunks_exact(c)) {
                let column = mean.iter().zip(&scale).zip(level.iter().zip(&slope));
                for ((g, x), ((mean, scale), (level, slope))) in g.iter_mut().zip(x).zip(column) {
                    *g = (*g - level - (x - mean) * slope) * scale;
                }
            }
        });
        [Some(gradient), Some(tensor(of_gamma, [c].into())), Some(tensor(of_beta, [c].into())), None]
    }

    #[cfg(feature = "autodiff")]
    impl<C: burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy> ColumnNorm
        for burn::backend::Autodiff<Flex, C>
    {
        fn column_moments(x: FloatTensor<Self>) -> FloatTensor<Self> {
            crate::ops::engine::record::<C, _, _>([x], |[x]| (Flex::column_moments(x), ()), |(), _, _| [None])
        }

        fn norm_columns(
            x: FloatTensor<Self>,
            gamma: FloatTensor<Self>,
            beta: FloatTensor<Self>,
            moments: FloatTensor<Self>,
            epsilon: f64,
            of_batch: bool,
        ) -> FloatTensor<Self> {
            let forward = |[x, gamma, beta, moments]: [Flat; 4]| {
                let (x, gamma, moments) = (in_order(x), in_order(gamma), in_order(moments));
                let y = Flex::norm_columns(x.clone(), gamma.clone(), beta, moments.clone(), epsilon, of_batch);
                (y, Kept { x, gamma, moments, epsilon, of_batch })
            };
            crate::ops::engine::record::<C, _, _>([x, gamma, beta, moments], forward, backward)
        }
    }
}
