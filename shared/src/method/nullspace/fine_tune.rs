//! The second pass of nullspace-augmented finetuning: the model must be right with the noise as well as without.
//!
//! L = CE(f(e), y) + CE(f(e + δ), y), an unweighted sum over two passes through the same weights. δ is learned anew for each
//! epoch by a search, then held still and shared by all images. The paper's formula shows the second term alone, its
//! authors use both. A consistency term in the published source is switched off there and left out here.

use burn::prelude::*;

use crate::method::cross_entropy::cross_entropy;
use crate::model::{Model, ModelError};

/// CE(f(e + δ), y), `[1]`, with gradients: images `[b, 3, y, x]`, targets `[b, classes]`, token noise `[1, n, c]`. Without
/// noise it is the control that takes the second pass alone.
///
/// The noise is a constant: no gradient reaches it.
///
/// # Errors
/// When the noise does not fit the model, or its family takes none.
pub fn second_pass(
    model: &Model,
    images: Tensor<4>,
    targets: Tensor<2>,
    noise: Option<Tensor<3>>,
) -> Result<Tensor<1>, ModelError> {
    let noise = noise.map(Tensor::inner);
    let seen = model.forward_with_noise(images, noise, &mut ())?;
    Ok(cross_entropy(seen.logits, targets))
}
