//! Cases `corruptions.statistics` and `corruptions_bar.statistics`: over many seeds ours looks like theirs.
//!
//! Rule: |ours − stored| ≤ 4·sd·sqrt(1/theirs + 1/ours) + floor. Frost draws its overlay from a substitute for five
//! photographs; there PSNR, SSIM and means must be within one seed-sd.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;
use vitro::corruption::{self, Corruption, Severity, Variant};
use vitro::image::Rgb8;

use super::Outcome;
use super::arrays::Arrays;
use super::spectrum::rings;

/// Images we draw per row.
const SEEDS: u64 = 32;

pub(super) fn run(case: &str, folder: &Path, file: &str, stats: &Value) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for (stem, rows) in stats.as_object().context("an object is expected")? {
        let (Some(rows), Some(variant)) = (rows.as_object(), rows["variant"].as_str()) else { continue };
        let image = Arrays::read(folder, &format!("{stem}.safetensors"))?.image("in")?;
        let variant: Variant = super::bar::variant(variant)?;
        for (name, severities) in rows.iter().filter(|(name, _)| *name != "variant") {
            let Ok(corruption) = corruption::find(name) else {
                let name = format!("{stem}/{name}");
                outcomes.push(Outcome::unknown(case, file, &name, "the corruption is not in the registry yet"));
                continue;
            };
            for (severity, stored) in severities.as_object().context("severities are expected")? {
                let level = Severity::try_from(severity.parse::<u8>()?)?;
                let rows = ours(&image, corruption, level, variant);
                outcomes.push(judge(case, file, &format!("{stem}/{name}/{severity}"), &rows, stored)?);
            }
        }
    }
    Ok(outcomes)
}

/// What one corrupted image measures, in the order of [`ROWS`].
type Measured = [f64; 19];

/// A statistic: its name, the name of its sd, where its numbers stand, how many, and the floor.
struct Row {
    name: &'static str,
    sd: &'static str,
    from: usize,
    count: usize,
    floor: f64,
}

const ROWS: [Row; 6] = [
    Row { name: "diff_mean", sd: "diff_mean_sd", from: 0, count: 3, floor: 0.3 },
    Row { name: "diff_std", sd: "diff_std_sd", from: 3, count: 3, floor: 0.3 },
    Row { name: "out_mean", sd: "diff_mean_sd", from: 6, count: 3, floor: 0.3 },
    Row { name: "psnr", sd: "psnr_sd", from: 9, count: 1, floor: 0.1 },
    Row { name: "ssim", sd: "ssim_sd", from: 10, count: 1, floor: 0.004 },
    Row { name: "log10_power", sd: "log10_power_sd", from: 11, count: 8, floor: 0.02 },
];

/// Means over [`SEEDS`] seeds.
fn ours(image: &Rgb8, corruption: &Corruption, severity: Severity, variant: Variant) -> Measured {
    let mut sums = [0.0; 19];
    for seed in 0..SEEDS {
        let out = corruption::corrupt(image, corruption, severity, variant, seed);
        for (sum, value) in sums.iter_mut().zip(measure(image, &out)) {
            *sum += value / SEEDS as f64;
        }
    }
    sums
}

fn judge(case: &str, file: &str, name: &str, ours: &Measured, stored: &Value) -> Result<Outcome> {
    let theirs = stored["n"].as_f64().context("`n` is missing")?;
    let frost = name.contains("/frost/");
    let spread = if frost { 1.0 } else { 4.0 * (1.0 / theirs + 1.0 / SEEDS as f64).sqrt() };
    let mut pairs = Vec::new();
    let mut worst = (0.0, String::new());
    for row in &ROWS {
        if frost && matches!(row.name, "diff_std" | "log10_power") {
            continue;
        }
        for at in 0..row.count {
            let expected = number(&stored[row.name], at).with_context(|| format!("{name}: {}", row.name))?;
            let sd = number(&stored[row.sd], at).with_context(|| format!("{name}: {}", row.sd))?;
            let value = ours[row.from + at];
            let distance = (value - expected) / (spread * sd + row.floor);
            if distance.abs() > worst.0 {
                worst = (distance.abs(), format!("{}[{at}] {value:.4}, stored {expected:.4} ± {sd:.4}", row.name));
            }
            pairs.push((distance, 0.0));
        }
    }
    let mut outcome = Outcome::compare(case, file, name, 1.0, pairs.into_iter());
    outcome.note = worst.1;
    Ok(outcome)
}

fn number(value: &Value, at: usize) -> Option<f64> {
    value.as_f64().or_else(|| value[at].as_f64())
}

fn measure(input: &Rgb8, output: &Rgb8) -> Measured {
    let count = (input.width() * input.height()) as f64;
    let mut measured = [0.0; 19];
    let mut luma = vec![0.0; input.width() * input.height()];
    let mut square = 0.0;
    for channel in 0..3 {
        let values = |image: &Rgb8| -> Vec<f64> {
            image.bytes().iter().skip(channel).step_by(3).map(|byte| f64::from(*byte)).collect()
        };
        let (before, after) = (values(input), values(output));
        let (mut sum, mut squares) = (0.0, 0.0);
        for ((before, after), luma) in before.iter().zip(&after).zip(&mut luma) {
            let difference = after - before;
            sum += difference;
            squares += difference * difference;
            *luma += difference * [0.299, 0.587, 0.114][channel];
        }
        square += squares / (3.0 * count);
        measured[channel] = sum / count;
        measured[3 + channel] = (squares / count - (sum / count).powi(2)).max(0.0).sqrt();
        measured[6 + channel] = after.iter().sum::<f64>() / count;
        measured[10] += ssim(input.width(), input.height(), &before, &after) / 3.0;
    }
    // An image that chance left as it was has no error to divide by; the stored means count it with this one.
    measured[9] = 10.0 * (255.0 * 255.0 / square.max(1e-6)).log10();
    measured[11..].copy_from_slice(&rings(input.width(), input.height(), &luma));
    measured
}

/// Structural similarity with a 7×7 uniform window and sample covariances, mean over whole windows.
fn ssim(width: usize, height: usize, a: &[f64], b: &[f64]) -> f64 {
    const SIDE: usize = 7;
    const N: f64 = (SIDE * SIDE) as f64;
    let (c1, c2) = ((0.01f64 * 255.0).powi(2), (0.03f64 * 255.0).powi(2));
    let mut total = 0.0;
    for top in 0..=height - SIDE {
        // Sums over the window's rows for every column, then a sliding sum over columns.
        let columns: Vec<[f64; 5]> = (0..width)
            .map(|x| {
                (top..top + SIDE).fold([0.0; 5], |sums, y| {
                    let (p, q) = (a[y * width + x], b[y * width + x]);
                    [sums[0] + p, sums[1] + q, sums[2] + p * p, sums[3] + q * q, sums[4] + p * q]
                })
            })
            .collect();
        for window in columns.windows(SIDE) {
            let s = window.iter().fold([0.0; 5], |sums, column| std::array::from_fn(|i| sums[i] + column[i]));
            let (ma, mb) = (s[0] / N, s[1] / N);
            let sample = |square: f64, product: f64| (square - N * product) / (N - 1.0);
            let (va, vb, vab) = (sample(s[2], ma * ma), sample(s[3], mb * mb), sample(s[4], ma * mb));
            total += (2.0 * ma * mb + c1) * (2.0 * vab + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
        }
    }
    total / ((height - SIDE + 1) * (width - SIDE + 1)) as f64
}
