//! Top-5 error: how often the label is not among the five best classes.

use super::{Better, Metric, Of, Unit};

/// The metric.
pub const METRIC: Metric = Metric {
    key: "top5_error",
    title: "top-5 error",
    about: "The fraction of the N images whose label is not among the five highest-scored classes.",
    formula: "err<sub>5</sub> = (1 / N) · Σ<sub>i</sub> [y<sub>i</sub> ∉ top<sub>5</sub> f(x<sub>i</sub>)]",
    unit: Unit::Fraction,
    better: Better::Lower,
    of: Of::Mean(|prediction| f64::from(u8::from(prediction.before_label() >= 5))),
};

#[cfg(test)]
mod tests {
    use super::super::{Outcome, Outcomes};
    use super::METRIC;

    #[test]
    fn the_fifth_class_is_right_and_the_sixth_is_not() {
        let logits = [0.0, 5.0, 4.0, 3.0, 2.0, 1.0];
        let error = |label| Outcomes::pack(&[Outcome::of(&logits, label)]).scores(&[1]).of(&METRIC);
        assert_eq!((error(5), error(0)), (0.0, 1.0));
    }
}
