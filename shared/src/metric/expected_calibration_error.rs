//! Expected calibration error: how far the probability of the best class is from how often that class is right.
//!
//! Guo et al. 2017, "On Calibration of Modern Neural Networks", section 2, with 15 equal bins of the probability, open below
//! and closed above.

use super::{Better, Draw, Metric, Of, Unit};

/// Bins.
const BINS: usize = 15;

/// The metric.
pub const METRIC: Metric = Metric {
    key: "ece",
    title: "expected calibration error",
    about: "How far confidence is from accuracy, over 15 equally wide bins b of confidence.",
    formula: "ECE = Σ<sub>b</sub> (n<sub>b</sub> / N) · |acc<sub>b</sub> − conf<sub>b</sub>|",
    unit: Unit::Fraction,
    better: Better::Lower,
    of: Of::Distance(distance),
};

/// Σ_b n_b/N · |mean a - mean p|, which is Σ_b |Σ (a - p)| / N.
fn distance(draw: &Draw<'_>) -> f64 {
    let mut gaps = [0.0; BINS];
    for image in draw.images() {
        let bin = (image.confidence * BINS as f64).ceil() as usize;
        gaps[bin.clamp(1, BINS) - 1] += f64::from(image.times) * image.gap();
    }
    gaps.iter().map(|gap: &f64| gap.abs()).sum::<f64>() / draw.count().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::super::tests::scores;
    use super::METRIC;

    #[test]
    fn a_model_that_is_as_right_as_it_says_has_no_calibration_error() {
        let images: Vec<_> = (0..10).map(|i| (0.75, i % 4 != 0 || i == 8)).collect();
        assert!((scores(&images).of(&METRIC) - 0.05).abs() < 1e-6, "8 of 10, not 7.5");
        assert!(scores(&images[..8]).of(&METRIC) < 1e-6);
    }

    #[test]
    fn a_model_that_is_always_sure_and_half_right_is_off_by_half() {
        let images: Vec<_> = (0..10).map(|i| (1.0, i % 2 == 0)).collect();
        assert!((scores(&images).of(&METRIC) - 0.5).abs() < 1e-6);
    }

    #[test]
    fn gaps_of_different_bins_do_not_cancel_and_those_of_one_bin_do() {
        // Wrong at 0.5, right at 0.75: off by 0.5 and 0.25, in opposite directions.
        assert!((scores(&[(0.5, false), (0.75, true)]).of(&METRIC) - 0.375).abs() < 1e-6);
        // Both in (7/15, 8/15].
        assert!(scores(&[(0.5, false), (0.5, true)]).of(&METRIC) < 1e-6);
    }
}
