//! Projected gradient descent, "Towards Deep Learning Models Resistant to Adversarial Attacks" (arXiv 1706.06083): many small
//! steps up the loss from a random start, each followed by a way back into the ball around the image and to valid pixels.
//!
//! In ℓ∞ a step is the sign of the gradient; in ℓ2 it is the gradient of each image at unit length. Both are measured in
//! pixels of 0 to 1, so the ℓ2 gradient is taken with respect to pixels: divided by std.

use burn::prelude::*;
use burn::tensor::TensorData;

use super::space::between;
use super::{Attack, AttackError, Budget, Norm, Start, Victim};
use crate::random::normal;
use crate::random::stream;

/// In ℓ∞, with the budget of VARS.
pub(super) const ENTRY: Attack = Attack {
    name: "pgd",
    title: "PGD",
    norm: Norm::Linf,
    defaults: Budget { eps: 1.0 / 255.0, step: 0.5 / 255.0, steps: 5 },
    source: "VARS, arXiv 2204.10962",
    run: |victim, images, labels, budget, start| pgd(victim, images, labels, Norm::Linf, budget, start),
};

/// In ℓ2. The nullspace release attacks with one radius in both norms, which is little in this one.
pub(super) const L2: Attack = Attack {
    name: "pgd_l2",
    title: "PGD, ℓ2",
    norm: Norm::L2,
    defaults: Budget { eps: 8.0 / 225.0, step: 4.0 / 225.0, steps: 5 },
    source: "radius of the nullspace release, arXiv 2403.10476; steps as in VARS",
    run: |victim, images, labels, budget, start| pgd(victim, images, labels, Norm::L2, budget, start),
};

/// Lengths below this count as this, so that an image without a gradient stays where it is.
const LEAST_LENGTH: f64 = 1e-12;

/// Attacks normalised images `[b, 3, y, x]`; the result is within the budget around them and has valid pixels.
///
/// # Errors
/// When the budget, the labels or the start cannot be; see [`AttackError`].
pub fn pgd(
    victim: &Victim,
    images: Tensor<4>,
    labels: &[usize],
    norm: Norm,
    budget: Budget,
    start: Start,
) -> Result<Tensor<4>, AttackError> {
    let images = images.inner();
    let dims = images.dims();
    budget.check(longest(norm, dims))?;
    if dims[1] != 3 {
        return Err(AttackError::Channels { channels: dims[1] });
    }
    let (space, device) = (victim.space(), images.device());
    let unit = space.distance(1.0, &device);
    let near = |attacked: Tensor<4>| match norm {
        Norm::Linf => {
            let eps = space.distance(budget.eps, &device);
            between(attacked, images.clone() - eps.clone(), images.clone() + eps)
        }
        Norm::L2 => {
            let change = (attacked - images.clone()) / unit.clone();
            let length = lengths(change.clone());
            let factor = length.recip().mul_scalar(budget.eps).clamp_max(1.0);
            images.clone() + change * factor * unit.clone()
        }
    };
    let mut attacked = match start {
        Start::Image => images.clone(),
        Start::Drawn { seed, first } => {
            let draws = TensorData::new(draws(norm, budget.eps, dims, seed, first), dims);
            images.clone() + Tensor::<4>::from_data(draws, &device) * unit.clone()
        }
        Start::Noise(noise) => {
            if noise.dims() != dims {
                return Err(AttackError::Start { given: noise.dims(), expected: dims });
            }
            near(images.clone() + noise.inner())
        }
    };
    attacked = space.clamp(attacked);
    for _ in 0..budget.steps {
        let (_, gradient) = victim.gradient(attacked.clone(), labels)?;
        let direction = match norm {
            Norm::Linf => gradient.sign(),
            Norm::L2 => {
                // With respect to pixels: the model sees pixel / std.
                let gradient = gradient * unit.clone();
                gradient.clone() / lengths(gradient)
            }
        };
        let step = space.distance(budget.step, &device);
        attacked = space.clamp(near(attacked + direction * step));
    }
    Ok(attacked)
}

/// The longest way between two images of values 0 to 1.
fn longest(norm: Norm, [_, channels, y, x]: [usize; 4]) -> f64 {
    match norm {
        Norm::Linf => 1.0,
        Norm::L2 => ((channels * y * x) as f64).sqrt(),
    }
}

/// Euclidean length of each image: `[b, c, y, x]` → `[b, 1, 1, 1]`, not below [`LEAST_LENGTH`].
fn lengths(change: Tensor<4>) -> Tensor<4> {
    // Scaled before squaring, so that small gradients do not vanish in f32.
    let [b, _, _, _] = change.dims();
    let flat = change.flatten::<2>(1, 3);
    let most = flat.clone().abs().max_dim(1).clamp_min(LEAST_LENGTH);
    let length = (flat / most.clone()).square().sum_dim(1).sqrt() * most;
    length.clamp_min(LEAST_LENGTH).reshape([b, 1, 1, 1])
}

/// Start noise in pixels of 0 to 1, uniform in the ball, `[b, c, y, x]`.
fn draws(norm: Norm, eps: f64, [b, channels, y, x]: [usize; 4], seed: u64, first: u64) -> Vec<f32> {
    let count = channels * y * x;
    let one = |sample: u64| -> Vec<f32> {
        let mut random = stream(seed, first + sample, "pgd start");
        match norm {
            Norm::Linf => (0..count).map(|_| ((2.0 * normal::uniform(&mut random) - 1.0) * eps) as f32).collect(),
            Norm::L2 => {
                // The share of the ball within radius r is r to the power of the dimension.
                let radius = eps * libm::pow(normal::uniform(&mut random), 1.0 / count as f64);
                let direction = normal::normals(&mut random, count);
                let length = direction.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
                direction.iter().map(|value| (f64::from(*value) * radius / length.max(LEAST_LENGTH)) as f32).collect()
            }
        }
    };
    (0..b as u64).flat_map(one).collect()
}
