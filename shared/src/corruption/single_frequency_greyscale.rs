//! A plane wave of one frequency over the image, the same in every channel (arXiv 2102.11273).
//!
//! The larger of the two frequencies is uniform up to half a cycle per pixel.

use std::f64::consts::{PI, TAU};

use super::bar::{Levels, between, painted, uniforms};
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::random::stream;

/// The wave's amplitude is this part of 196.
const AMPLITUDE: Levels = Levels::alone([1.0, 1.5, 2.0, 4.5, 5.0]);

pub(super) const ENTRY: Corruption = Corruption {
    name: "single_frequency_greyscale",
    title: "Single frequency",
    about: "A plane wave of random direction and frequency is added.",
    constants: "the wave's amplitude; from ImageNet-C-bar alone",
    group: Group::Digital,
    set: Set::Bar,
    needs: Needs::Seed(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    let [frequency, smaller, phase, order] = uniforms(&mut stream(seed, 0, ENTRY.name));
    let order = if order < 0.5 { [0, 1] } else { [1, 0] };
    with_draws(image, severity, variant, [frequency, smaller, phase], order)
}

/// The wave from numbers on [0, 1) for frequency, the other axis's smaller frequency and phase; `order` says which of the two
/// frequencies runs along x and which along y.
pub fn with_draws(image: &Rgb8, severity: Severity, variant: Variant, u: [f64; 3], order: [usize; 2]) -> Rgb8 {
    let amplitude = AMPLITUDE.part(severity, variant, 196.0);
    let frequency = between(-PI, PI, u[0]);
    let frequencies = [frequency, between(-frequency.abs(), frequency.abs(), u[1])];
    let [fx, fy] = order.map(|which| frequencies[which % 2]);
    let phase = between(0.0, TAU, u[2]);
    painted(image, |x, y, values| {
        let wave = amplitude * libm::sin(x as f64 * fx + y as f64 * fy + phase);
        values.map(|value| wave + value)
    })
}
