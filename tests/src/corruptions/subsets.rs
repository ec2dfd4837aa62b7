//! The class lists of ImageNet-A and ImageNet-R, and the order of ImageNet's folders.

use anyhow::{Context, Result};
use serde_json::Value;
use vitro_cli::eval::imagenet::{IMAGENET_A, IMAGENET_R, folders};

use super::Outcome;

const CASE: &str = "metrics.imagenet_subsets";

pub(super) fn run(file: &str, stored: &Value) -> Result<Vec<Outcome>> {
    let columns = |name: &str, ours: &[usize]| -> Result<Outcome> {
        let stored = stored[name].as_array().with_context(|| name.to_owned())?;
        let stored = stored.iter().map(|column| column.as_f64().unwrap_or(f64::NAN)).collect::<Vec<_>>();
        Ok(list(file, name, ours.len(), &stored, ours.iter().map(|column| *column as f64)))
    };
    let all = folders();
    let names = stored["ilsvrc2012_wnids"].as_array().context("ilsvrc2012_wnids")?;
    // Names become positions in our list; one that is not there becomes NaN, which agrees with nothing.
    let place = |name: &Value| {
        let found = name.as_str().and_then(|name| all.iter().position(|ours| ours == name));
        found.map_or(f64::NAN, |place| place as f64)
    };
    let places: Vec<f64> = names.iter().map(place).collect();
    Ok(vec![
        columns("imagenet_a_indices", &IMAGENET_A)?,
        columns("imagenet_r_indices", &IMAGENET_R)?,
        list(file, "ilsvrc2012_wnids", all.len(), &places, (0..all.len()).map(|place| place as f64)),
    ])
}

/// Every entry must be equal, and there must be as many.
fn list(file: &str, name: &str, count: usize, stored: &[f64], ours: impl Iterator<Item = f64>) -> Outcome {
    let mut outcome = Outcome::compare(CASE, file, name, 0.0, ours.zip(stored.iter().copied()));
    if count != stored.len() {
        outcome.passed = false;
        outcome.note = format!("{count} of ours, {} stored", stored.len());
    }
    outcome
}
