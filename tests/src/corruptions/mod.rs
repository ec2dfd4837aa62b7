//! Parity of the corruptions with the published generators, from a folder of stored images and draws.
//!
//! `manifest.json` (`case: corruptions.bytes`) names the array files; every `out/NAME/SEVERITY` is computed from `in` and the
//! injected `draw/*` and must agree in each byte. `stats.json` (`corruptions.statistics`) holds what 64 seeds of the published
//! generators gave; ours must agree within the sampling error. `frost_overlay_stats.json` describes the frost photographs that
//! our procedural overlay stands for; `corruptions_bar.*` are the same for ImageNet-C-bar and CIFAR-10-C-bar; `imagenet_subsets.json` the classes of ImageNet-A and ImageNet-R. Nothing depends on file names or sizes.

mod arrays;
mod bar;
mod bytes;
mod frost_overlay;
mod kernels;
mod spectrum;
mod statistics;
mod subsets;

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

/// One comparison.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Case of the JSON file that asked for it.
    pub case: String,
    /// File of the stored numbers.
    pub file: String,
    /// Array or row within that file.
    pub name: String,
    /// Largest difference: in levels for images, in allowed distances (1 is the limit) for statistics.
    pub max_error: f64,
    /// How many numbers differ (bytes) or are outside (statistics).
    pub differing: u64,
    /// How many were compared.
    pub total: u64,
    /// Whether it counts as agreement.
    pub passed: bool,
    /// A word to the reader, where nothing was computed: why.
    pub note: String,
}

impl Outcome {
    fn unknown(case: &str, file: &str, name: &str, why: &str) -> Self {
        Self {
            case: case.into(),
            file: file.into(),
            name: name.into(),
            max_error: 0.0,
            differing: 0,
            total: 0,
            passed: false,
            note: why.to_owned(),
        }
    }

    /// Compares pairs of (ours, stored); more than `allowed` apart counts as differing, and none may.
    fn compare(case: &str, file: &str, name: &str, allowed: f64, pairs: impl Iterator<Item = (f64, f64)>) -> Self {
        let (mut max_error, mut differing, mut total) = (0f64, 0, 0);
        for (ours, stored) in pairs {
            let error = (ours - stored).abs();
            max_error = max_error.max(error);
            differing += u64::from(error.is_nan() || error > allowed);
            total += 1;
        }
        let (case, file, name) = (case.into(), file.into(), name.into());
        let passed = differing == 0 && total > 0;
        Self { case, file, name, max_error, differing, total, passed, note: String::new() }
    }
}

/// Whether [`run_file`] knows a case.
pub fn knows(case: &str) -> bool {
    matches!(
        case,
        "corruptions.bytes"
            | "corruptions.statistics"
            | "corruptions.frost_overlay"
            | "corruptions_bar.bytes"
            | "corruptions_bar.statistics"
            | "metrics.imagenet_subsets"
    )
}

/// Every comparison that the JSON files of `folder` ask for, in order of file name.
///
/// # Errors
/// For files that cannot be read or do not follow the layout.
pub fn run(folder: &Path) -> Result<Vec<Outcome>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    let mut outcomes = Vec::new();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|ending| ending == "json")) {
        outcomes.extend(run_file(path)?);
    }
    Ok(outcomes)
}

/// The comparisons of one JSON file; none for a case that is not ours.
///
/// # Errors
/// As [`run`].
pub fn run_file(json: &Path) -> Result<Vec<Outcome>> {
    let text = std::fs::read_to_string(json).with_context(|| format!("cannot read {}", json.display()))?;
    let value: Value = serde_json::from_str(&text).with_context(|| format!("{} is no JSON", json.display()))?;
    let folder = json.parent().unwrap_or(Path::new("."));
    let file = json.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let outcomes = match value["case"].as_str() {
        Some("corruptions.bytes") => bytes::run(folder, &value),
        Some("corruptions_bar.bytes") => bar::run(folder, &value),
        Some(case @ ("corruptions.statistics" | "corruptions_bar.statistics")) => {
            statistics::run(case, folder, &file, &value)
        }
        Some("corruptions.frost_overlay") => frost_overlay::run(&file, &value),
        Some("metrics.imagenet_subsets") => subsets::run(&file, &value),
        _ => Ok(Vec::new()),
    };
    outcomes.with_context(|| json.display().to_string())
}
