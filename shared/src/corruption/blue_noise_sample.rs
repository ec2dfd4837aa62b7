//! Blue noise sampling: pixels turn black where a field of blue noise is low (arXiv 2102.11273).

use super::bar::{Levels, side};
pub use super::spectral::Phases;
use super::spectral::{counts, field, field_side};
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::random::normal::uniform;
use crate::random::stream;

/// Pixels are kept above this part of 3, less 2.5, standard deviations of the field.
const THRESHOLD: Levels = Levels::both([0.8, 1.6, 2.4, 4.0, 5.6], [0.7, 1.4, 2.1, 3.5, 4.2]);

pub(super) const ENTRY: Corruption = Corruption {
    name: "blue_noise_sample",
    title: "Blue noise sampling",
    about: "Single pixels, spread evenly, turn black.",
    constants: "how high the noise must be where a pixel is kept",
    group: Group::Noise,
    set: Set::Bar,
    needs: Needs::Seed(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    let mut random = stream(seed, 0, ENTRY.name);
    let [left, middle] =
        counts(field_side(side(image))).map(|count| (0..count).map(|_| uniform(&mut random)).collect::<Vec<_>>());
    with_phases(image, severity, variant, &Phases { left: &left, middle: &middle })
}

/// The sample with given phases of the field.
pub fn with_phases(image: &Rgb8, severity: Severity, variant: Variant, phases: &Phases<'_>) -> Rgb8 {
    let threshold = THRESHOLD.part(severity, variant, 3.0) - 2.5;
    let field_side = field_side(side(image));
    let noise = noise(image, phases);
    Rgb8::from_fn(image.width(), image.height(), |x, y| {
        let kept = noise[y % field_side * field_side + x % field_side] > threshold;
        if kept { image.pixel(x, y) } else { [0; 3] }
    })
}

/// The square field of an image, standard deviation 1.
pub fn noise(image: &Rgb8, phases: &Phases<'_>) -> Vec<f64> {
    field(field_side(side(image)), phases, |distance| distance)
}
