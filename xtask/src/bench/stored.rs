//! `docs/performance.json`: what was measured, section by section, so that a part can be measured anew.
//!
//! Rows keep the medians of their rounds; what a reader sees (medians of medians, ratios, their spread) is computed from them.

use super::arithmetic::{Ratio, median, quantile};
use super::visit::VisitRow;
use crate::workspace;
use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Everything that was measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Performance {
    /// Networks beside PyTorch.
    pub(super) processor: Option<Section<NetworkRow>>,
    /// Networks with one worker and with all, and on rendered scenes.
    pub(super) scaling: Option<Section<ScalingRow>>,
    /// Corruptions beside the public packages.
    pub(super) corruptions: Option<Section<CorruptionRow>>,
    /// Trainings on large datasets.
    pub(super) data: Option<Section<DataRow>>,
    /// The page's engines beside onnxruntime-web.
    pub(super) browser: Option<Section<BrowserRow>>,
    /// What a visitor of the page waits for.
    pub(super) page: Option<Section<VisitRow>>,
}

/// Rows that were measured under the same conditions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Section<R> {
    pub(super) conditions: Conditions,
    pub(super) rows: Vec<R>,
}

/// What rows must share to stand in one table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Conditions {
    /// The processor, its cores and the system.
    pub(super) machine: String,
    /// Versions of what ours is compared with.
    pub(super) versions: BTreeMap<String, String>,
    /// What else distinguishes a run, in words.
    pub(super) settings: String,
}

/// When a row was measured, and of what.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Origin {
    /// The day, UTC.
    pub(super) date: String,
    /// Commit of the source, with `+` after it when files differed.
    pub(super) commit: String,
}

/// One round of one contender.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Round {
    pub(super) runs: usize,
    pub(super) median_ms: f64,
    pub(super) min_ms: f64,
    pub(super) lower_quartile_ms: f64,
    pub(super) upper_quartile_ms: f64,
    /// Largest resident size of the process, where the system tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) peak_memory_mib: Option<f64>,
}

impl Round {
    /// Of calls in any order; `None` of none.
    pub(super) fn of(mut milliseconds: Vec<f64>) -> Option<Self> {
        milliseconds.sort_by(f64::total_cmp);
        Some(Self {
            runs: milliseconds.len(),
            min_ms: *milliseconds.first()?,
            median_ms: quantile(&milliseconds, 0.5),
            lower_quartile_ms: quantile(&milliseconds, 0.25),
            upper_quartile_ms: quantile(&milliseconds, 0.75),
            peak_memory_mib: None,
        })
    }
}

/// Ours or theirs, in all rounds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Contender {
    pub(super) rounds: Vec<Round>,
}

impl Contender {
    /// Median of the rounds' medians, milliseconds.
    pub(super) fn median(&self) -> f64 {
        median(self.rounds.iter().map(|round| round.median_ms))
    }

    /// The quickest call of all rounds, milliseconds.
    pub(super) fn min(&self) -> f64 {
        self.rounds.iter().map(|round| round.min_ms).fold(f64::INFINITY, f64::min)
    }

    /// The lowest and the highest of the rounds' medians.
    pub(super) fn spread(&self) -> (f64, f64) {
        let medians = self.rounds.iter().map(|round| round.median_ms);
        (medians.clone().fold(f64::INFINITY, f64::min), medians.fold(0.0, f64::max))
    }

    /// The largest memory of all rounds.
    pub(super) fn peak_memory_mib(&self) -> Option<f64> {
        self.rounds.iter().filter_map(|round| round.peak_memory_mib).reduce(f64::max)
    }

    /// How many times as long as `other` it takes; each round is compared with the round beside it.
    pub(super) fn ratio(&self, other: &Self) -> Ratio {
        let rounds = self.rounds.iter().zip(&other.rounds).map(|(ours, theirs)| ours.median_ms / theirs.median_ms);
        Ratio {
            value: self.median() / other.median(),
            lowest: rounds.clone().fold(f64::INFINITY, f64::min),
            highest: rounds.fold(0.0, f64::max),
        }
    }
}

/// What makes a row the same row another time.
pub(super) trait Keyed {
    /// Its name, such as `vit_nano_p8_64/forward/1`.
    fn key(&self) -> String;
}

