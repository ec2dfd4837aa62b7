//! From outcomes to numbers: accuracy and calibration.

use super::measure::Outcome;

/// Bins of the expected calibration error, as usual.
const BINS: usize = 15;

/// Share of outcomes for which `right` holds; 0 for none at all.
pub fn share(outcomes: &[Outcome], right: fn(&Outcome) -> bool) -> f64 {
    if outcomes.is_empty() {
        return 0.0;
    }
    outcomes.iter().filter(|outcome| right(outcome)).count() as f64 / outcomes.len() as f64
}

/// Top-1 accuracy.
pub fn top1(outcomes: &[Outcome]) -> f64 {
    share(outcomes, |outcome| outcome.top1)
}

/// Top-5 accuracy.
pub fn top5(outcomes: &[Outcome]) -> f64 {
    share(outcomes, |outcome| outcome.top5)
}

/// Mean cross-entropy.
pub fn loss(outcomes: &[Outcome]) -> f64 {
    mean(outcomes.iter().map(|outcome| outcome.loss))
}

/// Expected calibration error: 15 equal bins of confidence, open below and closed above.
pub fn calibration_error(outcomes: &[Outcome]) -> f64 {
    let mut bins = [(0usize, 0.0f64); BINS];
    for outcome in outcomes {
        let bin = ((outcome.confidence * BINS as f64).ceil() as usize).clamp(1, BINS) - 1;
        bins[bin].0 += 1;
        bins[bin].1 += f64::from(u8::from(outcome.top1)) - outcome.confidence;
    }
    // n_b/N · |mean a - mean p| is |Σ (a - p)| / N.
    bins.iter().map(|(_, gap)| gap.abs()).sum::<f64>() / outcomes.len().max(1) as f64
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
        Outcome { top1, top5: true, confidence, loss: 0.0 }
    }

    #[test]
    fn a_model_that_is_as_right_as_it_says_has_no_calibration_error() {
        let outcomes: Vec<_> = (0..10).map(|i| sure(0.7, i < 7)).collect();
        assert!(calibration_error(&outcomes) < 1e-12);
    }

    #[test]
    fn a_model_that_is_always_sure_and_half_right_is_off_by_half() {
        let outcomes: Vec<_> = (0..10).map(|i| sure(1.0, i % 2 == 0)).collect();
        assert!((calibration_error(&outcomes) - 0.5).abs() < 1e-12);
        assert!((top1(&outcomes) - 0.5).abs() < 1e-12);
    }
}
