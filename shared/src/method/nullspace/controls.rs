//! Draws, and the noise that a learned one must be compared with.
//!
//! A model that ignores nullspace noise must be shown noise of the same size that it does not ignore: uniform noise of the
//! learned norm keeps the size and loses the direction, and so do the very same entries in another order.

use crate::random::normal;
use crate::random::stream;

/// `count` numbers uniform between −`range` and `range`.
pub fn uniform(count: usize, range: f64, seed: u64, index: u64) -> Vec<f32> {
    let mut random = stream(seed, index, "nullspace uniform");
    (0..count).map(|_| ((2.0 * normal::uniform(&mut random) - 1.0) * range) as f32).collect()
}

/// Euclidean norm.
pub fn norm(noise: &[f32]) -> f64 {
    noise.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt()
}

/// `noise` scaled to a Euclidean norm; zeros stay zeros.
pub fn rescaled(noise: &[f32], to: f64) -> Vec<f32> {
    let now = norm(noise);
    let factor = if now > 0.0 { to / now } else { 0.0 };
    noise.iter().map(|value| (f64::from(*value) * factor) as f32).collect()
}

/// Uniform noise of the size and norm of `learned`: the control "random" of the paper's tables.
pub fn random_like(learned: &[f32], seed: u64, index: u64) -> Vec<f32> {
    rescaled(&uniform(learned.len(), 1.0, seed, index), norm(learned))
}

/// A random order of `count` entries, all orders equally likely.
pub fn permutation(count: usize, seed: u64, index: u64) -> Vec<usize> {
    let keys = uniform(count, 1.0, seed, index);
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| keys[*a].total_cmp(&keys[*b]));
    order
}

/// The entries of `noise` in another order: place i gets entry `order[i]`; entries that do not exist count as zero.
pub fn permuted(noise: &[f32], order: &[usize]) -> Vec<f32> {
    order.iter().map(|entry| noise.get(*entry).copied().unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_has_the_norm_of_what_it_is_compared_with() {
        let learned = uniform(100, 3.0, 1, 0);
        let random = random_like(&learned, 2, 0);
        assert!((norm(&random) - norm(&learned)).abs() < 1e-5);
        assert_ne!(random, learned);
    }

    #[test]
    fn draws_depend_on_seed_and_index_and_stay_in_range() {
        assert_eq!(uniform(5, 2.0, 1, 1), uniform(5, 2.0, 1, 1));
        assert_ne!(uniform(5, 2.0, 1, 1), uniform(5, 2.0, 1, 2));
        assert_ne!(uniform(5, 2.0, 1, 1), uniform(5, 2.0, 2, 1));
        let many = uniform(2000, 2.0, 1, 1);
        assert!(many.iter().all(|value| value.abs() <= 2.0));
        assert!(many.iter().any(|value| *value > 1.8) && many.iter().any(|value| *value < -1.8));
    }

    #[test]
    fn a_permutation_has_every_entry_once() {
        let mut order = permutation(50, 3, 0);
        assert_ne!(order, (0..50).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..50).collect::<Vec<_>>());
    }
}
