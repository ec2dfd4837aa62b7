//! Weather that moves: snow whose wind turns, daylight that rises, water that runs down the lens.
//!
//! Of snow there is one layer, not the two of the corruption, and its flakes stay where they are while their streaks turn. The
//! water's random field is blurred downward from frame to frame and cut at the threshold anew each time; which way its column
//! filter points is our reading: down.

use super::{Perturbation, Protocol, Set};
use crate::corruption::{spatter, strength};
use crate::random::normal::normals;
use crate::random::stream;

/// Mean and deviation of the field that flakes are cut from, and where they are cut.
const FLAKES: (f64, f64, f64) = (0.05, 0.3, 0.5);
/// Size of a flake, radius and σ of its streak, pixels.
const STREAK: [(f64, usize, f64); 2] = [(3.0, 14, 4.0), (2.0, 10, 2.0)];
/// Weight of the image against its whitened copy.
const KEEP: f32 = 0.85;
/// Direction of the streaks at frame 0 and its step, degrees.
const WIND: (f64, f64) = (-150.0, 4.0);

/// Step of V per frame; frame 15 is the image.
const DAYLIGHT: [f64; 2] = [0.02, 0.015];

/// Mean, deviation, σ of the smoothing, threshold of the field that drops are cut from, and their opacity.
const WATER: [(f64, f64, f64, f64, f64); 2] = [(0.65, 0.27, 3.7, 0.69, 0.6), (0.6, 0.265, 1.75, 0.7, 0.6)];
/// How the field moves down each frame: the weights of rows above, the nearest last, which is the row itself.
const DOWN: [&[f64]; 2] = [&[0.05, 0.1, 0.15, 0.7], &[0.2, 0.8]];

pub(super) const SNOW: Perturbation =
    Perturbation::sweep("snow", "Snow", Set::Test, [31; 2], |image, protocol, _, seed| {
        let (width, count) = (image.width(), image.width() * image.height());
        let (mean, deviation, threshold) = FLAKES;
        let (size, radius, sigma) = STREAK[small(protocol)];
        let field: Vec<f64> = normals(&mut stream(seed, 0, "snow sequence"), count)
            .into_iter()
            .map(|z| mean + deviation * f64::from(z))
            .collect();
        let cut = |value: f64| if value < threshold { 0.0 } else { value.clamp(0.0, 1.0) };
        let flakes: Vec<f64> = strength::zoom(&field, width, 1, size).into_iter().map(cut).collect();
        (0..SNOW.frames(protocol))
            .map(|frame| {
                let degrees = WIND.0 + WIND.1 * frame as f64;
                strength::snowed(image, KEEP, &strength::streaks(&flakes, width, radius, sigma, degrees))
            })
            .collect()
    });

pub(super) const BRIGHTNESS: Perturbation =
    Perturbation::sweep("brightness", "Brightness", Set::Test, [31; 2], |image, protocol, _, _| {
        let step = DAYLIGHT[small(protocol)];
        let lit = |frame| strength::brightness(image, step * (frame as f64 - 15.0));
        (0..BRIGHTNESS.frames(protocol)).map(lit).collect()
    });

pub(super) const SPATTER: Perturbation =
    Perturbation::sweep("spatter", "Spatter", Set::Validation, [31; 2], |image, protocol, _, seed| {
        let (width, count) = (image.width(), image.width() * image.height());
        let (mean, deviation, sigma, threshold, opacity) = WATER[small(protocol)];
        let mut field: Vec<f64> = normals(&mut stream(seed, 0, "spatter sequence"), count)
            .into_iter()
            .map(|z| mean + deviation * f64::from(z))
            .collect();
        strength::smooth_field(&mut field, width, sigma);
        (0..SPATTER.frames(protocol))
            .map(|frame| {
                if frame > 0 {
                    field = run_down(&field, width, DOWN[small(protocol)]);
                }
                let drops: Vec<f64> = field.iter().map(|value| if *value < threshold { 0.0 } else { *value }).collect();
                spatter::wet(image, opacity, &drops)
            })
            .collect()
    });

/// Each value becomes the weighted mean of the values above it and its own; above the top row lies its mirror image.
fn run_down(field: &[f64], width: usize, weights: &[f64]) -> Vec<f64> {
    let (height, last) = (field.len() / width, weights.len() - 1);
    let above = |at: usize, rows: usize| {
        let (y, x) = (at / width, at % width);
        let from = if y >= rows { y - rows } else { (rows - y - 1).min(height - 1) };
        field[from * width + x]
    };
    (0..field.len())
        .map(|at| weights.iter().enumerate().map(|(i, weight)| weight * above(at, last - i)).sum())
        .collect()
}

fn small(protocol: Protocol) -> usize {
    usize::from(protocol == Protocol::Cifar)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drop_runs_down_and_keeps_its_mass() {
        let mut field = vec![0.0; 16];
        field[6] = 1.0;
        let column: Vec<f64> = run_down(&field, 2, DOWN[0]).into_iter().step_by(2).collect();
        assert_eq!(column, [0.0, 0.0, 0.0, 0.7, 0.15, 0.1, 0.05, 0.0]);
    }
}
