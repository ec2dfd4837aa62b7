//! One model of a comparison: what was measured, and where the model itself is, if it is anywhere.
//!
//! A run folder and a bundle hold both. A JSON file of `vitro eval --out` holds numbers only; its model is looked for in
//! the bundle of the same name beside it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use vitro::bundle::{self, Manifest};
use vitro::corruption::{self, Set};
use vitro::metric::{self, Unit, expected_calibration_error};

use crate::disk;
use crate::eval::current;
use crate::eval::results::{Cell, Evaluation, On};

/// What bundles end in.
const BUNDLE: &str = "safetensors";

/// One model of a comparison.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name; with a number where several have the same.
    pub label: String,
    /// What was measured.
    pub evaluation: Evaluation,
    /// The run folder or bundle with the model.
    pub model: Option<PathBuf>,
}

/// Reads what `vitro compare` was pointed at.
///
/// # Errors
/// For runs and bundles without results, runs that were trained further after their evaluation, and files that are no evaluation.
pub fn read(paths: &[PathBuf]) -> Result<Vec<Entry>> {
    let mut entries = paths.iter().map(|path| read_one(path)).collect::<Result<Vec<_>>>()?;
    number_namesakes(&mut entries);
    Ok(entries)
}

fn read_one(path: &Path) -> Result<Entry> {
    if path.extension().is_some_and(|ending| ending == BUNDLE) {
        let manifest = manifest(path)?;
        let evaluation = of_bundle(manifest)
            .with_context(|| format!("{} carries no results; run `vitro eval {0} --out FILE` first", path.display()))?;
        return entry(path, evaluation, Some(path.to_owned()));
    }
    let evaluation = current::read(path)?;
    let model = if path.is_dir() { Some(path.to_owned()) } else { beside(path, &evaluation.name) };
    entry(path, evaluation, model)
}

/// Numbers must be what they are called: a chart has no place for a fraction of two.
fn entry(path: &Path, evaluation: Evaluation, model: Option<PathBuf>) -> Result<Entry> {
    let is_fraction = |value: &f64| Unit::Fraction.holds(*value);
    let cells = || evaluation.per_cell.iter();
    let wrong = cells().any(|cell| !(1..=5).contains(&cell.severity) || !is_fraction(&cell.top1));
    let fractions = [Some(evaluation.clean_top1), evaluation.corruption_error_mean];
    let metrics = metric::ALL.iter().flat_map(|metric| [On::Clean, On::Corrupted].map(|on| (metric, on)));
    let mut values = metrics.map(|(metric, on)| (metric.unit, evaluation.score(metric, on)));
    ensure!(
        !wrong
            && fractions.iter().flatten().all(is_fraction)
            && values.all(|(unit, value)| value.is_none_or(|value| unit.holds(value))),
        "{} holds numbers that no evaluation gives; run `vitro eval` again",
        path.display()
    );
    Ok(Entry { label: evaluation.name.clone(), evaluation, model })
}

/// The bundle of the same name in the folder of `file`, if it holds the model called `name`.
fn beside(file: &Path, name: &str) -> Option<PathBuf> {
    let path = file.with_extension(BUNDLE);
    (path.is_file() && manifest(&path).is_ok_and(|manifest| manifest.name == name)).then_some(path)
}

fn manifest(path: &Path) -> Result<Manifest> {
    bundle::read_manifest(&disk::read(path)?).with_context(|| format!("in {}", path.display()))
}

