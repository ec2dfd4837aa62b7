//! RMS calibration error: the same question as the expected one, over bins that hold equally many images.
//!
//! Hendrycks, Mazeika and Dietterich 2019, "Deep Anomaly Detection with Outlier Exposure", appendix on calibration: bins of
//! 100 images with neighbouring confidence, the rest in the last. A widely copied implementation leaves out the most
//! confident bin; here it counts.

use super::{Better, Draw, Metric, Of, Unit};

/// Images per bin; the last bin also takes the rest.
const BIN_SIZE: usize = 100;

/// The metric.
pub const METRIC: Metric = Metric {
    key: "rms_calibration_error",
    title: "RMS calibration error",
    about: "How far confidence is from accuracy, as a root mean square over bins b of 100 images with neighbouring \
            confidence.",
    formula: "RMS = √(Σ<sub>b</sub> (n<sub>b</sub> / N) · (acc<sub>b</sub> − conf<sub>b</sub>)<sup>2</sup>)",
    unit: Unit::Fraction,
    better: Better::Lower,
    of: Of::Distance(distance),
};

/// √(Σ_b n_b/N · (mean a - mean p)²).
fn distance(draw: &Draw<'_>) -> f64 {
    let last = (draw.count() / BIN_SIZE).max(1) - 1;
    let (mut sum, mut gap, mut inside, mut bin) = (0.0, 0.0, 0usize, 0);
    for image in draw.by_confidence() {
        for _ in 0..image.times {
            if inside == BIN_SIZE && bin < last {
                sum += f64::powi(gap, 2) / inside as f64;
                (gap, inside, bin) = (0.0, 0, bin + 1);
            }
            gap += image.gap();
            inside += 1;
        }
    }
    // n_b · (mean gap)² is (Σ gap)² / n_b.
    sum += f64::powi(gap, 2) / inside.max(1) as f64;
    (sum / draw.count().max(1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::super::tests::scores;
    use super::METRIC;

    #[test]
    fn bins_hold_a_hundred_and_the_last_one_takes_the_rest_and_counts() {
        // 100 images at 0.5, all wrong; 150 at 1, all but 30 right.
        let images: Vec<_> = (0..250).map(|i| (if i < 100 { 0.5 } else { 1.0 }, i >= 130)).collect();
        let by_hand: f64 = (100.0 / 250.0) * 0.5 * 0.5 + (150.0 / 250.0) * 0.2 * 0.2;
        assert!((scores(&images).of(&METRIC) - by_hand.sqrt()).abs() < 1e-6);
    }

    #[test]
    fn images_of_one_bin_make_up_for_each_other() {
        assert!(scores(&[(0.5, false), (0.5, true)]).of(&METRIC) < 1e-6);
    }
}
