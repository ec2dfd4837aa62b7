//! How far a number would move with other test images: the percentile bootstrap of Efron (1979).
//!
//! The images are drawn anew with replacement, as many as there are, and every number is computed again from the same draw.
//! So numbers of different cells move together, as they do when they are measured on the same images, and means and
//! ratios of them get honest intervals. A number of the model is resampled; that of a baseline is taken as given. No draw holds
//! what the images do not, so a fraction of exactly 0 or 1 would have an interval without width: [`of_fraction`] gives it one.
//!
//! A draw is a function of its number, so that draws can be measured in any order, and on several threads elsewhere.

use std::collections::BTreeMap;

use rand::RngExt;

use super::{Metric, Of};
use crate::random::stream;

/// Draws.
pub const RESAMPLES: u64 = 1000;

/// Fraction of the draws outside of an interval, half on either side.
const OUTSIDE: f64 = 0.05;

/// Low and high end.
pub type Interval = [f64; 2];

/// How often each image counts. Conditions with as many images have the same weights.
pub struct Weights(BTreeMap<usize, Vec<u16>>);

impl Weights {
    /// Every image once.
    pub fn ones(lengths: &[usize]) -> Self {
        Self(lengths.iter().map(|length| (*length, vec![1; *length])).collect())
    }

    /// Draw number `resample`, of [`RESAMPLES`].
    pub fn drawn(lengths: &[usize], seed: u64, resample: u64) -> Self {
        let draw = |length: &usize| {
            let mut random = stream(seed, resample, "bootstrap of the test images");
            let mut counts = vec![0u16; *length];
            for _ in 0..*length {
                // 32 bits draw the same image on every platform.
                let image = random.random_range(0..*length as u32) as usize;
                counts[image] = counts[image].saturating_add(1);
            }
            (*length, counts)
        };
        Self(lengths.iter().map(draw).collect())
    }

    /// The weights of `images` images, which must be one of the lengths that were asked for.
    pub fn of(&self, images: usize) -> &[u16] {
        self.0.get(&images).map_or(&[], Vec::as_slice)
    }
}

/// Something measured once on the images as they are, and once for each draw.
pub struct Resampled<T> {
    point: T,
    draws: Vec<T>,
}

impl<T> Resampled<T> {
    /// `measure` under every draw, one after the other. `lengths` are the numbers of images that it asks weights for.
    pub fn new(lengths: &[usize], seed: u64, measure: impl Fn(&Weights) -> T) -> Self {
        let draws = (0..RESAMPLES).map(|resample| measure(&Weights::drawn(lengths, seed, resample))).collect();
        Self::measured(measure(&Weights::ones(lengths)), draws)
    }

    /// What was measured under [`Weights::ones`], and under each of the draws, [`Weights::drawn`].
    pub fn measured(point: T, draws: Vec<T>) -> Self {
        Self { point, draws }
    }

    /// A value of `metric` with its interval; `None` where it is not defined.
    pub fn score(&self, metric: &Metric, number: impl Fn(&T) -> Option<f64>) -> Option<(f64, Interval)> {
        match metric.of {
            Of::Mean(_) | Of::All(_) => self.number(number),
            Of::Distance(_) => self.number_raised_by_chance(number),
        }
    }

    /// A number computed from what was measured, with its interval; `None` where it is not defined.
    pub fn number(&self, number: impl Fn(&T) -> Option<f64>) -> Option<(f64, Interval)> {
        let value = number(&self.point)?;
        let mut drawn: Vec<f64> = self.draws.iter().filter_map(number).collect();
        drawn.sort_by(f64::total_cmp);
        Some((value, [quantile(&drawn, OUTSIDE / 2.0), quantile(&drawn, 1.0 - OUTSIDE / 2.0)]))
    }

    /// [`Self::number`] for a number of at least 0 that chance can only raise, such as a calibration error: in a draw it is
    /// higher than in the images, so the interval is moved back by the mean of that.
    fn number_raised_by_chance(&self, number: impl Fn(&T) -> Option<f64>) -> Option<(f64, Interval)> {
        let (value, [low, high]) = self.number(&number)?;
        let drawn: Vec<f64> = self.draws.iter().filter_map(number).collect();
        let raised = drawn.iter().sum::<f64>() / drawn.len().max(1) as f64 - value;
        Some((value, [low - raised, high - raised].map(|end| end.max(0.0))))
    }
}

/// The square of the normal quantile that leaves [`OUTSIDE`] of the distribution outside.
const Z_SQUARED: f64 = 3.841_458_820_694_124;

/// The interval of a fraction of `images` images: that of the draws, with the end of Wilson's interval (1927) where all images
/// agree.
pub fn of_fraction(value: f64, [low, high]: Interval, images: usize) -> Interval {
    let far = Z_SQUARED / (images as f64 + Z_SQUARED);
    match value {
        0.0 => [low, high.max(far)],
        1.0 => [low.min(1.0 - far), high],
        _ => [low, high],
    }
}

