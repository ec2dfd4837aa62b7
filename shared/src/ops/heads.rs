//! What attention does with heads besides its softmax: taking channels apart, putting them together, comparing tokens.
//!
//! Heads lie between tokens and channels in memory. Swapping them moves whole runs of channels, which a copy in general does
//! not know. The scores' gradient of the keys is taken as gᵀ·q, so that it comes out in the order of the keys.

use burn::prelude::*;

/// `[b, p, q, d]` → `[b, q, p, d]`, laid out anew.
pub(crate) fn swap_middle(x: Tensor<4>) -> Tensor<4> {
    #[cfg(feature = "flex")]
    if super::engine::is_ours(&x) {
        return fast::swap_middle(x);
    }
    x.swap_dims(1, 2)
}

/// All scalar products of `q` `[b, h, m, d]` and `k` `[b, h, n, d]`: `[b, h, m, n]`.
pub(crate) fn products(q: Tensor<4>, k: Tensor<4>) -> Tensor<4> {
    #[cfg(feature = "flex")]
    if super::engine::is_ours(&q) {
        return fast::products(q, k);
    }
    q.matmul(k.swap_dims(2, 3))
}

#[cfg(feature = "flex")]
mod fast {
    use burn::backend::{
        Backend, Dispatch, Flex, TensorMetadata, backend_extension, ops::FloatTensorOps, tensor::FloatTensor,
    };
    use burn::prelude::*;

    use crate::ops::engine::{Flat, in_order, tensor, values};
    use crate::ops::vector::new_rows;

    /// Both as operations of the processor engine.
    #[backend_extension(Flex, Autodiff: cfg(feature = "autodiff"))]
    pub(crate) trait Heads: Backend {
        /// `[b, p, q, d]` → `[b, q, p, d]`.
        fn swap_middle(x: FloatTensor<Self>) -> FloatTensor<Self>;

        /// q · kᵀ.
        fn products(q: FloatTensor<Self>, k: FloatTensor<Self>) -> FloatTensor<Self>;
    }

    pub(super) fn swap_middle(x: Tensor<4>) -> Tensor<4> {
        Tensor::from_dispatch(<Dispatch as Heads>::swap_middle(x.into_dispatch()))
    }

    pub(super) fn products(q: Tensor<4>, k: Tensor<4>) -> Tensor<4> {
        Tensor::from_dispatch(<Dispatch as Heads>::products(q.into_dispatch(), k.into_dispatch()))
    }

    impl Heads for Flex {
        fn swap_middle(x: Flat) -> Flat {
            let shape = x.shape();
            let [b, p, q, d] = [0, 1, 2, 3].map(|axis| shape[axis]);
            let x = in_order(x);
            let out = new_rows!(b * p * q * d, p * d, |first, out| {
                for (i, run) in out.chunks_exact_mut(p * d).enumerate() {
                    let (image, column) = ((first + i) / q, (first + i) % q);
                    let from = &values(&x)[image * p * q * d..][..p * q * d];
                    for (row, run) in run.chunks_exact_mut(d).enumerate() {
                        run.copy_from_slice(&from[(row * q + column) * d..][..d]);
                    }
                }
            });
            tensor(out, [b, q, p, d].into())
        }

        fn products(q: Flat, k: Flat) -> Flat {
            Self::float_matmul(q, Self::float_swap_dims(k, 2, 3))
        }
    }

    #[cfg(feature = "autodiff")]
    fn products_backward((q, k): (Flat, Flat), gradient: Flat, wanted: [bool; 2]) -> [Option<Flat>; 2] {
        let of_k = wanted[1].then(|| Flex::float_matmul(Flex::float_swap_dims(gradient.clone(), 2, 3), q));
        let of_q = wanted[0].then(|| Flex::float_matmul(gradient, k));
        [of_q, of_k]
    }

    #[cfg(feature = "autodiff")]
    impl<C: burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy> Heads for burn::backend::Autodiff<Flex, C> {
        fn swap_middle(x: FloatTensor<Self>) -> FloatTensor<Self> {
            let forward = |[x]: [Flat; 1]| (<Flex as Heads>::swap_middle(x), ());
            let backward = |(), gradient, _| [Some(<Flex as Heads>::swap_middle(gradient))];
            crate::ops::engine::record::<C, _, _>([x], forward, backward)
        }

        fn products(q: FloatTensor<Self>, k: FloatTensor<Self>) -> FloatTensor<Self> {
            let forward = |[q, k]: [Flat; 2]| (<Flex as Heads>::products(q.clone(), k.clone()), (q, k));
            crate::ops::engine::record::<C, _, _>([q, k], forward, products_backward)
        }
    }
}
