//! The attention diversification loss (ADL), section 3.2 of "Robustifying Token Attention for Vision Transformers".
//!
//! Tokens should not all look at the same place: the loss is the mean cosine between each token's attention and the mean
//! attention of all tokens, both with weak entries cut off. Comparing with the mean takes n cosines instead of n².

use burn::prelude::*;

/// Attention below θ/n counts as zero. Paper: 2.
pub const THETA: f64 = 2.0;

/// Norms below this count as this, so that an empty row has similarity 0 and no gradient.
const LEAST_NORM: f64 = 1e-8;

/// What to do with a batch of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BatchOfOne {
    /// Treat it like any other batch.
    #[default]
    Keep,
    /// As released: a squeeze drops the batch axis, the mean then runs over keys, nothing passes the threshold: loss 0.
    Released,
}

/// The loss over all blocks, `[1]`: Σ layers / (number of layers + 1e-6), each layer `[b, h, n, n]` after softmax.
///
/// Blocks may differ in h and n. An empty list is an error of the caller and gives a panic in the engine.
pub fn adl(attention: &[Tensor<4>], theta: f64, batch_of_one: BatchOfOne) -> Tensor<1> {
    let count = attention.len() as f64;
    let layers = attention.iter().map(|weights| adl_layer(weights.clone(), theta, batch_of_one)).collect();
    Tensor::cat(layers, 0).sum().div_scalar(count + 1e-6)
}

/// The loss of one block, `[1]`: attention `[b, h, n, n]` after softmax.
pub fn adl_layer(attention: Tensor<4>, theta: f64, batch_of_one: BatchOfOne) -> Tensor<1> {
    let [b, _, _, n] = attention.dims();
    if b == 1 && batch_of_one == BatchOfOne::Released {
        return attention.sum().mul_scalar(0.0);
    }
    let threshold = theta / n as f64;
    // The indicators are constants: gradients flow through what passes, not through the decision.
    let cut = |map: Tensor<3>| {
        let weak = map.clone().lower_equal_elem(threshold);
        map.mask_fill(weak, 0.0)
    };
    let rows = attention.mean_dim(1).squeeze_dim::<3>(1);
    let mean_row = cut(rows.clone().mean_dim(1));
    let rows = cut(rows);
    let products = (rows.clone() * mean_row.clone()).sum_dim(2);
    (products / (norm(rows) * norm(mean_row))).mean()
}

/// Euclidean norm over the last axis, kept: `[b, m, n]` → `[b, m, 1]`, not below [`LEAST_NORM`].
fn norm(rows: Tensor<3>) -> Tensor<3> {
    // The square root of zero has no gradient; the floor goes inside it.
    (rows.clone() * rows).sum_dim(2).clamp_min(LEAST_NORM * LEAST_NORM).sqrt()
}
