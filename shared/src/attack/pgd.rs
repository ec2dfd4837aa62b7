//! Projected gradient descent, "Towards Deep Learning Models Resistant to Adversarial Attacks" (arXiv 1706.06083): many small
//! steps up the loss from a random start, each followed by a way back into the ball around the image and to valid pixels.
//!
//! In ℓ∞ a step is the sign of the gradient; in ℓ2 it is the gradient of each image at unit length. Both are measured in
//! pixels of 0 to 1, so the ℓ2 gradient is taken with respect to pixels: divided by std.

use burn::prelude::*;

use super::ball::{lengths, near};
use super::{Attack, AttackError, Budget, Chance, Radius, Start, Victim};

/// In ℓ∞, with the budget of VARS.
pub(crate) const ENTRY: Attack = Attack {
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
    let mut pgd = Pgd::start(victim, images, budget, start)?;
    for _ in 0..budget.steps {
        pgd.step(victim, labels)?;
    }
    Ok(pgd.attacked)
}

/// An attack under way, for whoever watches its steps.
#[derive(Clone, Debug)]
pub struct Pgd {
    images: Tensor<4>,
    attacked: Tensor<4>,
    budget: Budget,
}

impl Pgd {
    /// Before the first step, at `start`.
    ///
    /// # Errors
    /// When the budget or the start cannot be.
    pub fn start(victim: &Victim, images: Tensor<4>, budget: Budget, start: Start) -> Result<Self, AttackError> {
        let images = images.inner();
        budget.check(images.dims())?;
        let attacked = start.place(images.clone(), budget.radius, victim.space(), "pgd start")?;
        Ok(Self { images, attacked, budget })
    }

    /// Takes one step; returns the mean loss before it, `[1]`. How many there are is up to the caller.
    ///
    /// # Errors
    /// When there is not one legal label for each image.
    pub fn step(&mut self, victim: &Victim, labels: &[usize]) -> Result<Tensor<1>, AttackError> {
        let Budget { radius, step, .. } = self.budget;
        let (space, device) = (victim.space(), self.images.device());
        let (loss, gradient) = victim.gradient(self.attacked.clone(), labels)?;
        let direction = match radius {
            Radius::Linf(_) => gradient.sign(),
            Radius::L2(_) => {
                // With respect to pixels: the model sees pixel / std.
                let gradient = gradient * space.distance(1.0, &device);
                gradient.clone() / lengths(gradient)
            }
        };
        let moved = self.attacked.clone() + direction * space.distance(step, &device);
        self.attacked = space.clamp(near(moved, self.images.clone(), radius, space));
        Ok(loss)
    }

    /// The images so far, `[b, 3, y, x]`.
    pub fn attacked(&self) -> Tensor<4> {
        self.attacked.clone()
    }
}
