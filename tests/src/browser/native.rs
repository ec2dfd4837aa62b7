//! The other side of the comparison: `vitro explain` on the same file.

use super::Image;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use xtask::workspace;

/// Class probabilities of each bundle, by name.
pub type Expected = Vec<(String, Vec<f64>)>;

#[derive(Deserialize)]
struct Explained {
    models: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    name: String,
    probabilities: Vec<f64>,
}

/// What is asked of the models.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// Name of the corruption.
    pub corruption: &'a str,
    /// 0: the clean image.
    pub severity: u8,
    /// Of the corruption.
    pub seed: u64,
    /// Further flags of the command.
    pub flags: &'a [&'a str],
}

/// The probabilities of the command `program explain`.
///
/// # Errors
/// The command fails or prints something else.
pub fn expected(program: &Path, image: &Image, look: Look<'_>) -> Result<Expected> {
    let explained: Explained =
        serde_json::from_value(explained(program, image, look)?).context("vitro explain printed something else")?;
    Ok(explained.models.into_iter().map(|model| (model.name, model.probabilities)).collect())
}

/// Runs the command `program explain` on the image and reads what it prints.
///
/// # Errors
/// The command fails or prints no JSON.
pub fn explained(program: &Path, image: &Image, look: Look<'_>) -> Result<Value> {
    let Look { corruption, severity, seed, flags } = look;
    let folder = tempfile::tempdir()?;
    let mut command = Command::new(program);
    command.arg("explain").arg("--json").args(flags);
    if image.bytes.is_empty() {
        command.arg(&image.name);
    } else {
        let file = folder.path().join(&image.name);
        std::fs::write(&file, &image.bytes)?;
        command.arg(file);
    }
    // For the command, the clean image is one without a corruption.
    if severity > 0 {
        command.args(["--corruption", corruption, "--severity", &severity.to_string(), "--seed", &seed.to_string()]);
    }
    let output = command
        .current_dir(workspace::root())
        .output()
        .with_context(|| format!("cannot start {}", program.display()))?;
    ensure!(output.status.success(), "vitro explain failed: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).context("vitro explain printed no JSON")
}

/// The largest difference of two lists of probabilities; infinite when they do not fit together.
pub fn apart(a: &[f64], b: &[f64]) -> f64 {
    let differences = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    // A number that is none must not pass as equal.
    if a.len() != b.len() || a.is_empty() || differences.clone().any(f64::is_nan) {
        return f64::INFINITY;
    }
    differences.fold(0.0, f64::max)
}
