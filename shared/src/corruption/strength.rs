//! The arithmetic of some corruptions at any strength: same steps, constants as arguments.
//!
//! The sequences of [`perturbation`](crate::perturbation) move through strengths that no severity has.

use chacha20::ChaCha8Rng;

use super::clipped_zoom::{Sample, axis, sample};
use super::levels::{completed, from_levels, from_unit, like, merged, to_byte, to_unit, unit};
use super::motion_blur::{smear, taps};
use super::smooth::{Gaussian, smooth};
use super::{Variant, border, hsv};
use crate::image::Rgb8;
use crate::random::poisson::Poisson;

/// `x + σz` for standard normal `z`, `[y, x, c]`; missing ones count as zero.
pub(crate) fn gaussian_noise(image: &Rgb8, sigma: f64, z: &[f32]) -> Rgb8 {
    let z = completed(z, image.bytes().len(), 0.0);
    merged(image, &z, |value, z| value + sigma * f64::from(z))
}

/// `x + x·σz` for standard normal `z`, `[y, x, c]`; missing ones count as zero.
pub(crate) fn speckle_noise(image: &Rgb8, sigma: f64, z: &[f32]) -> Rgb8 {
    let z = completed(z, image.bytes().len(), 0.0);
    merged(image, &z, |value, z| value + value * (sigma * f64::from(z)))
}

/// Tables of the photon counts of a full value of `photons`, one for every byte.
pub(crate) struct Photons {
    full: f64,
    rates: Vec<Poisson>,
}

impl Photons {
    pub(crate) fn new(photons: f64) -> Self {
        Self { full: photons, rates: (0..=u8::MAX).map(|byte| Poisson::new(unit(byte) * photons)).collect() }
    }

    /// `Poisson(λx) / λ`.
    pub(crate) fn noise(&self, image: &Rgb8, random: &mut ChaCha8Rng) -> Rgb8 {
        let bytes = image.bytes().iter();
        like(image, bytes.map(|byte| to_byte(f64::from(self.rates[usize::from(*byte)].draw(random)) / self.full)))
    }
}

/// A trail of `2·radius + 1` taps along `degrees`, 0 to the right, 90 down.
pub(crate) fn motion_blur(image: &Rgb8, radius: usize, sigma: f64, degrees: f64) -> Rgb8 {
    let values: Vec<f64> = image.bytes().iter().map(|byte| f64::from(*byte)).collect();
    let smeared = smear(values, image.width(), 3, &taps(radius, sigma, degrees), Variant::ImageNet);
    from_levels(image, &smeared)
}

/// σ in pixels, the filter `truncate`·σ wide to each side.
pub(crate) fn gaussian_blur(image: &Rgb8, sigma: f64, truncate: f64) -> Rgb8 {
    let mut values = to_unit(image);
    smooth(&mut values, image.width(), 3, Gaussian { truncate, ..Gaussian::new(sigma) });
    from_unit(image, &values)
}

/// `added` to V, clipped.
pub(crate) fn brightness(image: &Rgb8, added: f64) -> Rgb8 {
    hsv::changed(image, |s, v| (s, (v + added).clamp(0.0, 1.0)))
}

/// Values `[y, x, channels]` zoomed into their middle. Where the published zoom reads nothing at a rim, by rounding, the rim is
/// repeated.
pub(crate) fn zoom(values: &[f64], width: usize, channels: usize, factor: f64) -> Vec<f64> {
    let height = values.len() / (width * channels);
    let whole = |length| {
        let mut axis = axis(length, factor, Variant::ImageNet);
        let mut rim: Sample = Some((0, 0, 1.0, 0.0));
        for sample in &mut axis {
            *sample = sample.or(rim);
            rim = sample.map(|(_, high, ..)| (high, high, 1.0, 0.0));
        }
        axis
    };
    sample(values, width, channels, &whole(height), &whole(width))
}

/// Smooths a field `[y, x]`, the edge repeated.
pub(crate) fn smooth_field(field: &mut [f64], width: usize, sigma: f64) {
    smooth(field, width, 1, Gaussian::new(sigma));
}

/// Flakes `[y, x]` in 0..1 as they streak along `degrees`, in bytes.
pub(crate) fn streaks(flakes: &[f64], width: usize, radius: usize, sigma: f64, degrees: f64) -> Vec<u8> {
    let bytes = flakes.iter().map(|value| (value * 255.0).trunc()).collect();
    let streaks = smear(bytes, width, 1, &taps(radius, sigma, degrees), Variant::ImageNet);
    streaks.into_iter().map(|value| value as u8).collect()
}

/// The image whitened as [`snow`](super::snow) does it, `keep` of it left as it was, under one layer of streaks.
pub(crate) fn snowed(image: &Rgb8, keep: f32, streaks: &[u8]) -> Rgb8 {
    let pixels = image.bytes().as_chunks::<3>().0.iter();
    let white = pixels.zip(streaks).flat_map(|(pixel, streak)| {
        let values = pixel.map(|byte| unit(byte) as f32);
        let grey = 0.299 * values[0] + 0.587 * values[1] + 0.114 * values[2];
        values.map(|value| {
            let whitened = keep * value + (1.0 - keep) * value.max(grey * 1.5 + 0.5);
            to_byte(f64::from(whitened) + unit(*streak))
        })
    });
    like(image, white)
}

/// Beyond the edge: the whole-sample mirror.
pub(crate) fn mirrored(at: isize, length: usize) -> usize {
    border::mirror_101(at, length)
}
