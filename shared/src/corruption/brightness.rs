//! Brightness: the V of HSV raised, as full daylight or overexposure.

use super::hsv;
use super::variant::Constants;
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;

/// Added to V.
const ADDED: Constants<f64> = Constants {
    imagenet: [0.1, 0.2, 0.3, 0.4, 0.5],
    tiny: [0.1, 0.2, 0.3, 0.4, 0.5],
    cifar: [0.05, 0.1, 0.15, 0.2, 0.3],
    inception: None,
};

pub(super) const ENTRY: Corruption = Corruption {
    name: "brightness",
    title: "Brightness",
    about: "The V of HSV is raised, as by overexposure.",
    constants: "what is added to V",
    group: Group::Weather,
    set: Set::Common,
    needs: Needs::Image(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant) -> Rgb8 {
    let added = ADDED.at(severity, variant);
    brightened(image, added)
}

/// `added` to V, clipped.
pub(super) fn brightened(image: &Rgb8, added: f64) -> Rgb8 {
    hsv::changed(image, |s, v| (s, (v + added).clamp(0.0, 1.0)))
}
