//! Noises that a projected one is compared with: normal draws, and the very same entries in another order.

use vitro::method::nullspace::controls::uniform;

/// `count` standard normal numbers, by Box and Muller.
pub fn gaussian(count: usize, seed: u64, index: u64) -> Vec<f32> {
    let draws = |index| uniform(count, 0.5, seed, index);
    let normal = |(radius, angle): (f32, f32)| {
        (-2.0 * (0.5 - radius).max(f32::MIN_POSITIVE).ln()).sqrt() * (std::f32::consts::TAU * angle).cos()
    };
    draws(2 * index).into_iter().zip(draws(2 * index + 1)).map(normal).collect()
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
    fn normal_draws_have_mean_zero_and_variance_one() {
        let draws = gaussian(20_000, 1, 0);
        let mean = |f: fn(f64) -> f64| draws.iter().map(|x| f(f64::from(*x))).sum::<f64>() / draws.len() as f64;
        assert!(mean(|x| x).abs() < 0.03 && (mean(|x| x * x) - 1.0).abs() < 0.05);
    }

    #[test]
    fn a_permutation_has_every_entry_once() {
        let mut order = permutation(50, 3, 0);
        assert_ne!(order, (0..50).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..50).collect::<Vec<_>>());
    }
}
