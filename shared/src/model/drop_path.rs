//! Stochastic depth: in training, a residual branch is dropped for a random part of the samples.
//!
//! "Deep Networks with Stochastic Depth", in the form that timm uses: whole samples, the rest scaled by 1 / keep.

use burn::prelude::*;
use burn::tensor::Distribution;

/// Drops `branch` `[b, n, c]` for each sample with probability `rate`, only where gradients are recorded.
pub(crate) fn drop_path(branch: Tensor<3>, rate: f64) -> Tensor<3> {
    if rate == 0.0 || !branch.is_autodiff() {
        return branch;
    }
    let keep = 1.0 - rate;
    let [b, _, _] = branch.dims();
    let mask = Tensor::<3>::random([b, 1, 1], Distribution::Bernoulli(keep), &branch.device());
    branch * mask.div_scalar(keep)
}
