//! Trainings on large datasets: `vitro bench --data`, which makes a folder and shards for it.

use super::compare::Choice;
use super::ours::{self, Build, Vitro};
use super::stored::{Conditions, DataRow, Section};
use anyhow::Result;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::process::Stdio;

/// Side of the images in the shards: ImageNet's, as it is usually stored.
const SIDE: usize = 256;

/// How much is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amount {
    /// Files of the folder.
    pub(super) files: usize,
    /// Images in the shards.
    pub(super) images: usize,
}

#[derive(Deserialize)]
struct Report {
    build: Build,
    rows: Vec<Measured>,
}

#[derive(Deserialize)]
struct Measured {
    work: String,
    images: usize,
    seconds: f64,
    peak_memory_mib: Option<f64>,
    decoded_mib: f64,
}

/// The conditions of a measurement that starts now.
pub(super) fn conditions(amount: &Amount) -> Conditions {
    let Amount { files, images } = amount;
    let settings = format!("1 round, {files} files in class folders and {images} images of {SIDE} pixels in shards");
    Conditions { machine: ours::machine(), versions: BTreeMap::new(), settings }
}

/// Measures; the rows that are not chosen are measured as well, since they are made together.
pub(super) fn measure(vitro: &Vitro, choice: &Choice, amount: &Amount) -> Result<Section<DataRow>> {
    let Amount { files, images } = *amount;
    let (files, images, side) = (files.to_string(), images.to_string(), SIDE.to_string());
    let args = ["--data", "--folder-files", &files, "--shard-images", &images, "--shard-side", &side];
    let Report { build, rows } = vitro.bench(&args, Stdio::inherit())?;
    let origin = build.origin()?;
    let row = |measured: Measured| {
        let Measured { work, images, seconds, peak_memory_mib, decoded_mib } = measured;
        DataRow { work, images, origin: origin.clone(), seconds, peak_memory_mib, decoded_mib }
    };
    Ok(Section { conditions: conditions(amount), rows: choice.of(rows.into_iter().map(row).collect())? })
}
