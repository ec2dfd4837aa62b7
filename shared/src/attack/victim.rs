//! A model under attack: frozen, in evaluation mode, differentiated with respect to the image alone.

use burn::prelude::*;

use super::{AttackError, PixelSpace};
use crate::method::cross_entropy::{cross_entropy, one_hot};
use crate::model::Model;

/// A frozen copy of a model, and the pixels behind what it sees.
///
/// Weights are constants here: no gradient is computed for them, running statistics do not move, and the model that it was
/// made from is not touched. So it serves in evaluation and in the middle of training alike.
#[derive(Clone, Debug)]
pub struct Victim {
    model: Model,
    space: PixelSpace,
}

impl Victim {
    /// Freezes a copy of `model`, which may live on a plain or on a recording device.
    pub fn new(model: &Model, space: PixelSpace) -> Self {
        Self { model: model.valid(), space }
    }

    /// The same model with other pixels behind what it sees.
    pub(super) fn within(&self, space: PixelSpace) -> Self {
        Self { model: self.model.clone(), space }
    }

    /// The pixels behind what the model sees.
    pub fn space(&self) -> PixelSpace {
        self.space
    }

    /// Logits `[b, classes]` of normalised images `[b, 3, y, x]`.
    pub fn logits(&self, images: Tensor<4>) -> Tensor<2> {
        self.model.forward(images.inner())
    }

    /// Mean cross-entropy `[1]` of normalised images `[b, 3, y, x]`, and its gradient with respect to them.
    ///
    /// # Errors
    /// When there is not one legal label for each image, the images are not in three colours, or the gradient of one is not
    /// finite.
    pub fn gradient(&self, images: Tensor<4>, labels: &[usize]) -> Result<(Tensor<1>, Tensor<4>), AttackError> {
        let [b, channels, _, _] = images.dims();
        if labels.len() != b {
            return Err(AttackError::Labels { labels: labels.len(), images: b });
        }
        if channels != 3 {
            return Err(AttackError::Channels { channels });
        }
        let images = images.inner().autodiff().require_grad();
        let logits = self.model.forward(images.clone());
        let classes = logits.dims()[1];
        if let Some(label) = labels.iter().find(|label| **label >= classes) {
            return Err(AttackError::Label { label: *label, classes });
        }
        let targets = one_hot(labels, classes, &images.device().inner());
        let loss = cross_entropy(logits, targets);
        let mut gradients = loss.backward();
        let gradient = images.grad_remove(&mut gradients).unwrap_or_else(|| images.clone().inner().zeros_like());
        ensure_finite(&gradient)?;
        Ok((loss.inner(), gradient))
    }
}

/// Refuses a gradient `[b, c, y, x]` with a number that is not finite: its sign would be anything.
fn ensure_finite(gradient: &Tensor<4>) -> Result<(), AttackError> {
    // Zero times such a number is not a number, and everything else adds up to 0: one number for each image is read back.
    let flags = gradient.clone().mul_scalar(0.0).flatten::<2>(1, 3).sum_dim(1).into_data().convert::<f32>();
    match flags.iter::<f32>().position(|flag| flag.is_nan()) {
        Some(image) => Err(AttackError::Gradient { image }),
        None => Ok(()),
    }
}
