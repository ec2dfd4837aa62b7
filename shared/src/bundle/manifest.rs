//! What a bundle says about its weights.

use serde::{Deserialize, Serialize};

use crate::image::Preprocess;
use crate::model::ModelConfig;
use crate::protocol::Protocol;

/// The format that this release writes and reads.
pub const FORMAT: u32 = 1;

/// Everything about trained weights but the weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Layout version of the bundle, [`FORMAT`].
    pub format: u32,
    /// Short name for the command line, addresses and files: letters, digits, `-`.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// What the model adds to a plain ViT, as short names; empty for a plain ViT.
    pub methods: Vec<String>,
    /// Shape of the network.
    pub model: ModelConfig,
    /// Names of the classes, in the order of the logits.
    pub classes: Vec<String>,
    /// The way of an image into the network.
    pub preprocess: Preprocess,
    /// What the model was evaluated on.
    pub dataset: String,
    /// What the model was trained on.
    pub train_data: String,
    /// Number of trained values.
    pub params: u64,
    /// SHA-256 of the weights, hexadecimal.
    pub weights_sha256: String,
    /// Measured accuracy, when it was measured.
    #[serde(default)]
    pub results: Option<Results>,
    /// How the weights came to be.
    pub provenance: Provenance,
}

/// Accuracy of a model, measured by `vitro eval`. All fractions are in 0..1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Results {
    /// Top-1 accuracy on clean images.
    pub clean_top1: f64,
    /// Plain mean of the top-1 errors of `per_cell`.
    pub corruption_error_mean: f64,
    /// Expected calibration error on clean images, 15 equal bins.
    pub ece: f64,
    /// Number of clean images.
    pub n_images: u64,
    /// Where the corrupted images come from, in words.
    pub corruption_source: String,
    /// Under which conditions it was measured; none in bundles of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
    /// One row for each corruption and severity.
    pub per_cell: Vec<Cell>,
}

/// Accuracy under one corruption at one severity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// Name of the corruption.
    pub corruption: String,
    /// Severity, 1 to 5.
    pub severity: u8,
    /// Top-1 accuracy.
    pub top1: f64,
    /// Top-5 accuracy.
    pub top5: f64,
    /// Number of images.
    pub n: u64,
}

/// How weights came to be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// Recipe, or the file that was imported.
    pub source: String,
    /// Seed of the run.
    pub seed: u64,
    /// Optimiser steps.
    pub steps: u64,
    /// Training time, minutes.
    pub minutes: f64,
    /// Device that it ran on.
    pub device: String,
    /// Commit of the code.
    pub git: String,
    /// Versions of the program and its engine.
    pub versions: String,
}
