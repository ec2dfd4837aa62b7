//! The symmetric Dirichlet distribution: random parts of a whole, from gamma variables.

use chacha20::ChaCha8Rng;

use super::beta::log_gamma;

/// `count` numbers that sum to one, Dirichlet(`alpha`, …, `alpha`).
pub(super) fn dirichlet(random: &mut ChaCha8Rng, alpha: f64, count: usize) -> Vec<f64> {
    // Logarithms, because all variables of a tiny shape may be smaller than any number.
    let logarithms: Vec<f64> = (0..count).map(|_| log_gamma(random, alpha)).collect();
    let largest = logarithms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let parts: Vec<f64> = logarithms.iter().map(|logarithm| libm::exp(logarithm - largest)).collect();
    let whole: f64 = parts.iter().sum();
    parts.iter().map(|part| part / whole).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    #[test]
    fn parts_sum_to_one_and_have_the_moments_of_the_distribution() {
        for (alpha, count) in [(0.5, 3), (1.0, 3), (1.0, 5), (3.0, 2)] {
            let mut random = stream(1, 0, "test");
            let draws: Vec<Vec<f64>> = (0..20_000).map(|_| dirichlet(&mut random, alpha, count)).collect();
            assert!(draws.iter().all(|parts| (parts.iter().sum::<f64>() - 1.0).abs() < 1e-12));
            let expected = 1.0 / count as f64;
            for part in 0..count {
                let mean = draws.iter().map(|parts| parts[part]).sum::<f64>() / 20_000.0;
                let variance = draws.iter().map(|parts| (parts[part] - expected).powi(2)).sum::<f64>() / 20_000.0;
                assert!((mean - expected).abs() < 0.01, "{alpha} {count}: {mean}");
                let ratio = variance / (expected * (1.0 - expected) / (count as f64 * alpha + 1.0));
                assert!((ratio - 1.0).abs() < 0.06, "{alpha} {count}: {ratio}");
            }
        }
    }

    #[test]
    fn a_tiny_shape_leaves_one_part_and_no_holes() {
        let mut random = stream(2, 0, "test");
        for _ in 0..200 {
            let parts = dirichlet(&mut random, 0.01, 4);
            assert!(parts.iter().all(|part| (0.0..=1.0).contains(part)), "{parts:?}");
            assert!((parts.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
        assert_eq!(dirichlet(&mut random, 1.0, 1), [1.0]);
    }
}
