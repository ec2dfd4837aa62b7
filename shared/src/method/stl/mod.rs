//! Self-emerging token labeling (STL), "Fully Attentional Networks with Self-emerging Token Labeling" (ICCV 2023).
//!
//! First a labeler learns classes for its patch tokens through their average; then it is frozen and gives a fresh student
//! one hard label per patch beside the class label. The labels are samples from the labeler's token distribution: sure
//! tokens nearly always keep their best class, unsure ones get random labels that average out. The release has no
//! threshold, mask or weight per token, and neither is one here. Its online mode, where the student labels itself and is
//! left in evaluation mode by accident, is not copied.
//!
//! `token_labels` makes labels, `loss` holds both stages' losses. The two views of an image come from
//! [`crate::augment::paired`]; the token head, and how evaluation reads it, belong to the model.

mod loss;
mod token_labels;

pub use loss::{LabelerLoss, LossWeights, dynamic_weight, labeler_loss, soft_cross_entropy, student_loss};
pub use token_labels::{LabelMode, Spread, TokenLabels, gumbel, token_mean};

use serde::{Deserialize, Serialize};

/// The settings of both stages; the default is the paper's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StlConfig {
    /// What the labeler's tokens learn from.
    pub labeler: LabelerLoss,
    /// How the labeler's scores become labels.
    pub labels: TokenLabels,
    /// Weights of the two terms, in both stages.
    pub weights: LossWeights,
    /// Whether the token term's weight grows over 300 epochs, see [`dynamic_weight`].
    pub dynamic: bool,
}

impl StlConfig {
    /// The weights in `epoch`, counted from 0.
    pub fn weights_at(&self, epoch: f64) -> LossWeights {
        let dense = if self.dynamic { dynamic_weight(self.weights.dense, epoch) } else { self.weights.dense };
        LossWeights { dense, ..self.weights }
    }
}