/// The results that a bundle carries, as an evaluation. It remembers the benchmark's cells only, and not what computed.
fn of_bundle(manifest: Manifest) -> Option<Evaluation> {
    let results = manifest.results?;
    let cells: Vec<Cell> = results
        .per_cell
        .into_iter()
        .map(|cell| Cell {
            benchmark: corruption::ALL.iter().any(|known| known.name == cell.corruption && known.set == Set::Common),
            corruption: cell.corruption,
            severity: cell.severity,
            top1: cell.top1,
            top5: cell.top5,
            n: usize::try_from(cell.n).unwrap_or(usize::MAX),
            ..Cell::default()
        })
        .collect();
    let family = serde_json::to_value(&manifest.model).unwrap_or_default();
    let evaluation = Evaluation {
        name: manifest.name,
        method: if manifest.methods.is_empty() { "none".into() } else { manifest.methods.join("+") },
        model: family.get("family").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned(),
        params: manifest.params,
        weights: manifest.weights_sha256,
        image_size: manifest.preprocess.image_size,
        dataset: manifest.dataset,
        train_data: manifest.train_data,
        clean_top1: results.clean_top1,
        // Not in a bundle; as JSON this is null.
        clean_top5: f64::NAN,
        corruption_error_mean: Some(results.corruption_error_mean),
        corruption_error_over: format!("the {} cells that the bundle carries", cells.len()),
        per_cell: cells,
        scores: [(expected_calibration_error::METRIC.key.to_owned(), Some(results.ece))].into(),
        n_images: usize::try_from(results.n_images).unwrap_or(usize::MAX),
        corruption_source: results.corruption_source,
        protocol: results.protocol,
        preprocess: manifest.preprocess,
        ..Evaluation::default()
    };
    Some(evaluation.with_errors())
}

/// `vit`, `vit` becomes `vit (1)`, `vit (2)`.
fn number_namesakes(entries: &mut [Entry]) {
    let names: Vec<String> = entries.iter().map(|entry| entry.evaluation.name.clone()).collect();
    for (i, entry) in entries.iter_mut().enumerate() {
        let same = |other: &&String| **other == names[i];
        if names.iter().filter(same).count() > 1 {
            entry.label = format!("{} ({})", names[i], names[..=i].iter().filter(same).count());
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use vitro::image::Preprocess;

    /// An evaluation of `cells`: corruption, severity, accuracy.
    pub(in super::super) fn measured(name: &str, clean: f64, cells: &[(&str, u8, f64)]) -> Entry {
        let cells: Vec<Cell> = cells
            .iter()
            .map(|(corruption, severity, top1)| Cell {
                corruption: (*corruption).to_owned(),
                benchmark: corruption::ALL.iter().any(|known| known.name == *corruption && known.set == Set::Common),
                severity: *severity,
                top1: *top1,
                n: 50,
                ..Cell::default()
            })
            .collect();
        let errors = || cells.iter().filter(|cell| cell.benchmark).map(|cell| 1.0 - cell.top1);
        let mean = (errors().count() > 0).then(|| metric::mean(errors()));
        let evaluation = Evaluation {
            name: name.to_owned(),
            method: "none".into(),
            model: "vit".into(),
            params: 1234,
            image_size: 64,
            dataset: crate::data::scenes::KIND.name.into(),
            train_data: String::new(),
            clean_top1: clean,
            corruption_error_mean: mean,
            corruption_error_over: "some cells".into(),
            per_cell: cells,

            n_images: 50,
            corruption_source: "in memory, variant tiny, at 64×64 after resizing, seed 0".into(),
            preprocess: Preprocess::imagenet(64),
            ..Evaluation::default()
        }
        .with_errors();
        Entry { label: name.to_owned(), evaluation, model: None }
    }

    #[test]
    fn namesakes_are_numbered_and_others_are_not() {
        let mut entries = ["vit", "fan", "vit"].map(|name| measured(name, 1.0, &[]));
        number_namesakes(&mut entries);
        assert_eq!(entries.map(|entry| entry.label), ["vit (1)", "fan", "vit (2)"]);
    }

    #[test]
    fn numbers_that_are_no_fractions_are_refused() {
        let check = |entry_: Entry| entry(Path::new("x.json"), entry_.evaluation, None);
        assert!(check(measured("vit", 1.0, &[("fog", 5, 0.0)])).is_ok());
        let mut uncalibrated = measured("vit", 1.0, &[]);
        uncalibrated.evaluation.scores.insert(expected_calibration_error::METRIC.key.to_owned(), Some(1.5));
        for wrong in [measured("vit", 1.5, &[]), measured("vit", 1.0, &[("fog", 6, 0.5)]), uncalibrated] {
            let refused = check(wrong).map(|_| ()).unwrap_err().to_string();
            assert!(refused.contains("x.json") && refused.contains("vitro eval"), "{refused}");
        }
    }
}
