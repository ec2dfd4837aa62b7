//! An image seen through a projective map.

use crate::corruption::strength::mirrored;
use crate::image::Rgb8;

/// A projective map of (x, y, 1), measured from the middle of the image, x to the right, y down, pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Matrix(pub(super) [[f64; 3]; 3]);

impl Matrix {
    /// Changes nothing.
    pub(super) const IDENTITY: Self = Self([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);

    /// The map back; none where this one folds the plane.
    pub(super) fn inverse(&self) -> Option<Self> {
        let Self(m) = self;
        // Cofactors: rows and columns taken cyclically carry their sign.
        let cofactor = |row: usize, column: usize| {
            let at = |i: usize, k: usize| m[(row + i) % 3][(column + k) % 3];
            at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)
        };
        let determinant: f64 = (0..3).map(|column| m[0][column] * cofactor(0, column)).sum();
        let invertible = determinant != 0.0 && determinant.is_finite();
        invertible
            .then(|| Self(std::array::from_fn(|row| std::array::from_fn(|column| cofactor(column, row) / determinant))))
    }

    fn apply(&self, x: f64, y: f64) -> (f64, f64) {
        let [x, y, w] = self.0.map(|[a, b, c]| a * x + b * y + c);
        (x / w, y / w)
    }
}

/// What is seen beyond the edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outside {
    /// The image's mirror image, the edge itself not repeated.
    Mirrored,
    /// Black.
    Black,
}

/// The image whose pixel at p has the colour at `from(p)`, bilinear, rounded.
pub(super) fn warp(image: &Rgb8, from: &Matrix, outside: Outside) -> Rgb8 {
    let (width, height) = (image.width(), image.height());
    let middle = ((width - 1) as f64 / 2.0, (height - 1) as f64 / 2.0);
    let read = |x: isize, y: isize| -> [f64; 3] {
        let inside = (0..width as isize).contains(&x) && (0..height as isize).contains(&y);
        if !inside && outside == Outside::Black {
            return [0.0; 3];
        }
        image.pixel(mirrored(x, width), mirrored(y, height)).map(f64::from)
    };
    Rgb8::from_fn(width, height, |x, y| {
        let (x, y) = from.apply(x as f64 - middle.0, y as f64 - middle.1);
        let (x, y) = (x + middle.0, y + middle.1);
        let (left, top) = (x.floor(), y.floor());
        let (right_fraction, lower_fraction) = (x - left, y - top);
        let (left, top) = (left as isize, top as isize);
        let upper = [read(left, top), read(left + 1, top)];
        let lower = [read(left, top + 1), read(left + 1, top + 1)];
        std::array::from_fn(|c| {
            let across = |row: [[f64; 3]; 2]| row[0][c] + (row[1][c] - row[0][c]) * right_fraction;
            let value = across(upper) + (across(lower) - across(upper)) * lower_fraction;
            value.round_ties_even().clamp(0.0, 255.0) as u8
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_and_its_inverse_cancel() {
        let map = Matrix([[2.0, 0.3, 5.0], [-0.1, 1.5, 2.0], [0.001, 0.002, 1.0]]);
        let back = map.inverse().unwrap();
        for (x, y) in [(0.0, 0.0), (10.0, -3.0), (-7.5, 40.0)] {
            let (u, v) = map.apply(x, y);
            let (x_again, y_again) = back.apply(u, v);
            assert!((x_again - x).abs() < 1e-9 && (y_again - y).abs() < 1e-9);
        }
        assert!(Matrix([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]).inverse().is_none());
    }

    #[test]
    fn whole_shifts_move_pixels_and_show_what_is_outside() {
        let image = Rgb8::from_fn(4, 2, |x, y| [x as u8 * 10 + y as u8; 3]);
        let shift = Matrix([[1.0, 0.0, -2.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
        let row = |outside| (0..4).map(|x| warp(&image, &shift, outside).pixel(x, 1)[0]).collect::<Vec<_>>();
        assert_eq!(row(Outside::Mirrored), [21, 11, 1, 11]);
        assert_eq!(row(Outside::Black), [0, 0, 1, 11]);
    }
}
