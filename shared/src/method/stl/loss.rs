//! The losses of both stages of STL, sections 3.1 and 3.2 of the paper.
//!
//! The labeler's token term looks at the mean of the token scores; the token head is linear, so this is the score of the
//! mean token. The student's token term has a label for each token. The release finds out by the length of the model's
//! output whether there are two heads, and errs for a batch of two; here both scores are arguments.

use burn::prelude::*;
use burn::tensor::FloatDType;
use burn::tensor::activation::log_softmax;
use serde::{Deserialize, Serialize};

use super::token_labels::token_mean;

/// Epochs over which [`dynamic_weight`] grows.
const GROWTH: f64 = 300.0;

/// What the labeler learns from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelerLoss {
    /// The class label for the class token and for the mean of the tokens. Paper.
    #[default]
    ClassAndMean,
    /// The class label for the mean of the tokens alone: the class head learns nothing.
    MeanAlone,
    /// The class label for the class token and for each token.
    EveryToken,
}

/// Weights of the two terms of a loss.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LossWeights {
    /// Of the class token's term. Paper: 1.
    pub class: f64,
    /// Of the patch tokens' term. Paper: 1.
    pub dense: f64,
}

impl Default for LossWeights {
    fn default() -> Self {
        Self { class: 1.0, dense: 1.0 }
    }
}

/// Stage one, `[1]`: class scores `[b, k]`, token scores `[b, n, k]`, soft class target `[b, k]`.
pub fn labeler_loss(
    mode: LabelerLoss,
    weights: LossWeights,
    class_logits: Tensor<2>,
    token_logits: Tensor<3>,
    target: Tensor<2>,
) -> Tensor<1> {
    let dense = match mode {
        LabelerLoss::ClassAndMean | LabelerLoss::MeanAlone => {
            soft_cross_entropy(token_mean(token_logits), target.clone())
        }
        LabelerLoss::EveryToken => {
            let shape = token_logits.dims();
            soft_cross_entropy(token_logits, target.clone().unsqueeze_dim::<3>(1).expand(shape))
        }
    }
    .mul_scalar(weights.dense);
    match mode {
        LabelerLoss::MeanAlone => dense,
        LabelerLoss::ClassAndMean | LabelerLoss::EveryToken => {
            soft_cross_entropy(class_logits, target).mul_scalar(weights.class) + dense
        }
    }
}

/// Stage two, `[1]`: class scores `[b, k]`, token scores `[b, n, k]`, soft class target `[b, k]`, token labels `[b, n, k]`.
///
/// The class target may be mixed; the labels are always those of the unmixed image.
pub fn student_loss(
    weights: LossWeights,
    class_logits: Tensor<2>,
    token_logits: Tensor<3>,
    target: Tensor<2>,
    labels: Tensor<3>,
) -> Tensor<1> {
    soft_cross_entropy(class_logits, target).mul_scalar(weights.class)
        + soft_cross_entropy(token_logits, labels).mul_scalar(weights.dense)
}

/// −Σ target · log softmax over the last axis, in f32, mean over all rows, `[1]`.
pub fn soft_cross_entropy<const D: usize>(logits: Tensor<D>, target: Tensor<D>) -> Tensor<1> {
    let shape = logits.dims();
    let rows: usize = shape[..D - 1].iter().product();
    (log_softmax(logits.cast(FloatDType::F32), D - 1) * target).sum().div_scalar(-(rows as f64))
}

/// The token term's weight in `epoch`, where it grows: √(epoch / 300) of `dense`, all of it from epoch 300 on.
///
/// The release renews it in its online mode only; offline it stays what it was in the first epoch.
pub fn dynamic_weight(dense: f64, epoch: f64) -> f64 {
    dense * libm::sqrt((epoch / GROWTH).clamp(0.0, 1.0))
}
