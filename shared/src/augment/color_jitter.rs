//! Colour jitter as timm's recipes have it: brightness, contrast and saturation, each off by a random factor.
//!
//! The factors are uniform on 1 ± `strength`, and so is the order among the six that there are. Hue stays. In timm it is left
//! out wherever RandAugment runs, which changes colours too; the papers' "0.4" beside RandAugment therefore does nothing.

use chacha20::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::draw::{below, between};
use super::randaugment::Op;

/// How factors are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColorJitter {
    /// How far from one a factor may be. Usual: 0.3 to 0.4.
    pub strength: f64,
}

impl ColorJitter {
    /// Draws the three operations of one image, in the order in which they run.
    pub fn plan(&self, random: &mut ChaCha8Rng) -> Vec<Op> {
        let mut factor = || between(random, (1.0 - self.strength).max(0.0), 1.0 + self.strength);
        let mut ops = vec![
            Op::Brightness { factor: factor() },
            Op::Contrast { factor: factor() },
            Op::Color { factor: factor() },
        ];
        for last in (1..ops.len()).rev() {
            ops.swap(last, below(random, last + 1));
        }
        ops
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::augment::Interpolation;
    use crate::image::Rgb8;
    use crate::random::stream;

    fn name_and_factor(op: &Op) -> (char, f64) {
        match op {
            Op::Brightness { factor } => ('b', *factor),
            Op::Contrast { factor } => ('c', *factor),
            Op::Color { factor } => ('s', *factor),
            other => panic!("{other:?} is no part of the jitter"),
        }
    }

    #[test]
    fn every_order_is_as_likely_and_factors_fill_their_range() {
        let jitter = ColorJitter { strength: 0.4 };
        let (mut orders, mut sums) = (BTreeMap::new(), BTreeMap::new());
        for index in 0..6000 {
            let ops = jitter.plan(&mut stream(1, index, "jitter"));
            let drawn: Vec<(char, f64)> = ops.iter().map(name_and_factor).collect();
            *orders.entry(drawn.iter().map(|(name, _)| *name).collect::<String>()).or_insert(0u32) += 1;
            for (name, factor) in drawn {
                assert!((0.6..=1.4).contains(&factor), "{factor}");
                *sums.entry(name).or_insert(0.0) += factor / 6000.0;
            }
        }
        assert_eq!((orders.len(), sums.len()), (6, 3));
        // Five standard deviations of a binomial count.
        assert!(orders.values().all(|count| count.abs_diff(1000) < 145), "{orders:?}");
        assert!(sums.values().all(|mean: &f64| (mean - 1.0).abs() < 0.015), "{sums:?}");
    }

    #[test]
    fn a_plan_depends_on_the_stream_alone_and_no_strength_changes_nothing() {
        let image = Rgb8::from_fn(9, 7, |x, y| [(x * 28) as u8, (y * 36) as u8, (x * y * 3) as u8]);
        let plan = |strength, seed| ColorJitter { strength }.plan(&mut stream(seed, 0, "jitter"));
        assert_eq!(plan(0.4, 1), plan(0.4, 1));
        assert_ne!(plan(0.4, 1), plan(0.4, 2));
        let run = |ops: Vec<Op>| ops.iter().fold(image.clone(), |image, op| op.apply(&image, Interpolation::Bilinear));
        assert_eq!(run(plan(0.0, 1)), image);
        assert_ne!(run(plan(0.4, 1)), image);
    }

    #[test]
    fn a_strength_above_one_gives_no_negative_factor() {
        for index in 0..200 {
            let ops = ColorJitter { strength: 3.0 }.plan(&mut stream(4, index, "jitter"));
            assert!(ops.iter().all(|op| (0.0..=4.0).contains(&name_and_factor(op).1)));
        }
    }
}
