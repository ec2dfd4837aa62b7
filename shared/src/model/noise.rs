//! Noise on the patch tokens, the place where "Approximate Nullspace Augmented Finetuning for Robust Vision Transformers"
//! perturbs a model.
//!
//! It is one tensor for every image, added before positions and class token. Since positions are added right after, it is
//! the same as moving the positions of the patches.

use burn::prelude::*;

use super::ModelError;

/// Adds `noise` `[1, n, c]` to patch tokens `[b, n, c]`.
///
/// # Errors
/// When the noise is made for another number of tokens or channels.
pub(crate) fn with_noise(patches: Tensor<3>, noise: Option<Tensor<3>>) -> Result<Tensor<3>, ModelError> {
    let Some(noise) = noise else { return Ok(patches) };
    let [_, n, c] = patches.dims();
    let (given, expected) = (noise.dims(), [1, n, c]);
    if given != expected {
        return Err(ModelError::NoiseShape { given, expected });
    }
    Ok(patches + noise)
}
