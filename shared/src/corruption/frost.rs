//! Frost: an image of ice crystals laid over the image.
//!
//! The reference cuts its overlay from one of five photographs, which cannot be shipped. [`overlay`] draws a substitute with
//! the same statistics: colours, spread, spectrum. Who owns the photographs gives them to [`with_photographs`], which
//! cuts and blends as published.

mod fourier;
mod photographs;
mod styles;
mod texture;

pub use photographs::{cut, scale_of, with_photographs};
pub use texture::overlay;

use super::levels;
use super::variant::Constants;
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::lanes::widest;

/// Weights of the image and of the overlay.
const WEIGHTS: Constants<(f64, f64)> = Constants {
    imagenet: [(1.0, 0.4), (0.8, 0.6), (0.7, 0.7), (0.65, 0.7), (0.6, 0.75)],
    tiny: [(1.0, 0.3), (0.9, 0.4), (0.8, 0.45), (0.75, 0.5), (0.7, 0.55)],
    cifar: [(1.0, 0.2), (1.0, 0.3), (0.9, 0.4), (0.85, 0.4), (0.75, 0.45)],
    inception: None,
};

pub(super) const ENTRY: Corruption = Corruption {
    name: "frost",
    title: "Frost",
    about: "Ice crystals lie over the image; they are generated with the statistics of the reference's five \
            photographs, which cannot be shipped.",
    constants: "the weights of image and ice",
    group: Group::Weather,
    set: Set::Common,
    needs: Needs::SeedOrPhotographs(apply, with_photographs),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    with_overlay(image, severity, variant, &overlay(image.width(), image.height(), variant, seed))
}

/// The blend with a given overlay. Where the overlay is smaller than the image, it is repeated.
pub fn with_overlay(image: &Rgb8, severity: Severity, variant: Variant, overlay: &Rgb8) -> Rgb8 {
    let weights = WEIGHTS.at(severity, variant);
    let mut out = image.clone();
    for (y, row) in out.bytes_mut().chunks_exact_mut(image.width() * 3).enumerate() {
        let over = &overlay.bytes()[y % overlay.height() * overlay.width() * 3..][..overlay.width() * 3];
        for row in row.chunks_mut(over.len()) {
            widest!(blend(row, over, weights));
        }
    }
    out
}

#[inline(always)]
fn blend(row: &mut [u8], over: &[u8], (keep, frost): (f64, f64)) {
    for (byte, over) in row.iter_mut().zip(over) {
        *byte = levels::cut((keep * f64::from(*byte) + frost * f64::from(*over)).clamp(0.0, 255.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_blend_is_a_clipped_weighted_sum() {
        let (image, ice) = (Rgb8::from_fn(2, 2, |_, _| [10, 100, 255]), Rgb8::from_fn(1, 1, |_, _| [20, 30, 200]));
        let out = with_overlay(&image, Severity::ALL[0], Variant::ImageNet, &ice);
        assert_eq!(out.pixel(1, 1), [18, 112, 255]);
    }

    #[test]
    fn overlays_differ_by_seed_in_style_and_texture() {
        let means: Vec<u64> = (0..12)
            .map(|seed| {
                overlay(48, 32, Variant::Tiny, seed).bytes().iter().map(|b| u64::from(*b)).sum::<u64>() / (48 * 32 * 3)
            })
            .collect();
        assert!(means.iter().max() > means.iter().min().map(|least| least + 50).as_ref(), "{means:?}");
    }
}
