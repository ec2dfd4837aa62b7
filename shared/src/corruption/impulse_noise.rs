//! Impulse noise: single values (not whole pixels) replaced by 0 or 255, as dead sensor elements.

use super::levels::map_bytes;
use super::variant::Constants;
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::lanes::widest;
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
    // The lowest bit chooses between 0 and 255, the others are the chance: a fraction of 2³¹, all of which are whole.
    let most = (FRACTION.at(severity, variant) * (1u32 << 31) as f64) as u32;
    let mut out = image.clone();
    let mut words = [[0; 4]; BLOCK];
    for bytes in out.bytes_mut().chunks_mut(BLOCK) {
        random.fill_bytes(words[..bytes.len()].as_flattened_mut());
        widest!(replace(bytes, &words, most));
    }
    out
}

/// Values that are drawn for at once.
const BLOCK: usize = 256;

#[inline(always)]
fn replace(bytes: &mut [u8], words: &[[u8; 4]], most: u32) {
    for (byte, word) in bytes.iter_mut().zip(words) {
        let bits = u32::from_le_bytes(*word);
        *byte = if bits >> 1 <= most { 0u8.wrapping_sub(bits as u8 & 1) } else { *byte };
    }
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
