//! A k×k convolution of tokens `[b, n, c]` that moves by more than one token, as stems of networks have.
//!
//! The patch of each output is laid out as a row `[k·k·c]`; all rows of the batch are then one product. Channels lie innermost, so
//! a row of a patch is one run in memory, where maps `[b, c, y, x]` would be gathered number by number.

use burn::nn::conv::Conv2d;
use burn::prelude::*;

use super::linear;
use crate::model::layers::{to_map, to_tokens};

/// How a kernel moves over a grid, the same along rows and columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moves {
    /// Side of the kernel.
    pub(crate) side: usize,
    /// Tokens from one output to the next.
    pub(crate) stride: usize,
    /// Zeros around the grid.
    pub(crate) padding: usize,
}

impl Moves {
    /// Rows and columns of the output for those of the input.
    pub(crate) fn over(self, grid: [usize; 2]) -> [usize; 2] {
        grid.map(|length| (length + 2 * self.padding - self.side) / self.stride + 1)
    }
}

/// `layer`, which moves as `moves` says, of the tokens `x` `[b, n, c]` on `grid` (rows, columns): tokens `[b, n', d]`, and their
/// grid.
pub(crate) fn strided(layer: &Conv2d, x: Tensor<3>, grid: [usize; 2], moves: Moves) -> (Tensor<3>, [usize; 2]) {
    #[cfg(feature = "flex")]
    if super::engine::is_ours(&x) {
        return (
            convolve(x, layer.weight.val(), layer.bias.as_ref().map(|bias| bias.val()), grid, moves),
            moves.over(grid),
        );
    }
    (to_tokens(layer.forward(to_map(x, grid))), moves.over(grid))
}

/// As above, `weight` `[d, c, k, k]`, `bias` `[d]`.
#[cfg(feature = "flex")]
pub(super) fn convolve(
    x: Tensor<3>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    grid: [usize; 2],
    moves: Moves,
) -> Tensor<3> {
    let [d, c, side, _] = weight.dims();
    let taps = weight.permute([2, 3, 1, 0]).reshape([side * side * c, d]);
    linear(fast::patches(x, grid, moves), taps, bias)
}

#[cfg(feature = "flex")]
mod fast {
    use burn::backend::{Backend, Dispatch, Flex, TensorMetadata, backend_extension, tensor::FloatTensor};
    use burn::prelude::*;

    use super::Moves;
    use crate::ops::engine::{Flat, in_order, tensor, values};
    use crate::ops::vector::new_rows;

    /// The rows of patches as an operation of the processor engine.
    #[backend_extension(Flex, Autodiff: cfg(feature = "autodiff"))]
    pub(crate) trait Patches: Backend {
        /// `[b, n, c]` on a grid → `[b, n', k·k·c]`.
        fn patches(x: FloatTensor<Self>, grid: [usize; 2], moves: Moves) -> FloatTensor<Self>;
    }

    pub(super) fn patches(x: Tensor<3>, grid: [usize; 2], moves: Moves) -> Tensor<3> {
        Tensor::from_dispatch(<Dispatch as Patches>::patches(x.into_dispatch(), grid, moves))
    }

    /// For each row of the patch at output `at`, where it lies inside: its first token in the grid, its first place in the patch, and
    /// how many tokens follow each other.
    fn runs(at: usize, [rows, columns]: [usize; 2], moves: Moves) -> impl Iterator<Item = [usize; 3]> {
        let Moves { side, stride, padding } = moves;
        let width = moves.over([rows, columns])[1];
        let (top, left) = (at / width * stride, at % width * stride);
        // The columns of the kernel that lie inside.
        let (from, to) = (padding.saturating_sub(left), side.min(columns + padding - left));
        (0..side).filter_map(move |tap| {
            let row = (top + tap).checked_sub(padding).filter(|row| *row < rows)?;
            Some([row * columns + left + from - padding, tap * side + from, to - from])
        })
    }

    impl Patches for Flex {
        fn patches(x: Flat, grid: [usize; 2], moves: Moves) -> Flat {
            let shape = x.shape();
            let [b, n, c] = [0, 1, 2].map(|axis| shape[axis]);
            let count = moves.over(grid).iter().product::<usize>();
            let (x, length) = (in_order(x), moves.side * moves.side * c);
            let out = new_rows!(b * count * length, length, |first, out| {
                for (i, out) in out.chunks_exact_mut(length).enumerate() {
                    let (image, at) = ((first + i) / count, (first + i) % count);
                    for [token, place, run] in runs(at, grid, moves) {
                        let from = &values(&x)[(image * n + token) * c..][..run * c];
                        out[place * c..][..run * c].copy_from_slice(from);
                    }
                }
            });
            tensor(out, [b, count, length].into())
        }
    }

    /// Every token gets the sum of what its copies got.
    #[cfg(feature = "autodiff")]
    fn backward((tokens, grid, moves): (usize, [usize; 2], Moves), gradient: Flat, _: [bool; 1]) -> [Option<Flat>; 1] {
        let shape = gradient.shape();
        let [b, count, length] = [0, 1, 2].map(|axis| shape[axis]);
        let (gradient, c) = (in_order(gradient), length / (moves.side * moves.side));
        let out = new_rows!(b * tokens * c, tokens * c, |first, out| {
            for (i, out) in out.chunks_exact_mut(tokens * c).enumerate() {
                let image = &values(&gradient)[(first + i) * count * length..][..count * length];
                for (at, patch) in image.chunks_exact(length).enumerate() {
                    for [token, place, run] in runs(at, grid, moves) {
                        let (out, from) = (&mut out[token * c..][..run * c], &patch[place * c..][..run * c]);
                        out.iter_mut().zip(from).for_each(|(out, g)| *out += g);
                    }
                }
            }
        });
        [Some(tensor(out, [b, tokens, c].into()))]
    }

    #[cfg(feature = "autodiff")]
    impl<C: burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy> Patches
        for burn::backend::Autodiff<Flex, C>
    {
        fn patches(x: FloatTensor<Self>, grid: [usize; 2], moves: Moves) -> FloatTensor<Self> {
            let forward = |[x]: [Flat; 1]| {
                let tokens = x.shape()[1];
                (<Flex as Patches>::patches(x, grid, moves), (tokens, grid, moves))
            };
            crate::ops::engine::record::<C, _, _>([x], forward, backward)
        }
    }
}
