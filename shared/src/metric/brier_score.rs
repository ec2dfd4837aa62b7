//! Brier score: the squared distance between the probabilities and the truth.
//!
//! Brier 1950, "Verification of Forecasts Expressed in Terms of Probability", in its form for several classes: summed over
//! all of them, so that it lies between 0 and 2. A guess that is even over K classes scores 1 - 1/K.

use super::{Better, Metric, Of, Prediction, Unit};

/// The metric.
pub const METRIC: Metric = Metric {
    key: "brier",
    title: "Brier score",
    about: "The squared distance between the probabilities of the classes k and the truth, from 0, sure and right, to 2, \
            sure and wrong.",
    formula: "BS = (1 / N) · Σ<sub>i</sub> Σ<sub>k</sub> (p<sub>i,k</sub> − [k = y<sub>i</sub>])<sup>2</sup>",
    unit: Unit::Plain,
    better: Better::Lower,
    of: Of::Mean(distance),
};

/// Σ_k (p_k - [k = y])².
fn distance(prediction: &Prediction<'_>) -> f64 {
    let truth = |class| if class == prediction.label() { 1.0 } else { 0.0 };
    (0..prediction.classes()).map(|class| (prediction.probability(class) - truth(class)).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_classes_by_hand() {
        // Probabilities 1/2, 1/4, 1/4 and label 1: 1/4 + 9/16 + 1/16.
        assert!((distance(&Prediction::new(&[2f32.ln(), 0.0, 0.0], 1)) - 0.875).abs() < 1e-7);
    }

    #[test]
    fn it_runs_from_nothing_to_two_and_an_even_guess_costs_what_it_should() {
        let sure = [1e4, 0.0, -1e4];
        assert_eq!([0, 1, 2].map(|label| distance(&Prediction::new(&sure, label))), [0.0, 2.0, 2.0]);
        for classes in [2, 10, 1000] {
            let even = distance(&Prediction::new(&vec![-3.0; classes], classes - 1));
            assert!((even - (1.0 - 1.0 / classes as f64)).abs() < 1e-12, "{classes}: {even}");
        }
    }
}
