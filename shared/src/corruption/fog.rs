//! Fog: a plasma map added to the image, which is then scaled back so that its brightest value stays.
//!
//! The map's side is the smallest power of two that covers the image; the published sizes (256, 64, 32) are that. The
//! image takes the top-left corner of the map.

use super::levels::{to_byte, unit, unit_of};
use super::plasma::{Storage, plasma};
use super::variant::Constants;
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::lanes::widest;
use crate::random::normal::fraction;
use crate::random::stream;
use crate::random::words::Words;

/// (amount of fog, decay of the plasma per octave).
const AMOUNT_DECAY: Constants<(f64, f64)> = Constants {
    imagenet: [(1.5, 2.0), (2.0, 2.0), (2.5, 1.7), (2.5, 1.5), (3.0, 1.4)],
    tiny: [(0.4, 3.0), (0.7, 3.0), (1.0, 2.5), (1.5, 2.0), (2.0, 1.75)],
    cifar: [(0.2, 3.0), (0.5, 3.0), (0.75, 2.5), (1.0, 2.0), (1.5, 1.75)],
    inception: Some([(1.5, 2.0), (2.0, 2.0), (2.5, 1.8), (2.5, 1.6), (3.0, 1.5)]),
};

pub(super) const ENTRY: Corruption = Corruption {
    name: "fog",
    title: "Fog",
    about: "A plasma map is added and the result scaled back, so that the brightest value stays.",
    constants: "the amount of fog and how fast its fine detail decays",
    group: Group::Weather,
    set: Set::Common,
    needs: Needs::Seed(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    let mut random = stream(seed, 0, ENTRY.name);
    let mut words = Words::new(&mut random);
    with_uniforms(image, severity, variant, || fraction(words.next()))
}

/// The fog with numbers on [0, 1) drawn from `uniform`, as many as the map has points, less one.
pub fn with_uniforms(image: &Rgb8, severity: Severity, variant: Variant, uniform: impl FnMut() -> f64) -> Rgb8 {
    let (amount, decay) = AMOUNT_DECAY.at(severity, variant);
    let storage = if variant == Variant::ImageCorruptions { Storage::Single } else { Storage::Double };
    let side = image.width().max(image.height()).next_power_of_two();
    let map = plasma(side, decay, storage, uniform);

    let brightest = unit(image.bytes().iter().copied().max().unwrap_or(0));
    let mut out = image.clone();
    let mut added = vec![0.0; image.width() * 3];
    for (row, fog) in out.bytes_mut().chunks_exact_mut(image.width() * 3).zip(map.chunks_exact(side)) {
        added.as_chunks_mut().0.iter_mut().zip(fog).for_each(|(added, fog)| *added = [amount * fog; 3]);
        widest!(brighten(row, &added, brightest, brightest + amount));
    }
    out
}

#[inline(always)]
fn brighten(row: &mut [u8], added: &[f64], times: f64, over: f64) {
    for (byte, added) in row.iter_mut().zip(added) {
        *byte = to_byte((unit_of(*byte) + added) * times / over);
    }
}

/// The plasma map of an image of `width`×`height`, for looking at: `[y, x]` in 0..1.
pub fn map(
    width: usize,
    height: usize,
    severity: Severity,
    variant: Variant,
    uniform: impl FnMut() -> f64,
) -> Vec<f64> {
    let (_, decay) = AMOUNT_DECAY.at(severity, variant);
    let side = width.max(height).next_power_of_two();
    let map = plasma(side, decay, Storage::Double, uniform);
    map.chunks_exact(side).take(height).flat_map(|row| row[..width].to_vec()).collect()
}
