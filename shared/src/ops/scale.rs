//! Tokens times a number for each channel: layer scale (`[c]`, one for all images) and FAN's gate (`[b, c]`, one for each).
//!
//! As a broadcast product, its gradient of the numbers is a product of the size of the tokens that is then summed along
//! strides; here the sums are taken on the way.

use burn::prelude::*;

/// `x` `[b, n, c]` times `scale` `[1 or b, 1, c]`.
pub(crate) fn scale_channels(x: Tensor<3>, scale: Tensor<3>) -> Tensor<3> {
    #[cfg(feature = "flex")]
    if super::engine::is_ours(&x) {
        return fast::scale_channels(x, scale);
    }
    x * scale
}

#[cfg(feature = "flex")]
mod fast {
    use burn::backend::{Backend, Dispatch, Flex, TensorMetadata, backend_extension, tensor::FloatTensor};
    use burn::prelude::*;

    use crate::ops::engine::{Flat, in_order, rewrite, values};

    /// The product as an operation of the processor engine.
    #[backend_extension(Flex, Autodiff: cfg(feature = "autodiff"))]
    pub(crate) trait Scale: Backend {
        /// x `[b, n, c]` times scale `[1 or b, 1, c]`.
        fn scale_columns(x: FloatTensor<Self>, scale: FloatTensor<Self>) -> FloatTensor<Self>;
    }

    pub(super) fn scale_channels(x: Tensor<3>, scale: Tensor<3>) -> Tensor<3> {
        Tensor::from_dispatch(Dispatch::scale_columns(x.into_dispatch(), scale.into_dispatch()))
    }

    /// Rows that share a scale, and channels.
    fn extent(x: &Flat, scale: &Flat) -> (usize, usize) {
        let shape = x.shape();
        let rows = if scale.shape()[0] == 1 { shape[0] * shape[1] } else { shape[1] };
        (rows.max(1), shape[2])
    }

    fn scaled(x: Flat, scale: &Flat) -> Flat {
        let ((rows, c), scale) = (extent(&x, scale), values(scale));
        rewrite!(x, c, |first, out| {
            for (i, row) in out.chunks_exact_mut(c).enumerate() {
                let scale = &scale[(first + i) / rows * c..][..c];
                row.iter_mut().zip(scale).for_each(|(x, scale)| *x *= scale);
            }
        })
    }

    impl Scale for Flex {
        fn scale_columns(x: Flat, scale: Flat) -> Flat {
            scaled(x, &in_order(scale))
        }
    }

    #[cfg(feature = "autodiff")]
    fn backward((x, scale): (Flat, Flat), gradient: Flat, wanted: [bool; 2]) -> [Option<Flat>; 2] {
        let gradient = in_order(gradient);
        let of_scale = wanted[1].then(|| {
            let (rows, c) = extent(&x, &scale);
            let sums = crate::ops::vector::new_rows!(values(&scale).len(), c, |first, sums| {
                for (i, sums) in sums.chunks_exact_mut(c).enumerate() {
                    let part = (first + i) * rows * c..(first + i + 1) * rows * c;
                    let tokens = values(&x)[part.clone()].chunks_exact(c).zip(values(&gradient)[part].chunks_exact(c));
                    for (x, g) in tokens {
                        sums.iter_mut().zip(x.iter().zip(g)).for_each(|(sum, (x, g))| *sum += x * g);
                    }
                }
            });
            crate::ops::engine::tensor(sums, scale.shape())
        });
        let of_x = wanted[0].then(|| scaled(gradient, &scale));
        [of_x, of_scale]
    }

    #[cfg(feature = "autodiff")]
    impl<C: burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy> Scale for burn::backend::Autodiff<Flex, C> {
        fn scale_columns(x: FloatTensor<Self>, scale: FloatTensor<Self>) -> FloatTensor<Self> {
            let forward = |[x, scale]: [Flat; 2]| {
                let (x, scale) = (in_order(x), in_order(scale));
                (scaled(x.clone(), &scale), (x, scale))
            };
            crate::ops::engine::record::<C, _, _>([x, scale], forward, backward)
        }
    }
}
