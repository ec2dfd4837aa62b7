//! Speckle noise: `x + x · N(0, σ)`, the brighter the noisier.

use super::levels::{completed, merged};
use super::variant::Constants;
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::random::normal::normals;
use crate::random::stream;

/// σ of the noise relative to the value.
const SIGMA: Constants<f64> = Constants {
    imagenet: [0.15, 0.2, 0.35, 0.45, 0.6],
    tiny: [0.15, 0.2, 0.25, 0.3, 0.35],
    cifar: [0.06, 0.1, 0.12, 0.16, 0.2],
    inception: Some([0.16, 0.21, 0.36, 0.46, 0.61]),
};

pub(super) const ENTRY: Corruption = Corruption {
    name: "speckle_noise",
    title: "Speckle noise",
    about: "A normal number times the value is added to it: the brighter, the noisier.",
    constants: "the noise's relative deviation",
    group: Group::Noise,
    set: Set::Extra,
    needs: Needs::Seed(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    let z = normals(&mut stream(seed, 0, ENTRY.name), image.bytes().len());
    with_normals(image, severity, variant, &z)
}

/// The noise with given standard normal numbers, `[y, x, c]`; missing ones count as zero.
pub fn with_normals(image: &Rgb8, severity: Severity, variant: Variant, z: &[f32]) -> Rgb8 {
    let sigma = SIGMA.at(severity, variant);
    let z = completed(z, image.bytes().len(), 0.0);
    merged(image, &z, |value, z| value + value * (sigma * f64::from(z)))
}
