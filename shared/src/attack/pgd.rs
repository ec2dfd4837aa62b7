//! Projected gradient descent, "Towards Deep Learning Models Resistant to Adversarial Attacks" (arXiv 1706.06083): many small
//! steps up the loss from a random start, each followed by a way back into the ball around the image and to valid pixels.
//!
//! In ℓ∞ a step is the sign of the gradient; in ℓ2 it is the gradient of each image at unit length. Both are measured in
//! pixels of 0 to 1, so the ℓ2 gradient is taken with respect to pixels: divided by std.

use burn::prelude::*;

use super::ball::{lengths, near};
use super::{Attack, AttackError, Budget, Chance, Radius, Start, Victim};

/// In ℓ∞, with the budget of VARS.
pub(super) const ENTRY: Attack = Attack {
    name: "pgd",
    title: "PGD",
    chance: Chance::Start,
    defaults: Budget { radius: Radius::Linf(1.0 / 255.0), step: 0.5 / 255.0, steps: 5 },
    source: "VARS, arXiv 2204.10962",
    run: pgd,
};

/// In ℓ2. The nullspace release attacks with one radius in both norms, which is little in this one.
pub(super) const L2: Attack = Attack {
    name: "pgd_l2",
    title: "PGD, ℓ2",
    chance: Chance::Start,
    defaults: Budget { radius: Radius::L2(8.0 / 225.0), step: 4.0 / 225.0, steps: 5 },
    source: "radius of the nullspace release, arXiv 2403.10476; steps as in VARS",
    run: pgd,
};

/// Attacks normalised images `[b, 3, y, x]`; the result is within the budget around them and has valid pixels.
///
/// # Errors
/// When the budget, the labels or the start cannot be; see [`AttackError`].
pub fn pgd(
    victim: &Victim,
    images: Tensor<4>,
    labels: &[usize],
    budget: Budget,
    start: Start,
) -> Result<Tensor<4>, AttackError> {
    let images = images.inner();
    budget.check(images.dims())?;
    let (space, device) = (victim.space(), images.device());
    let unit = space.distance(1.0, &device);
    let mut attacked = start.place(images.clone(), budget.radius, space, "pgd start")?;
    for _ in 0..budget.steps {
        let (_, gradient) = victim.gradient(attacked.clone(), labels)?;
        let direction = match budget.radius {
            Radius::Linf(_) => gradient.sign(),
            Radius::L2(_) => {
                // With respect to pixels: the model sees pixel / std.
                let gradient = gradient * unit.clone();
                gradient.clone() / lengths(gradient)
            }
        };
        let step = space.distance(budget.step, &device);
        let moved = near(attacked + direction * step, images.clone(), budget.radius, space);
        attacked = space.clamp(moved);
    }
    Ok(attacked)
}
