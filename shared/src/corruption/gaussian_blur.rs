//! Gaussian blur, each channel in f64.

use super::levels::{from_unit, to_unit};
use super::smooth::{Gaussian, smooth};
use super::variant::Constants;
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;

/// σ, pixels.
const SIGMA: Constants<f64> = Constants {
    imagenet: [1.0, 2.0, 3.0, 4.0, 6.0],
    tiny: [0.5, 0.75, 1.0, 1.25, 1.5],
    cifar: [0.4, 0.6, 0.7, 0.8, 1.0],
    inception: Some([1.5, 2.5, 3.5, 4.5, 6.5]),
};

pub(super) const ENTRY: Corruption = Corruption {
    name: "gaussian_blur",
    title: "Gaussian blur",
    about: "Smoothing by a Gaussian.",
    constants: "its width",
    group: Group::Blur,
    set: Set::Extra,
    needs: Needs::Image(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant) -> Rgb8 {
    let mut values = to_unit(image);
    smooth(&mut values, image.width(), 3, Gaussian::new(SIGMA.at(severity, variant)));
    from_unit(image, &values)
}
