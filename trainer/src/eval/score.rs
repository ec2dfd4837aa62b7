//! What a training run follows: accuracy and cross-entropy of plain outcomes. All other numbers are [`vitro::metric`]s.

use super::measure::Outcome;

use vitro::metric::mean;

/// Top-1 accuracy.
pub fn top1(outcomes: &[Outcome]) -> f64 {
    mean(outcomes.iter().map(|outcome| f64::from(u8::from(outcome.right))))
}

/// Mean cross-entropy.
pub fn loss(outcomes: &[Outcome]) -> f64 {
    mean(outcomes.iter().map(|outcome| outcome.loss))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accuracy_and_cross_entropy_are_plain_means() {
        // Between two equal classes the first one is taken, and either costs ln 2.
        let outcomes = [Outcome::of(&[0.0, 0.0], 0), Outcome::of(&[0.0, 0.0], 1)];
        assert_eq!(top1(&outcomes), 0.5);
        assert!((loss(&outcomes) - 2f64.ln()).abs() < 1e-12);
    }
}
