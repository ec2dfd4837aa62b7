//! Affine transforms of an image in Pillow's arithmetic.
//!
//! Each output pixel's centre is mapped into the source; where it falls outside, the fill colour stays. Neighbours beyond
//! the border repeat its pixels. Sums are f64 in Pillow's order, and the result is cut off, not rounded, to a byte.

use super::Interpolation;
use crate::image::Rgb8;

/// ImageNet's mean colour: what RandAugment's geometry uncovers.
pub(super) const FILL: [u8; 3] = [124, 116, 104];

/// Rows (a, b, c) and (d, e, f): output (x, y) reads the source at (a·x + b·y + c, d·x + e·y + f).
pub(in crate::augment) type Matrix = [f64; 6];

/// The image seen through `matrix`, with `fill` where nothing is seen.
pub(in crate::augment) fn transform(
    image: &Rgb8,
    matrix: &Matrix,
    interpolation: Interpolation,
    fill: [u8; 3],
) -> Rgb8 {
    let (width, height) = (image.width() as f64, image.height() as f64);
    let [a, b, c, d, e, f] = *matrix;
    Rgb8::from_fn(image.width(), image.height(), |x, y| {
        let (x, y) = (x as f64 + 0.5, y as f64 + 0.5);
        let (u, v) = (a * x + b * y + c, d * x + e * y + f);
        if !(0.0..width).contains(&u) || !(0.0..height).contains(&v) {
            return fill;
        }
        match interpolation {
            Interpolation::Bilinear => bilinear(image, u - 0.5, v - 0.5),
            Interpolation::Bicubic => bicubic(image, u - 0.5, v - 0.5),
        }
    })
}

fn bilinear(image: &Rgb8, u: f64, v: f64) -> [u8; 3] {
    let (columns, dx) = neighbours::<2>(u, 0, image.width());
    let (rows, dy) = neighbours::<2>(v, 0, image.height());
    let between = |a: f64, b: f64, fraction: f64| a + (b - a) * fraction;
    blend(image, columns, rows, |[a, b]| between(a, b, dx), |[a, b]| between(a, b, dy))
}

fn bicubic(image: &Rgb8, u: f64, v: f64) -> [u8; 3] {
    let (columns, dx) = neighbours::<4>(u, 1, image.width());
    let (rows, dy) = neighbours::<4>(v, 1, image.height());
    blend(image, columns, rows, |taps| cubic(taps, dx), |taps| cubic(taps, dy))
}

/// Keys' cubic with a = −1, at `fraction` between the two taps in the middle.
fn cubic([a, b, c, d]: [f64; 4], fraction: f64) -> f64 {
    let linear = c - a;
    let square = 2.0 * (a - b) + c - d;
    let cube = b - a - c + d;
    b + fraction * (linear + fraction * (square + fraction * cube))
}

/// The pixels around `position`, `before` of them left of it, repeated at the border; and the fraction of the way to the next.
fn neighbours<const N: usize>(position: f64, before: i64, length: usize) -> ([usize; N], f64) {
    let whole = position.floor();
    let first = whole as i64 - before;
    let last = length as i64 - 1;
    (std::array::from_fn(|i| (first + i as i64).clamp(0, last) as usize), position - whole)
}

/// Blends along the row first, then over the rows.
fn blend<const N: usize>(
    image: &Rgb8,
    columns: [usize; N],
    rows: [usize; N],
    across: impl Fn([f64; N]) -> f64,
    down: impl Fn([f64; N]) -> f64,
) -> [u8; 3] {
    let taps = rows.map(|y| columns.map(|x| image.pixel(x, y)));
    std::array::from_fn(|channel| {
        let rows = taps.map(|row| across(row.map(|pixel| f64::from(pixel[channel]))));
        // The cast saturates at both ends.
        down(rows) as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image() -> Rgb8 {
        Rgb8::from_fn(5, 4, |x, y| [(x * 50) as u8, (y * 60) as u8, 9])
    }

    #[test]
    fn the_identity_changes_nothing() {
        for interpolation in [Interpolation::Bilinear, Interpolation::Bicubic] {
            assert_eq!(transform(&image(), &[1.0, 0.0, 0.0, 0.0, 1.0, 0.0], interpolation, FILL), image());
        }
    }

    #[test]
    fn whole_steps_move_pixels_and_fill_the_rest() {
        let moved = transform(&image(), &[1.0, 0.0, 2.0, 0.0, 1.0, -1.0], Interpolation::Bicubic, FILL);
        assert_eq!((moved.pixel(0, 1), moved.pixel(2, 3)), ([100, 0, 9], [200, 120, 9]));
        assert_eq!((moved.pixel(0, 0), moved.pixel(3, 2)), (FILL, FILL));
    }
}
