//! The Jensen–Shannon consistency loss of AugMix (arXiv 1912.02781, section 3): a model shall say the same of an image and of
//! versions of it.
//!
//! With p_v the distribution that view v gets and M their mean, it is the mean over the views of KL(p_v ‖ M), each summed
//! over classes and averaged over images. As released, M is clamped at 1e-7 and nothing is detached: gradients flow through
//! every p_v and, where it is not clamped, through M. Here log p comes from a log-softmax, so a probability that is too
//! small for a float costs nothing, where the released form has a gradient that is not a number.

use burn::prelude::*;
use burn::tensor::activation::log_softmax;

/// What the mean may be.
const CLAMP: [f64; 2] = [1e-7, 1.0];

/// The loss `[1]` of `views` views of the same images: logits `[views·b, classes]`, view after view.
pub fn consistency(logits: Tensor<2>, views: usize) -> Tensor<1> {
    let [count, classes] = logits.dims();
    let logarithms = log_softmax(logits, 1).reshape([views, count / views, classes]);
    let probabilities = logarithms.clone().exp();
    let mean = probabilities.clone().mean_dim(0).clamp(CLAMP[0], CLAMP[1]).log();
    (probabilities * (logarithms - mean)).sum().div_scalar(count as f64)
}
