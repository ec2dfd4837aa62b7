//! Circular motion blur: the weighted mean of the image turned about its centre (arXiv 2102.11273).
//!
//! Twenty-one turns, cubic splines between pixels, nothing outside: corners and edges darken. Nothing is drawn.

use std::f64::consts::PI;

use super::bar::{Levels, to_level};
use super::border::mirror_101;
use super::levels::{floor, to_points};
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::lanes::widest;

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
    let turns: [Turn; LAYERS] = std::array::from_fn(|layer| {
        let b = 2.0 * layer as f64 / (LAYERS - 1) as f64 - 1.0;
        let (sin, cos) = libm::sincos(b * widest * PI / 180.0);
        Turn { weight: libm::exp(-2.0 * b * b), sin, cos }
    });
    let total = turns.iter().fold(0.0, |total, turn| total + turn.weight) as f32;
    let values = to_points(image);
    let spline = Spline::new(&values, width);
    let mut places = vec![Place::default(); width];
    let mut sums = vec![[0.0; 4]; width];
    let mut out = image.clone();
    let rows = out.bytes_mut().chunks_exact_mut(width * 3).zip(values.chunks_exact(width));
    for (y, (row, values)) in rows.enumerate() {
        sums.fill([0.0; 4]);
        for (layer, turn) in turns.iter().enumerate() {
            if layer == LAYERS / 2 {
                add(&mut sums, values, turn.weight as f32);
                continue;
            }
            widest!(turn.places(y, [width, height], &mut places));
            widest!(spline.add(&mut sums, &places, turn.weight as f32));
        }
        for (pixel, sum) in row.as_chunks_mut::<3>().0.iter_mut().zip(&sums) {
            *pixel = std::array::from_fn(|c| to_level(f64::from(sum[c] / total * 255.0)));
        }
    }
    out
}

fn add(sums: &mut [[f32; 4]], values: &[[f32; 4]], weight: f32) {
    for (sum, value) in sums.as_flattened_mut().iter_mut().zip(values.as_flattened()) {
        *sum += weight * value;
    }
}

/// One of the turned images.
struct Turn {
    weight: f64,
    sin: f64,
    cos: f64,
}

/// A position down and across: the point before it, and the weights of the four around it.
#[derive(Clone, Copy, Default)]
struct Place {
    position: [f64; 2],
    low: [f64; 2],
    weights: [[f64; 4]; 2],
}

impl Turn {
    /// Where the colours of row `y` come from.
    #[inline(always)]
    fn places(&self, y: usize, [width, height]: [usize; 2], places: &mut [Place]) {
        let (middle_y, middle_x) = ((height - 1) as f64 / 2.0, (width - 1) as f64 / 2.0);
        let y = y as f64 - middle_y;
        for (x, place) in places.iter_mut().enumerate() {
            let x = x as f64 - middle_x;
            let position = [self.cos * y + self.sin * x + middle_y, self.cos * x - self.sin * y + middle_x];
            let low = [floor(position[0]), floor(position[1])];
            let weights = [weights(position[0] - low[0]), weights(position[1] - low[1])];
            *place = Place { position, low, weights };
        }
    }
}

/// The weights of the four points around a position that is `t` beyond the second.
#[inline(always)]
fn weights(t: f64) -> [f64; 4] {
    let z = 1.0 - t;
    let inner = |t: f64| (t * t * (t - 2.0) * 3.0 + 4.0) / 6.0;
    let (first, second, third) = (z * z * z / 6.0, inner(t), inner(z));
    [first, second, third, 1.0 - first - second - third]
}

/// Coefficients of the cubic spline through an image's values, whole-sample mirror.
struct Spline {
    coefficients: Vec<[f64; 4]>,
    width: usize,
    height: usize,
}

impl Spline {
    fn new(values: &[[f32; 4]], width: usize) -> Self {
        let height = values.len() / width;
        let mut coefficients: Vec<[f64; 4]> = values.iter().map(|value| value.map(f64::from)).collect();
        let (down, across) = (Pivots::new(height), Pivots::new(width));
        widest!(down.solve(coefficients.as_flattened_mut()));
        for row in coefficients.chunks_exact_mut(width) {
            widest!(across.solve(row.as_flattened_mut()));
        }
        Self { coefficients, width, height }
    }

    /// Adds the weighted colours at `places`; black outside, however little.
    #[inline(always)]
    fn add(&self, sums: &mut [[f32; 4]], places: &[Place], weight: f32) {
        let ends = [(self.height - 1) as f64, (self.width - 1) as f64];
        for (sum, place) in sums.iter_mut().zip(places) {
            let [y, x] = place.position;
            if y >= 0.0 && y <= ends[0] && x >= 0.0 && x <= ends[1] {
                let color = self.at(place);
                *sum = std::array::from_fn(|c| sum[c] + weight * color[c] as f32);
            }
        }
    }

    #[inline(always)]
    fn at(&self, place: &Place) -> [f64; 4] {
        let [y, x] = [place.low[0] as isize, place.low[1] as isize];
        let [down, across] = &place.weights;
        let is_inside = x >= 1 && x + 2 < self.width as isize;
        let mut sums = [0.0; 4];
        for (i, weight_y) in down.iter().enumerate() {
            let row = &self.coefficients[mirror_101(y + i as isize - 1, self.height) * self.width..][..self.width];
            let values = if is_inside {
                let values = &row[x as usize - 1..x as usize + 3];
                [values[0], values[1], values[2], values[3]]
            } else {
                [-1, 0, 1, 2].map(|j| row[mirror_101(x + j, self.width)])
            };
            for (value, weight_x) in values.iter().zip(across) {
                let weight = weight_y * weight_x;
                sums = std::array::from_fn(|c| sums[c] + value[c] * weight);
            }
        }
        sums
    }
}

/// The matrix (c₋₁ + 4c₀ + c₊₁) / 6 = x along points that are mirrored at both ends, eliminated: its three diagonals are
/// 1 4 1, but 4 2 at the start and 2 4 at the end.
struct Pivots {
    below: Vec<f64>,
    pivots: Vec<f64>,
    ratios: Vec<f64>,
}

impl Pivots {
    fn new(count: usize) -> Self {
        let below: Vec<f64> = (0..count).map(|at| if at + 1 == count { 2.0 } else { 1.0 }).collect();
        let (mut pivots, mut ratios) = (vec![4.0; count], vec![0.5; count]);
        for at in 1..count {
            pivots[at] = 4.0 - below[at] * ratios[at - 1];
            ratios[at] = 1.0 / pivots[at];
        }
        Self { below, pivots, ratios }
    }

    /// Solves for all columns of `values`, which have a row for each pivot.
    #[inline(always)]
    fn solve(&self, values: &mut [f64]) {
        let count = self.pivots.len();
        if count < 2 {
            return;
        }
        let stride = values.len() / count;
        values[..stride].iter_mut().for_each(|value| *value *= 6.0 / 4.0);
        for at in 1..count {
            let (before, rows) = values[(at - 1) * stride..].split_at_mut(stride);
            let (below, pivot) = (self.below[at], self.pivots[at]);
            for (value, before) in rows[..stride].iter_mut().zip(before) {
                *value = (6.0 * *value - below * *before) / pivot;
            }
        }
        for at in (0..count - 1).rev() {
            let (row, after) = values[at * stride..].split_at_mut(stride);
            let ratio = self.ratios[at];
            for (value, after) in row.iter_mut().zip(after) {
                *value -= ratio * *after;
            }
        }
    }
}
