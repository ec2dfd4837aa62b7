//! What a model makes of one image: its probabilities of the classes, and the class that it should have named.

/// The prediction of one image.
///
/// Probabilities are those of a softmax, kept as logarithms: a probability too small for a number still has one.
#[derive(Clone, Copy, Debug)]
pub struct Prediction<'a> {
    logits: &'a [f32],
    label: usize,
    best: usize,
    /// The largest logit, taken off all before they are summed so that none overflows.
    largest: f64,
    /// Logarithm of the sum of the others' exponentials.
    log_sum: f64,
}

impl<'a> Prediction<'a> {
    /// From finite logits, one for each class. `label` is one of the classes.
    pub fn new(logits: &'a [f32], label: usize) -> Self {
        let best = best(logits);
        let largest = logits.get(best).copied().map_or(0.0, f64::from);
        let sum: f64 = logits.iter().map(|logit| (f64::from(*logit) - largest).exp()).sum();
        Self { logits, label, best, largest, log_sum: sum.ln() }
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.logits.len()
    }

    /// The class that is right.
    pub fn label(&self) -> usize {
        self.label
    }

    /// The class with the largest logit, the first of equals.
    pub fn best(&self) -> usize {
        self.best
    }

    /// Natural logarithm of the probability of a class.
    pub fn log_probability(&self, class: usize) -> f64 {
        self.logits.get(class).map_or(f64::NEG_INFINITY, |logit| f64::from(*logit) - self.largest - self.log_sum)
    }

    /// Probability of a class.
    pub fn probability(&self, class: usize) -> f64 {
        self.log_probability(class).exp()
    }

    /// How many classes stand before the label: 0 where it is the best one. The first of equals stands first.
    pub fn before_label(&self) -> usize {
        let Some(own) = self.logits.get(self.label) else { return self.logits.len() };
        let before = |(class, logit): &(usize, &f32)| *logit > own || (*logit == own && *class < self.label);
        self.logits.iter().enumerate().filter(before).count()
    }
}

fn best(logits: &[f32]) -> usize {
    logits.iter().enumerate().fold(0, |best, (class, logit)| if *logit > logits[best] { class } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_sum_to_one_and_a_tiny_one_keeps_its_logarithm() {
        let prediction = Prediction::new(&[1000.0, 0.0, -1000.0], 2);
        assert_eq!((prediction.probability(0), prediction.probability(2)), (1.0, 0.0));
        assert_eq!(prediction.log_probability(2), -2000.0);
        let even = Prediction::new(&[3.0; 4], 0);
        assert!((0..even.classes()).all(|class| (even.probability(class) - 0.25).abs() < 1e-15));
    }

    #[test]
    fn equal_logits_go_to_the_first_class() {
        assert_eq!(Prediction::new(&[1.0, 1.0], 0).before_label(), 0);
        assert_eq!(Prediction::new(&[1.0, 1.0], 1).before_label(), 1);
        assert_eq!(Prediction::new(&[0.0, 2.0, 2.0], 0).best(), 1);
    }
}
