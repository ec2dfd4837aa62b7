//! From outcomes to numbers: accuracy, calibration and likelihood.
//!
//! Calibration compares the probability p of the best class with whether it was right, a. The expected calibration error
//! (Guo et al. 2017, "On Calibration of Modern Neural Networks") takes 15 equal bins of p; the RMS calibration error
//! (Hendrycks, Mazeika and Dietterich 2019, "Deep Anomaly Detection with Outlier Exposure") takes bins of 100 images with
//! neighbouring p. A widely copied implementation of the latter leaves out the most confident bin; here it counts.

use super::measure::Outcome;

/// Bins of the expected calibration error.
const BINS: usize = 15;

/// Images per bin of the RMS calibration error; the last bin also takes the rest.
const BIN_SIZE: usize = 100;

/// The numbers of one condition.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scores {
    /// Share of images whose best class was right.
    pub top1: f64,
    /// Share of images whose label was among the best five.
    pub top5: f64,
    /// Expected calibration error.
    pub ece: f64,
    /// RMS calibration error.
    pub rms: f64,
    /// Mean negative log-likelihood of the labels.
    pub nll: f64,
    /// Mean squared distance between the probabilities and the truth, summed over classes.
    pub brier: f64,
}

/// Outcomes of one condition, packed: 18 bytes per image.
pub struct Answers {
    top1: Vec<bool>,
    top5: Vec<bool>,
    confidence: Vec<f32>,
    loss: Vec<f32>,
    brier: Vec<f32>,
    /// Images, the least confident first.
    order: Vec<u32>,
}

impl Answers {
    /// Packs `outcomes`.
    pub fn new(outcomes: &[Outcome]) -> Self {
        let mut order: Vec<u32> = (0..outcomes.len() as u32).collect();
        order.sort_by(|a, b| outcomes[*a as usize].confidence.total_cmp(&outcomes[*b as usize].confidence));
        Self {
            top1: outcomes.iter().map(|outcome| outcome.top1).collect(),
            top5: outcomes.iter().map(|outcome| outcome.top5).collect(),
            confidence: outcomes.iter().map(|outcome| outcome.confidence as f32).collect(),
            loss: outcomes.iter().map(|outcome| outcome.loss as f32).collect(),
            brier: outcomes.iter().map(|outcome| outcome.brier as f32).collect(),
            order,
        }
    }

    /// Images.
    pub fn len(&self) -> usize {
        self.top1.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.top1.is_empty()
    }

    /// The numbers when image `i` counts `weights[i]` times.
    pub fn scores(&self, weights: &[u16]) -> Scores {
        let count = weights.iter().map(|weight| u64::from(*weight)).sum::<u64>().max(1) as f64;
        let share = |right: &[bool]| {
            let hits = weights.iter().zip(right).map(|(weight, right)| u64::from(*weight) * u64::from(*right));
            hits.sum::<u64>() as f64 / count
        };
        let mean = |numbers: &[f32]| {
            let parts = weights.iter().zip(numbers).map(|(weight, number)| f64::from(*weight) * f64::from(*number));
            parts.sum::<f64>() / count
        };
        Scores {
            top1: share(&self.top1),
            top5: share(&self.top5),
            ece: self.expected_calibration_error(weights, count),
            rms: self.rms_calibration_error(weights, count),
            nll: mean(&self.loss),
            brier: mean(&self.brier),
        }
    }

    /// Σ_b n_b/N · |mean a - mean p|, which is Σ_b |Σ (a - p)| / N.
    fn expected_calibration_error(&self, weights: &[u16], count: f64) -> f64 {
        let mut gaps = [0.0; BINS];
        for (index, weight) in weights.iter().enumerate() {
            // Open below and closed above.
            let bin = (f64::from(self.confidence[index]) * BINS as f64).ceil() as usize;
            gaps[bin.clamp(1, BINS) - 1] += f64::from(*weight) * self.gap(index);
        }
        gaps.iter().map(|gap: &f64| gap.abs()).sum::<f64>() / count
    }

    /// √(Σ_b n_b/N · (mean a - mean p)²).
    fn rms_calibration_error(&self, weights: &[u16], count: f64) -> f64 {
        let total = count as usize;
        let last = (total / BIN_SIZE).max(1) - 1;
        let (mut sum, mut gap, mut inside, mut bin) = (0.0, 0.0, 0usize, 0);
        for index in &self.order {
            let index = *index as usize;
            for _ in 0..weights[index] {
                if inside == BIN_SIZE && bin < last {
                    sum += f64::powi(gap, 2) / inside as f64;
                    (gap, inside, bin) = (0.0, 0, bin + 1);
                }
                gap += self.gap(index);
                inside += 1;
            }
        }
        // n_b · (mean gap)² is (Σ gap)² / n_b.
        sum += f64::powi(gap, 2) / inside.max(1) as f64;
        (sum / count).sqrt()
    }

