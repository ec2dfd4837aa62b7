//! A linear layer on tokens: x·W + b.
//!
//! The engine multiplies `[b, n, c]` by `[c, d]` as b small products, and sums b weight gradients `[c, d]` afterwards. Here all
//! rows are one matrix `[b·n, c]`: one product forward, two backward. The bias is added where the product lies.
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
            let (bias, y) = (values(&bias), Self::float_matmul(x, weight));
            let (_, length) = rows(&y);
            rewrite!(y, length, |_, y| {
                for row in y.chunks_exact_mut(length) {
                    row.iter_mut().zip(bias).for_each(|(y, b)| *y += b);
                }
            })
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