/// Of sorted numbers, linear between neighbours; NaN of none.
fn quantile(sorted: &[f64], part: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = part * last as f64;
    let (low, rest) = (place.floor() as usize, place.fract());
    sorted[low] + rest * (sorted[(low + 1).min(last)] - sorted[low])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fraction of images whose index is not a multiple of four, by weights.
    fn three_quarters(images: usize) -> impl Fn(&Weights) -> f64 {
        move |weights| {
            let right = weights.of(images).iter().enumerate().filter(|(index, _)| index % 4 != 0);
            right.map(|(_, count)| f64::from(*count)).sum::<f64>() / images as f64
        }
    }

    fn interval(images: usize, seed: u64) -> (f64, Interval) {
        Resampled::new(&[images], seed, three_quarters(images)).number(|fraction| Some(*fraction)).unwrap()
    }

    #[test]
    fn an_interval_holds_its_number_and_shrinks_with_the_root_of_the_images() {
        let widths = [100, 400, 1600].map(|images| {
            let (value, [low, high]) = interval(images, 0);
            assert_eq!(value, 0.75);
            assert!(low < value && value < high, "{images}: {low} {high}");
            high - low
        });
        for pair in widths.windows(2) {
            let ratio = pair[0] / pair[1];
            assert!((1.7..2.3).contains(&ratio), "four times the images, {ratio} times narrower");
        }
    }

    #[test]
    fn a_fraction_has_the_interval_of_the_binomial_distribution() {
        let (_, [low, high]) = interval(400, 3);
        let normal = 1.96 * (0.75f64 * 0.25 / 400.0).sqrt();
        assert!((high - low - 2.0 * normal).abs() < 0.25 * normal, "{low} {high}, ±{normal}");
    }

    #[test]
    fn an_interval_of_a_number_that_chance_raises_holds_it() {
        // How far the fraction of each of ten groups is from the truth: nothing, but every draw misses it somewhere.
        let distance = |weights: &Weights| {
            let group = |start: usize| {
                let of = &weights.of(1000)[start * 100..(start + 1) * 100];
                let right: f64 = of.iter().step_by(2).map(|count| f64::from(*count)).sum();
                (right / 1000.0 - 0.05).abs()
            };
            0.02 + (0..10).map(group).sum::<f64>()
        };
        let rows = Resampled::new(&[1000], 0, distance);
        let (value, [low, _]) = rows.number(|distance| Some(*distance)).unwrap();
        assert!((value - 0.02).abs() < 1e-12 && low > value);
        let (value, [low, high]) = rows.number_raised_by_chance(|distance| Some(*distance)).unwrap();
        assert!(0.0 <= low && low < value && value < high, "{low} {value} {high}");
    }

    #[test]
    fn a_fraction_on_which_all_images_agree_has_an_interval_with_width() {
        let (all, none) = (of_fraction(1.0, [1.0, 1.0], 300), of_fraction(0.0, [0.0, 0.0], 300));
        assert_eq!((all[1], none[0]), (1.0, 0.0));
        // With 300 images about 1 %, by the rule of three.
        assert!((all[0] - 0.9874).abs() < 1e-4 && (none[1] - 0.0126).abs() < 1e-4, "{all:?} {none:?}");
        assert_eq!(of_fraction(0.5, [0.25, 0.75], 3), [0.25, 0.75]);
    }

    #[test]
    fn the_seed_decides_the_draws() {
        let drawn = |seed, resample| Weights::drawn(&[50], seed, resample).of(50).to_vec();
        assert_eq!(drawn(1, 7), drawn(1, 7));
        assert_ne!(drawn(1, 7), drawn(2, 7));
        assert_ne!(drawn(1, 7), drawn(1, 8));
    }

    #[test]
    fn a_difference_on_the_same_images_does_not_move() {
        let rows = Resampled::new(&[60], 0, |weights| (three_quarters(60)(weights), three_quarters(60)(weights) - 0.5));
        let (value, [low, high]) = rows.number(|(a, b)| Some(a - b)).unwrap();
        assert!((value - 0.5).abs() < 1e-12 && (low - 0.5).abs() < 1e-12 && (high - 0.5).abs() < 1e-12);
    }

    #[test]
    fn every_draw_takes_as_many_images_as_there_are() {
        let drawn = Weights::drawn(&[70, 5], 9, 4);
        for length in [70, 5] {
            assert_eq!(drawn.of(length).iter().map(|count| usize::from(*count)).sum::<usize>(), length);
        }
        assert!(drawn.of(6).is_empty());
    }

    #[test]
    fn quantiles_lie_between_neighbours() {
        assert_eq!(quantile(&[0.0, 1.0, 4.0], 0.75), 2.5);
        assert_eq!(quantile(&[7.0], 0.3), 7.0);
    }
}
