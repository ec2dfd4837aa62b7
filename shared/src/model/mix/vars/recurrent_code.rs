//! The recurrence that finds a sparse code, equation (5) of the VARS paper: gradient steps on the reconstruction, each
//! followed by shrinking.
//!
//! Published is a smooth shrinking, sign(a) · GELU(|a| − τ). Below the threshold it leaves a small value of the opposite sign,
//! so it is not the proximal map of the ℓ₁ norm; the filters of VARS-S use that map, [`soft_threshold`]. It also jumps at zero
//! by 2 · GELU(−τ): where a code is near zero, rounding weights to 16 bits can turn its sign and move the logits more than
//! rounding moves those of other models. The first shrinking uses λ, the steps use λ / L, as released.

use burn::prelude::*;
use burn::tensor::activation::relu;

use crate::ops::{descend, shrink};

/// sign(a) · GELU(|a| − τ): `a` `[b, h, m, d]`, `threshold` τ `[b, h, 1, 1]` or broadcast to it.
pub fn smooth_shrink(a: Tensor<4>, threshold: Tensor<4>) -> Tensor<4> {
    shrink(a, threshold)
}

/// sign(a) · max(|a| − τ, 0), any shape; `threshold` τ is broadcast.
pub fn soft_threshold<const D: usize>(a: Tensor<D>, threshold: Tensor<D>) -> Tensor<D> {
    relu(a.clone() - threshold.clone()) - relu(a.neg() - threshold)
}

/// An upper bound L on the eigenvalues of each `gram` `[b, h, m, m]`: its largest absolute row sum plus one, `[b, h, 1, 1]`.
///
/// A constant of the recurrence: no gradient flows through it.
pub fn row_bound(gram: Tensor<4>) -> Tensor<4> {
    gram.detach().abs().sum_dim(3).max_dim(2).add_scalar(1.0)
}

/// The constants of the recurrence, each `[b, h, 1, 1]` or broadcast to it.
#[derive(Clone, Debug)]
pub struct Step {
    /// Length of a gradient step, 1 / L.
    pub rate: Tensor<4>,
    /// Sparsity λ.
    pub lambda: Tensor<4>,
    /// Number of steps after the first code.
    pub count: usize,
}

/// The codes z₀ … z_T, each `[b, h, m, d]`, of `u` = Qᵀ v `[b, h, m, d]` under `gram` `[b, h, m, m]`.
pub fn recurrent_code(u: Tensor<4>, gram: Tensor<4>, step: &Step) -> Vec<Tensor<4>> {
    let threshold = step.lambda.clone() * step.rate.clone();
    let mut code = smooth_shrink(u.clone(), step.lambda.clone());
    let mut codes = vec![code.clone()];
    for _ in 0..step.count {
        let product = gram.clone().matmul(code.clone());
        code = smooth_shrink(descend(code, product, u.clone(), step.rate.clone()), threshold.clone());
        codes.push(code.clone());
    }
    codes
}