/// A network beside PyTorch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct NetworkRow {
    pub(super) model: String,
    pub(super) work: String,
    pub(super) batch: usize,
    #[serde(flatten)]
    pub(super) origin: Origin,
    pub(super) ours: Contender,
    pub(super) torch: Contender,
    /// The same network after `torch.compile`, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) compiled: Option<Contender>,
}

/// A network alone: with several numbers of workers, and what follows for more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ScalingRow {
    pub(super) model: String,
    pub(super) work: String,
    pub(super) batch: usize,
    pub(super) input: String,
    #[serde(flatten)]
    pub(super) origin: Origin,
    /// Ascending in workers.
    pub(super) measured: Vec<Measured>,
    /// Computed by `vitro bench`; none where only one number of workers was measured.
    pub(super) computed: Option<Computed>,
}

/// One number of workers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Measured {
    pub(super) workers: usize,
    #[serde(flatten)]
    pub(super) round: Round,
    pub(super) images_per_second: f64,
    pub(super) waiting: f64,
}

/// What Amdahl's law makes of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Computed {
    pub(super) speedup: f64,
    pub(super) serial_fraction: f64,
    pub(super) cores: usize,
    pub(super) images_per_second: f64,
}

/// A corruption beside the public packages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct CorruptionRow {
    pub(super) corruption: String,
    #[serde(flatten)]
    pub(super) origin: Origin,
    pub(super) ours: Contender,
    /// By package; those that lack the corruption or fail it are not here.
    pub(super) packages: BTreeMap<String, Contender>,
}

impl CorruptionRow {
    /// The package that is quickest.
    pub(super) fn quickest(&self) -> Option<&Contender> {
        self.packages.values().min_by(|a, b| a.median().total_cmp(&b.median()))
    }
}

/// A training on a large dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct DataRow {
    pub(super) work: String,
    pub(super) images: usize,
    #[serde(flatten)]
    pub(super) origin: Origin,
    pub(super) seconds: f64,
    /// Largest resident size of the process, where the system tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) peak_memory_mib: Option<f64>,
    /// What all images take once they are decoded.
    pub(super) decoded_mib: f64,
}

/// An engine of the page, one image at a time, or images as fast as several workers can.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct BrowserRow {
    pub(super) model: String,
    pub(super) engine: String,
    /// Workers of a sweep; none for single images on one thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) workers: Option<usize>,
    #[serde(flatten)]
    pub(super) origin: Origin,
    pub(super) ours: Contender,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) theirs: Option<Contender>,
}

impl Keyed for NetworkRow {
    fn key(&self) -> String {
        format!("{}/{}/{}", self.model, self.work, self.batch)
    }
}

impl Keyed for ScalingRow {
    fn key(&self) -> String {
        format!("{}/{}/{}/{}", self.model, self.work, self.batch, self.input)
    }
}

impl Keyed for CorruptionRow {
    fn key(&self) -> String {
        self.corruption.clone()
    }
}

impl Keyed for DataRow {
    fn key(&self) -> String {
        self.work.clone()
    }
}

impl Keyed for BrowserRow {
    fn key(&self) -> String {
        let workers = self.workers.map_or_else(String::new, |workers| format!("/{workers}"));
        format!("{}/{}{workers}", self.model, self.engine)
    }
}

/// Refuses to put new rows beside `stored` ones that were measured under other conditions.
pub(super) fn check<R>(stored: Option<&Section<R>>, conditions: &Conditions, is_partial: bool) -> Result<()> {
    match stored {
        Some(section) if is_partial && section.conditions != *conditions => bail!(
            "the other rows were measured under other conditions ({}; {}); measure all of them, without --rows, or into another \
             file with --store",
            section.conditions.machine,
            section.conditions.settings
        ),
        _ => Ok(()),
    }
}

/// `fresh`, and of `stored` the rows that are not in it when only a part was measured, in the order in which they were.
pub(super) fn merged<R: Keyed>(stored: Option<Section<R>>, fresh: Section<R>, is_partial: bool) -> Section<R> {
    let Some(stored) = stored.filter(|_| is_partial) else { return fresh };
    let Section { conditions, rows: mut new } = fresh;
    let mut rows = Vec::new();
    for row in stored.rows {
        let renewed = new.iter().position(|other| other.key() == row.key());
        rows.push(renewed.map(|index| new.remove(index)).unwrap_or(row));
    }
    rows.extend(new);
    Section { conditions, rows }
}

