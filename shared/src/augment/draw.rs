//! The few distributions that augmentations draw from, on ChaCha8 streams.

use chacha20::ChaCha8Rng;

use crate::random::normal::{normals, uniform};

/// Uniform on [`low`, `high`).
pub(super) fn between(random: &mut ChaCha8Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * uniform(random)
}

/// Uniform on 0 … `count` − 1; 0 where `count` is 0.
pub(super) fn below(random: &mut ChaCha8Rng, count: usize) -> usize {
    ((uniform(random) * count as f64) as usize).min(count.saturating_sub(1))
}

/// True with `probability`.
pub(super) fn chance(random: &mut ChaCha8Rng, probability: f64) -> bool {
    uniform(random) < probability
}

/// One or minus one.
pub(super) fn sign(random: &mut ChaCha8Rng) -> f64 {
    if chance(random, 0.5) { -1.0 } else { 1.0 }
}

/// Normal with `mean` and `deviation`.
pub(super) fn normal(random: &mut ChaCha8Rng, mean: f64, deviation: f64) -> f64 {
    mean + deviation * normals(random, 1).iter().copied().map(f64::from).sum::<f64>()
}

/// e^x for x uniform between the logarithms of `low` and `high`: shapes that are as often wide as tall.
pub(super) fn log_between(random: &mut ChaCha8Rng, low: f64, high: f64) -> f64 {
    libm::exp(between(random, libm::log(low), libm::log(high)))
}
