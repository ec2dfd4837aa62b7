//! Softmax attention, written out so that its weights can be looked at and differentiated.

use burn::prelude::*;
use burn::tensor::activation::softmax;

/// Attends with `q` `[b, h, m, d]` over `k`, `v` `[b, h, n, d]`, scale d^(-1/2).
///
/// Returns the mixed values with heads side by side `[b, m, h·d]`, and the weights `[b, h, m, n]`.
pub(crate) fn attend(q: Tensor<4>, k: Tensor<4>, v: Tensor<4>) -> (Tensor<3>, Tensor<4>) {
    let [b, h, m, d] = q.dims();
    let scores = q.mul_scalar((d as f64).powf(-0.5)).matmul(k.swap_dims(2, 3));
    let weights = softmax(scores, 3);
    let mixed = weights.clone().matmul(v).swap_dims(1, 2).reshape([b, m, h * d]);
    (mixed, weights)
}

/// Splits channels into heads: `[b, n, h·d]` → `[b, h, n, d]`.
pub(crate) fn split_heads(tokens: Tensor<3>, heads: usize) -> Tensor<4> {
    let [b, n, c] = tokens.dims();
    tokens.reshape([b, n, heads, c / heads]).swap_dims(1, 2)
}
