//! Circular motion blur: the weighted mean of the image turned about its centre (arXiv 2102.11273).
//!
//! Twenty-one turns, cubic splines between pixels, nothing outside: corners and edges darken. Nothing is drawn.

use std::f64::consts::PI;

use super::bar::{Levels, to_level};
use super::border::mirror_101;
use super::levels::{like, to_unit_single};
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;

/// The widest turn is this part of 15 degrees.
const ANGLE: Levels = Levels::alone([2.8, 3.6, 4.4, 5.2, 6.0]);
const LAYERS: usize = 21;

pub(super) const ENTRY: Corruption = Corruption {
    name: "circular_motion_blur",
    title: "Circular motion blur",
    about: "The image is blurred along circles about its centre, as when the camera rolls.",
    constants: "the widest turn; from CIFAR-10-C-bar alone",
    group: Group::Blur,
    set: Set::Bar,
    needs: Needs::Image(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant) -> Rgb8 {
    let (width, height) = (image.width(), image.height());
    let widest = ANGLE.part(severity, variant, 15.0);
    let values = to_unit_single(image);
    let spline = Spline::new(&values, width);
    let mut sums = vec![0.0f32; values.len()];
    let mut total = 0.0;
    for layer in 0..LAYERS {
        let b = 2.0 * layer as f64 / (LAYERS - 1) as f64 - 1.0;
        let weight = libm::exp(-2.0 * b * b);
        total += weight;
        let (sin, cos) = libm::sincos(b * widest * PI / 180.0);
        let (middle_y, middle_x) = ((height - 1) as f64 / 2.0, (width - 1) as f64 / 2.0);
        for (at, sum) in sums.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            let (y, x) = ((at / width) as f64 - middle_y, (at % width) as f64 - middle_x);
            let color = if layer == LAYERS / 2 {
                std::array::from_fn(|c| values[at * 3 + c])
            } else {
                spline.at(cos * y + sin * x + middle_y, cos * x - sin * y + middle_x)
            };
            for (sum, value) in sum.iter_mut().zip(color) {
                *sum += weight as f32 * value;
            }
        }
    }
    like(image, sums.into_iter().map(|sum| to_level(f64::from(sum / total as f32 * 255.0))))
}

/// Coefficients of the cubic spline through an image's values, whole-sample mirror.
struct Spline {
    coefficients: Vec<f64>,
    width: usize,
    height: usize,
}

impl Spline {
    fn new(values: &[f32], width: usize) -> Self {
        let height = values.len() / (width * 3);
        let mut coefficients: Vec<f64> = values.iter().map(|value| f64::from(*value)).collect();
        for x in 0..width * 3 {
            filter(&mut coefficients[x..], height, width * 3);
        }
        for y in 0..height {
            for c in 0..3 {
                filter(&mut coefficients[y * width * 3 + c..], width, 3);
            }
        }
        Self { coefficients, width, height }
    }

    /// The colour at (y, x); black outside, however little.
    fn at(&self, y: f64, x: f64) -> [f32; 3] {
        let inside = |at: f64, length: usize| at >= 0.0 && at <= (length - 1) as f64;
        if !inside(y, self.height) || !inside(x, self.width) {
            return [0.0; 3];
        }
        let ((rows, down), (columns, across)) = (taps(y, self.height), taps(x, self.width));
        let mut sums = [0.0; 3];
        for (row, weight_y) in rows.into_iter().zip(down) {
            for (column, weight_x) in columns.into_iter().zip(across) {
                let from = (row * self.width + column) * 3;
                let weight = weight_y * weight_x;
                for (sum, value) in sums.iter_mut().zip(&self.coefficients[from..from + 3]) {
                    *sum += value * weight;
                }
            }
        }
        sums.map(|sum| sum as f32)
    }
}

/// The four points around a position, and their weights.
fn taps(position: f64, length: usize) -> ([usize; 4], [f64; 4]) {
    let low = libm::floor(position);
    let t = position - low;
    let z = 1.0 - t;
    let inner = |t: f64| (t * t * (t - 2.0) * 3.0 + 4.0) / 6.0;
    let (first, second, third) = (z * z * z / 6.0, inner(t), inner(z));
    let points = std::array::from_fn(|i| mirror_101(low as isize + i as isize - 1, length));
    (points, [first, second, third, 1.0 - first - second - third])
}

/// Solves (c₋₁ + 4c₀ + c₊₁) / 6 = x along `count` points that stand `step` apart, mirrored at both ends.
fn filter(values: &mut [f64], count: usize, step: usize) {
    if count < 2 {
        return;
    }
    // The three diagonals are 1 4 1, but 4 2 at the start and 2 4 at the end.
    let mut ratios = vec![0.0; count];
    ratios[0] = 0.5;
    values[0] *= 6.0 / 4.0;
    for at in 1..count {
        let below = if at == count - 1 { 2.0 } else { 1.0 };
        let pivot = 4.0 - below * ratios[at - 1];
        ratios[at] = 1.0 / pivot;
        values[at * step] = (6.0 * values[at * step] - below * values[(at - 1) * step]) / pivot;
    }
    for at in (0..count - 1).rev() {
        values[at * step] -= ratios[at] * values[(at + 1) * step];
    }
}
