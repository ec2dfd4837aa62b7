//! Pixelate: shrunk by a box filter and enlarged again, as an upscaled thumbnail.
//!
//! `imagecorruptions` enlarges by nearest neighbour instead, which gives the same bytes at most sizes.

use super::variant::Constants;
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::{Filter, Rgb8};

/// Size of the shrunk image relative to the original.
const FACTOR: Constants<f64> = Constants {
    imagenet: [0.6, 0.5, 0.4, 0.3, 0.25],
    tiny: [0.9, 0.8, 0.7, 0.6, 0.5],
    cifar: [0.95, 0.9, 0.85, 0.75, 0.65],
    inception: Some([0.5, 0.4, 0.3, 0.25, 0.2]),
};

pub(super) const ENTRY: Corruption = Corruption {
    name: "pixelate",
    title: "Pixelate",
    about: "Shrunk by a box filter and enlarged again, as a thumbnail shown too large.",
    constants: "the size of the shrunk image",
    group: Group::Digital,
    set: Set::Common,
    needs: Needs::Image(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant) -> Rgb8 {
    let factor = FACTOR.at(severity, variant);
    let shrunk = |side: usize| (side as f64 * factor) as usize;
    let back = if variant == Variant::ImageCorruptions { Filter::Nearest } else { Filter::Box };
    image.resize(shrunk(image.width()), shrunk(image.height()), Filter::Box).resize(image.width(), image.height(), back)
}
