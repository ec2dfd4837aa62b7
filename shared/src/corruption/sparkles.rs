//! Sparkles: five stars of many rays shine white over the image (arXiv 2102.11273).
//!
//! The stars are laid on one after the other, and the image is rounded to f32 before each.

use super::bar::{Levels, side, to_level, uniforms};
use super::levels::like;
use super::stars::{Star, lengths, ray_count};
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::random::stream;

/// A star's radius is this part of n / 10.
const RADIUS: Levels = Levels::both([1.0, 2.0, 3.0, 5.0, 6.0], [0.7, 3.5, 5.6, 6.3, 7.0]);
/// Stars.
const STARS: usize = 5;

pub(super) const ENTRY: Corruption = Corruption {
    name: "sparkles",
    title: "Sparkles",
    about: "Five stars of many rays shine white over the image.",
    constants: "the stars' radius",
    group: Group::Weather,
    set: Set::Bar,
    needs: Needs::Seed(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    let mut random = stream(seed, 0, ENTRY.name);
    let centres: [[f64; 2]; STARS] = std::array::from_fn(|_| uniforms(&mut random));
    let counts: [usize; STARS] = std::array::from_fn(|_| ray_count(&mut random));
    let draws = centres.iter().zip(counts).map(|(centre, count)| (*centre, lengths(&mut random, count)));
    with_draws(image, severity, variant, &draws.collect::<Vec<_>>())
}

/// The stars from numbers on [0, 1) for each centre's row and column, and a standard normal number for each of its rays.
pub fn with_draws(image: &Rgb8, severity: Severity, variant: Variant, draws: &[([f64; 2], Vec<f64>)]) -> Rgb8 {
    let n = side(image) as f64;
    let radius = RADIUS.part(severity, variant, 0.1) * n;
    let mut values: Vec<f64> = image.bytes().iter().map(|byte| f64::from(*byte)).collect();
    for ([row, column], rays) in draws {
        let rays = rays.iter().map(|z| (radius + 0.25 * radius * z).max(1.0)).collect();
        let star = Star { row: row * n, column: column * n, rays };
        for (at, pixel) in values.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            let light = star.light(at % image.width(), at / image.width(), 1.0);
            for value in pixel {
                let rounded = f64::from(*value as f32);
                *value = rounded + light * (255.0 - rounded);
            }
        }
    }
    like(image, values.into_iter().map(to_level))
}
