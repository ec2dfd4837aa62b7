//! Impulse noise: single values (not whole pixels) replaced by 0 or 255, as dead sensor elements.

use super::levels::map_bytes;
use super::variant::Constants;
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::random::stream;
use chacha20::rand_core::Rng;

/// Fraction of the values that are replaced.
const FRACTION: Constants<f64> = Constants {
    imagenet: [0.03, 0.06, 0.09, 0.17, 0.27],
    tiny: [0.01, 0.02, 0.05, 0.08, 0.14],
    cifar: [0.01, 0.02, 0.03, 0.05, 0.07],
    inception: Some([0.04, 0.07, 0.10, 0.18, 0.28]),
};

pub(super) const ENTRY: Corruption = Corruption {
    name: "impulse_noise",
    title: "Impulse noise",
    about: "Single values, not whole pixels, become 0 or 255, as dead elements of a sensor.",
    constants: "the fraction of values that is replaced",
    group: Group::Noise,
    set: Set::Common,
    needs: Needs::Seed(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    let mut random = stream(seed, 0, ENTRY.name);
    // The lowest bit chooses between 0 and 255, the others are the chance.
    let mut draw = || {
        let bits = random.next_u32();
        (f64::from(bits >> 1) * (1.0 / (1u32 << 31) as f64), bits & 1 == 1)
    };
    let draws: Vec<(f64, bool)> = image.bytes().iter().map(|_| draw()).collect();
    with_draws(image, severity, variant, &draws)
}

/// The noise with, for each value `[y, x, c]`, a uniform number that decides whether it is replaced and whether it becomes
/// 255 then (else 0).
pub fn with_draws(image: &Rgb8, severity: Severity, variant: Variant, draws: &[(f64, bool)]) -> Rgb8 {
    let fraction = FRACTION.at(severity, variant);
    map_bytes(image, |byte, at| match draws.get(at) {
        Some((chance, salt)) if *chance <= fraction => u8::from(*salt) * 255,
        _ => byte,
    })
}
