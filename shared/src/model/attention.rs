//! Softmax attention, written out so that its weights can be looked at and differentiated, and what any attention gives.

use burn::prelude::*;
use burn::tensor::activation::softmax;

use crate::method::vars::Codes;

/// What the attention of a block gives.
#[derive(Clone, Debug)]
pub struct Mixed {
    /// Mixed tokens `[b, n, c]`.
    pub tokens: Tensor<3>,
    /// Attention weights `[b, h, n, n]`, rows summing to one; none where no such matrix is formed.
    pub attention: Option<Tensor<4>>,
    /// The codes of every iteration, where the attention is a recurrence.
    pub codes: Option<Codes>,
}

impl Mixed {
    /// Tokens and weights of an attention that forms a matrix.
    pub(crate) fn by_attention((tokens, weights): (Tensor<3>, Tensor<4>)) -> Self {
        Self { tokens, attention: Some(weights), codes: None }
    }
}

/// Attends with `q` `[b, h, m, d]` over `k`, `v` `[b, h, n, d]`, scale d^(-1/2).
///
/// Returns the mixed values with heads side by side `[b, m, h·d]`, and the weights `[b, h, m, n]`.
pub(crate) fn attend(q: Tensor<4>, k: Tensor<4>, v: Tensor<4>) -> (Tensor<3>, Tensor<4>) {
    mix(scores(q, k), v)
}

/// The scores of `q` `[b, h, m, d]` against `k` `[b, h, n, d]`, scale d^(-1/2): `[b, h, m, n]`.
pub(crate) fn scores(q: Tensor<4>, k: Tensor<4>) -> Tensor<4> {
    let [_, _, _, d] = q.dims();
    q.mul_scalar((d as f64).powf(-0.5)).matmul(k.swap_dims(2, 3))
}

/// Softmax of scores `[b, h, m, n]`, and the values `[b, h, n, d]` mixed with it; returns what [`attend`] does.
pub(crate) fn mix(scores: Tensor<4>, v: Tensor<4>) -> (Tensor<3>, Tensor<4>) {
    let ([b, h, m, _], [_, _, _, d]) = (scores.dims(), v.dims());
    let weights = softmax(scores, 3);
    let mixed = weights.clone().matmul(v).swap_dims(1, 2).reshape([b, m, h * d]);
    (mixed, weights)
}

/// Splits channels into heads: `[b, n, h·d]` → `[b, h, n, d]`.
pub(crate) fn split_heads(tokens: Tensor<3>, heads: usize) -> Tensor<4> {
    let [b, n, c] = tokens.dims();
    tokens.reshape([b, n, heads, c / heads]).swap_dims(1, 2)
}

/// Puts heads side by side: `[b, h, n, d]` → `[b, n, h·d]`.
pub(crate) fn merge_heads(heads: Tensor<4>) -> Tensor<3> {
    let [b, h, n, d] = heads.dims();
    heads.swap_dims(1, 2).reshape([b, n, h * d])
}
