//! What a search minimises: how far a noise moves the logits, and in which direction it moves them less.

use burn::prelude::*;
use burn::tensor::activation::softmax;

/// Squared distances below this count as this: the root of zero has no gradient.
const LEAST_SQUARE: f64 = 1e-24;

/// One look at a noise on one batch. Nothing here records gradients any more.
#[derive(Clone, Debug)]
pub struct Trial<const D: usize> {
    /// Mean over the batch of the Euclidean norm of the logits' difference (not squared), `[1]`.
    pub objective: Tensor<1>,
    /// Mean over the batch of the squared distance of the probabilities, `[1]`: what the stop rule looks at.
    pub probability_shift: Tensor<1>,
    /// Gradient of the objective with respect to the noise.
    pub gradient: Tensor<D>,
}

impl<const D: usize> Trial<D> {
    /// Looks at `noise`: `clean` are the logits `[b, classes]` without it, `forward` gives those with it.
    ///
    /// # Errors
    /// What `forward` reports.
    pub fn new<E>(
        clean: Tensor<2>,
        noise: Tensor<D>,
        forward: impl FnOnce(Tensor<D>) -> Result<Tensor<2>, E>,
    ) -> Result<Self, E> {
        let noise = noise.inner().autodiff().require_grad();
        let noisy = forward(noise.clone())?;
        let probability_shift = mean_squared(softmax(noisy.clone().inner(), 1) - softmax(clean.clone(), 1));
        let distances = (noisy - clean).square().sum_dim(1).clamp_min(LEAST_SQUARE).sqrt();
        let objective = distances.mean();
        let mut gradients = objective.backward();
        let gradient = noise.grad_remove(&mut gradients).unwrap_or_else(|| noise.clone().inner().zeros_like());
        Ok(Self { objective: objective.inner(), probability_shift, gradient })
    }
}

/// Mean over rows of the squared Euclidean norm: `[b, m]` → `[1]`.
fn mean_squared(rows: Tensor<2>) -> Tensor<1> {
    let count = rows.dims()[0] as f64;
    rows.square().sum().div_scalar(count)
}