/// Where it is stored when nobody says otherwise.
pub(super) fn default_file() -> PathBuf {
    workspace::root().join("docs/performance.json")
}

/// Reads what is stored; nothing is stored where there is no file.
pub(super) fn load(file: &Path) -> Result<Performance> {
    if !file.exists() {
        return Ok(Performance::default());
    }
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    parse(&text).with_context(|| format!("{} is not what this program writes; move it away", file.display()))
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T> {
    Ok(serde_json::from_str(text)?)
}

/// Writes a text under another name and renames it, so that nobody finds half of it.
pub(super) fn write(file: &Path, text: &str) -> Result<()> {
    let unfinished = file.with_extension("tmp");
    fs::write(&unfinished, text)
        .and_then(|()| fs::rename(&unfinished, file))
        .with_context(|| format!("cannot write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contender(medians: &[f64]) -> Contender {
        let round = |&median_ms: &f64| Round {
            runs: 1,
            median_ms,
            min_ms: median_ms,
            lower_quartile_ms: median_ms,
            upper_quartile_ms: median_ms,
            peak_memory_mib: None,
        };
        Contender { rounds: medians.iter().map(round).collect() }
    }

    fn section(machine: &str, corruptions: &[(&str, f64)]) -> Section<CorruptionRow> {
        let row = |(name, time): &(&str, f64)| CorruptionRow {
            corruption: (*name).to_owned(),
            origin: Origin::default(),
            ours: contender(&[*time]),
            packages: BTreeMap::new(),
        };
        let conditions =
            Conditions { machine: machine.to_owned(), versions: BTreeMap::new(), settings: "3 rounds".to_owned() };
        Section { conditions, rows: corruptions.iter().map(row).collect() }
    }

    #[test]
    fn the_ratio_is_of_medians_and_its_spread_of_rounds_side_by_side() {
        let ratio = contender(&[10.0, 30.0, 20.0]).ratio(&contender(&[10.0, 20.0, 40.0]));
        assert_eq!((ratio.value, ratio.lowest, ratio.highest), (1.0, 0.5, 1.5));
    }

    #[test]
    fn a_part_measured_anew_replaces_its_rows_and_leaves_the_others_where_they_were() {
        let stored = section("a", &[("fog", 1.0), ("snow", 2.0)]);
        let fresh = section("a", &[("frost", 4.0), ("fog", 3.0)]);
        let rows = |section: &Section<CorruptionRow>| -> Vec<(String, f64)> {
            section.rows.iter().map(|row| (row.key(), row.ours.median())).collect()
        };
        let expected = [("fog", 3.0), ("snow", 2.0), ("frost", 4.0)].map(|(name, time)| (name.to_owned(), time));
        assert_eq!(rows(&merged(Some(stored.clone()), fresh.clone(), true)), expected);
        assert_eq!(merged(Some(stored), fresh.clone(), false), fresh);
    }

    #[test]
    fn rows_of_another_machine_are_not_put_into_one_table() {
        let stored = section("a", &[("fog", 1.0)]);
        let here = section("b", &[]).conditions;
        assert!(check(Some(&stored), &here, true).unwrap_err().to_string().contains("without --rows"));
        assert!(check(Some(&stored), &here, false).is_ok());
        assert!(check(Some(&stored), &stored.conditions, true).is_ok());
        assert!(check::<CorruptionRow>(None, &here, true).is_ok());
    }

    #[test]
    fn what_is_written_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("performance.json");
        assert_eq!(load(&file).unwrap(), Performance::default());
        let performance = Performance { corruptions: Some(section("a", &[("fog", 1.5)])), ..Performance::default() };
        write(&file, &serde_json::to_string(&performance).unwrap()).unwrap();
        assert_eq!(load(&file).unwrap(), performance);
        write(&file, "{\"corrupted\": []}").unwrap();
        assert!(load(&file).unwrap_err().to_string().contains("move it away"));
    }
}
