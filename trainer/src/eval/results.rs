//! What an evaluation found, as it is stored in `eval.json` and quoted in tables.
//!
//! Accuracies, errors and flip probabilities are fractions in 0..1, metrics ([`vitro::metric`]) in their unit; the normalised
//! ones (`mce_…`, `relative_mce`, `mfr_…`, `mt5d_…`) are in percent of their reference: 100 is as bad as that. What could not be
//! measured, and what an earlier release did not keep, is `null` or absent. Intervals: 95 % over the same resamples of the images.
//!
//! ```text
//! { name, method, model, params, weights, image_size, dataset, train_data, classes?, images,
//!   clean_top1, clean_top5, corruption_error_mean, corruption_error_over, added_error?, per_group?: [{group, error, interval}],
//!   mce_alexnet, mce_vs_baseline: {name, value}, relative_mce: {name, value},
//!   per_cell: [{corruption, group, benchmark, severity, top1, top5, n, top1_interval, top5_interval,
//!               scores: {METRIC: {value, interval}}}],
//!   per_corruption: [{corruption, benchmark, severities, error, interval}],
//!   per_class?: [{class, n, top1, predicted: [[CLASS, images]]}],
//!   attacks?: [{attack, norm, eps, steps, top1, n, interval}],
//!   stability?: [{perturbation, difficulty, flip_probability, top5_distance, zipf_distance, n, …_interval}],
//!   mean_flip_probability?, mean_top5_distance?, mean_zipf_distance?, mfr_vs_baseline?, mt5d_vs_baseline?: {name, value},
//!   METRIC: value, METRIC_corrupted: value, for every metric of the registry, intervals: {NUMBER: [low, high]},
//!   outcomes?: {CONDITION: "IMAGES:BASE64"}, remarks?: [sentence],
//!   seed, n_images, corruption_source, protocol?, preprocess, git, versions, device }
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Deserializer, Serialize};
use vitro::metric::bootstrap::Interval;
use vitro::metric::{self, Metric, top1_error, top5_error};
use vitro::protocol::{CorruptionSource, Protocol};

use super::outcomes::Right;
pub use super::rows::{Attacked, ByClass, Cell, CorruptionError, GroupError, Normalised, On, Score, Stability};
use crate::disk;

