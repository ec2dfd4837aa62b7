//! Transverse chromatic aberration: the channels are enlarged about the centre by different factors (arXiv 2102.11273, the name
//! spelt as published).
//!
//! Cubic B-spline weights on the raw samples smooth as well, even the channel that keeps its size. Each axis of an image that
//! is no square is enlarged by its own length.

use super::bar::{Levels, to_level, uniforms};
use super::border::mirror_101;
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::random::stream;

/// The largest factor is 1 and this part of one half.
const ENLARGED: Levels = Levels::alone([1.0, 2.0, 5.0, 9.0, 10.0]);
/// The orders of three factors.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

pub(super) const ENTRY: Corruption = Corruption {
    name: "transverse_chromatic_abberation",
    title: "Chromatic aberration",
    about: "The channels are enlarged by different factors, as by a lens that bends colours differently.",
    constants: "the largest factor; from CIFAR-10-C-bar alone",
    group: Group::Blur,
    set: Set::Bar,
    needs: Needs::Seed(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    let [order] = uniforms(&mut stream(seed, 0, ENTRY.name));
    with_order(image, severity, variant, ORDERS[(order * ORDERS.len() as f64) as usize])
}

/// The aberration with a given order of the three factors, smallest first, for R, G and B.
pub fn with_order(image: &Rgb8, severity: Severity, variant: Variant, order: [usize; 3]) -> Rgb8 {
    let most = ENLARGED.part(severity, variant, 0.5);
    let factors = [1.0, 1.0 + most / 2.0, 1.0 + most];
    let mut out = image.clone();
    for (c, which) in order.into_iter().enumerate() {
        let (rows, columns) = (axis(image.height(), factors[which % 3]), axis(image.width(), factors[which % 3]));
        let points = rows.iter().flat_map(|row| columns.iter().map(move |column| (row, column)));
        for (pixel, (row, column)) in out.bytes_mut().as_chunks_mut::<3>().0.iter_mut().zip(points) {
            let mut sum = 0.0;
            for (y, weight_y) in row {
                for (x, weight_x) in column {
                    sum += f64::from(image.bytes()[(y * image.width() + x) * 3 + c]) * weight_y * weight_x;
                }
            }
            pixel[c] = to_level(sum + 0.5);
        }
    }
    out
}

/// The four points and weights of every position of an axis.
fn axis(length: usize, factor: f64) -> Vec<[(usize, f64); 4]> {
    let enlarged = (length as f64 * factor).round_ties_even() as usize;
    let first = (enlarged - length) / 2;
    let position = |at: usize| {
        if enlarged > 1 { at as f64 * (length - 1) as f64 / (enlarged - 1) as f64 } else { 0.0 }
    };
    let taps = |at: usize| -> [(usize, f64); 4] {
        let position = position(at);
        let low = libm::floor(position);
        let weights = weights(position - low);
        std::array::from_fn(|i| (mirror_101(low as isize + i as isize - 1, length), weights[i]))
    };
    (first..first + length).map(taps).collect()
}

/// Cubic B-spline weights at the fraction `t`. The form decides exact ties.
fn weights(t: f64) -> [f64; 4] {
    let z = 1.0 - t;
    let inner = |t: f64| (t * t * (t - 2.0) * 3.0 + 4.0) / 6.0;
    let (first, second, third) = (z * z * z / 6.0, inner(t), inner(z));
    [first, second, third, 1.0 - first - second - third]
}
