//! Ripple: each axis is stretched and pressed along itself by a wave (arXiv 2102.11273).
//!
//! What is read from outside is black. On flat areas the last bit of a position decides whether a level is lost.

use std::f64::consts::TAU;

use super::bar::{Levels, between, side, to_level, uniforms};
use super::bilinear::Plane;
use super::levels::like;
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::random::stream;

/// The wave's amplitude is this part of n / 40 pixels.
const AMPLITUDE: Levels = Levels::alone([5.5, 6.0, 6.5, 7.5, 8.0]);

pub(super) const ENTRY: Corruption = Corruption {
    name: "ripple",
    title: "Ripple",
    about: "The image is stretched and pressed in waves along both axes.",
    constants: "the waves' amplitude; from CIFAR-10-C-bar alone",
    group: Group::Digital,
    set: Set::Bar,
    needs: Needs::Seed(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    with_uniforms(image, severity, variant, uniforms(&mut stream(seed, 0, ENTRY.name)))
}

/// The ripple from numbers on [0, 1): lengths along y and x, phases along y and x.
pub fn with_uniforms(image: &Rgb8, severity: Severity, variant: Variant, u: [f64; 4]) -> Rgb8 {
    let n = side(image) as f64;
    let amplitude = AMPLITUDE.part(severity, variant, 0.025) * n;
    let moved = |count: usize, length: f64, phase: f64| -> Vec<f64> {
        let (length, phase) = (between(0.1, 0.3, length) * n, between(0.0, TAU, phase));
        (0..count).map(|at| at as f64 + amplitude * libm::sin(TAU * at as f64 / length + phase)).collect()
    };
    let (rows, columns) = (moved(image.height(), u[0], u[2]), moved(image.width(), u[1], u[3]));
    let values: Vec<f32> = image.bytes().iter().map(|byte| f32::from(*byte)).collect();
    let plane = Plane { values: &values, width: image.width(), height: image.height() };
    like(image, rows.iter().flat_map(|y| columns.iter().flat_map(|x| plane.double(*y, *x).map(to_level))))
}
