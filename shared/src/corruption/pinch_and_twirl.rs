//! Pinch and twirl: in the disc of every cell of a grid the image is drawn to the centre and turned (arXiv 2102.11273).
//!
//! Nothing leaves its disc. Cells are squares; those that do not lie wholly inside an image that is no square stay as they
//! are, like the strip that is left at the right and the bottom.

use std::f64::consts::PI;

use super::bar::{Levels, side, to_level};
use super::bilinear::Plane;
use super::levels::like;
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::random::normal::uniform;
use crate::random::stream;

/// The angle is this part of a quarter turn; the pinch of 0.4, and 0.1 more.
const STRENGTH: Levels = Levels::alone([5.5, 6.0, 6.5, 8.5, 10.0]);
/// Nearer to the centre nothing moves, pixels.
const STILL: f64 = 0.0005;

pub(super) const ENTRY: Corruption = Corruption {
    name: "pinch_and_twirl",
    title: "Pinch and twirl",
    about: "The image is pinched and twirled in the discs of a grid.",
    constants: "the angle of the twirl and the strength of the pinch; from CIFAR-10-C-bar alone",
    group: Group::Digital,
    set: Set::Bar,
    needs: Needs::Seed(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    let mut random = stream(seed, 0, ENTRY.name);
    let signs: Vec<f64> =
        (0..cells(image).pow(2)).map(|_| if uniform(&mut random) < 0.5 { -1.0 } else { 1.0 }).collect();
    with_signs(image, severity, variant, &signs)
}

/// The twirl with given directions, 1 or -1, `[column of cells, row of cells]`.
pub fn with_signs(image: &Rgb8, severity: Severity, variant: Variant, signs: &[f64]) -> Rgb8 {
    let (angle, pinch) = (STRENGTH.part(severity, variant, PI / 2.0), STRENGTH.part(severity, variant, 0.4) + 0.1);
    let count = cells(image);
    let cell = side(image) / count;
    let (width, height) = (image.width(), image.height());
    let values: Vec<f32> = image.bytes().iter().map(|byte| f32::from(*byte)).collect();
    let plane = Plane { values: &values, width, height };
    let mut out = values.clone();
    for (at, sign) in signs.iter().take(count * count).enumerate() {
        let (left, top) = (at / count * cell, at % count * cell);
        if left + cell > width || top + cell > height {
            continue;
        }
        let radius = cell as f64 / 2.0;
        let (centre_x, centre_y) = (left as f64 + radius, top as f64 + radius);
        for (y, x) in (top..top + cell).flat_map(|y| (left..left + cell).map(move |x| (y, x))) {
            let (dy, dx) = (y as f64 - centre_y, x as f64 - centre_x);
            let distance = libm::sqrt(dx * dx + dy * dy);
            if distance > radius || distance < STILL {
                continue;
            }
            let d = 2.0 * distance / cell as f64;
            let t = libm::pow(libm::sin(PI * d / 2.0), -pinch);
            let (sin, cos) = libm::sincos(sign * angle * (1.0 - d) * (1.0 - d));
            let (dx, dy) = (dx * t, dy * t);
            let (color, _) = plane.single(centre_y + (dy * cos - dx * sin), centre_x + (dy * sin + dx * cos));
            let to = (y * width + x) * 3;
            for (value, color) in out[to..to + 3].iter_mut().zip(color) {
                *value = color as f32;
            }
        }
    }
    like(image, out.into_iter().map(|value| to_level(f64::from(value))))
}

/// Cells to a side.
fn cells(image: &Rgb8) -> usize {
    if side(image) == 224 { 5 } else { 3 }
}
