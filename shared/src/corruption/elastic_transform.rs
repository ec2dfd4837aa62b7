//! Elastic transform: a small random affine map, then random displacements smoothed by a Gaussian.
//!
//! The affine step follows OpenCV 4, which rounds source coordinates to 1/32 pixel; OpenCV 5 does not and differs by up to
//! three levels. ImageNet's constants are multiples of 244, a slip for 224 that the published data keeps.
//! `imagecorruptions` leaves the affine step out and scales with the image.

mod affine;

use super::border::mirror;
use super::levels::{completed, floor, to_byte_single, to_points};
use super::smooth::{Gaussian, smooth};
use super::variant::Constants;
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::lanes::widest;
use crate::random::normal::fraction;
use crate::random::stream;
use crate::random::words::Words;

/// (gain of the displacements, σ of their smoothing, jitter of the affine map), pixels.
const GAIN_SIGMA_JITTER: Constants<(f64, f64, f64)> = Constants {
    imagenet: [
        (244.0 * 2.0, 244.0 * 0.7, 244.0 * 0.1),
        (244.0 * 2.0, 244.0 * 0.08, 244.0 * 0.2),
        (244.0 * 0.05, 244.0 * 0.01, 244.0 * 0.02),
        (244.0 * 0.07, 244.0 * 0.01, 244.0 * 0.02),
        (244.0 * 0.12, 244.0 * 0.01, 244.0 * 0.02),
    ],
    tiny: [
        (0.0, 0.0, 64.0 * 0.08),
        (64.0 * 0.05, 64.0 * 0.3, 64.0 * 0.06),
        (64.0 * 0.1, 64.0 * 0.08, 64.0 * 0.06),
        (64.0 * 0.1, 64.0 * 0.03, 64.0 * 0.03),
        (64.0 * 0.16, 64.0 * 0.03, 64.0 * 0.02),
    ],
    cifar: [
        (0.0, 0.0, 32.0 * 0.08),
        (32.0 * 0.05, 32.0 * 0.2, 32.0 * 0.07),
        (32.0 * 0.08, 32.0 * 0.06, 32.0 * 0.06),
        (32.0 * 0.1, 32.0 * 0.04, 32.0 * 0.05),
        (32.0 * 0.1, 32.0 * 0.03, 32.0 * 0.03),
    ],
    inception: Some([
        (360.0 * 2.0, 360.0 * 0.7, 360.0 * 0.1),
        (360.0 * 2.0, 360.0 * 0.08, 360.0 * 0.2),
        (360.0 * 0.05, 360.0 * 0.01, 360.0 * 0.02),
        (360.0 * 0.07, 360.0 * 0.01, 360.0 * 0.02),
        (360.0 * 0.12, 360.0 * 0.01, 360.0 * 0.02),
    ]),
};

/// Gain in `imagecorruptions`; σ is 1 % of each side there.
const GAIN_FOR_ANY_SIZE: [f64; 5] = [12.5, 16.25, 21.25, 25.0, 30.0];

