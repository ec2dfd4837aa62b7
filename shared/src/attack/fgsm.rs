//! The fast gradient sign method, "Explaining and Harnessing Adversarial Examples" (arXiv 1412.6572): one step of eps along
//! the sign of the gradient, no random start.
//!
//! There are two readings of the numbers published for nullspace finetuning. Its evaluation hands normalised images to a
//! library that expects pixels of 0 to 1, which then clamps what the model sees to 0 to 1: everything darker than the mean
//! becomes the mean, and 8/225 (not 255) is about 4.5/255 in pixels. [`ENTRY`] attacks pixels, [`RELEASED`] does as released.

use burn::prelude::*;

use super::{Attack, AttackError, Budget, Chance, PixelSpace, Radius, Start, Victim};

/// On pixels. VARS evaluates with 1/255.
pub(super) const ENTRY: Attack = Attack {
    name: "fgsm",
    title: "FGSM",
    chance: Chance::Nothing,
    defaults: Budget::whole(Radius::Linf(1.0 / 255.0)),
    source: "VARS, arXiv 2204.10962",
    run: |victim, images, labels, budget, _start: Start| fgsm(victim, images, labels, budget.radius),
};

/// On normalised images, as the nullspace release evaluates.
pub(super) const RELEASED: Attack = Attack {
    name: "fgsm_released",
    title: "FGSM on normalised values",
    chance: Chance::Nothing,
    defaults: Budget::whole(Radius::Linf(8.0 / 225.0)),
    source: "nullspace finetuning as released, arXiv 2403.10476",
    run: |victim, images, labels, budget, _start: Start| {
        fgsm(&victim.within(PixelSpace::UNIT), images, labels, budget.radius)
    },
};

/// Normalised images `[b, 3, y, x]` → x + eps · sign(∇ cross-entropy), clamped to valid pixels.
///
/// With a victim in [`PixelSpace::UNIT`] but fed normalised images this is the released reading.
///
/// # Errors
/// When `radius` is none of ℓ∞, or beyond what pixels can move, or there is not one legal label for each image.
pub fn fgsm(victim: &Victim, images: Tensor<4>, labels: &[usize], radius: Radius) -> Result<Tensor<4>, AttackError> {
    radius.check(images.dims())?;
    let Radius::Linf(eps) = radius else { return Err(AttackError::Norm { norm: radius.norm() }) };
    let images = images.inner();
    let (_, gradient) = victim.gradient(images.clone(), labels)?;
    let step = victim.space().distance(eps, &images.device());
    Ok(victim.space().clamp(images + gradient.sign() * step))
}
