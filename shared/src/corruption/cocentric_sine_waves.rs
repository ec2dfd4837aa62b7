//! Rings around a random point, their edge waving with the angle (arXiv 2102.11273, the name spelt as published).
//!
//! Despite the name the profile is a sawtooth. The angular frequency is no whole number, so there is a seam straight up from
//! the centre; rings narrower than a pixel become noise.

use super::bar::{Levels, between, modulo, painted, side, uniforms};
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::random::stream;

/// The rings' amplitude is this part of 128.
const AMPLITUDE: Levels = Levels::alone([3.0, 5.0, 8.0, 9.0, 10.0]);

pub(super) const ENTRY: Corruption = Corruption {
    name: "cocentric_sine_waves",
    title: "Concentric waves",
    about: "Waving rings around a random point are added.",
    constants: "the rings' amplitude; from ImageNet-C-bar alone",
    group: Group::Digital,
    set: Set::Bar,
    needs: Needs::Seed(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    with_uniforms(image, severity, variant, uniforms(&mut stream(seed, 0, ENTRY.name)))
}

/// The rings from numbers on [0, 1): centre's column and row, angular frequency, its amplitude, ring width.
pub fn with_uniforms(image: &Rgb8, severity: Severity, variant: Variant, u: [f64; 5]) -> Rgb8 {
    let amplitude = AMPLITUDE.part(severity, variant, 128.0);
    let n = side(image) as f64;
    let (column, row) = (between(0.0, n, u[0]), between(0.0, n, u[1]));
    let (frequency, waving) = (between(0.0, 10.0, u[2]), between(0.0, n / 10.0, u[3]));
    let width = between(0.0, n / 10.0, u[4]);
    painted(image, |x, y, values| {
        let (dx, dy) = (x as f64 - column, y as f64 - row);
        let distance = libm::sqrt(dx * dx + dy * dy) + waving * libm::sin(frequency * libm::atan2(dx, dy));
        // Rings of no width would divide by zero.
        let ring = if width > 0.0 { modulo(distance, width) / width - 0.5 } else { 0.0 };
        values.map(|value| value + amplitude * ring)
    })
}
