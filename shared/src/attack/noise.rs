//! Random noise: each image moves to a point drawn uniformly from the ball that the budget leaves, then to valid pixels.
//!
//! It asks the model nothing. What it costs in accuracy is what the budget does by itself, and the rest of an attack's effect
//! is the gradient's. In ℓ∞ the ball is a cube and every value is drawn on its own; in ℓ2 nearly all of the ball lies near its
//! surface, so a point has a random direction and almost the whole length.

use burn::prelude::*;

use super::{Attack, AttackError, Budget, Chance, Radius, Start, Victim};

/// In ℓ∞, with the usual radius of attacks on small images.
pub(super) const ENTRY: Attack = Attack {
    name: "noise",
    title: "random noise",
    chance: Chance::Everything,
    defaults: Budget::whole(Radius::Linf(8.0 / 255.0)),
    source: "a control; the radius is that of arXiv 1706.06083 on CIFAR-10",
    run: noise,
};

/// In ℓ2.
pub(super) const L2: Attack = Attack {
    name: "noise_l2",
    title: "random noise, ℓ2",
    chance: Chance::Everything,
    defaults: Budget::whole(Radius::L2(128.0 / 255.0)),
    source: "a control; half the range of one value, a common radius on small images",
    run: noise,
};

/// Moves normalised images `[b, 3, y, x]`; the result is within the budget's radius of them and has valid pixels.
///
/// A start at the image means seed 0 and samples numbered by their place; given noise is brought back into the ball.
///
/// # Errors
/// When the radius, the number of labels or the start cannot be; see [`AttackError`].
pub fn noise(
    victim: &Victim,
    images: Tensor<4>,
    labels: &[usize],
    budget: Budget,
    start: Start,
) -> Result<Tensor<4>, AttackError> {
    let images = images.inner();
    let dims = images.dims();
    budget.radius.check(dims)?;
    if labels.len() != dims[0] {
        return Err(AttackError::Labels { labels: labels.len(), images: dims[0] });
    }
    let start = match start {
        Start::Image => Start::Drawn { seed: 0, samples: (0..).take(dims[0]).collect() },
        other => other,
    };
    start.place(images, budget.radius, victim.space(), PURPOSE)
}

/// Names the streams: the noise is not the start of another attack.
const PURPOSE: &str = "noise attack";
