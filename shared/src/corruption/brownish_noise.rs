//! Brownish noise: a field of large, soft blots for every channel (arXiv 2102.11273).
//!
//! The mean has the largest weight, so each image also gets a cast of its own colour.

use super::bar::{Levels, painted, side};
pub use super::spectral::Phases;
use super::spectral::{counts, field, field_side};
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::random::normal::uniform;
use crate::random::stream;

/// The noise's deviation is this part of 64.
const AMPLITUDE: Levels = Levels::both([1.0, 2.0, 3.0, 4.0, 5.0], [2.5, 4.0, 5.5, 6.5, 7.0]);

pub(super) const ENTRY: Corruption = Corruption {
    name: "brownish_noise",
    title: "Brownish noise",
    about: "Soft coloured blots, and with them a cast, are added.",
    constants: "the noise's deviation",
    group: Group::Noise,
    set: Set::Bar,
    needs: Needs::Seed(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    let mut random = stream(seed, 0, ENTRY.name);
    let mut draw = |count| (0..count).map(|_| uniform(&mut random)).collect::<Vec<_>>();
    let draws: [[Vec<f64>; 2]; 3] = std::array::from_fn(|_| counts(field_side(side(image))).map(&mut draw));
    let phases = draws.each_ref().map(|[left, middle]| Phases { left, middle });
    with_phases(image, severity, variant, &phases)
}

/// The noise with given phases of the three fields.
pub fn with_phases(image: &Rgb8, severity: Severity, variant: Variant, phases: &[Phases<'_>; 3]) -> Rgb8 {
    let amplitude = AMPLITUDE.part(severity, variant, 64.0);
    let field_side = field_side(side(image));
    let noise = noise(image, phases);
    painted(image, |x, y, values| {
        let at = y % field_side * field_side + x % field_side;
        std::array::from_fn(|c| values[c] + amplitude * noise[c][at])
    })
}

/// The square fields of an image, standard deviation 1.
pub fn noise(image: &Rgb8, phases: &[Phases<'_>; 3]) -> [Vec<f64>; 3] {
    phases.each_ref().map(|phases| field(field_side(side(image)), phases, |distance| 1.0 / (distance * distance + 1.0)))
}
