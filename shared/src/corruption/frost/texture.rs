//! An overlay of frost that measures like the photographs it stands for.
//!
//! Random waves are given the spectrum of a randomly chosen photograph, a little stronger along one direction. Their complex
//! sum holds two independent fields: one is the texture; of the other, the places where it passes through zero make ridges, the
//! needles of the ice, and it colours the whole. A monotone curve then gives luma the photograph's percentiles.

use super::super::Variant;
use super::super::levels::cut;
use super::fourier;
use super::styles::{FIFTH, FULL, Style, THIRD};
use crate::image::Rgb8;
use crate::lanes::widest;
use crate::random::normal::{normals, uniform};
use crate::random::stream;

/// Larger overlays repeat.
const MOST: usize = 512;
/// Sizes of the photographs, the smallest one's height and width: larger images enlarge them.
const PHOTOGRAPH: (f64, f64) = (315.0, 527.0);
/// Sine of the fraction of ridges in the texture.
const RIDGES: f64 = 0.35;
/// How far waves along the random direction are stretched.
const STRETCH: f64 = 1.2;
/// Added to the photographs' log10 of power by ring: the ridges and the curve move power from low to high frequencies, and the
/// crop hides the lowest. Found by measuring the result.
const CORRECTION: [f64; 8] = [0.45, -0.05, -0.05, -0.05, -0.05, -0.07, -0.12, -0.2];
/// Quantiles of the normal distribution at the percentiles of [`Style`].
const QUANTILES: [f64; 7] = [-2.326, -1.645, -0.674, 0.0, 0.674, 1.645, 2.326];

/// A frost overlay, another one for every seed.
pub fn overlay(width: usize, height: usize, variant: Variant, seed: u64) -> Rgb8 {
    let styles = match variant {
        Variant::ImageNet | Variant::Inception | Variant::ImageCorruptions => &FULL,
        Variant::Tiny => &THIRD,
        Variant::Cifar => &FIFTH,
    };
    let mut random = stream(seed, 0, "frost");
    let style = &styles[(uniform(&mut random) * styles.len() as f64) as usize];
    let direction = std::f64::consts::PI * uniform(&mut random);
    let drift = style.drift * f64::from(normals(&mut random, 1)[0]);
    let side = width.max(height).next_power_of_two().min(MOST);
    let waves = normals(&mut random, 2 * side * side);
    let fields = fields(style, side, direction, enlargement(width, height, variant), &waves);

    let film = Film::new(style, drift);
    let mut out = Rgb8::from_fn(width, height, |_, _| [0; 3]);
    for (y, row) in out.bytes_mut().chunks_exact_mut(width * 3).enumerate() {
        let fields = &fields[y % side * side..][..side];
        for pixels in row.as_chunks_mut::<3>().0.chunks_mut(side) {
            for (pixels, fields) in pixels.chunks_mut(BLOCK).zip(fields.chunks(BLOCK)) {
                widest!(film.develop(fields, pixels));
            }
        }
    }
    out
}

/// Pixels that are coloured at once.
const BLOCK: usize = 32;

/// How the two fields of a style become colours.
struct Film<'a> {
    style: &'a Style,
    /// Means of the channels of this overlay.
    means: [f64; 3],
    /// Share of the texture that is no ridge.
    plain: f64,
    median: f64,
    luma_std: f64,
}

impl<'a> Film<'a> {
    fn new(style: &'a Style, drift: f64) -> Self {
        let [_, _, _, median, ..] = style.percentiles;
        let means = style.mean.map(|mean| mean + drift);
        Self { style, means, plain: libm::sqrt(1.0 - RIDGES * RIDGES), median, luma_std: luma(style.std) }
    }

    /// Colours as many pixels as there are, a block at most.
    #[inline(always)]
    fn develop(&self, fields: &[fourier::Complex], pixels: &mut [[u8; 3]]) {
        let (mut lights, mut others) = ([0.0; BLOCK], [0.0; BLOCK]);
        for ((light, slot), (field, other)) in lights.iter_mut().zip(&mut others).zip(fields) {
            // |N(0,1)| has mean 0.798 and deviation 0.603.
            let ridge = (0.798 - other.abs()) / 0.603;
            let texture = self.plain * field + RIDGES * ridge;
            *light = (curve(texture, &self.style.percentiles) - self.median) / self.luma_std;
            *slot = *other;
        }
        let mut channels = [[0; BLOCK]; 3];
        for (c, channel) in channels.iter_mut().enumerate() {
            let ((own, foreign), mean, std) = (self.style.mix[c], self.means[c], self.style.std[c]);
            for (byte, (light, other)) in channel.iter_mut().zip(lights.iter().zip(&others)) {
                *byte = cut((mean + std * (own * light + foreign * other)).clamp(0.0, 255.0));
            }
        }
        for (at, pixel) in pixels.iter_mut().enumerate() {
            *pixel = [channels[0][at], channels[1][at], channels[2][at]];
        }
    }
}

