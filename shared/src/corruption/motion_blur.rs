//! Motion blur: a one-sided Gaussian trail along a random direction, without interpolation; the image shifts with it.
//!
//! `imagenet`, `tiny` and `cifar` follow ImageMagick: 16-bit values, sums rounded, then cut to 8 bits. `imagecorruptions`
//! sums 8-bit values in f64 and cuts; there the last bit of the weights decides on flat areas, and taps stop where the trail
//! leaves a small image, which darkens it.

mod weights;

use super::border::clamp;
use super::levels::{floor, from_levels};
use super::smooth::pairwise_sum;
use super::variant::Constants;
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::lanes::widest;
use crate::random::normal::uniform;
use crate::random::stream;

/// (radius, σ) of the trail, pixels.
const RADIUS_SIGMA: Constants<(usize, f64)> = Constants {
    imagenet: [(10, 3.0), (15, 5.0), (15, 8.0), (15, 12.0), (20, 15.0)],
    tiny: [(10, 1.0), (10, 1.5), (10, 2.0), (10, 2.5), (12, 3.0)],
    cifar: [(6, 1.0), (6, 1.5), (6, 2.0), (8, 2.0), (9, 2.5)],
    inception: Some([(12, 4.0), (17, 6.0), (17, 9.0), (17, 13.0), (22, 16.0)]),
};

