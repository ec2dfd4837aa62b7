//! How long each corruption takes, one thread: the median over several images, each under a seed of its own.
//!
//! The images are rendered scenes, or photographs of a folder. They can be kept as PNG files, so that another program is
//! measured on the same pixels.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use vitro::corruption::{self, Severity, Variant};
use vitro::image::{Filter, Rgb8, decode, encode_png};
use vitro::scene::{Split, render};

use super::machine::{Build, Machine};
use super::stopwatch::Times;

/// Calls of a corruption before those that count.
const WARM_UP: usize = 2;

/// What is measured.
#[derive(Clone, Debug)]
pub struct Plan {
    /// A folder of photographs; none: rendered scenes.
    pub photographs: Option<PathBuf>,
    /// How many images, at most.
    pub images: usize,
    /// Their side.
    pub side: usize,
    /// How strong.
    pub severity: Severity,
    /// Where the images go, if they are to be kept.
    pub keep: Option<PathBuf>,
}

/// What was measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Corruptions {
    /// What it ran on.
    pub machine: Machine,
    /// What ran.
    pub build: Build,
    /// Images, each once under every corruption.
    pub images: usize,
    /// Their side.
    pub side: usize,
    /// How strong.
    pub severity: u8,
    /// In the registry's order.
    pub rows: Vec<CorruptionRow>,
    /// Sum of the medians.
    pub sum_ms: f64,
}

/// One corruption.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CorruptionRow {
    /// Its name.
    pub corruption: String,
    /// How long an image took.
    #[serde(flatten)]
    pub times: Times,
}

/// Measures the corruptions that are taken unasked.
pub fn measure(plan: &Plan) -> Result<Corruptions> {
    let images = match &plan.photographs {
        Some(folder) => photographs(folder, plan)?,
        None => (0..plan.images as u64).map(|index| render(1, index, Split::Test, plan.side).image).collect(),
    };
    if let Some(folder) = &plan.keep {
        keep(&images, folder)?;
    }
    let variant = if plan.side < 64 { Variant::Cifar } else { Variant::ImageNet };
    let mut rows = Vec::new();
    for entry in corruption::by_default() {
        let call = |(seed, image): (usize, &Rgb8)| {
            let start = Instant::now();
            std::hint::black_box(corruption::corrupt(image, entry, plan.severity, variant, seed as u64));
            start.elapsed().as_secs_f64() * 1e3
        };
        images.iter().take(WARM_UP).enumerate().map(call).for_each(drop);
        let times = Times::of(images.iter().enumerate().map(call).collect()).context("there is no image")?;
        rows.push(CorruptionRow { corruption: entry.name.to_owned(), times });
    }
    Ok(Corruptions {
        machine: Machine::this(),
        build: Build::this(),
        images: images.len(),
        side: plan.side,
        severity: plan.severity.get(),
        sum_ms: rows.iter().map(|row| row.times.median_ms).sum(),
        rows,
    })
}

/// Squares out of photographs, evenly taken from the folder and those inside it.
fn photographs(folder: &Path, plan: &Plan) -> Result<Vec<Rgb8>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let step = files.len().div_ceil(plan.images).max(1);
    let read = |path: &PathBuf| decode(&fs::read(path).ok()?).ok();
    let images: Vec<Rgb8> = files
        .iter()
        .step_by(step)
        .filter_map(read)
        .map(|image| image.center_square().resize(plan.side, plan.side, Filter::Bicubic))
        .collect();
    ensure!(!images.is_empty(), "{} holds no image that can be read; name a folder of images", folder.display());
    Ok(images)
}

fn keep(images: &[Rgb8], folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for (index, image) in images.iter().enumerate() {
        let file = folder.join(format!("{index:03}.png"));
        fs::write(&file, encode_png(image)).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}
