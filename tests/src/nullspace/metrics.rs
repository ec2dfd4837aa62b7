//! How much a model sees of a noise: the measures that the published code prints.
//!
//! Plain slices in, numbers out, so that the values may come from any device, also one that is read asynchronously.

use thiserror::Error;

/// What a model said about some images, one row for each.
#[derive(Clone, Copy, Debug)]
pub struct Predictions<'a> {
    /// Logits `[b, classes]`.
    pub logits: &'a [f32],
    /// Number of classes.
    pub classes: usize,
    /// Final features `[b, c]`, the normalised class token; empty when they are not asked for.
    pub features: &'a [f32],
}

/// Mean distances between the answers with and without a noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoiseMetrics {
    /// Mean squared distance of the features; none without features.
    pub features: Option<f64>,
    /// Mean squared distance of the logits.
    pub logits: f64,
    /// Mean squared distance of the probabilities, 0 to 2: the quantity of the search's stop rule.
    pub probabilities: f64,
    /// Mean change of the probability of the class that was best without noise, without sign.
    pub confidence: f64,
    /// The mean of its square.
    pub confidence_squared: f64,
    /// Fraction of images whose best class is the same.
    pub unchanged: f64,
}

/// The answers cannot be compared.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{clean} values without noise and {noisy} with it are not rows of the same images; pass both from one batch")]
pub struct MetricsError {
    /// Values without noise.
    pub clean: usize,
    /// Values with noise.
    pub noisy: usize,
}

/// Compares the answers to the same images without and with noise.
///
/// # Errors
/// When they have no rows, or not the same number.
pub fn compare(clean: Predictions<'_>, noisy: Predictions<'_>) -> Result<NoiseMetrics, MetricsError> {
    let classes = clean.classes.max(1);
    let rows = clean.logits.len() / classes;
    for (a, b) in [(clean.logits, noisy.logits), (clean.features, noisy.features)] {
        if a.len() != b.len() || rows == 0 || a.len() % rows != 0 {
            return Err(MetricsError { clean: a.len(), noisy: b.len() });
        }
    }
    let mean = |sum: f64| sum / rows as f64;
    let mut metrics = NoiseMetrics {
        features: (!clean.features.is_empty()).then(|| mean(squared_distance(clean.features, noisy.features))),
        logits: mean(squared_distance(clean.logits, noisy.logits)),
        probabilities: 0.0,
        confidence: 0.0,
        confidence_squared: 0.0,
        unchanged: 0.0,
    };
    for (before, after) in clean.logits.chunks_exact(classes).zip(noisy.logits.chunks_exact(classes)) {
        let (p, q) = (softmax(before), softmax(after));
        let best = argmax(before);
        let change = p[best] - q[best];
        metrics.probabilities += mean(p.iter().zip(&q).map(|(a, b)| (a - b).powi(2)).sum());
        metrics.confidence += mean(change.abs());
        metrics.confidence_squared += mean(change * change);
        metrics.unchanged += mean(f64::from(u8::from(best == argmax(after))));
    }
    Ok(metrics)
}

fn squared_distance(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum()
}

fn softmax(logits: &[f32]) -> Vec<f64> {
    let most = logits.iter().fold(f64::NEG_INFINITY, |most, value| most.max(f64::from(*value)));
    let weights: Vec<f64> = logits.iter().map(|value| libm::exp(f64::from(*value) - most)).collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / sum).collect()
}

/// Index of the largest value, the first of equal ones.
fn argmax(row: &[f32]) -> usize {
    row.iter().enumerate().fold(0, |best, (index, value)| if *value > row[best] { index } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn predictions(logits: &[f32]) -> Predictions<'_> {
        Predictions { logits, classes: 2, features: &[] }
    }

    #[test]
    fn the_same_answers_have_no_distance_and_no_change() {
        let same = compare(predictions(&[0.0, 1.0, 2.0, 0.0]), predictions(&[0.0, 1.0, 2.0, 0.0])).unwrap();
        assert_eq!((same.logits, same.probabilities, same.confidence, same.unchanged), (0.0, 0.0, 0.0, 1.0));
        assert_eq!(same.features, None);
    }

    #[test]
    fn a_flip_counts_and_distances_are_means_over_images() {
        let metrics = compare(predictions(&[0.0, 1.0, 2.0, 0.0]), predictions(&[1.0, 0.0, 2.0, 0.0])).unwrap();
        assert_eq!((metrics.logits, metrics.unchanged), (1.0, 0.5));
        let change = (1.0 - (-1.0f64).exp()) / (1.0 + (-1.0f64).exp());
        assert!((metrics.confidence - change / 2.0).abs() < 1e-12);
        assert!((metrics.probabilities - change * change).abs() < 1e-12);
    }

    #[test]
    fn answers_of_other_images_are_refused() {
        assert!(compare(predictions(&[0.0, 1.0]), predictions(&[0.0, 1.0, 2.0, 0.0])).is_err());
        assert!(compare(predictions(&[]), predictions(&[])).is_err());
    }
}
