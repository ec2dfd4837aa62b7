//! Snow: a whitened image under streaks of random flakes, which fall twice, the second time turned by 180°.

use super::clipped_zoom::{Sample, axis, sample, whole_axis};
use super::levels::{completed, fused, to_byte, unit, unit_of};
use super::motion_blur::{smear, taps};
use super::variant::Constants;
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::lanes::widest;
use crate::random::normal::{normals, uniform};
use crate::random::stream;

/// The constants of one severity.
#[derive(Clone, Copy)]
struct Fall {
    /// Mean and deviation of the field that flakes are cut from.
    mean: f64,
    deviation: f64,
    /// Size of a flake, pixels.
    zoom: f64,
    /// Field values below are no flake.
    threshold: f64,
    /// Radius and σ of the streaks.
    radius: usize,
    sigma: f64,
    /// Weight of the image against its whitened copy.
    keep: f64,
}

const fn fall(mean: f64, zoom: f64, threshold: f64, radius: usize, sigma: f64, keep: f64) -> Fall {
    Fall { mean, deviation: 0.3, zoom, threshold, radius, sigma, keep }
}

const fn thin_fall(zoom: f64, threshold: f64, radius: usize, sigma: f64, keep: f64) -> Fall {
    Fall { deviation: 0.2, ..fall(0.1, zoom, threshold, radius, sigma, keep) }
}

const FALL: Constants<Fall> = Constants {
    imagenet: [
        fall(0.1, 3.0, 0.5, 10, 4.0, 0.8),
        fall(0.2, 2.0, 0.5, 12, 4.0, 0.7),
        fall(0.55, 4.0, 0.9, 12, 8.0, 0.7),
        fall(0.55, 4.5, 0.85, 12, 8.0, 0.65),
        fall(0.55, 2.5, 0.85, 12, 12.0, 0.55),
    ],
    tiny: [
        thin_fall(1.0, 0.6, 8, 3.0, 0.8),
        thin_fall(1.0, 0.5, 10, 4.0, 0.8),
        fall(0.15, 1.75, 0.55, 10, 4.0, 0.7),
        fall(0.25, 2.25, 0.6, 12, 6.0, 0.65),
        fall(0.3, 1.25, 0.65, 14, 12.0, 0.6),
    ],
    cifar: [
        thin_fall(1.0, 0.6, 8, 3.0, 0.95),
        thin_fall(1.0, 0.5, 10, 4.0, 0.9),
        fall(0.15, 1.75, 0.55, 10, 4.0, 0.9),
        fall(0.25, 2.25, 0.6, 12, 6.0, 0.85),
        fall(0.3, 1.25, 0.65, 14, 12.0, 0.8),
    ],
    inception: None,
};

pub(super) const ENTRY: Corruption = Corruption {
    name: "snow",
    title: "Snow",
    about: "The image is whitened, and streaks of random flakes fall across it, twice, the second time turned \
            around.",
    constants: "the flakes' density and size, their streaks' length, and how much of the image is kept",
    group: Group::Weather,
    set: Set::Common,
    needs: Needs::Seed(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    let mut random = stream(seed, 0, ENTRY.name);
    let z = normals(&mut random, image.width() * image.height());
    let degrees = -135.0 + 90.0 * uniform(&mut random);
    with_draws(image, severity, variant, &z, degrees)
}

/// The snow with given standard normal numbers `[y, x]` (missing ones count as zero), falling along `degrees`.
pub fn with_draws(image: &Rgb8, severity: Severity, variant: Variant, z: &[f32], degrees: f64) -> Rgb8 {
    let width = image.width();
    let layer = streaks(width, image.height(), severity, variant, z, degrees);
    let keep = FALL.at(severity, variant).keep;
    let (keep, whiten) = (keep as f32, (1.0 - keep) as f32);
    let mut out = image.clone();
    let mut white = vec![[0.0; 3]; width];
    let (mut fall, mut turned) = (vec![[0.0; 3]; width], vec![[0.0; 3]; width]);
    let layers = layer.chunks_exact(width).zip(layer.rchunks_exact(width));
    for (row, (falling, turning)) in out.bytes_mut().chunks_exact_mut(width * 3).zip(layers) {
        for (white, pixel) in white.iter_mut().zip(row.as_chunks::<3>().0) {
            let [r, g, b] = pixel.map(|byte| unit(byte) as f32);
            let grey = fused(0.299, r, fused(0.587, g, 0.114 * b));
            *white = [grey * 1.5 + 0.5; 3];
        }
        fall.iter_mut().zip(falling).for_each(|(fall, streak)| *fall = [unit(*streak); 3]);
        turned.iter_mut().zip(turning.iter().rev()).for_each(|(turned, streak)| *turned = [unit(*streak); 3]);
        let streaks = [fall.as_flattened(), turned.as_flattened()];
        widest!(cover(row, white.as_flattened(), streaks, [keep, whiten]));
    }
    out
}

/// A row of bytes whitened at least as far as `white`, under the streaks of both layers.
#[inline(always)]
fn cover(row: &mut [u8], white: &[f32], streaks: [&[f64]; 2], [keep, whiten]: [f32; 2]) {
    for (((byte, white), fall), turned) in row.iter_mut().zip(white).zip(streaks[0]).zip(streaks[1]) {
        let value = unit_of(*byte) as f32;
        let whitened = keep * value + whiten * if value > *white { value } else { *white };
        *byte = to_byte(f64::from(whitened) + fall + turned);
    }
}

/// The layer of streaks, `[y, x]`. In `imagecorruptions` the zoomed flakes fall before they are cut to size, so that streaks
/// enter from the rows and columns that are cut off.
pub fn streaks(width: usize, height: usize, severity: Severity, variant: Variant, z: &[f32], degrees: f64) -> Vec<u8> {
    let fall = FALL.at(severity, variant);
    let trail = taps(fall.radius, fall.sigma, degrees);
    if variant == Variant::ImageCorruptions {
        let (rows, columns) = (whole_axis(height, fall.zoom), whole_axis(width, fall.zoom));
        let flakes = zoomed(width, height, fall, z, &rows, &columns).into_iter().map(|value| value * 255.0).collect();
        let streaks = smear(flakes, columns.len(), 1, &trail, variant);
        let kept = streaks.chunks_exact(columns.len()).take(height).flat_map(|row| &row[..width]);
        return kept.map(|value| value.round_ties_even() as u8).collect();
    }
    let flakes = flakes(width, height, severity, variant, z).into_iter().map(|value| (value * 255.0).trunc()).collect();
    smear(flakes, width, 1, &trail, variant).into_iter().map(|value| value as u8).collect()
}

/// The flakes before they fall, `[y, x]` in 0..1, cut to size.
pub fn flakes(width: usize, height: usize, severity: Severity, variant: Variant, z: &[f32]) -> Vec<f64> {
    let fall = FALL.at(severity, variant);
    zoomed(width, height, fall, z, &axis(height, fall.zoom, variant), &axis(width, fall.zoom, variant))
}

fn zoomed(width: usize, height: usize, fall: Fall, z: &[f32], rows: &[Sample], columns: &[Sample]) -> Vec<f64> {
    let z = completed(z, width * height, 0.0);
    let field: Vec<f64> = z.iter().map(|z| fall.mean + fall.deviation * f64::from(*z)).collect();
    let cut = |value: f64| if value < fall.threshold { 0.0 } else { value.clamp(0.0, 1.0) };
    sample(&field, width, 1, rows, columns).into_iter().map(cut).collect()
}