/// Everything a table needs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Name of the run or bundle.
    pub name: String,
    /// Methods joined by `+`, `none` for a plain model.
    pub method: String,
    /// Preset or family of the model.
    pub model: String,
    /// Trained numbers.
    pub params: u64,
    /// Tells the measured weights from others, a SHA-256; empty where an earlier release did not record it.
    #[serde(default)]
    pub weights: String,
    /// Side of the input, pixels.
    pub image_size: usize,
    /// Name of the dataset.
    pub dataset: String,
    /// What training saw.
    pub train_data: String,
    /// The classes that predictions were restricted to, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classes: Option<String>,
    /// Tells one choice of untouched test images from another: a hash of their positions and labels.
    #[serde(default)]
    pub images: String,
    /// Accuracy on the untouched images.
    pub clean_top1: f64,
    /// Top-5 accuracy on the untouched images.
    pub clean_top5: f64,
    /// Plain mean of the top-1 error over the benchmark's cells that were measured.
    pub corruption_error_mean: Option<f64>,
    /// Which cells that mean is over, in words.
    pub corruption_error_over: String,
    /// mCE normalised by AlexNet, percent; only for the 1000 classes of ImageNet at 224 pixels.
    pub mce_alexnet: Option<f64>,
    /// mCE with a named baseline in AlexNet's place.
    #[serde(default)]
    pub mce_vs_baseline: Option<Normalised>,
    /// Relative mCE (errors over the clean error): against AlexNet where that is defined, else against the baseline.
    #[serde(default)]
    pub relative_mce: Option<Normalised>,
    /// The table.
    pub per_cell: Vec<Cell>,
    /// Its rows.
    #[serde(default)]
    pub per_corruption: Vec<CorruptionError>,
    /// The benchmark's cells by group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub per_group: Vec<GroupError>,
    /// How much error corruption adds: the mean corruption error minus the error on the untouched images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added_error: Option<f64>,
    /// Accuracy under attacks, where any were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attacks: Vec<Attacked>,
    /// Stability on sequences, where it was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stability: Vec<Stability>,
    /// Plain mean of the flip probabilities, mFP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_flip_probability: Option<f64>,
    /// Plain mean of the top-5 distances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_top5_distance: Option<f64>,
    /// Plain mean of the Zipf distances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_zipf_distance: Option<f64>,
    /// Mean flip rate: flip probabilities over those of a named baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mfr_vs_baseline: Option<Normalised>,
    /// Mean top-5 distance over those of a named baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mt5d_vs_baseline: Option<Normalised>,
    /// Metrics by [`On::key`]; what could not be measured is `null`.
    #[serde(flatten, deserialize_with = "metrics")]
    pub scores: BTreeMap<String, Option<f64>>,
    /// Intervals of the numbers above, by name; those of calibration errors moved back by what chance adds in a draw.
    #[serde(default)]
    pub intervals: BTreeMap<String, Interval>,
    /// How the untouched images of each class were predicted: accuracy by class and the confusion matrix.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub per_class: Vec<ByClass>,
    /// Which images were predicted right, by condition ([`super::outcomes`]); an earlier release kept none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outcomes: BTreeMap<String, Right>,
    /// What a reader should know: cells that were missing, numbers that are not defined.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
    /// Seed of the corruptions and of the resamples.
    pub seed: u64,
    /// Test images.
    pub n_images: usize,
    /// Where the corrupted images came from, in words, for people: [`Self::protocol`] has the facts.
    pub corruption_source: String,
    /// Under which conditions this was measured; none where an earlier release did not record it.
    #[serde(default)]
    pub protocol: Option<Protocol>,
    /// How images became input.
    pub preprocess: vitro::image::Preprocess,
    /// Commit of the source, if it was known.
    pub git: Option<String>,
    /// Versions of what computed.
    pub versions: BTreeMap<String, String>,
    /// Processor.
    pub device: String,
}

impl Evaluation {
    /// Reads the evaluation of a run folder, or a JSON file of `vitro eval --out`.
    pub fn read(path: &Path) -> Result<Self> {
        let file = if path.is_dir() { path.join("eval.json") } else { path.to_owned() };
        ensure!(file.is_file(), "{} was not evaluated yet; run `vitro eval {0}` first", path.display());
        let evaluation: Self = serde_json::from_slice(&disk::read(&file)?)
            .with_context(|| format!("{} is not an evaluation; run `vitro eval` again", file.display()))?;
        Ok(evaluation.with_errors())
    }

    /// Adds the errors that follow from accuracies, which files of earlier releases and bundles lack.
    pub fn with_errors(mut self) -> Self {
        let known = [
            (&top1_error::METRIC, On::Clean, Some(1.0 - self.clean_top1), self.interval("clean_top1").map(turned)),
            (&top5_error::METRIC, On::Clean, Some(1.0 - self.clean_top5), self.interval("clean_top5").map(turned)),
            (&top1_error::METRIC, On::Corrupted, self.corruption_error_mean, self.interval("corruption_error_mean")),
        ];
        for (metric, on, value, interval) in known {
            let Some(value) = value.filter(|value| value.is_finite() && self.score(metric, on).is_none()) else {
                continue;
            };
            self.scores.insert(on.key(metric), Some(value));
            self.intervals.extend(interval.map(|interval| (on.key(metric), interval)));
        }
        self
    }

    /// A metric, if it was measured.
    pub fn score(&self, metric: &Metric, on: On) -> Option<f64> {
        self.scores.get(&on.key(metric)).copied().flatten()
    }

