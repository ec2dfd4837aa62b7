//! Stochastic depth: in training, a residual branch is dropped for a random part of the samples.
//!
//! "Deep Networks with Stochastic Depth", in the form that timm uses: whole samples, the rest scaled by 1 / keep.

use burn::module::{Flag, Param};
use burn::prelude::*;
use burn::tensor::Distribution;

/// Stochastic depth of the residual branches of one block.
///
/// It has a training flag of its own: an attack records gradients in evaluation mode, so recording alone is no sign of
/// training.
#[derive(Module, Debug)]
pub(crate) struct DropPath {
    rate: f64,
    training: Param<Flag>,
}

impl DropPath {
    /// Drops with probability `rate`, 0 ≤ rate < 1.
    pub(crate) fn new(rate: f64) -> Self {
        Self { rate, training: Param::from_bool(true) }
    }

    /// Drops `branch` `[b, n, c]` for each sample, only in training.
    pub(crate) fn forward(&self, branch: Tensor<3>) -> Tensor<3> {
        if self.rate == 0.0 || !self.training.is_enabled() || !branch.is_autodiff() {
            return branch;
        }
        let keep = 1.0 - self.rate;
        let [b, _, _] = branch.dims();
        let mask = Tensor::<3>::random([b, 1, 1], Distribution::Bernoulli(keep), &branch.device());
        branch * mask.div_scalar(keep)
    }
}
