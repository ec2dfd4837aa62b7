//! The comparison in FAN's channel attention (equation 7): of each channel's query with the mean key of its head, over tokens.
//!
//! out[c] = Σₙ q[n, c] · k̄[n, h(c)], k̄ the mean of the head's keys. Written with broadcasts, that is three tensors of the size
//! of the tokens; here it is one pass, and one for both gradients.

use burn::prelude::*;

/// `q` and `k` `[b, n, c]`, `heads` of them side by side → `[b, c]`.
pub(crate) fn channel_gate(q: Tensor<3>, k: Tensor<3>, heads: usize) -> Tensor<2> {
    #[cfg(feature = "flex")]
    if super::engine::is_ours(&q) {
        return fast::channel_gate(q, k, heads);
    }
    reference(q, k, heads)
}

/// By broadcasting.
pub(super) fn reference(q: Tensor<3>, k: Tensor<3>, heads: usize) -> Tensor<2> {
    let [b, n, c] = q.dims();
    let mean = k.reshape([b, n, heads, c / heads]).mean_dim(3);
    (q.reshape([b, n, heads, c / heads]) * mean).sum_dim(1).reshape([b, c])
}

#[cfg(feature = "flex")]
mod fast {
    use burn::backend::{Backend, Dispatch, Flex, TensorMetadata, backend_extension, tensor::FloatTensor};
    use burn::prelude::*;

    use crate::ops::engine::{Flat, in_order, tensor, values};
    use crate::ops::vector::{new_rows, sum};

    /// The comparison as an operation of the processor engine.
    #[backend_extension(Flex, Autodiff: cfg(feature = "autodiff"))]
    pub(crate) trait ChannelGate: Backend {
        /// Σₙ q · mean over the head of k.
        fn compare_channels(q: FloatTensor<Self>, k: FloatTensor<Self>, heads: usize) -> FloatTensor<Self>;
    }

    pub(super) fn channel_gate(q: Tensor<3>, k: Tensor<3>, heads: usize) -> Tensor<2> {
        Tensor::from_dispatch(Dispatch::compare_channels(q.into_dispatch(), k.into_dispatch(), heads))
    }

    impl ChannelGate for Flex {
        fn compare_channels(q: Flat, k: Flat, heads: usize) -> Flat {
            let shape = q.shape();
            let [b, n, c] = [0, 1, 2].map(|axis| shape[axis]);
            let (q, k, depth) = (in_order(q), in_order(k), c / heads);
            let out = new_rows!(b * c, c, |first, out| {
                for (i, out) in out.chunks_exact_mut(c).enumerate() {
                    let image = (first + i) * n * c..(first + i + 1) * n * c;
                    let (q, k) = (&values(&q)[image.clone()], &values(&k)[image]);
                    for (q, k) in q.chunks_exact(c).zip(k.chunks_exact(c)) {
                        let heads = out.chunks_exact_mut(depth).zip(q.chunks_exact(depth)).zip(k.chunks_exact(depth));
                        for ((out, q), k) in heads {
                            let mean = sum(k) / depth as f32;
                            out.iter_mut().zip(q).for_each(|(out, q)| *out += q * mean);
                        }
                    }
                }
            });
            tensor(out, [b, c].into())
        }
    }

    /// dq[n, c] = g[c] · k̄[n, h(c)]; dk[n, c] = (Σ over the head of g·q[n]) / depth.
    #[cfg(feature = "autodiff")]
    fn backward((q, k, heads): (Flat, Flat, usize), gradient: Flat, _: [bool; 2]) -> [Option<Flat>; 2] {
        use crate::ops::vector::sum_of;

        let shape = q.shape();
        let [n, c] = [1, 2].map(|axis| shape[axis]);
        let (gradient, depth) = (in_order(gradient), c / heads);
        let head = |place: usize| {
            let (image, head) = (place / heads / n, place % heads);
            &values(&gradient)[image * c + head * depth..][..depth]
        };
        let of_q = new_rows!(values(&q).len(), depth, |first, of_q| {
            for (i, of_q) in of_q.chunks_exact_mut(depth).enumerate() {
                let mean = sum(&values(&k)[(first + i) * depth..][..depth]) / depth as f32;
                of_q.iter_mut().zip(head(first + i)).for_each(|(of_q, g)| *of_q = g * mean);
            }
        });
        let of_k = new_rows!(values(&k).len(), depth, |first, of_k| {
            for (i, of_k) in of_k.chunks_exact_mut(depth).enumerate() {
                let q = &values(&q)[(first + i) * depth..][..depth];
                of_k.fill(sum_of(head(first + i), q, |g, q| g * q) / depth as f32);
            }
        });
        [Some(tensor(of_q, shape.clone())), Some(tensor(of_k, shape))]
    }

    #[cfg(feature = "autodiff")]
    impl<C: burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy> ChannelGate
        for burn::backend::Autodiff<Flex, C>
    {
        fn compare_channels(q: FloatTensor<Self>, k: FloatTensor<Self>, heads: usize) -> FloatTensor<Self> {
            let forward = |[q, k]: [Flat; 2]| {
                let (q, k) = (in_order(q), in_order(k));
                (Flex::compare_channels(q.clone(), k.clone(), heads), (q, k, heads))
            };
            crate::ops::engine::record::<C, _, _>([q, k], forward, backward)
        }
    }
}
