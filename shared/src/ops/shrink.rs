//! One step of a sparse recurrence (VARS, arXiv 2204.10962, section 3.1): a gradient step, then a smooth shrinkage.
//!
//! As primitives, a step is a dozen passes over the codes forward and twice as many backward; the products between the steps are
//! small, so these passes are most of its time. Here each operation is one pass. Where a code is zero its sign is zero, and so are its
//! value and its gradient, as in the primitives.

use burn::prelude::*;

use super::gelu;

/// sign(a) · GELU(|a| − τ): `a` `[b, h, m, d]`, `threshold` τ `[b, h, 1, 1]` or broadcast to it.
pub(crate) fn shrink(a: Tensor<4>, threshold: Tensor<4>) -> Tensor<4> {
    #[cfg(feature = "flex")]
    if super::engine::is_ours(&a) {
        let [b, h, ..] = a.dims();
        return fast::shrink(a, threshold.expand([b, h, 1, 1]));
    }
    reference_shrink(a, threshold)
}

/// code − (product − target) · rate: all `[b, h, m, d]` but `rate`, which is `[b, h, 1, 1]` or broadcast to it.
pub(crate) fn descend(code: Tensor<4>, product: Tensor<4>, target: Tensor<4>, rate: Tensor<4>) -> Tensor<4> {
    #[cfg(feature = "flex")]
    if super::engine::is_ours(&code) {
        let [b, h, ..] = code.dims();
        return fast::descend(code, product, target, rate.expand([b, h, 1, 1]));
    }
    reference_descend(code, product, target, rate)
}

pub(super) fn reference_shrink(a: Tensor<4>, threshold: Tensor<4>) -> Tensor<4> {
    let sign = a.clone().detach().sign();
    sign * gelu(a.abs() - threshold)
}

pub(super) fn reference_descend(code: Tensor<4>, product: Tensor<4>, target: Tensor<4>, rate: Tensor<4>) -> Tensor<4> {
    code - (product - target) * rate
}

#[cfg(feature = "flex")]
mod fast {
    use burn::backend::{Backend, Dispatch, Flex, TensorMetadata, backend_extension, tensor::FloatTensor};
    use burn::prelude::*;

    use crate::ops::engine::{Flat, in_order, rewrite, values};
    use crate::ops::gelu::distribution;
    #[cfg(feature = "autodiff")]
    use crate::ops::{gelu::slope, vector::LANES};

    /// Both as operations of the processor engine.
    #[backend_extension(Flex, Autodiff: cfg(feature = "autodiff"))]
    pub(crate) trait Sparse: Backend {
        /// a `[b, h, m, d]`, threshold `[b, h, 1, 1]`.
        fn shrink_codes(a: FloatTensor<Self>, threshold: FloatTensor<Self>) -> FloatTensor<Self>;

        /// code, product and target `[b, h, m, d]`, rate `[b, h, 1, 1]`.
        fn step_codes(
            code: FloatTensor<Self>,
            product: FloatTensor<Self>,
            target: FloatTensor<Self>,
            rate: FloatTensor<Self>,
        ) -> FloatTensor<Self>;
    }

    pub(super) fn shrink(a: Tensor<4>, threshold: Tensor<4>) -> Tensor<4> {
        Tensor::from_dispatch(Dispatch::shrink_codes(a.into_dispatch(), threshold.into_dispatch()))
    }

    pub(super) fn descend(code: Tensor<4>, product: Tensor<4>, target: Tensor<4>, rate: Tensor<4>) -> Tensor<4> {
        let [code, product, target, rate] = [code, product, target, rate].map(Tensor::into_dispatch);
        Tensor::from_dispatch(Dispatch::step_codes(code, product, target, rate))
    }

    /// Codes that share a number: those of a head.
    fn length(codes: &Flat) -> usize {
        let shape = codes.shape();
        (shape[2] * shape[3]).max(1)
    }

    #[inline(always)]
    fn sign(a: f32) -> f32 {
        f32::from(i8::from(a > 0.0) - i8::from(a < 0.0))
    }

    impl Sparse for Flex {
        fn shrink_codes(a: Flat, threshold: Flat) -> Flat {
            let (length, threshold) = (length(&a), in_order(threshold));
            let threshold = values(&threshold);
            rewrite!(a, length, |first, out| {
                for (i, codes) in out.chunks_exact_mut(length).enumerate() {
                    let threshold = threshold[first + i];
                    for a in codes {
                        let rest = a.abs() - threshold;
                        *a = sign(*a) * (rest * distribution(rest).0);
                    }
                }
            })
        }

