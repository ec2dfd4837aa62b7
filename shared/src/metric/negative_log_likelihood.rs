//! Negative log-likelihood: how surprised the model is by the labels.
//!
//! The logarithm is taken of the softmax as a whole, so that a label whose probability is too small for a number has a
//! finite value too.

use super::{Better, Metric, Of, Unit};

/// The metric.
pub const METRIC: Metric = Metric {
    key: "nll",
    title: "negative log-likelihood",
    about: "How surprised the model is by the labels: minus the natural logarithm of the probability that it gives to each, \
            as a mean; 0 is sure and right.",
    formula: "NLL = −(1 / N) · Σ<sub>i</sub> ln p<sub>i,y<sub>i</sub></sub>",
    unit: Unit::Nats,
    better: Better::Lower,
    // Taken from zero, so that what is sure and right is 0 and not -0.
    of: Of::Mean(|prediction| 0.0 - prediction.log_probability(prediction.label())),
};

#[cfg(test)]
mod tests {
    use super::super::{Outcome, Outcomes};
    use super::METRIC;

    fn likelihood(logits: &[f32], label: usize) -> f64 {
        Outcomes::pack(&[Outcome::of(logits, label)]).scores(&[1]).of(&METRIC)
    }

    #[test]
    fn an_even_guess_costs_the_logarithm_of_the_classes() {
        for classes in [2usize, 10, 1000] {
            let found = likelihood(&vec![7.0; classes], 0);
            assert!((found - (classes as f64).ln()).abs() < 1e-6, "{classes}: {found}");
        }
    }

    #[test]
    fn a_probability_too_small_for_a_number_has_a_finite_cost() {
        assert!(likelihood(&[f32::MAX, -f32::MAX], 1).is_finite());
        assert_eq!(likelihood(&[0.0, 2000.0], 0), 2000.0);
        assert_eq!(likelihood(&[f32::MAX, -f32::MAX], 0), 0.0);
        assert!(likelihood(&[1e30, -1e30], 1).is_finite());
    }
}
