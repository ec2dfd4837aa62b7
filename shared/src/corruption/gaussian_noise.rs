//! Gaussian noise: `x + N(0, σ)` for every pixel and channel, as low light gives.

use super::levels::{completed, merged};
use super::variant::Constants;
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::random::normal::normals;
use crate::random::stream;

/// σ of the noise, in units of 0..1.
const SIGMA: Constants<f64> = Constants {
    imagenet: [0.08, 0.12, 0.18, 0.26, 0.38],
    tiny: [0.04, 0.08, 0.12, 0.15, 0.18],
    cifar: [0.04, 0.06, 0.08, 0.09, 0.10],
    inception: Some([0.09, 0.13, 0.19, 0.27, 0.40]),
};

pub(super) const ENTRY: Corruption = Corruption {
    name: "gaussian_noise",
    title: "Gaussian noise",
    about: "A normal number is added to every value, as a sensor does in low light.",
    constants: "the noise's deviation",
    group: Group::Noise,
    set: Set::Common,
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
    merged(image, &z, |value, z| value + sigma * f64::from(z))
}
