//! The loss of nullspace-augmented finetuning: the model must be right with and without the noise.
//!
//! L = CE(f(e), y) + CE(f(e + δ), y), an unweighted sum over two passes through the same weights. δ is learned anew for each
//! epoch by a search, then held still and shared by all images. The paper's formula shows the second term alone, its
//! authors use both. A consistency term in the published source is switched off there and left out here.

use burn::prelude::*;

use crate::method::cross_entropy::cross_entropy;
use crate::model::{Model, ModelError};

/// The parts of the loss, with gradients.
#[derive(Clone, Debug)]
pub struct FineTuneLoss {
    /// What training minimises, `[1]`: the sum of the two.
    pub total: Tensor<1>,
    /// Cross-entropy without noise, `[1]`.
    pub clean: Tensor<1>,
    /// Cross-entropy with noise, `[1]`.
    pub noisy: Tensor<1>,
    /// Logits without noise, `[b, classes]`.
    pub logits: Tensor<2>,
}

/// The loss of images `[b, 3, y, x]` with targets `[b, classes]` under token noise `[1, n, c]`.
///
/// The noise is a constant: no gradient reaches it.
///
/// # Errors
/// When the noise does not fit the model, or its family takes none.
pub fn fine_tune_loss(
    model: &Model,
    images: Tensor<4>,
    targets: Tensor<2>,
    noise: Tensor<3>,
) -> Result<FineTuneLoss, ModelError> {
    let seen = model.forward_with_noise(images.clone(), Some(noise.inner()), &mut ())?;
    let noisy = cross_entropy(seen.logits, targets.clone());
    let logits = model.forward(images);
    let clean = cross_entropy(logits.clone(), targets);
    Ok(FineTuneLoss { total: clean.clone() + noisy.clone(), clean, noisy, logits })
}
