//! AugMix (Hendrycks et al., ICLR 2020, arXiv 1912.02781): an image blended with altered versions of itself.
//!
//! A few chains of operations start from the image, each on its own. The ends of the chains are averaged with random weights,
//! and the average is blended with the image. Operations work on bytes, byte for byte as Pillow 13; the blend is never
//! rounded back to them. `method::consistency` is the loss that makes a model say the same of such versions.
//!
//! As released: what the paper calls the severity is a limit, and each application draws its own strength below it; the four
//! operations that resemble corruptions of ImageNet-C are left out unless they are asked for.

mod operation;

pub use operation::{ALL, Operation, Step, USUAL};

use chacha20::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::beta::beta;
use super::dirichlet::dirichlet;
use super::draw::{below, between, chance};
use crate::image::Rgb8;

/// The weakest strength that is drawn.
const WEAKEST: f64 = 0.1;

/// The longest chain where lengths are drawn.
const LONGEST: usize = 3;

/// How versions are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AugMix {
    /// Limit of the strengths, above 0.1 and up to 10. Paper: 3 at 32 pixels, 1 at 224.
    pub severity: f64,
    /// Number of chains. Paper: 3.
    pub width: usize,
    /// Operations of a chain; none: one to three, drawn for each. Paper: drawn.
    pub depth: Option<usize>,
    /// Weights are Dirichlet(α, …, α), the share of the altered average is Beta(α, α). Paper: 1.
    pub alpha: f64,
    /// Whether colours, contrast, brightness and sharpness are altered too, as benchmarks of corruptions do. Paper: no.
    pub all_operations: bool,
}

impl Default for AugMix {
    fn default() -> Self {
        Self { severity: 3.0, width: 3, depth: None, alpha: 1.0, all_operations: false }
    }
}

/// One version of one image.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Weight of each chain's end.
    pub weights: Vec<f32>,
    /// Share of the altered average; the rest is the image's own.
    pub altered: f32,
    /// Operations of each chain, in order.
    pub chains: Vec<Vec<Step>>,
}

impl AugMix {
    /// Draws a version.
    pub fn plan(&self, random: &mut ChaCha8Rng) -> Plan {
        let weights = dirichlet(random, self.alpha, self.width).into_iter().map(|weight| weight as f32).collect();
        let altered = beta(random, self.alpha) as f32;
        Plan { weights, altered, chains: (0..self.width).map(|_| self.chain(random)).collect() }
    }

    fn chain(&self, random: &mut ChaCha8Rng) -> Vec<Step> {
        let length = self.depth.unwrap_or_else(|| 1 + below(random, LONGEST));
        (0..length).map(|_| self.step(random)).collect()
    }

    /// Every number is drawn whether the operation needs it or not, so that another operation shifts no later draw.
    fn step(&self, random: &mut ChaCha8Rng) -> Step {
        let operations = if self.all_operations { &ALL[..] } else { USUAL };
        let operation = operations[below(random, operations.len())];
        let level = between(random, WEAKEST, self.severity);
        Step { operation, level, negative: chance(random, 0.5) }
    }
}

