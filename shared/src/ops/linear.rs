//! A linear layer on tokens: x·W + b.
//!
//! The engine multiplies `[b, n, c]` by `[c, d]` as b small products, and sums b weight gradients `[c, d]` afterwards. Here all
//! rows are one matrix `[b·n, c]`: one product forward, two backward. The bias is added where the product lies.
//!
//! On a thread that has others beside it, as for a single image, they share the rows out: the engine leaves products of such sizes
//! to one thread, or to threads that wait for one another. A number is summed in the same order either way.
//!
//! Weights of 16 bits multiply rows of 32 bits in their own numbers, and the product comes back in those of the rows: what is
//! added up, normalised or compared afterwards keeps 32 bits, and so does the bias.

use burn::prelude::*;

/// `x` `[…, c]` times `weight` `[c, d]`, plus `bias` `[d]` → `[…, d]`.
pub(crate) fn linear<const D: usize>(x: Tensor<D>, weight: Tensor<2>, bias: Option<Tensor<1>>) -> Tensor<D> {
    let mut shape = x.dims();
    let ([inputs, outputs], rows) = (weight.dims(), shape[..D - 1].iter().product::<usize>());
    shape[D - 1] = outputs;
    let rows = x.reshape([rows, inputs]);
    if weight.dtype() != rows.dtype() {
        return mixed(rows, weight, bias).reshape(shape);
    }
    #[cfg(feature = "flex")]
    if let Some(bias) = &bias
        && super::engine::is_ours(&rows)
    {
        return fast::linear(rows, weight, bias.clone()).reshape(shape);
    }
    reference(rows, weight, bias).reshape(shape)
}

/// By the engine's product.
pub(super) fn reference(x: Tensor<2>, weight: Tensor<2>, bias: Option<Tensor<1>>) -> Tensor<2> {
    plus(x.matmul(weight), bias)
}

/// The product in the numbers of the weights, the sum in those of `x`.
fn mixed(x: Tensor<2>, weight: Tensor<2>, bias: Option<Tensor<1>>) -> Tensor<2> {
    let (own, narrow) = (x.dtype(), weight.dtype());
    plus(x.cast(narrow).matmul(weight).cast(own), bias)
}

fn plus(y: Tensor<2>, bias: Option<Tensor<1>>) -> Tensor<2> {
    match bias {
        Some(bias) => y + bias.unsqueeze(),
        None => y,
    }
}

#[cfg(feature = "flex")]
mod fast {
    use burn::backend::{Backend, Dispatch, Flex, backend_extension, ops::FloatTensorOps, tensor::FloatTensor};
    use burn::prelude::*;

    use crate::ops::engine::{Flat, in_order, rewrite, rows, values};

    /// A linear layer as an operation of the processor engine.
    #[backend_extension(Flex, Autodiff: cfg(feature = "autodiff"))]
    pub(crate) trait Affine: Backend {
        /// x `[m, c]` · W `[c, d]` + b `[d]`.
        fn affine(x: FloatTensor<Self>, weight: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self>;
    }

    pub(super) fn linear(x: Tensor<2>, weight: Tensor<2>, bias: Tensor<1>) -> Tensor<2> {
        let (weight, bias) = (weight.into_dispatch(), bias.into_dispatch());
        Tensor::from_dispatch(Dispatch::affine(x.into_dispatch(), weight, bias))
    }

    impl Affine for Flex {
        fn affine(x: Flat, weight: Flat, bias: Flat) -> Flat {
            let bias = in_order(bias);
            #[cfg(feature = "rayon")]
            if let Some(parts) = shared::parts(&x, &weight) {
                return shared::affine(&x, &weight, values(&bias), parts);
            }
            let (bias, y) = (values(&bias), Self::float_matmul(x, weight));
            let (_, length) = rows(&y);
            rewrite!(y, length, |_, y| {
                for row in y.chunks_exact_mut(length) {
                    row.iter_mut().zip(bias).for_each(|(y, b)| *y += b);
                }
            })
        }
    }

    #[cfg(feature = "rayon")]
    mod shared {
        use burn::backend::{Flex, ops::FloatTensorOps};
        use rayon::prelude::*;

        use crate::ops::engine::{Flat, rows, tensor, values};

        /// Multiplications below which waking a second thread costs more than it brings.
        const WORTH_A_THREAD: usize = 1 << 19;
        /// Multiplications from which the engine itself would call on the other threads.
        const LEFT_ALONE: usize = 192 * 192 * 192;

