//! Contrast: every channel pulled toward its mean over the image.

use super::levels::{map_bytes, to_byte, unit};
use super::variant::Constants;
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;

/// What remains of the distance to the mean.
const FACTOR: Constants<f64> = Constants {
    imagenet: [0.4, 0.3, 0.2, 0.1, 0.05],
    tiny: [0.4, 0.3, 0.2, 0.1, 0.05],
    cifar: [0.75, 0.5, 0.4, 0.3, 0.15],
    inception: None,
};

pub(super) const ENTRY: Corruption = Corruption {
    name: "contrast",
    title: "Contrast",
    about: "Every channel is pulled towards its mean over the image.",
    constants: "what remains of the distance",
    group: Group::Digital,
    set: Set::Common,
    needs: Needs::Image(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant) -> Rgb8 {
    let factor = FACTOR.at(severity, variant);
    let means = means(image);
    let tables = means
        .map(|mean| -> [u8; 256] { std::array::from_fn(|value| to_byte((unit(value as u8) - mean) * factor + mean)) });
    map_bytes(image, |byte, at| tables[at % 3][usize::from(byte)])
}

/// Mean of each channel. Summed in the order of the pixels: on flat images the last bit of the sum decides a level.
fn means(image: &Rgb8) -> [f64; 3] {
    let pixels = image.bytes().as_chunks::<3>().0;
    let mut sums = [0.0; 3];
    for pixel in pixels {
        for (sum, byte) in sums.iter_mut().zip(pixel) {
            *sum += unit(*byte);
        }
    }
    sums.map(|sum| sum / pixels.len() as f64)
}
