//! Lines: grey lines of similar direction across the image (arXiv 2102.11273).
//!
//! Each line is anti-aliased by Zingl's integer error walk and laid on the bytes that the one before left.

use std::f64::consts::TAU;

use super::bar::{Levels, between, side, uniforms};
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::random::stream;

/// A tenth of this, times n, lines.
const COUNT: Levels = Levels::alone([0.5, 1.0, 1.5, 2.0, 2.5]);
const GREY: f64 = 128.0;

pub(super) const ENTRY: Corruption = Corruption {
    name: "lines",
    title: "Lines",
    about: "Grey lines of similar direction cross the image.",
    constants: "the number of lines for each pixel of the side; from CIFAR-10-C-bar alone",
    group: Group::Digital,
    set: Set::Bar,
    needs: Needs::Seed(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    let mut random = stream(seed, 0, ENTRY.name);
    let u = uniforms(&mut random);
    let lines: Vec<[f64; 3]> = (0..count(image, severity, variant)).map(|_| uniforms(&mut random)).collect();
    with_uniforms(image, severity, variant, u, &lines)
}

/// The lines from numbers on [0, 1) for their direction and its spread, and for each line's y, x and own direction.
pub fn with_uniforms(image: &Rgb8, severity: Severity, variant: Variant, u: [f64; 2], lines: &[[f64; 3]]) -> Rgb8 {
    let (direction, spread) = (between(0.0, TAU, u[0]), between(0.1, 1.0, u[1]));
    let n = side(image) as f64;
    let mut out = image.clone();
    for [y, x, own] in lines.iter().take(count(image, severity, variant)) {
        let (y, x) = (y * n, x * n);
        let (sin, cos) = libm::sincos(direction + TAU * spread * (own - 0.5));
        let point = |sign: f64| [(y + sign * n * cos) as isize, (x + sign * n * sin) as isize];
        draw(&mut out, &line(point(-1.0), point(1.0)));
    }
    out
}

fn count(image: &Rgb8, severity: Severity, variant: Variant) -> usize {
    (COUNT.part(severity, variant, 1.0) * side(image) as f64) as usize
}

/// A pixel of a line, `[row, column]`, and how much the line covers of it.
type Covered = ([isize; 2], f64);

/// All reads come before all writes, and the last write to a pixel counts.
fn draw(image: &mut Rgb8, line: &[Covered]) {
    let (width, height) = (image.width() as isize, image.height() as isize);
    let inside = |[row, column]: [isize; 2]| (0..height).contains(&row) && (0..width).contains(&column);
    let mixed: Vec<(usize, [u8; 3])> = line
        .iter()
        .filter(|(at, _)| inside(*at))
        .map(|([row, column], cover)| {
            let pixel = image.pixel(*column as usize, *row as usize);
            let mix = |byte| ((1.0 - cover) * f64::from(byte) + cover * GREY) as u8;
            ((row * width + column) as usize * 3, pixel.map(mix))
        })
        .collect();
    for (at, pixel) in mixed {
        image.bytes_mut()[at..at + 3].copy_from_slice(&pixel);
    }
}

/// The pixels of an anti-aliased line between two points, `[row, column]`.
fn line(from: [isize; 2], to: [isize; 2]) -> Vec<Covered> {
    let ([mut row, mut column], [last_row, last_column]) = (from, to);
    let (dc, dr) = ((column - last_column).abs(), (row - last_row).abs());
    let (step_c, step_r) = (if column < last_column { 1 } else { -1 }, if row < last_row { 1 } else { -1 });
    let length = libm::sqrt((dc * dc + dr * dr) as f64) as f32;
    let length = if dc + dr == 0 { 1.0 } else { f64::from(length) };
    let cover = |distance: isize| 1.0 - distance.abs() as f64 / length;
    let mut error = dc - dr;
    let mut covered = Vec::with_capacity(3 * (dc.max(dr) as usize + 1));
    loop {
        covered.push(([row, column], cover(error - dc + dr)));
        let (before, before_column) = (error, column);
        if 2 * before >= -dc {
            if column == last_column {
                break;
            }
            if ((before + dr) as f64) < length {
                covered.push(([row + step_r, column], cover(before + dr)));
            }
            error -= dr;
            column += step_c;
        }
        if 2 * before <= dr {
            if row == last_row {
                break;
            }
            if ((dc - before) as f64) < length {
                covered.push(([row, before_column + step_c], cover(dc - before)));
            }
            error += dc;
            row += step_r;
        }
    }
    covered
}
