//! Zoom blur: the mean of the image and of ever larger copies of its middle, as when the camera moves ahead.
//!
//! The copy of factor one is among them and the image is added again, so the sharp image weighs double. All in f32.

use super::clipped_zoom::{Zoom, axis};
use super::levels::{to_byte_single, to_points};
use super::variant::Constants;
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;

/// (step between the factors, number of factors); the first factor is 1.
const STEP_COUNT: Constants<(f64, usize)> = Constants {
    imagenet: [(0.01, 12), (0.01, 16), (0.02, 11), (0.02, 13), (0.03, 11)],
    tiny: [(0.01, 7), (0.01, 12), (0.01, 16), (0.01, 21), (0.01, 26)],
    cifar: [(0.01, 7), (0.01, 12), (0.01, 16), (0.01, 21), (0.01, 26)],
    inception: None,
};

pub(super) const ENTRY: Corruption = Corruption {
    name: "zoom_blur",
    title: "Zoom blur",
    about: "The mean of the image and of ever larger copies of its middle, as when the camera moves \
            ahead.",
    constants: "the zoom factors",
    group: Group::Blur,
    set: Set::Common,
    needs: Needs::Image(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant) -> Rgb8 {
    let (step, count) = STEP_COUNT.at(severity, variant);
    // numpy's ranges advance by what is left of the step after it is added to the start.
    let step = (1.0 + step) - 1.0;
    let (width, height) = (image.width(), image.height());
    let values = to_points(image);
    let mut zoom = Zoom::new(&values, width);
    let axes = |k: usize| {
        let factor = 1.0 + k as f64 * step;
        (axis(height, factor, variant), axis(width, factor, variant))
    };
    // The copy of factor one is the image.
    let copies: Vec<_> = (1..count).map(axes).collect();
    let layers = (count + 1) as f32;
    let mut out = image.clone();
    let mut sums = vec![[0.0; 4]; width];
    let rows = out.bytes_mut().chunks_exact_mut(width * 3).zip(values.chunks_exact(width));
    for (y, (row, values)) in rows.enumerate() {
        sums.copy_from_slice(values);
        for (rows, columns) in &copies {
            zoom.row(&rows[y], columns, &mut sums, |sum, copy| {
                *sum = std::array::from_fn(|c| sum[c] + copy[c] as f32);
            });
        }
        for (pixel, (value, sum)) in row.as_chunks_mut::<3>().0.iter_mut().zip(values.iter().zip(&sums)) {
            *pixel = std::array::from_fn(|c| to_byte_single((value[c] + sum[c]) / layers));
        }
    }
    out
}