pub(super) const ENTRY: Corruption = Corruption {
    name: "elastic_transform",
    title: "Elastic transform",
    about: "A small random affine map, then smooth random displacements; severity 2 shakes most, which the \
            published constants want so.",
    constants: "gain and smoothness of the displacements, and the jitter of the map",
    group: Group::Digital,
    set: Set::Common,
    needs: Needs::Seed(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    let mut random = stream(seed, 0, ENTRY.name);
    let mut words = Words::new(&mut random);
    let mut draw = || fraction(words.next()) as f32;
    let corners = std::array::from_fn(|_| draw());
    let field: Vec<f32> = (0..2 * image.width() * image.height()).map(|_| draw()).collect();
    with_uniforms(image, severity, variant, &corners, &field)
}

/// The transform with given numbers on [0, 1): three corners' `(x, y)`, and the two fields of displacements, columns then
/// rows, each `[y, x]`; missing ones count as one half.
pub fn with_uniforms(image: &Rgb8, severity: Severity, variant: Variant, corners: &[f32; 6], field: &[f32]) -> Rgb8 {
    let (width, height) = (image.width(), image.height());
    let moved = match affine_map(width, height, severity, variant, corners) {
        Some(map) => affine::warp(to_points(image), width, height, &map),
        None => to_points(image),
    };
    let [dx, dy] = displacements(width, height, severity, variant, field);
    let mut out = image.clone();
    let rows = out.bytes_mut().chunks_exact_mut(width * 3).zip(dx.chunks_exact(width).zip(dy.chunks_exact(width)));
    for (y, (row, (dx, dy))) in rows.enumerate() {
        let pixels = row.as_chunks_mut::<3>().0;
        widest!(shake(pixels, y, dx, dy, &moved, width, height));
    }
    out
}

/// The forward affine map `[[a, b, t], [c, d, u]]` of (x, y); none in `imagecorruptions`.
pub fn affine_map(
    width: usize,
    height: usize,
    severity: Severity,
    variant: Variant,
    corners: &[f32; 6],
) -> Option<[[f64; 3]; 2]> {
    if variant == Variant::ImageCorruptions {
        return None;
    }
    let (_, _, jitter) = GAIN_SIGMA_JITTER.at(severity, variant);
    let middle = [(height / 2) as f32, (width / 2) as f32];
    // An image of fewer than three pixels has no triangle; the smallest stands in for it.
    let quarter = (width.min(height) / 3).max(1) as f32;
    let from = [[1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]].map(|[x, y]| [middle[0] + x * quarter, middle[1] + y * quarter]);
    let shift = |at: usize| (-jitter + (jitter + jitter) * f64::from(corners[at])) as f32;
    let to = std::array::from_fn(|i| [from[i][0] + shift(2 * i), from[i][1] + shift(2 * i + 1)]);
    affine::from_triangles(&from, &to)
}

/// Displacements of columns and rows, pixels, `[y, x]`.
pub fn displacements(
    width: usize,
    height: usize,
    severity: Severity,
    variant: Variant,
    field: &[f32],
) -> [Vec<f32>; 2] {
    let (gain, sigma, reach) = if variant == Variant::ImageCorruptions {
        let sigma = [height as f64 * 0.01, width as f64 * 0.01];
        (GAIN_FOR_ANY_SIZE[severity.index()], sigma, height as f64 * 0.005)
    } else {
        let (gain, sigma, _) = GAIN_SIGMA_JITTER.at(severity, variant);
        (gain, [sigma, sigma], 1.0)
    };
    let count = width * height;
    let gaussian = Gaussian { sigma, border: mirror, truncate: 3.0, ..Gaussian::new(0.0) };
    [0, 1].map(|axis| {
        let field = completed(field.get(axis * count..).unwrap_or(&[]), count, 0.5);
        let mut values: Vec<f64> = field.iter().map(|draw| -reach + (reach + reach) * f64::from(*draw)).collect();
        smooth(&mut values, width, 1, gaussian);
        values.into_iter().map(|value| (value * gain) as f32).collect()
    })
}

/// A row of pixels, each the colour at its place and a displacement.
#[inline(always)]
fn shake(pixels: &mut [[u8; 3]], y: usize, dx: &[f32], dy: &[f32], points: &[[f32; 4]], width: usize, height: usize) {
    for (x, (pixel, (dx, dy))) in pixels.iter_mut().zip(dx.iter().zip(dy)).enumerate() {
        let color = sample(points, width, height, y as f64 + f64::from(*dy), x as f64 + f64::from(*dx));
        *pixel = std::array::from_fn(|c| to_byte_single(color[c]));
    }
}

/// The colour at a point between pixels, linear, mirrored beyond the edge.
#[inline(always)]
fn sample(points: &[[f32; 4]], width: usize, height: usize, y: f64, x: f64) -> [f32; 4] {
    let (top, left) = (floor(y), floor(x));
    let (down, right) = (y - top, x - left);
    let row = |offset| mirror(top as isize + offset, height) * width;
    let column = |offset| mirror(left as isize + offset, width);
    let (rows, columns) = ([row(0), row(1)], [column(0), column(1)]);
    let corner = |row: usize, column: usize| points[rows[row] + columns[column]].map(f64::from);
    let [a, b, c, d] = [corner(0, 0), corner(0, 1), corner(1, 0), corner(1, 1)];
    std::array::from_fn(|i| {
        let sum = a[i] * (1.0 - down) * (1.0 - right)
            + b[i] * (1.0 - down) * right
            + c[i] * down * (1.0 - right)
            + d[i] * down * right;
        sum as f32
    })
}
