//! Case `corruptions.frost_overlay`: the procedural overlay measures like the photographs it stands for.
//!
//! Over 500 overlays: means within 8 levels, deviations within 20 %, rings of the spectrum within 0.3 dex. The spectrum is the
//! slow part and is taken of the first overlays only.

use std::f64::consts::TAU;

use anyhow::{Context, Result};
use serde_json::Value;
use vitro::corruption::{Variant, frost};
use vitro::image::Rgb8;

use super::Outcome;
use super::spectrum::rings;

const CASE: &str = "corruptions.frost_overlay";
const OVERLAYS: u64 = 500;
const SPECTRA: u64 = 60;

pub(super) fn run(file: &str, stats: &Value) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for (name, about) in stats.as_object().context("an object is expected")? {
        let Some(side) = about["crop"].as_u64() else { continue };
        let variant: Variant = name.split('_').next().unwrap_or_default().parse()?;
        let measured = Measured::of(side as usize, variant);
        let pooled = &about["pooled_over_the_five_used"];
        let row = |what: &str, allowed: &dyn Fn(f64) -> f64, ours: &[f64]| -> Result<Outcome> {
            let stored = pooled[what].as_array().with_context(|| format!("{name}: no `{what}`"))?;
            let stored: Vec<f64> = stored.iter().filter_map(Value::as_f64).collect();
            let pairs = ours.iter().zip(&stored).map(|(ours, stored)| ((ours - stored) / allowed(*stored), 0.0));
            let mut outcome = Outcome::compare(CASE, file, &format!("{name}/{what}"), 1.0, pairs);
            outcome.note = format!("{ours:.2?}, stored {stored:.2?}");
            Ok(outcome)
        };
        outcomes.push(row("mean_rgb", &|_| 8.0, &measured.mean)?);
        outcomes.push(row("std_rgb", &|stored| 0.2 * stored, &measured.std)?);
        outcomes.push(row("log10_power_8bins", &|_| 0.3, &measured.rings)?);
    }
    Ok(outcomes)
}

/// Means over many overlays.
struct Measured {
    mean: [f64; 3],
    std: [f64; 3],
    rings: [f64; 8],
}

impl Measured {
    fn of(side: usize, variant: Variant) -> Self {
        let mut measured = Self { mean: [0.0; 3], std: [0.0; 3], rings: [0.0; 8] };
        for seed in 0..OVERLAYS {
            let overlay = frost::overlay(side, side, variant, seed);
            for channel in 0..3 {
                let values = overlay.bytes().iter().skip(channel).step_by(3).map(|byte| f64::from(*byte));
                let (sum, squares) = values.fold((0.0, 0.0), |(sum, squares), v| (sum + v, squares + v * v));
                let count = (side * side) as f64;
                measured.mean[channel] += sum / count / OVERLAYS as f64;
                measured.std[channel] += (squares / count - (sum / count).powi(2)).max(0.0).sqrt() / OVERLAYS as f64;
            }
            if seed < SPECTRA {
                for (sum, ring) in measured.rings.iter_mut().zip(windowed_rings(&overlay)) {
                    *sum += ring / SPECTRA as f64;
                }
            }
        }
        measured
    }
}

/// Rings of the luma under a Hann window, whose loss of energy is made good.
fn windowed_rings(overlay: &Rgb8) -> [f64; 8] {
    let (width, height) = (overlay.width(), overlay.height());
    let pixels = overlay.bytes().as_chunks::<3>().0;
    let luma: Vec<f64> =
        pixels.iter().map(|[r, g, b]| 0.299 * f64::from(*r) + 0.587 * f64::from(*g) + 0.114 * f64::from(*b)).collect();
    let mean = luma.iter().sum::<f64>() / luma.len() as f64;
    let hann = |at: usize, length: usize| 0.5 - 0.5 * (TAU * at as f64 / length as f64).cos();
    let weight = |at: usize| hann(at / width, height) * hann(at % width, width);
    let map: Vec<f64> = luma.iter().enumerate().map(|(at, value)| (value - mean) * weight(at)).collect();
    let energy = (0..map.len()).map(|at| weight(at).powi(2)).sum::<f64>() / map.len() as f64;
    rings(width, height, &map).map(|ring| ring - energy.log10())
}
