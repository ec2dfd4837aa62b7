//! Whether the numbers of a manifest go together, with each other and with the arrays of the file.
//!
//! A bundle may come from anywhere, and its manifest says how large a network to build. So everything that takes memory or
//! time is bounded by what the file holds, or by far more than any model needs, before anything is built.

use std::collections::BTreeSet;

use safetensors::tensor::Metadata;
use serde_json::Value;

use super::{BundleError, Manifest, Results};

/// The largest value of a number of a model's configuration, by name; the last is for all others.
const LIMITS: &[(&str, u64)] = &[
    ("image_size", 2048),
    ("classes", 200_000),
    ("width", 16_384),
    ("window", 32),
    ("mlp_ratio", 64),
    ("ratio", 64),
    ("tap_scales", 64),
    ("num_step", 64),
    ("", 4096),
];

/// So many patches along a side, at most.
const MOST_PATCHES: u64 = 256;

/// So many entries has a list of a configuration, at most.
const LONGEST_LIST: usize = 1024;

/// What a file holds, from its header alone.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// Number of arrays.
    pub arrays: u64,
    /// Number of values.
    pub values: u64,
    /// Lengths of axes that occur.
    pub axes: BTreeSet<usize>,
}

impl Contents {
    /// Of a safetensors file. Its reader has checked that the bytes of every array are there.
    pub fn of(metadata: &Metadata) -> Self {
        let mut contents = Self::default();
        for array in metadata.tensors().values() {
            contents.arrays += 1;
            contents.values += array.shape.iter().map(|length| *length as u64).product::<u64>();
            contents.axes.extend(array.shape.iter().copied());
        }
        contents
    }
}

impl Manifest {
    /// Refuses a manifest whose numbers do not go together, or cannot be those of a file with `contents`.
    ///
    /// # Errors
    /// Then.
    pub fn check(&self, contents: &Contents) -> Result<(), BundleError> {
        let (names, logits) = (self.classes.len(), self.model.classes());
        if names != logits {
            return Err(BundleError::Classes { name: self.name.clone(), names, logits });
        }
        self.check_preprocess()
            .and_then(|()| self.check_model(contents))
            .and_then(|()| self.results.as_ref().map_or(Ok(()), check_results))
            .map_err(|what| BundleError::Disagrees { name: self.name.clone(), what })
    }

    fn check_preprocess(&self) -> Result<(), String> {
        let (preprocess, built) = (&self.preprocess, self.model.image_size());
        if preprocess.image_size != built {
            return Err(format!("images are prepared at {} pixels for a model of {built}", preprocess.image_size));
        }
        if let Some(mean) = preprocess.mean.iter().find(|mean| mean.is_nan() || mean.abs() > 1000.0) {
            return Err(format!("a mean of the pixels is {mean}"));
        }
        if let Some(std) = preprocess.std.iter().find(|std| !(1e-6..=1000.0).contains(*std)) {
            return Err(format!("a standard deviation of the pixels is {std}, and images are divided by it"));
        }
        if !(0.01..=2.0).contains(&preprocess.crop_pct) {
            return Err(format!("crop_pct is {}, and the crop keeps that fraction of an image", preprocess.crop_pct));
        }
        Ok(())
    }

    fn check_model(&self, contents: &Contents) -> Result<(), String> {
        let model = serde_json::to_value(&self.model).map_err(|error| error.to_string())?;
        let mut blocks = 0;
        check_numbers("model", &model, contents, &mut blocks)?;
        if blocks > contents.arrays {
            return Err(format!("it has a depth of {blocks}, and the file {} arrays", contents.arrays));
        }
        let side = model.get("image_size").and_then(Value::as_u64).unwrap_or(0);
        if let Some(patch) = model.get("patch_size").and_then(Value::as_u64)
            && (patch == 0 || side / patch > MOST_PATCHES)
        {
            return Err(format!("{side} pixels are cut into patches of {patch}"));
        }
        if !contents.axes.contains(&self.model.classes()) {
            return Err(format!("it has {} classes, and no array of the file is so long", self.model.classes()));
        }
        if self.params == 0 || self.params > contents.values {
            return Err(format!("it says {} parameters, and the file holds {} values", self.params, contents.values));
        }
        Ok(())
    }
}

/// Checks each number below `value`, which stands under `key`, and adds up what says how many blocks there are.
fn check_numbers(key: &str, value: &Value, contents: &Contents, blocks: &mut u64) -> Result<(), String> {
    match value {
        Value::Object(fields) => fields.iter().try_for_each(|(key, value)| check_numbers(key, value, contents, blocks)),
        Value::Array(entries) if entries.len() > LONGEST_LIST => Err(format!("{key} has {} entries", entries.len())),
        Value::Array(entries) => entries.iter().try_for_each(|value| check_numbers(key, value, contents, blocks)),
        Value::Number(number) => {
            let limit = LIMITS.iter().find(|(name, _)| *name == key || name.is_empty()).map_or(0, |(_, limit)| *limit);
            if number.as_f64().is_none_or(|number| !number.is_finite() || number.abs() > limit as f64) {
                return Err(format!("{key} is {number}, more than {limit}"));
            }
            let whole = number.as_u64().unwrap_or(0);
            if key == "width" && !contents.axes.contains(&(whole as usize)) {
                return Err(format!("it has a width of {whole}, and no array of the file is so long"));
            }
            if matches!(key, "depth" | "depths" | "class_depth") {
                *blocks += whole;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Fractions lie between 0 and 1, severities between 1 and 5.
fn check_results(results: &Results) -> Result<(), String> {
    let whole = [results.clean_top1, results.corruption_error_mean, results.ece];
    let cells = results.per_cell.iter().flat_map(|cell| [cell.top1, cell.top5]);
    if let Some(fraction) = whole.into_iter().chain(cells).find(|fraction| !(0.0..=1.0).contains(fraction)) {
        return Err(format!("one of its results is {fraction}, which is no fraction"));
    }
    match results.per_cell.iter().find(|cell| !(1..=5).contains(&cell.severity)) {
        Some(cell) => Err(format!("a result is of severity {}, and there are five", cell.severity)),
        None => Ok(()),
    }
}
