//! Zoom blur: the mean of the image and of ever larger copies of its middle, as when the camera moves ahead.
//!
//! The copy of factor one is among them and the image is added again, so the sharp image weighs double. All in f32.

use super::clipped_zoom::{axis, sample};
use super::levels::{like, to_byte_single, to_unit_single};
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
    let values = to_unit_single(image);
    let wide: Vec<f64> = values.iter().map(|value| f64::from(*value)).collect();
    let mut sums = vec![0.0f32; values.len()];
    for k in 0..count {
        let factor = 1.0 + k as f64 * step;
        let (rows, columns) = (axis(image.height(), factor, variant), axis(image.width(), factor, variant));
        let layer = sample(&wide, image.width(), 3, &rows, &columns);
        for (sum, value) in sums.iter_mut().zip(&layer) {
            *sum += *value as f32;
        }
    }
    let layers = (count + 1) as f32;
    like(image, values.iter().zip(&sums).map(|(value, sum)| to_byte_single((value + sum) / layers)))
}
