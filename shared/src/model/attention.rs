//! Softmax attention, written out so that its weights can be looked at and differentiated: the steps that layers share.

use burn::prelude::*;

use crate::model::observer::Observer;
use crate::ops::{products, softmax, swap_middle};

/// Attends with `q` `[b, h, m, d]` over `k`, `v` `[b, h, n, d]`, scale d^(-1/2).
///
/// Returns the mixed values with heads side by side `[b, m, h·d]`, and the weights `[b, h, m, n]`.
pub(crate) fn attend(q: Tensor<4>, k: Tensor<4>, v: Tensor<4>, observer: &mut impl Observer) -> (Tensor<3>, Tensor<4>) {
    mix(scores(q, k), v, observer)
}

/// The scores of `q` `[b, h, m, d]` against `k` `[b, h, n, d]`, scale d^(-1/2): `[b, h, m, n]`.
pub(crate) fn scores(q: Tensor<4>, k: Tensor<4>) -> Tensor<4> {
    let [_, _, _, d] = q.dims();
    products(q.mul_scalar((d as f64).powf(-0.5)), k)
}

/// Adds `apart` `[windows, n, n]` to scores `[b·windows, h, n, n]`, an image's windows side by side.
pub(crate) fn kept_apart(scores: Tensor<4>, apart: Tensor<3>) -> Tensor<4> {
    let ([count, h, n, _], [windows, _, _]) = (scores.dims(), apart.dims());
    let scores = scores.reshape([count / windows, windows, h, n, n]);
    (scores + apart.reshape([1, windows, 1, n, n])).reshape([count, h, n, n])
}

/// Softmax of scores `[b, h, m, n]`, and the values `[b, h, n, d]` mixed with it; returns what [`attend`] does.
pub(crate) fn mix(scores: Tensor<4>, v: Tensor<4>, observer: &mut impl Observer) -> (Tensor<3>, Tensor<4>) {
    let ([b, h, m, _], [_, _, _, d]) = (scores.dims(), v.dims());
    let weights = observer.attend(softmax(scores, 3));
    let mixed = swap_middle(weights.clone().matmul(v)).reshape([b, m, h * d]);
    (mixed, weights)
}

/// Splits channels into heads: `[b, n, h·d]` → `[b, h, n, d]`.
pub(crate) fn split_heads(tokens: Tensor<3>, heads: usize) -> Tensor<4> {
    let [b, n, c] = tokens.dims();
    swap_middle(tokens.reshape([b, n, heads, c / heads]))
}

/// Puts heads side by side: `[b, h, n, d]` → `[b, n, h·d]`.
pub(crate) fn merge_heads(heads: Tensor<4>) -> Tensor<3> {
    let [b, h, n, d] = heads.dims();
    swap_middle(heads).reshape([b, n, h * d])
}