        fn step_codes(code: Flat, product: Flat, target: Flat, rate: Flat) -> Flat {
            let length = length(&code);
            let (product, target, rate) = (in_order(product), in_order(target), in_order(rate));
            let (product, target, rate) = (values(&product), values(&target), values(&rate));
            rewrite!(code, length, |first, out| {
                for (i, codes) in out.chunks_exact_mut(length).enumerate() {
                    let (head, rate) = (first + i, rate[first + i]);
                    let slope = product[head * length..].iter().zip(&target[head * length..]);
                    codes
                        .iter_mut()
                        .zip(slope)
                        .for_each(|(code, (product, target))| *code -= (product - target) * rate);
                }
            })
        }
    }

    /// da = g · GELU′(|a| − τ), dτ = −Σ sign(a) · da.
    #[cfg(feature = "autodiff")]
    fn shrink_backward((a, threshold): (Flat, Flat), gradient: Flat, wanted: [bool; 2]) -> [Option<Flat>; 2] {
        let length = length(&a);
        let (a, thresholds) = (values(&a), values(&threshold));
        let of_a = rewrite!(gradient, length, |first, gradient| {
            for (i, gradient) in gradient.chunks_exact_mut(length).enumerate() {
                let threshold = thresholds[first + i];
                for (g, a) in gradient.iter_mut().zip(&a[(first + i) * length..]) {
                    *g *= sign(*a).abs() * slope(a.abs() - threshold);
                }
            }
        });
        let of_threshold = wanted[1].then(|| {
            let heads = values(&of_a).chunks_exact(length).zip(a.chunks_exact(length));
            let sums = heads.map(|(da, a)| -crate::ops::vector::sum_of(da, a, |da, a| da * sign(a))).collect();
            crate::ops::engine::tensor(sums, threshold.shape())
        });
        [Some(of_a), of_threshold]
    }

    /// Σ g · (a − b).
    #[cfg(feature = "autodiff")]
    fn sum_of_product(g: &[f32], a: &[f32], b: &[f32]) -> f32 {
        let ((g, g_rest), (a, a_rest), (b, b_rest)) =
            (g.as_chunks::<LANES>(), a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
        let mut sums = [0.0; LANES];
        for ((g, a), b) in g.iter().zip(a).zip(b) {
            for lane in 0..LANES {
                sums[lane] += g[lane] * (a[lane] - b[lane]);
            }
        }
        let rest = g_rest.iter().zip(a_rest.iter().zip(b_rest)).map(|(g, (a, b))| g * (a - b));
        sums.into_iter().chain(rest).sum()
    }

    /// What is kept: the product, the target and the rate.
    #[cfg(feature = "autodiff")]
    type Kept = (Flat, Flat, Flat);

    /// dcode = g, dproduct = −rate · g, dtarget = rate · g, drate = −Σ g · (product − target).
    #[cfg(feature = "autodiff")]
    fn step_backward((product, target, rate): Kept, gradient: Flat, wanted: [bool; 4]) -> [Option<Flat>; 4] {
        let gradient = in_order(gradient);
        let (length, rates) = (length(&gradient), values(&rate));
        let times = |factor: f32| {
            rewrite!(gradient.clone(), length, |first, out| {
                for (i, g) in out.chunks_exact_mut(length).enumerate() {
                    let rate = factor * rates[first + i];
                    g.iter_mut().for_each(|g| *g *= rate);
                }
            })
        };
        let of_rate = wanted[3].then(|| {
            let slope = values(&product).chunks_exact(length).zip(values(&target).chunks_exact(length));
            let heads = values(&gradient).chunks_exact(length).zip(slope);
            let sums = heads.map(|(g, (product, target))| sum_of_product(g, target, product)).collect();
            crate::ops::engine::tensor(sums, rate.shape())
        });
        let (of_product, of_target) = (wanted[1].then(|| times(-1.0)), wanted[2].then(|| times(1.0)));
        [Some(gradient), of_product, of_target, of_rate]
    }

    #[cfg(feature = "autodiff")]
    impl<C: burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy> Sparse for burn::backend::Autodiff<Flex, C> {
        fn shrink_codes(a: FloatTensor<Self>, threshold: FloatTensor<Self>) -> FloatTensor<Self> {
            let forward = |[a, threshold]: [Flat; 2]| {
                let (a, threshold) = (in_order(a), in_order(threshold));
                (Flex::shrink_codes(a.clone(), threshold.clone()), (a, threshold))
            };
            crate::ops::engine::record::<C, _, _>([a, threshold], forward, shrink_backward)
        }

        fn step_codes(
            code: FloatTensor<Self>,
            product: FloatTensor<Self>,
            target: FloatTensor<Self>,
            rate: FloatTensor<Self>,
        ) -> FloatTensor<Self> {
            let forward = |[code, product, target, rate]: [Flat; 4]| {
                let (product, target, rate) = (in_order(product), in_order(target), in_order(rate));
                (Flex::step_codes(code, product.clone(), target.clone(), rate.clone()), (product, target, rate))
            };
            crate::ops::engine::record::<C, _, _>([code, product, target, rate], forward, step_backward)
        }
    }
}
