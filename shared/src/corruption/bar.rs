//! What the corruptions of ImageNet-C-bar and CIFAR-10-C-bar share ("On Interaction Between Augmentations and Corruptions in
//! Natural Corruption Robustness", Mintun, Kirillov and Xie, 2021, arXiv 2102.11273): levels, lengths and bytes.
//!
//! A severity is one of five levels, and everything scales with level · M / 10. The published code knows squares of side n
//! only; elsewhere n is the larger side, and the image is the square's top left part. Arithmetic is on 0..255 in f64.

use chacha20::ChaCha8Rng;

use super::{Severity, Variant};
use crate::image::Rgb8;
use crate::random::normal::uniform;

/// The levels of severities 1 to 5, made for 224 and for 32 pixels.
pub(super) struct Levels {
    large: [f64; 5],
    small: [f64; 5],
}

/// The variant of the one set that has a corruption which the other lacks. Five are in both.
pub(super) const ALONE: [(&str, Variant); 10] = [
    ("caustic_refraction", Variant::ImageNet),
    ("cocentric_sine_waves", Variant::ImageNet),
    ("perlin_noise", Variant::ImageNet),
    ("plasma_noise", Variant::ImageNet),
    ("single_frequency_greyscale", Variant::ImageNet),
    ("circular_motion_blur", Variant::Cifar),
    ("lines", Variant::Cifar),
    ("pinch_and_twirl", Variant::Cifar),
    ("ripple", Variant::Cifar),
    ("transverse_chromatic_abberation", Variant::Cifar),
];

impl Levels {
    /// Of a corruption that is in both sets.
    pub(super) const fn both(imagenet: [f64; 5], cifar: [f64; 5]) -> Self {
        Self { large: imagenet, small: cifar }
    }

    /// Of a corruption that one set has: the levels serve at every size.
    pub(super) const fn alone(levels: [f64; 5]) -> Self {
        Self { large: levels, small: levels }
    }

    /// level · `whole` / 10, in this order.
    pub(super) fn part(&self, severity: Severity, variant: Variant, whole: f64) -> f64 {
        let levels = match variant {
            Variant::Cifar | Variant::Tiny => &self.small,
            Variant::ImageNet | Variant::Inception | Variant::ImageCorruptions => &self.large,
        };
        levels[severity.index()] * whole / 10.0
    }
}

/// The side n that lengths are fractions of.
pub(super) fn side(image: &Rgb8) -> usize {
    image.width().max(image.height())
}

/// `u` of [0, 1) on [low, high).
pub(super) fn between(low: f64, high: f64, u: f64) -> f64 {
    low + (high - low) * u
}

/// `N` numbers on [0, 1).
pub(super) fn uniforms<const N: usize>(random: &mut ChaCha8Rng) -> [f64; N] {
    std::array::from_fn(|_| uniform(random))
}

/// A whole number below `count`.
pub(super) fn below(random: &mut ChaCha8Rng, count: usize) -> usize {
    (uniform(random) * count as f64) as usize
}

/// The remainder with the sign of `by`, which is positive.
pub(super) fn modulo(value: f64, by: f64) -> f64 {
    let rest = value % by;
    if rest < 0.0 { rest + by } else { rest }
}

/// Clipped to 0..255, cut toward zero.
pub(super) fn to_level(value: f64) -> u8 {
    value.clamp(0.0, 255.0) as u8
}

/// An image whose pixel at (x, y) is `paint(x, y, values)`, on 0..255.
pub(super) fn painted(image: &Rgb8, paint: impl Fn(usize, usize, [f64; 3]) -> [f64; 3]) -> Rgb8 {
    let at = |x, y| paint(x, y, image.pixel(x, y).map(f64::from)).map(to_level);
    Rgb8::from_fn(image.width(), image.height(), at)
}
