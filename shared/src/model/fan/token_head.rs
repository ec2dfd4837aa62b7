//! The head on the patch tokens that STL adds ("Fully Attentional Networks with Self-emerging Token Labeling", ICCV 2023),
//! and the two ways to read such a network in evaluation.
//!
//! Class scores alone are read while training. The released evaluation on shifted images adds half of each class's
//! largest token score; [`fuse`] is that sum.

use burn::prelude::*;

/// Weight of the largest token score beside the class score. Released code: 0.5.
pub const TOKEN_WEIGHT: f64 = 0.5;

/// Class logits `[b, classes]` and token logits `[b, n, classes]` → class + 0.5 · max over the tokens, `[b, classes]`.
pub fn fuse(logits: Tensor<2>, token_logits: Tensor<3>) -> Tensor<2> {
    logits + token_logits.max_dim(1).squeeze_dim::<2>(1).mul_scalar(TOKEN_WEIGHT)
}
