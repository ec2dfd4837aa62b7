//! A mix of each token and the 3×3 averages around it at growing dilation: what TAP makes of its weights (section 3.1 of
//! "Robustifying Token Attention for Vision Transformers").
//!
//! out[p] = w₀[p]·x[p] + Σₛ wₛ[p]/9 · Σ x[p + o], o ∈ {−s, 0, s}², zeros outside. The averages are never stored: each token
//! reads its neighbours once, and the gradients of the weights are scalar products with the same neighbours.

use burn::prelude::*;

/// `x` `[b, n, c]` on `grid` (rows, columns), `weights` `[b, n, k]`, one for each dilation from 0 → `[b, n, c]`.
pub(crate) fn dilated_average(x: Tensor<3>, weights: Tensor<3>, grid: [usize; 2]) -> Tensor<3> {
    #[cfg(feature = "flex")]
    if super::engine::is_ours(&x) {
        return fast::dilated_average(x, weights, grid);
    }
    reference(x, weights, grid)
}

/// By the averages themselves.
pub(super) fn reference(x: Tensor<3>, weights: Tensor<3>, grid: [usize; 2]) -> Tensor<3> {
    let [_, _, k] = weights.dims();
    let mut mixed = x.clone() * weights.clone().narrow(2, 0, 1);
    for scale in 1..k {
        let average = crate::model::mix::tap::pool(x.clone(), grid, scale);
        mixed = mixed + average * weights.clone().narrow(2, scale, 1);
    }
    mixed
}

#[cfg(feature = "flex")]
mod fast {
    use burn::backend::{Backend, Dispatch, Flex, TensorMetadata, backend_extension, tensor::FloatTensor};
    use burn::prelude::*;

    use crate::ops::engine::{Flat, in_order, tensor, values};
    use crate::ops::vector::new_rows;

    /// The mix as an operation of the processor engine.
    #[backend_extension(Flex, Autodiff: cfg(feature = "autodiff"))]
    pub(crate) trait DilatedAverage: Backend {
        /// x `[b, n, c]`, weights `[b, n, k]`.
        fn average_around(x: FloatTensor<Self>, weights: FloatTensor<Self>, grid: [usize; 2]) -> FloatTensor<Self>;
    }

    pub(super) fn dilated_average(x: Tensor<3>, weights: Tensor<3>, grid: [usize; 2]) -> Tensor<3> {
        Tensor::from_dispatch(Dispatch::average_around(x.into_dispatch(), weights.into_dispatch(), grid))
    }

    /// For each token of a grid its neighbours inside and the scale of each: itself at scale 0, and as the middle of each average.
    fn neighbours([rows, columns]: [usize; 2], scales: usize) -> Vec<Vec<(usize, usize)>> {
        let around = |p: usize| {
            let (row, column) = (p / columns, p % columns);
            let mut found = vec![(0, p)];
            for scale in 1..scales {
                // One before, the token's own, one after: where they lie inside.
                for y in [row.wrapping_sub(scale), row, row + scale] {
                    for x in [column.wrapping_sub(scale), column, column + scale] {
                        if y < rows && x < columns {
                            found.push((scale, y * columns + x));
                        }
                    }
                }
            }
            found
        };
        (0..rows * columns).map(around).collect()
    }

    #[inline(always)]
    fn part(scale: usize) -> f32 {
        if scale == 0 { 1.0 } else { 1.0 / 9.0 }
    }

    impl DilatedAverage for Flex {
        fn average_around(x: Flat, weights: Flat, grid: [usize; 2]) -> Flat {
            let (shape, scales) = (x.shape(), weights.shape()[2]);
            let [n, c] = [1, 2].map(|axis| shape[axis]);
            let (x, weights) = (in_order(x), in_order(weights));
            let around = neighbours(grid, scales);
            let out = new_rows!(values(&x).len(), c, |first, out| {
                for (i, out) in out.chunks_exact_mut(c).enumerate() {
                    let token = first + i;
                    let image = &values(&x)[token / n * n * c..][..n * c];
                    let weights = &values(&weights)[token * scales..][..scales];
                    for &(scale, neighbour) in &around[token % n] {
                        let weight = weights[scale] * part(scale);
                        let from = &image[neighbour * c..][..c];
                        out.iter_mut().zip(from).for_each(|(out, x)| *out += weight * x);
                    }
                }
            });
            tensor(out, shape)
        }
    }

    /// What was kept: input, weights, grid.
    #[cfg(feature = "autodiff")]
    fn backward((x, weights, grid): (Flat, Flat, [usize; 2]), gradient: Flat, _: [bool; 2]) -> [Option<Flat>; 2] {
        use crate::lanes::widest;
        use crate::ops::vector::sum_of;

        let (shape, scales) = (x.shape(), weights.shape()[2]);
        let [n, c] = [1, 2].map(|axis| shape[axis]);
        let gradient = in_order(gradient);
        let around = neighbours(grid, scales);
        let (mut of_x, mut of_weights) = (vec![0.0; values(&x).len()], vec![0.0; values(&weights).len()]);
        widest!({
            for (token, g) in values(&gradient).chunks_exact(c).enumerate() {
                let image = token / n * n * c;
                let (x, of_x) = (&values(&x)[image..][..n * c], &mut of_x[image..][..n * c]);
                let weights = &values(&weights)[token * scales..][..scales];
                let of_weights = &mut of_weights[token * scales..][..scales];
                for &(scale, neighbour) in &around[token % n] {
                    let weight = weights[scale] * part(scale);
                    of_weights[scale] += part(scale) * sum_of(g, &x[neighbour * c..][..c], |g, x| g * x);
                    of_x[neighbour * c..][..c].iter_mut().zip(g).for_each(|(of_x, g)| *of_x += weight * g);
                }
            }
        });
        [Some(tensor(of_x, shape)), Some(tensor(of_weights, weights.shape()))]
    }

    #[cfg(feature = "autodiff")]
    impl<C: burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy> DilatedAverage
        for burn::backend::Autodiff<Flex, C>
    {
        fn average_around(x: FloatTensor<Self>, weights: FloatTensor<Self>, grid: [usize; 2]) -> FloatTensor<Self> {
            let forward = |[x, weights]: [Flat; 2]| {
                let (x, weights) = (in_order(x), in_order(weights));
                (Flex::average_around(x.clone(), weights.clone(), grid), (x, weights, grid))
            };
            crate::ops::engine::record::<C, _, _>([x, weights], forward, backward)
        }
    }
}