    fn gap(&self, index: usize) -> f64 {
        f64::from(u8::from(self.top1[index])) - f64::from(self.confidence[index])
    }
}

/// Top-1 accuracy.
pub fn top1(outcomes: &[Outcome]) -> f64 {
    mean(outcomes.iter().map(|outcome| f64::from(u8::from(outcome.top1))))
}

/// Mean cross-entropy.
pub fn loss(outcomes: &[Outcome]) -> f64 {
    mean(outcomes.iter().map(|outcome| outcome.loss))
}

/// Plain mean; 0 of nothing.
pub fn mean(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, count) = numbers.into_iter().fold((0.0, 0usize), |(sum, count), number| (sum + number, count + 1));
    if count == 0 { 0.0 } else { sum / count as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sure(confidence: f64, top1: bool) -> Outcome {
        Outcome { top1, top5: true, confidence, loss: 0.0, brier: 0.0 }
    }

    fn scores(outcomes: &[Outcome]) -> Scores {
        Answers::new(outcomes).scores(&vec![1; outcomes.len()])
    }

    #[test]
    fn a_model_that_is_as_right_as_it_says_has_no_calibration_error() {
        let outcomes: Vec<_> = (0..10).map(|i| sure(0.75, i % 4 != 0 || i == 8)).collect();
        let found = scores(&outcomes);
        assert!((found.ece - 0.05).abs() < 1e-12 && (found.rms - 0.05).abs() < 1e-12, "8 of 10, not 7.5: {found:?}");
        assert!(scores(&outcomes[..8]).ece < 1e-12 && scores(&outcomes[..8]).rms < 1e-12);
    }

    #[test]
    fn a_model_that_is_always_sure_and_half_right_is_off_by_half() {
        let outcomes: Vec<_> = (0..10).map(|i| sure(1.0, i % 2 == 0)).collect();
        let found = scores(&outcomes);
        assert_eq!((found.top1, found.top5, found.ece, found.rms), (0.5, 1.0, 0.5, 0.5));
        assert_eq!(top1(&outcomes), 0.5);
    }

    #[test]
    fn gaps_of_different_bins_do_not_cancel_and_those_of_one_bin_do() {
        // Wrong at 0.25, right at 0.75: both off by 0.25, in opposite directions.
        let apart = [sure(0.25, false), sure(0.75, true)];
        assert!((scores(&apart).ece - 0.25).abs() < 1e-12);
        // Both in (7/15, 8/15].
        let together = [sure(0.5, false), sure(0.5, true)];
        assert!(scores(&together).ece < 1e-12);
        // The two make one bin of neighbours either way.
        assert!(scores(&apart).rms < 1e-12);
    }

    #[test]
    fn rms_bins_hold_a_hundred_and_the_last_one_takes_the_rest_and_counts() {
        // 100 images at 0.25, all wrong; 150 at 1, all but 30 right.
        let outcomes: Vec<_> = (0..250).map(|i| sure(if i < 100 { 0.25 } else { 1.0 }, i >= 130)).collect();
        let by_hand: f64 = (100.0 / 250.0) * 0.25 * 0.25 + (150.0 / 250.0) * 0.2 * 0.2;
        assert!((scores(&outcomes).rms - by_hand.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn an_image_that_counts_twice_is_as_good_as_two() {
        let outcome = |i: usize| Outcome {
            top1: i.is_multiple_of(3),
            top5: i.is_multiple_of(2),
            confidence: 0.3 + 0.002 * i as f64,
            loss: i as f64,
            brier: 0.5 * i as f64,
        };
        let weights: Vec<u16> = (0..300).map(|i| (i % 4) as u16).collect();
        let whole: Vec<Outcome> = (0..300).map(outcome).collect();
        let copies: Vec<Outcome> = (0..300).flat_map(|i| (0..i % 4).map(move |_| outcome(i))).collect();
        let (weighted, plain) = (Answers::new(&whole).scores(&weights), scores(&copies));
        for (a, b) in [
            (weighted.top1, plain.top1),
            (weighted.top5, plain.top5),
            (weighted.ece, plain.ece),
            (weighted.rms, plain.rms),
            (weighted.nll, plain.nll),
            (weighted.brier, plain.brier),
        ] {
            assert!((a - b).abs() < 1e-9, "{weighted:?} {plain:?}");
        }
    }
}
