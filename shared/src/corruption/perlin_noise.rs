//! Perlin noise: a veil of light greys, five octaves of gradient noise (arXiv 2102.11273).
//!
//! The turbulence is never negative, so the veil is at least middle grey. Gradients of no direction, which spoil the published
//! image once in some hundred, count as zero here.

use super::bar::{Levels, below, painted, side};
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::random::stream;

/// The veil's opacity is this part of one half.
const OPACITY: Levels = Levels::alone([4.6, 5.2, 5.8, 7.6, 8.8]);

pub(super) const ENTRY: Corruption = Corruption {
    name: "perlin_noise",
    title: "Perlin noise",
    about: "A veil of light grey clouds, five octaves of gradient noise, lies over the image.",
    constants: "the veil's opacity; from ImageNet-C-bar alone",
    group: Group::Noise,
    set: Set::Bar,
    needs: Needs::Seed(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    let mut random = stream(seed, 0, ENTRY.name);
    let gradients: Vec<[i16; 2]> =
        (0..256).map(|_| std::array::from_fn(|_| below(&mut random, 512) as i16 - 256)).collect();
    let swaps: Vec<u8> = (0..256).map(|_| below(&mut random, 256) as u8).collect();
    with_draws(image, severity, variant, &gradients, &swaps)
}

/// The veil from 256 gradients, each component -256 to 255, and what index each of 255 to 0 changes places with.
pub fn with_draws(image: &Rgb8, severity: Severity, variant: Variant, gradients: &[[i16; 2]], swaps: &[u8]) -> Rgb8 {
    let opacity = OPACITY.part(severity, variant, 0.5);
    let kept = (1.0 - opacity) as f32;
    let noise = Noise::new(gradients, swaps);
    let scale = scale(image);
    painted(image, |x, y, values| {
        let veil = (0.5 * noise.turbulence(y as f64 * scale, x as f64 * scale) + 0.5).clamp(0.0, 1.0);
        values.map(|value| f64::from(kept * value as f32) + 255.0 * opacity * veil)
    })
}

/// The turbulence under the veil, `[y, x]`.
pub fn turbulence(image: &Rgb8, gradients: &[[i16; 2]], swaps: &[u8]) -> Vec<f64> {
    let (noise, scale) = (Noise::new(gradients, swaps), scale(image));
    let points = (0..image.height()).flat_map(|y| (0..image.width()).map(move |x| (y, x)));
    points.map(|(y, x)| noise.turbulence(y as f64 * scale, x as f64 * scale)).collect()
}

/// Cells of the first octave per pixel: seven to a side.
fn scale(image: &Rgb8) -> f64 {
    1.0 / (32.0 * side(image) as f64 / 224.0)
}

struct Noise {
    gradients: [[f64; 2]; 256],
    order: [u8; 256],
}

impl Noise {
    fn new(gradients: &[[i16; 2]], swaps: &[u8]) -> Self {
        let mut order: [u8; 256] = std::array::from_fn(|at| at as u8);
        for (at, other) in (0..256).rev().zip(swaps) {
            order.swap(at, usize::from(*other));
        }
        let gradients = std::array::from_fn(|at| {
            let [a, b] = gradients.get(at).copied().unwrap_or([0, 0]).map(|part| f64::from(part) / 256.0);
            let length = libm::sqrt(a * a + b * b);
            if length > 0.0 { [a / length, b / length] } else { [0.0, 0.0] }
        });
        Self { gradients, order }
    }

    /// Five octaves of absolute noise.
    fn turbulence(&self, a: f64, b: f64) -> f64 {
        [1.0, 2.0, 4.0, 8.0, 16.0].iter().fold(0.0, |sum, f| sum + self.at(f * a, f * b).abs() / f)
    }

    fn at(&self, a: f64, b: f64) -> f64 {
        let cell = |value: f64| (value as usize, value - libm::floor(value));
        let ((a_cell, a), (b_cell, b)) = (cell(a + 4096.0), cell(b + 4096.0));
        let order = |at: usize| usize::from(self.order[at % 256]);
        let corner = |down: usize, right: usize| {
            let [ga, gb] = self.gradients[order(order(a_cell + down) + b_cell + right)];
            ga * (a - down as f64) + gb * (b - right as f64)
        };
        let fade = |t: f64| t * t * (3.0 - 2.0 * t);
        let between = |t: f64, low: f64, high: f64| low + t * (high - low);
        let (along, across) = (fade(a), fade(b));
        let (left, right) = (between(along, corner(0, 0), corner(1, 0)), between(along, corner(0, 1), corner(1, 1)));
        1.5 * between(across, left, right)
    }
}