impl Plan {
    /// The version of `image`, `[y, x, c]` in 0..1.
    pub fn apply(&self, image: &Rgb8) -> Vec<f32> {
        let fraction = |byte: &u8| f32::from(*byte) / 255.0;
        let mut average = vec![0.0; image.bytes().len()];
        for (weight, chain) in self.weights.iter().zip(&self.chains) {
            let end = chain.iter().fold(image.clone(), |image, step| step.apply(&image));
            average.iter_mut().zip(end.bytes()).for_each(|(sum, byte)| *sum += weight * fraction(byte));
        }
        let own = 1.0 - self.altered;
        image.bytes().iter().zip(average).map(|(byte, average)| own * fraction(byte) + self.altered * average).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    fn image(width: usize, height: usize) -> Rgb8 {
        Rgb8::from_fn(width, height, |x, y| [(x * 7) as u8, (y * 9 + x) as u8, (x * y * 3) as u8])
    }

    fn plans(augmix: AugMix) -> Vec<Plan> {
        (0..2000).map(|index| augmix.plan(&mut stream(1, index, "augmix"))).collect()
    }

    #[test]
    fn a_plan_depends_on_the_stream_alone() {
        let plan = |seed| AugMix::default().plan(&mut stream(seed, 0, "augmix"));
        assert_eq!(plan(1), plan(1));
        assert_ne!(plan(1), plan(2));
    }

    #[test]
    fn weights_sum_to_one_and_half_of_the_image_is_left_on_average() {
        let plans = plans(AugMix::default());
        assert!(plans.iter().all(|plan| (plan.weights.iter().sum::<f32>() - 1.0).abs() < 1e-6));
        let altered = plans.iter().map(|plan| f64::from(plan.altered)).sum::<f64>() / 2000.0;
        // Five standard deviations of a uniform mean.
        assert!((altered - 0.5).abs() < 0.033, "{altered}");
    }

    #[test]
    fn chains_have_one_to_three_of_the_nine_operations_at_strengths_below_the_severity() {
        let plans = plans(AugMix::default());
        let chains: Vec<&Vec<Step>> = plans.iter().flat_map(|plan| &plan.chains).collect();
        assert_eq!(chains.len(), 6000);
        for length in 1..=3 {
            let count = chains.iter().filter(|chain| chain.len() == length).count();
            assert!(count.abs_diff(2000) < 185, "{length}: {count}");
        }
        let steps: Vec<&Step> = chains.into_iter().flatten().collect();
        for operation in USUAL {
            let count = steps.iter().filter(|step| step.operation == *operation).count();
            assert!(count.abs_diff(steps.len() / 9) < 200, "{operation:?}: {count} of {}", steps.len());
        }
        assert!(steps.iter().all(|step| USUAL.contains(&step.operation) && (0.1..=3.0).contains(&step.level)));
        let negative = steps.iter().filter(|step| step.negative).count();
        assert!(negative.abs_diff(steps.len() / 2) < 280, "{negative} of {}", steps.len());
    }

    #[test]
    fn width_depth_and_operations_are_what_was_asked_for() {
        let asked = AugMix { width: 2, depth: Some(4), all_operations: true, severity: 9.0, ..AugMix::default() };
        let plans = plans(asked);
        assert!(plans.iter().all(|plan| plan.weights.len() == 2 && plan.chains.len() == 2));
        assert!(plans.iter().flat_map(|plan| &plan.chains).all(|chain| chain.len() == 4));
        let steps: Vec<&Step> = plans.iter().flat_map(|plan| plan.chains.iter().flatten()).collect();
        assert!(ALL.iter().all(|operation| steps.iter().any(|step| step.operation == *operation)));
        assert!(steps.iter().any(|step| step.level > 8.0));
    }

    #[test]
    fn versions_lie_between_black_and_white_at_any_size() {
        for (width, height) in [(1, 1), (2, 1), (1, 5), (24, 17)] {
            let image = image(width, height);
            for plan in plans(AugMix { all_operations: true, severity: 10.0, ..AugMix::default() }).iter().take(100) {
                let version = plan.apply(&image);
                assert_eq!(version.len(), image.bytes().len());
                // Sums of fractions whose weights are rounded.
                assert!(version.iter().all(|value| (0.0..=1.000_001).contains(value)));
            }
        }
    }

    #[test]
    fn chains_without_operations_give_the_image_back() {
        let image = image(16, 12);
        let idle = AugMix { depth: Some(0), ..AugMix::default() }.plan(&mut stream(3, 0, "augmix"));
        for (value, byte) in idle.apply(&image).into_iter().zip(image.bytes()) {
            assert!((value - f32::from(*byte) / 255.0).abs() < 1e-6);
        }
    }

    #[test]
    fn what_is_not_altered_is_the_image_and_what_is_wholly_altered_is_the_weighted_chains() {
        let image = image(16, 12);
        let step = |operation| Step { operation, level: 5.0, negative: false };
        let (first, second) = (step(Operation::Solarize), step(Operation::Posterize));
        let plan = |altered| Plan { weights: vec![0.25, 0.75], altered, chains: vec![vec![first], vec![second]] };
        let fractions = |image: &Rgb8| image.bytes().iter().map(|byte| f32::from(*byte) / 255.0).collect::<Vec<_>>();
        assert_eq!(plan(0.0).apply(&image), fractions(&image));
        let (one, other) = (fractions(&first.apply(&image)), fractions(&second.apply(&image)));
        for ((value, one), other) in plan(1.0).apply(&image).iter().zip(one).zip(other) {
            assert!((value - (0.25 * one + 0.75 * other)).abs() < 1e-6);
        }
    }
}
