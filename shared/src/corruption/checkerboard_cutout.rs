//! Checkerboard cutout: cells of one colour of a turned checkerboard become grey by chance (arXiv 2102.11273).
//!
//! Cells are numbered towards zero, so those beside the axes share a number; negative ones count from the end.

use std::f64::consts::TAU;

use super::bar::{Levels, between, modulo, side, uniforms};
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::random::normal::uniform;
use crate::random::stream;

/// A tenth of this is the chance of a cell.
const CHANCE: Levels = Levels::both([2.0, 3.0, 4.0, 5.0, 6.0], [1.0, 2.0, 3.0, 4.0, 5.0]);
const GREY: [u8; 3] = [128; 3];

pub(super) const ENTRY: Corruption = Corruption {
    name: "checkerboard_cutout",
    title: "Checkerboard cutout",
    about: "Cells of a turned checkerboard become grey.",
    constants: "the chance of a cell",
    group: Group::Digital,
    set: Set::Bar,
    needs: Needs::Seed(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    let mut random = stream(seed, 0, ENTRY.name);
    let u = uniforms(&mut random);
    let count = grid_side(image, u).pow(2);
    let grid: Vec<f64> = (0..count).map(|_| uniform(&mut random)).collect();
    with_uniforms(image, severity, variant, u, &grid)
}

/// The board from numbers on [0, 1) for its angle and the side of a cell, and one for each cell of a square grid.
pub fn with_uniforms(image: &Rgb8, severity: Severity, variant: Variant, u: [f64; 2], grid: &[f64]) -> Rgb8 {
    let chance = CHANCE.part(severity, variant, 1.0);
    let cell = cell(image, u);
    let (sin, cos) = libm::sincos(between(0.0, TAU, u[0]));
    let grid_side = grid_side(image, u);
    let number = |value: f64| (value as isize).rem_euclid(grid_side as isize) as usize;
    Rgb8::from_fn(image.width(), image.height(), |x, y| {
        let (fx, fy) = (x as f64, y as f64);
        let (a, b) = ((fy * cos + fx * sin) / cell, (-fy * sin + fx * cos) / cell);
        let one_colour = libm::floor(modulo(a, 2.0)) == libm::floor(modulo(b, 2.0));
        let drawn = grid.get(number(a) * grid_side + number(b)).copied().unwrap_or(1.0);
        if one_colour && drawn < chance { GREY } else { image.pixel(x, y) }
    })
}

fn cell(image: &Rgb8, u: [f64; 2]) -> f64 {
    (between(0.1, 0.25, u[1]) * side(image) as f64).max(1.0)
}

fn grid_side(image: &Rgb8, u: [f64; 2]) -> usize {
    (4.0 * side(image) as f64 / cell(image, u)) as usize
}