pub(super) const ENTRY: Corruption = Corruption {
    name: "motion_blur",
    title: "Motion blur",
    about: "Every point leaves a fading trail in a random direction, and the image shifts with it.",
    constants: "the trail's length and decay",
    group: Group::Blur,
    set: Set::Common,
    needs: Needs::Seed(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    let degrees = -45.0 + 90.0 * uniform(&mut stream(seed, 0, ENTRY.name));
    with_angle(image, severity, variant, degrees)
}

/// The blur along `degrees`, 0 to the right, 90 down.
pub fn with_angle(image: &Rgb8, severity: Severity, variant: Variant, degrees: f64) -> Rgb8 {
    let trail = trail(severity, variant, degrees);
    let values: Vec<f64> = image.bytes().iter().map(|byte| f64::from(*byte)).collect();
    let smeared = smear(values, image.width(), 3, &trail, variant);
    from_levels(image, &smeared)
}

/// The taps of the trail along `degrees`.
pub fn trail(severity: Severity, variant: Variant, degrees: f64) -> Vec<Tap> {
    let (radius, sigma) = RADIUS_SIGMA.at(severity, variant);
    let mut trail = taps(radius, sigma, degrees);
    if variant == Variant::ImageCorruptions {
        for (tap, weight) in trail.iter_mut().zip(weights::WEIGHTS[severity.index()]) {
            tap.weight = *weight;
        }
    }
    trail
}

/// One pixel of a trail.
#[derive(Clone, Copy, Debug)]
pub struct Tap {
    /// Weight; the trail's sum to one.
    pub weight: f64,
    /// Columns to the right.
    pub x: isize,
    /// Rows down.
    pub y: isize,
}

/// `2·radius + 1` taps whose weights fall with σ.
pub(super) fn taps(radius: usize, sigma: f64, degrees: f64) -> Vec<Tap> {
    let density = |i: usize| {
        libm::exp(-((i * i) as f64) / (2.0 * sigma * sigma)) / (libm::sqrt(2.0 * std::f64::consts::PI) * sigma)
    };
    let weights: Vec<f64> = (0..=2 * radius).map(density).collect();
    let sum = pairwise_sum(&weights);
    let radians = degrees.to_radians();
    let (sin, cos) = libm::sincos(radians);
    let offset = |i: usize, part: f64| libm::ceil(i as f64 * part - 0.5) as isize;
    let tap = |(i, weight): (usize, &f64)| Tap { weight: weight / sum, x: offset(i, cos), y: offset(i, sin) };
    weights.iter().enumerate().map(tap).collect()
}

/// Values 0..255 in rows of `width` points of `channels` along a trail, in units of 0..255 again: whole numbers where
/// ImageMagick makes them, else as summed.
pub(super) fn smear(values: Vec<f64>, width: usize, channels: usize, trail: &[Tap], variant: Variant) -> Vec<f64> {
    if variant == Variant::ImageCorruptions {
        let height = values.len() / (width * channels);
        let outside = |tap: &Tap| tap.x.unsigned_abs() >= width || tap.y.unsigned_abs() >= height;
        let inside = trail.iter().position(outside).unwrap_or(trail.len());
        return sums(&values, width, channels, &trail[..inside]);
    }
    // 8 bits become 16 by times 257.
    let wide: Vec<f64> = values.iter().map(|value| value * 257.0).collect();
    let mut sums = sums(&wide, width, channels, trail);
    widest!(sums.iter_mut().for_each(|sum| *sum = floor(floor(*sum + 0.5) / 257.0)));
    sums
}

/// Values that are summed at once.
const BLOCK: usize = 16;

fn sums(values: &[f64], width: usize, channels: usize, trail: &[Tap]) -> Vec<f64> {
    let stride = width * channels;
    let height = values.len() / stride;
    let reach = trail.iter().map(|tap| tap.x.unsigned_abs()).max().unwrap_or(0);
    let [up, down] = [-1, 1].map(|sign| trail.iter().map(|tap| sign * tap.y).max().unwrap_or(0).max(0));
    let wide = stride + 2 * reach * channels;
    let mut padded = Vec::with_capacity(wide * (height + (up + down) as usize));
    for y in -up..height as isize + down {
        let row = &values[clamp(y, height) * stride..][..stride];
        let beyond = |x: usize| &row[clamp(x as isize - reach as isize, width) * channels..][..channels];
        (0..reach).for_each(|x| padded.extend_from_slice(beyond(x)));
        padded.extend_from_slice(row);
        (width + reach..width + 2 * reach).for_each(|x| padded.extend_from_slice(beyond(x)));
    }
    let tap = |tap: &Tap| ((up + tap.y) as usize * wide + (reach as isize + tap.x) as usize * channels, tap.weight);
    let taps: Vec<(usize, f64)> = trail.iter().map(tap).collect();
    let mut out = vec![0.0; values.len()];
    widest!(add_up(&padded, wide, &taps, &mut out, stride));
    out
}

/// A block of columns goes all the way down before the next, so that its rows stay at hand.
#[inline(always)]
fn add_up(padded: &[f64], wide: usize, taps: &[(usize, f64)], out: &mut [f64], stride: usize) {
    let height = out.len() / stride;
    for left in (0..stride).step_by(BLOCK) {
        let count = BLOCK.min(stride - left);
        for y in 0..height {
            let (from, at) = (y * wide + left, y * stride + left);
            let out = &mut out[at..at + count];
            if count == BLOCK {
                out.copy_from_slice(&weighted::<BLOCK>(padded, from, taps));
                continue;
            }
            for (i, out) in out.iter_mut().enumerate() {
                [*out] = weighted(padded, from + i, taps);
            }
        }
    }
}

#[inline(always)]
fn weighted<const N: usize>(padded: &[f64], from: usize, taps: &[(usize, f64)]) -> [f64; N] {
    let mut sums = [0.0; N];
    for (offset, weight) in taps {
        let values = &padded[from + offset..from + offset + N];
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += weight * value;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_to_the_right_shifts_the_image_to_the_left() {
        let edge = Rgb8::from_fn(40, 3, |x, _| [if x < 20 { 0 } else { 255 }; 3]);
        let out = with_angle(&edge, Severity::ALL[0], Variant::ImageNet, 0.0);
        assert!(out.pixel(18, 1)[0] > 100 && out.pixel(20, 1)[0] == 255 && out.pixel(2, 1)[0] == 0);
    }

    #[test]
    fn tabulated_weights_differ_from_the_formula_in_the_last_bit_at_most() {
        for severity in Severity::ALL {
            let (stored, formula) =
                (trail(severity, Variant::ImageCorruptions, 0.0), trail(severity, Variant::ImageNet, 0.0));
            assert_eq!(weights::WEIGHTS[severity.index()].len(), formula.len());
            let close = |(a, b): (&Tap, &Tap)| (a.weight / b.weight - 1.0).abs() < 5e-16;
            assert!(stored.iter().zip(&formula).all(close));
        }
    }

    #[test]
    fn weights_sum_to_one() {
        let trail = trail(Severity::ALL[4], Variant::Tiny, 30.0);
        assert_eq!(trail.len(), 25);
        assert!((trail.iter().map(|tap| tap.weight).sum::<f64>() - 1.0).abs() < 1e-12);
    }
}
