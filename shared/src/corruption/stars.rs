//! Stars of many rays, for [`sparkles`](super::sparkles) and [`inverse_sparkles`](super::inverse_sparkles)
//! (arXiv 2102.11273).

use std::f64::consts::{PI, TAU};

use chacha20::ChaCha8Rng;

use super::bar::below;
use crate::random::normal::normals;

/// A star: where it stands and how long its rays are.
pub(super) struct Star {
    /// Row of the centre, pixels.
    pub(super) row: f64,
    /// Column of the centre, pixels.
    pub(super) column: f64,
    /// Length of each ray.
    pub(super) rays: Vec<f64>,
}

/// A standard normal number for each ray, 50 to 199 of them.
pub(super) fn lengths(random: &mut ChaCha8Rng, count: usize) -> Vec<f64> {
    normals(random, count).into_iter().map(f64::from).collect()
}

/// How many rays a star has.
pub(super) fn ray_count(random: &mut ChaCha8Rng) -> usize {
    50 + below(random, 150)
}

impl Star {
    /// How much of the light of the star arrives at a pixel, 0..1.
    pub(super) fn light(&self, x: usize, y: usize, exponent: f64) -> f64 {
        let (dx, dy) = (x as f64 - self.column, y as f64 - self.row);
        let square = dx * dx + dy * dy;
        let at = (libm::atan2(dx, dy) + PI) / TAU * self.rays.len() as f64;
        let low = libm::floor(at);
        let fraction = at - low;
        let ray = |index: usize| self.rays.get(index % self.rays.len().max(1)).copied().unwrap_or(0.0);
        let (this, next) = (ray(low as usize), ray(low as usize + 1));
        let length = this + fraction * (next - this);
        let ratio = length * length / (square + 1e-4);
        let ratio = if exponent == 1.0 { ratio } else { libm::pow(ratio, exponent) };
        ((1.0 - (fraction - 0.5) * (fraction - 0.5)) * ratio).clamp(0.0, 1.0)
    }
}
