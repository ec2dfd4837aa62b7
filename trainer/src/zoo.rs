//! The bundles that we ship: a folder with `index.json`, an ordered list.

use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::disk;

/// One bundle of the zoo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Short name.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// File beside the index.
    pub file: String,
    /// Size of the file.
    pub bytes: u64,
    /// What the model adds to a plain ViT.
    pub methods: Vec<String>,
    /// Trained numbers.
    pub params: u64,
    /// Accuracy on clean images, if measured.
    pub clean_top1: Option<f64>,
    /// Mean corruption error, if measured.
    pub corruption_error_mean: Option<f64>,
}

/// Reads the index of a zoo.
pub fn read(folder: &Path) -> Result<Vec<Entry>> {
    let path = folder.join("index.json");
    let missing = || format!("there is no zoo in {}; name its folder with --zoo", folder.display());
    let bytes = disk::read(&path).with_context(missing)?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} is damaged; run `cargo xtask zoo`", path.display()))
}