/// `imagecorruptions` enlarges its photographs by a tenth, and further until they cover the image.
fn enlargement(width: usize, height: usize, variant: Variant) -> f64 {
    let cover = (height as f64 / PHOTOGRAPH.0).max(width as f64 / PHOTOGRAPH.1).max(1.0);
    match variant {
        Variant::ImageCorruptions => 1.1 * cover,
        Variant::ImageNet | Variant::Inception => cover,
        Variant::Tiny | Variant::Cifar => 1.0,
    }
}

/// Two independent fields of unit variance with the spectrum of `style`, on a torus.
fn fields(style: &Style, side: usize, direction: f64, enlargement: f64, waves: &[f32]) -> Vec<fourier::Complex> {
    let (sin, cos) = libm::sincos(direction);
    let frequency = |at: usize| (if 2 * at <= side { at as f64 } else { at as f64 - side as f64 }) / side as f64;
    let power = |y: usize, x: usize| {
        let (fy, fx) = (frequency(y), frequency(x));
        let (along, across) = ((fx * cos + fy * sin) * STRETCH, (fy * cos - fx * sin) / STRETCH);
        let frequency = libm::sqrt(along * along + across * across) * enlargement;
        power(style, frequency) * passed(frequency, enlargement)
    };
    let mut powers = vec![0.0; side * side];
    for y in 0..side {
        for x in 0..side {
            // The side is a power of two.
            let opposite = ((side - y) & (side - 1)) * side + ((side - x) & (side - 1));
            // Opposite waves are equally strong; the shortest ones stand for both directions and have no opposite.
            let known = opposite < y * side + x && 2 * y != side && 2 * x != side;
            powers[y * side + x] = if known { powers[opposite] } else { power(y, x) };
        }
    }
    let total = powers.iter().fold(0.0, |total, power| total + power);
    let mut values: Vec<fourier::Complex> = powers
        .iter()
        .zip(waves.as_chunks::<2>().0)
        .map(|(power, wave)| {
            let amplitude = libm::sqrt(*power);
            (amplitude * f64::from(wave[0]), amplitude * f64::from(wave[1]))
        })
        .collect();
    fourier::inverse(&mut values, side);
    let scale = if total > 0.0 { 1.0 / libm::sqrt(total) } else { 0.0 };
    values.iter_mut().for_each(|(field, other)| (*field, *other) = (*field * scale, *other * scale));
    values
}

/// Power at `frequency` cycles per pixel: a power law in the first ring, straight lines of log power between the others.
fn power(style: &Style, frequency: f64) -> f64 {
    if frequency == 0.0 {
        return 0.0;
    }
    let ring = |at: usize| style.rings[at] + CORRECTION[at];
    let position = frequency * 16.0 - 0.5;
    let log = if position < 0.5 {
        // The mean of f^s over a disk of radius 1 is 2/(2+s).
        let slope = style.slope;
        ring(0) + libm::log10(frequency * 16.0) * slope + libm::log10((2.0 + slope) / 2.0)
    } else {
        let below = (position as usize).clamp(1, 6);
        let fraction = position - below as f64;
        ring(below) + (ring(below + 1) - ring(below)) * fraction.min(2.0)
    };
    libm::exp10(log)
}

/// Fraction of the power that bicubic enlargement lets through: nothing above the photograph's own resolution.
fn passed(frequency: f64, enlargement: f64) -> f64 {
    if enlargement == 1.0 {
        return 1.0;
    }
    if frequency > 0.5 { 0.0 } else { libm::pow(libm::cos(std::f64::consts::FRAC_PI_2 * frequency), 4.0) }
}

/// Standard normal values to luma by the percentiles, straight between them and beyond.
#[inline(always)]
fn curve(value: f64, percentiles: &[f64; 7]) -> f64 {
    let part = QUANTILES[1..6].iter().filter(|quantile| value >= **quantile).count();
    let fraction = (value - QUANTILES[part]) / (QUANTILES[part + 1] - QUANTILES[part]);
    percentiles[part] + (percentiles[part + 1] - percentiles[part]) * fraction
}

fn luma([r, g, b]: [f64; 3]) -> f64 {
    0.299 * r + 0.587 * g + 0.114 * b
}