        /// How many parts of the rows the threads of this one's pool take; none: they are better left alone. To call a pool from
        /// outside takes longer than many a product.
        pub(super) fn parts(x: &Flat, weight: &Flat) -> Option<usize> {
            let ((m, c), (_, d)) = (rows(x), rows(weight));
            let (work, threads) = (m * c * d, rayon::current_num_threads());
            let parts = (work / LEFT_ALONE + 1).next_multiple_of(threads);
            let among_them = threads > 1 && rayon::current_thread_index().is_some();
            // Few columns and few rows are summed in an order of their own.
            (among_them && work / threads >= WORTH_A_THREAD && m >= 8 * parts && d > 64).then_some(parts)
        }

        /// x·W + b, the rows of x in `parts`.
        pub(super) fn affine(x: &Flat, weight: &Flat, bias: &[f32], parts: usize) -> Flat {
            let ((m, c), (_, d)) = (rows(x), rows(weight));
            let mut out = vec![0.0; m * d];
            // As many rows each, to one: a single row would be summed in another order.
            let first = |part: usize| part * m / parts;
            let mut left = &mut out[..];
            let mut shares = Vec::with_capacity(parts);
            for part in 0..parts {
                let (share, rest) = left.split_at_mut((first(part + 1) - first(part)) * d);
                shares.push((first(part), share));
                left = rest;
            }
            shares.into_par_iter().for_each(|(first, share)| {
                let ranges = [first..first + share.len() / d, 0..c].map(Into::into);
                let product = Flex::float_matmul(Flex::float_slice(x.clone(), &ranges), weight.clone());
                for (out, row) in share.chunks_exact_mut(d).zip(values(&product).chunks_exact(d)) {
                    out.iter_mut().zip(row).zip(bias).for_each(|((y, product), b)| *y = product + b);
                }
            });
            tensor(out, [m, d].into())
        }

        #[cfg(test)]
        mod tests {
            use super::*;

            #[test]
            fn rows_that_are_shared_out_come_to_the_same_bits() {
                for (m, c, d, parts) in [(65, 192, 768, 2), (197, 768, 192, 15), (197, 192, 576, 4), (33, 1500, 72, 4)]
                {
                    let numbers =
                        |count: usize, step: f32| (0..count).map(|i| (i as f32 * step).sin()).collect::<Vec<_>>();
                    let (x, weight) =
                        (tensor(numbers(m * c, 0.7), [m, c].into()), tensor(numbers(c * d, 0.3), [c, d].into()));
                    let bias = numbers(d, 1.1);
                    let whole = Flex::float_matmul(x.clone(), weight.clone());
                    let rows = values(&whole).chunks_exact(d);
                    let whole: Vec<f32> = rows.flat_map(|row| row.iter().zip(&bias).map(|(y, b)| y + b)).collect();
                    assert_eq!(values(&affine(&x, &weight, &bias, parts)), whole, "{m}×{c} to {d}");
                    // A weight that lies the other way round.
                    let turned = Flex::float_transpose(tensor(numbers(c * d, 0.3), [d, c].into()));
                    let whole = Flex::float_matmul(x.clone(), turned.clone());
                    let shared = affine(&x, &turned, &vec![0.0; d], parts);
                    assert_eq!(values(&shared), values(&whole), "{m}×{c} to {d}, turned");
                }
            }
        }
    }

    /// What was kept: input and weight. dx = g·Wᵀ, dW = xᵀ·g, db = the sum of g over rows.
    #[cfg(feature = "autodiff")]
    fn backward((x, weight): (Flat, Flat), gradient: Flat, wanted: [bool; 3]) -> [Option<Flat>; 3] {
        use crate::lanes::widest;
        use crate::ops::engine::tensor;

        let gradient = in_order(gradient);
        let of_bias = wanted[2].then(|| {
            let (_, length) = rows(&gradient);
            let mut sums = vec![0.0f32; length];
            widest!({
                for row in values(&gradient).chunks_exact(length) {
                    sums.iter_mut().zip(row).for_each(|(sum, g)| *sum += g);
                }
            });
            tensor(sums, [length].into())
        });
        let of_weight = wanted[1].then(|| Flex::float_matmul(Flex::float_transpose(x), gradient.clone()));
        let of_x = wanted[0].then(|| Flex::float_matmul(gradient, Flex::float_transpose(weight)));
        [of_x, of_weight, of_bias]
    }

    #[cfg(feature = "autodiff")]
    impl<C: burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy> Affine for burn::backend::Autodiff<Flex, C> {
        fn affine(x: FloatTensor<Self>, weight: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self> {
            let forward = |[x, weight, bias]: [Flat; 3]| (Flex::affine(x.clone(), weight.clone(), bias), (x, weight));
            crate::ops::engine::record::<C, _, _>([x, weight, bias], forward, backward)
        }
    }
}
