//! Normal draws, which a projection makes to noise.

use vitro::method::nullspace::controls::uniform;

/// `count` standard normal numbers, by Box and Muller.
pub fn gaussian(count: usize, seed: u64, index: u64) -> Vec<f32> {
    let draws = |index| uniform(count, 0.5, seed, index);
    let normal = |(radius, angle): (f32, f32)| {
        (-2.0 * (0.5 - radius).max(f32::MIN_POSITIVE).ln()).sqrt() * (std::f32::consts::TAU * angle).cos()
    };
    draws(2 * index).into_iter().zip(draws(2 * index + 1)).map(normal).collect()
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
}
