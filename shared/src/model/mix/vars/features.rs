//! Positive random features of a softmax kernel, "Rethinking Attention with Performers", on tokens of unit length.
//!
//! The released code scales queries by d^(-1/4) before; the normalisation undoes that. Because exponents are then normal
//! numbers of deviation one, no maximum has to be subtracted.

use burn::prelude::*;

use crate::ops::unit;

/// φ(q) = exp(q̂ R − ½ |q̂|²) / √m: `q` `[b, h, n, d]` and `matrix` R `[h, d, m]` → `[b, h, n, m]`.
pub fn random_features(q: Tensor<4>, matrix: Tensor<3>) -> Tensor<4> {
    let [_, _, m] = matrix.dims();
    let unit = unit(q, 3);
    let half = (unit.clone() * unit.clone()).sum_dim(3).mul_scalar(0.5);
    (unit.matmul(matrix.unsqueeze::<4>()) - half).exp().mul_scalar((m as f64).powf(-0.5))
}
