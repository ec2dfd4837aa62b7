//! Plasma: a few rounds of waves that bend each other colour the image (arXiv 2102.11273).
//!
//! Not additive: the image fades a little towards black, by the amplitude.

use std::f64::consts::PI;

use super::bar::{Levels, below, between, painted, side, uniforms};
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::random::stream;

/// The plasma's amplitude is this part of 64.
const AMPLITUDE: Levels = Levels::alone([4.75, 7.0, 8.5, 9.25, 10.0]);

pub(super) const ENTRY: Corruption = Corruption {
    name: "plasma_noise",
    title: "Plasma noise",
    about: "A plasma of bent waves, another in every channel, colours the image.",
    constants: "the plasma's amplitude; from ImageNet-C-bar alone",
    group: Group::Noise,
    set: Set::Bar,
    needs: Needs::Seed(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    let mut random = stream(seed, 0, ENTRY.name);
    let u = uniforms(&mut random);
    with_draws(image, severity, variant, u, 4 + below(&mut random, 3))
}

/// The plasma from numbers on [0, 1) for time, fading of the rounds and size, and the number of rounds, 4 to 6.
pub fn with_draws(image: &Rgb8, severity: Severity, variant: Variant, u: [f64; 3], rounds: usize) -> Rgb8 {
    let amplitude = AMPLITUDE.part(severity, variant, 64.0);
    let time = between(0.0, 6.0 * PI, u[0]);
    let fading = between(0.5, 1.0, u[1]);
    let size = between(0.075, 0.2, u[2]) * side(image) as f64;
    let drift = libm::sin(time);
    painted(image, |x, y, values| {
        let (mut x, mut y) = (x as f64 / size, y as f64 / size);
        let (mut frequency, mut speed, mut weight) = (1.0, 1.0, 1.0);
        for _ in 0..rounds {
            let r = libm::cos(y * frequency + time / speed) / weight;
            let s = libm::sin(x * frequency + time / speed) / weight;
            x += r - s * 0.3;
            y += s + r * 0.3;
            frequency *= 1.93;
            speed *= 1.15;
            weight *= 2.25 - fading;
        }
        let waves = [libm::sin(x - time), libm::sin((x + y + drift) / 2.0), libm::sin(y + time)];
        std::array::from_fn(|c| (1.0 - amplitude / 255.0) * values[c] + amplitude * waves[c])
    })
}
