//! Top-1 error: how often the best class is not the label.

use super::{Better, Metric, Of, Unit};

/// The metric.
pub const METRIC: Metric = Metric {
    key: "top1_error",
    title: "top-1 error",
    about: "The fraction of the N images whose highest-scored class is not the label.",
    formula: "err = (1 / N) · Σ<sub>i</sub> [argmax f(x<sub>i</sub>) ≠ y<sub>i</sub>]",
    unit: Unit::Fraction,
    better: Better::Lower,
    of: Of::Mean(|prediction| f64::from(u8::from(prediction.before_label() > 0))),
};

#[cfg(test)]
mod tests {
    use super::super::tests::scores;
    use super::METRIC;

    #[test]
    fn half_right_is_half_wrong() {
        assert_eq!(scores(&[(0.9, true), (0.9, false)]).of(&METRIC), 0.5);
    }
}