    /// The interval of a metric, if one was measured.
    pub fn score_interval(&self, metric: &Metric, on: On) -> Option<Interval> {
        self.interval(&on.key(metric))
    }

    /// Where the corrupted images came from, if that is recorded.
    pub fn corrupted_by(&self) -> Option<&CorruptionSource> {
        self.protocol.as_ref()?.corruption.as_ref()
    }

    /// The interval of a number, if one was measured.
    pub fn interval(&self, number: &str) -> Option<Interval> {
        self.intervals.get(number).copied()
    }

    /// The interval of `mce`, the mCE relative to `first` in percent, where that evaluation was this one's baseline.
    pub fn interval_relative_to(&self, first: &Self, mce: f64) -> Option<Interval> {
        let Normalised { name, value } = self.mce_vs_baseline.as_ref()?;
        // A name is no proof, since a baseline may have been measured anew: the shown digits must agree too.
        let same = *name == first.name && (value - mce).abs() < 0.05;
        same.then(|| self.interval("mce_vs_baseline")).flatten()
    }

    /// Mean top-1 error of one corruption over the severities that were measured.
    pub fn error_of(&self, corruption: &str) -> Option<f64> {
        let errors: Vec<f64> =
            self.per_cell.iter().filter(|cell| cell.corruption == corruption).map(|cell| 1.0 - cell.top1).collect();
        (!errors.is_empty()).then(|| metric::mean(errors))
    }

    /// Names of the corruptions, in the table's order.
    pub fn corruptions(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.per_cell.iter().map(|cell| cell.corruption.as_str()).collect();
        names.dedup();
        names
    }
}

/// The interval of an error from that of the accuracy, and the other way round.
pub fn turned([low, high]: Interval) -> Interval {
    [1.0 - high, 1.0 - low]
}

/// Of all that a file holds beside the fields above, the metrics of the registry.
fn metrics<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Option<f64>>, D::Error> {
    let others = BTreeMap::<String, serde_json::Value>::deserialize(deserializer)?;
    let keys = metric::ALL.iter().flat_map(|metric| [On::Clean, On::Corrupted].map(|on| on.key(metric)));
    Ok(keys.filter_map(|key| others.get(&key).map(|value| (key.clone(), value.as_f64()))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_kept_under_their_own_names_and_others_are_left() {
        let mut evaluation = Evaluation { clean_top1: 0.75, clean_top5: 1.0, ..Evaluation::default() };
        for (place, metric) in metric::ALL.iter().enumerate() {
            evaluation.scores.insert(On::Clean.key(metric), Some(0.125 * place as f64));
            evaluation.scores.insert(On::Corrupted.key(metric), None);
        }
        let mut value = serde_json::to_value(&evaluation).unwrap();
        for metric in metric::ALL {
            assert!(value[metric.key].is_number() && value[metric.corrupted_key()].is_null(), "{value}");
        }
        value["a metric of another release"] = serde_json::json!({"a": 1});
        assert_eq!(serde_json::from_value::<Evaluation>(value).unwrap(), evaluation);
    }

    #[test]
    fn errors_follow_from_the_accuracies_of_an_older_file() {
        let older = Evaluation {
            clean_top1: 0.75,
            clean_top5: f64::NAN,
            corruption_error_mean: Some(0.5),
            intervals: [("clean_top1".to_owned(), [0.5, 0.875])].into(),
            ..Evaluation::default()
        };
        let found = older.with_errors();
        let error = &top1_error::METRIC;
        assert_eq!((found.score(error, On::Clean), found.score(error, On::Corrupted)), (Some(0.25), Some(0.5)));
        assert_eq!(found.score_interval(error, On::Clean), Some([0.125, 0.5]));
        assert_eq!(found.score(&top5_error::METRIC, On::Clean), None, "a bundle does not know it");
    }
}
