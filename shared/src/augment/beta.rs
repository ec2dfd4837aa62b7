//! The symmetric beta distribution, from two gamma variables.
//!
//! Gamma by Marsaglia and Tsang (2000), with their power of a uniform for shapes below one. Logarithms are the `libm`
//! crate's, so that every platform draws the same numbers.

use chacha20::ChaCha8Rng;

use super::draw::normal;
use crate::random::normal::uniform;

/// Beta(`alpha`, `alpha`) on [0, 1].
pub(super) fn beta(random: &mut ChaCha8Rng, alpha: f64) -> f64 {
    // Logarithms, because both variables of a tiny shape may be smaller than any number.
    let (a, b) = (log_gamma(random, alpha), log_gamma(random, alpha));
    1.0 / (1.0 + libm::exp(b - a))
}

/// The logarithm of a Gamma(`shape`, 1) variable.
pub(super) fn log_gamma(random: &mut ChaCha8Rng, shape: f64) -> f64 {
    if shape < 1.0 {
        return log_gamma(random, shape + 1.0) + log_uniform(random) / shape;
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / libm::sqrt(9.0 * d);
    loop {
        let x = normal(random, 0.0, 1.0);
        let v = 1.0 + c * x;
        if v <= 0.0 {
            continue;
        }
        let v = v * v * v;
        if log_uniform(random) < 0.5 * x * x + d - d * v + d * libm::log(v) {
            return libm::log(d * v);
        }
    }
}

fn log_uniform(random: &mut ChaCha8Rng) -> f64 {
    libm::log(1.0 - uniform(random))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    #[test]
    fn the_moments_are_those_of_the_distribution() {
        for alpha in [0.2, 0.8, 1.0, 3.0] {
            let mut random = stream(1, 0, "test");
            let count = 40_000;
            let draws: Vec<f64> = (0..count).map(|_| beta(&mut random, alpha)).collect();
            let mean = draws.iter().sum::<f64>() / f64::from(count);
            let variance = draws.iter().map(|x| (x - 0.5).powi(2)).sum::<f64>() / f64::from(count);
            assert!((mean - 0.5).abs() < 0.01, "{alpha}: {mean}");
            let expected = 1.0 / (4.0 * (2.0 * alpha + 1.0));
            assert!((variance / expected - 1.0).abs() < 0.03, "{alpha}: {variance}");
            assert!(draws.iter().all(|x| (0.0..=1.0).contains(x)));
        }
    }
}
