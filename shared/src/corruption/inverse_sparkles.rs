//! Inverse sparkles: the image survives in a star around a point and fades to white outward (arXiv 2102.11273).
//!
//! A ray of negative length acts by its square; at low levels a veil covers the whole image.

use super::bar::{Levels, between, painted, side, uniforms};
use super::stars::{Star, lengths, ray_count};
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::random::stream;

/// How steeply the image fades: the exponent is this part of 65, over 50.
const FADING: Levels = Levels::both([1.0, 2.0, 4.0, 9.0, 10.0], [1.0, 1.5, 2.5, 4.5, 5.0]);

pub(super) const ENTRY: Corruption = Corruption {
    name: "inverse_sparkles",
    title: "Inverse sparkles",
    about: "The image is left in a star around a random point and fades to white around it.",
    constants: "how steeply it fades",
    group: Group::Weather,
    set: Set::Bar,
    needs: Needs::Seed(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    let mut random = stream(seed, 0, ENTRY.name);
    let centre = uniforms(&mut random);
    let count = ray_count(&mut random);
    with_draws(image, severity, variant, centre, &lengths(&mut random, count))
}

/// The star from numbers on [0, 1) for the centre's row and column, and a standard normal number for each ray.
pub fn with_draws(image: &Rgb8, severity: Severity, variant: Variant, centre: [f64; 2], rays: &[f64]) -> Rgb8 {
    let n = side(image) as f64;
    let radius = n / 4.0;
    let [row, column] = centre.map(|u| between(0.25, 0.75, u) * n);
    let star = Star { row, column, rays: rays.iter().map(|z| radius + 0.25 * radius * z).collect() };
    let exponent = (100.0 - (100.0 - FADING.part(severity, variant, 65.0))) / 50.0;
    painted(image, |x, y, values| {
        let left = star.light(x, y, exponent);
        values.map(|value| 255.0 + left * (value - 255.0))
    })
}
