//! Evaluations as files and tables: JSON, CSV by cell, Markdown.

use std::fmt::Write;

use anyhow::Result;
use serde::Serialize;

use super::bootstrap::Interval;
use super::normalised::Reference;
use super::results::{Cell, Evaluation, Normalised};
use crate::disk;
use crate::run::Folder;

/// Writes `eval.json`, `cells.csv` and `eval.md` into a run folder.
pub fn write(folder: &Folder, evaluation: &Evaluation) -> Result<()> {
    disk::replace_with(&folder.file("eval.json"), &serde_json::to_vec_pretty(evaluation)?)?;
    disk::replace_with(&folder.file("cells.csv"), &csv(evaluation)?)?;
    disk::replace_with(&folder.file("eval.md"), markdown(evaluation).as_bytes())
}

/// A cell with its intervals in columns.
#[derive(Serialize)]
struct Line<'a> {
    corruption: &'a str,
    group: &'a str,
    benchmark: bool,
    severity: u8,
    top1: f64,
    top5: f64,
    n: usize,
    top1_low: Option<f64>,
    top1_high: Option<f64>,
    top5_low: Option<f64>,
    top5_high: Option<f64>,
}

/// One row per cell.
pub fn csv(evaluation: &Evaluation) -> Result<Vec<u8>> {
    let mut table = csv::Writer::from_writer(Vec::new());
    for cell in &evaluation.per_cell {
        let Cell { corruption, group, benchmark, severity, top1, top5, n, .. } = cell;
        let (top1_low, top1_high) = ends(cell.top1_interval);
        let (top5_low, top5_high) = ends(cell.top5_interval);
        let (benchmark, severity, top1, top5, n) = (*benchmark, *severity, *top1, *top5, *n);
        table.serialize(Line {
            corruption,
            group,
            benchmark,
            severity,
            top1,
            top5,
            n,
            top1_low,
            top1_high,
            top5_low,
            top5_high,
        })?;
    }
    table.into_inner().map_err(|error| anyhow::anyhow!("{error}"))
}

fn ends(interval: Option<Interval>) -> (Option<f64>, Option<f64>) {
    (interval.map(|[low, _]| low), interval.map(|[_, high]| high))
}

/// The tables of one model. Accuracies and errors are in percent, each with its 95 % interval.
pub fn markdown(evaluation: &Evaluation) -> String {
    let Evaluation { name, dataset, params, method, image_size, n_images, .. } = evaluation;
    let mut text = format!(
        "## {name} on {dataset}\n\n{params} weights, method {method}, {image_size}×{image_size} px, {n_images} images\n\n"
    );
    if let Some(classes) = &evaluation.classes {
        let _ = writeln!(text, "Classes: {classes}.\n");
    }
    text.push_str(&headline(evaluation));
    text.push_str(&reliability(evaluation));
    text.push_str(&attacks(evaluation));
    text.push_str(&corruptions(evaluation));
    text.push_str(&sequences(evaluation));
    let _ = writeln!(text, "[low, high]: 95 % interval of the bootstrap over images, 1000 resamples.");
    for remark in &evaluation.remarks {
        let _ = writeln!(text, "{remark}");
    }
    text
}

fn headline(evaluation: &Evaluation) -> String {
    let interval = |number: &str| evaluation.interval(number);
    let mut rows = vec![
        vec!["number".into(), "value".into()],
        vec!["clean top-1, %".into(), percent(evaluation.clean_top1, interval("clean_top1"))],
        vec!["clean top-5, %".into(), percent(evaluation.clean_top5, interval("clean_top5"))],
    ];
    if let Some(error) = evaluation.corruption_error_mean {
        rows.push(vec!["mean corruption error, %".into(), percent(error, interval("corruption_error_mean"))]);
    }
    if let Some(mce) = evaluation.mce_alexnet {
        rows.push(vec!["mCE against AlexNet, %".into(), number(mce, interval("mce_alexnet"))]);
    }
    let against = [
        ("mCE relative to", &evaluation.mce_vs_baseline, "mce_vs_baseline"),
        ("relative mCE against", &evaluation.relative_mce, "relative_mce"),
        ("mean flip rate (mFR) against", &evaluation.mfr_vs_baseline, "mfr_vs_baseline"),
        ("mean top-5 distance (mT5D) against", &evaluation.mt5d_vs_baseline, "mt5d_vs_baseline"),
    ];
    for (what, found, key) in against {
        if let Some(Normalised { name, value }) = found {
            rows.push(vec![format!("{what} {name}, %"), number(*value, interval(key))]);
        }
    }
    if let Some(flips) = evaluation.mean_flip_probability {
        rows.push(vec!["mean flip probability (mFP), %".into(), percent(flips, interval("mean_flip_probability"))]);
    }
    table(&rows)
}

fn reliability(evaluation: &Evaluation) -> String {
    let interval = |key: &str| evaluation.interval(key);
    let dash = || "–".to_owned();
    let share = |value: Option<f64>, key: &str| value.map_or_else(dash, |value| percent(value, interval(key)));
    let plain = |value: Option<f64>, key: &str| value.map_or_else(dash, |value| fine(value, interval(key)));
    let Evaluation { rms_calibration_error: rms, nll, brier, .. } = evaluation;
    let (ece_c, rms_c) = (evaluation.ece_corrupted, evaluation.rms_calibration_error_corrupted);
    let row = |name: &str, clean: String, corrupted: String| vec![name.to_owned(), clean, corrupted];
    let mut rows = vec![
        row("reliability", "clean".into(), "mean over corruptions".into()),
        row("expected calibration error, %", share(Some(evaluation.ece), "ece"), share(ece_c, "ece_corrupted")),
        row(
            "RMS calibration error, %",
            share(*rms, "rms_calibration_error"),
            share(rms_c, "rms_calibration_error_corrupted"),
        ),
        row("negative log-likelihood", plain(*nll, "nll"), plain(evaluation.nll_corrupted, "nll_corrupted")),
        row("Brier score", plain(*brier, "brier"), plain(evaluation.brier_corrupted, "brier_corrupted")),
    ];
    if evaluation.corruption_error_mean.is_none() {
        rows.iter_mut().for_each(|row| row.truncate(2));
    }
    table(&rows)
}

fn attacks(evaluation: &Evaluation) -> String {
    if evaluation.attacks.is_empty() {
        return String::new();
    }
    let mut rows = vec![["attack", "radius, levels of 255", "steps", "top-1, %"].map(str::to_owned).to_vec()];
    for attacked in &evaluation.attacks {
        let radius = format!("{:.2}", attacked.eps * 255.0);
        let top1 = percent(attacked.top1, attacked.interval);
        rows.push(vec![attacked.attack.clone(), radius, attacked.steps.to_string(), top1]);
    }
    table(&rows)
}

/// A row per corruption, a column per severity.
fn corruptions(evaluation: &Evaluation) -> String {
    let mut severities: Vec<u8> = evaluation.per_cell.iter().map(|cell| cell.severity).collect();
    severities.sort_unstable();
    severities.dedup();
    if severities.is_empty() {
        return String::new();
    }
    let heads = severities.iter().map(|severity| format!("severity {severity}"));
    let mut rows = vec![["top-1, %".to_owned()].into_iter().chain(heads).chain(["mean".to_owned()]).collect()];
    for name in evaluation.corruptions() {
        let cells = || evaluation.per_cell.iter().filter(move |cell| cell.corruption == name);
        let accuracy = |severity: &u8| {
            let cell = cells().find(|cell| cell.severity == *severity);
            cell.map_or("–".into(), |cell| percent(cell.top1, cell.top1_interval))
        };
        let row = evaluation.per_corruption.iter().find(|row| row.corruption == name);
        // The interval of an accuracy is that of the error, turned over.
        let interval = row.map(|row| [1.0 - row.interval[1], 1.0 - row.interval[0]]);
        let mean = evaluation.error_of(name).map_or("–".into(), |error| percent(1.0 - error, interval));
        let mark = if cells().any(|cell| !cell.benchmark) { " ¹" } else { "" };
        let accuracies = severities.iter().map(accuracy);
        rows.push([format!("{name}{mark}")].into_iter().chain(accuracies).chain([mean]).collect());
    }
    let mut text = table(&rows);
    let _ = writeln!(text, "Corrupted images: {}.", evaluation.corruption_source);
    let over = &evaluation.corruption_error_over;
    let _ = writeln!(text, "Mean corruption error: plain mean of the top-1 error over {over}.");
    if evaluation.per_cell.iter().any(|cell| !cell.benchmark) {
        let _ = writeln!(text, "¹ not part of the benchmark, not in the means.");
    }
    text.push('\n');
    text
}

fn sequences(evaluation: &Evaluation) -> String {
    let Some(first) = evaluation.stability.first() else { return String::new() };
    let heads = ["sequence", "flip probability, %", "top-5 distance (uT5D)", "Zipf distance"];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    for row in &evaluation.stability {
        rows.push(vec![
            row.perturbation.clone(),
            percent(row.flip_probability, Some(row.flip_probability_interval)),
            fine(row.top5_distance, Some(row.top5_distance_interval)),
            fine(row.zipf_distance, Some(row.zipf_distance_interval)),
        ]);
    }
    let mean = |value: Option<f64>, key: &str, show: fn(f64, Option<Interval>) -> String| {
        value.map_or("–".into(), |value| show(value, evaluation.interval(key)))
    };
    rows.push(vec![
        "mean".into(),
        mean(evaluation.mean_flip_probability, "mean_flip_probability", percent),
        mean(evaluation.mean_top5_distance, "mean_top5_distance", fine),
        mean(evaluation.mean_zipf_distance, "mean_zipf_distance", fine),
    ]);
    let mut text = table(&rows);
    let _ = writeln!(text, "Sequences: {} of each kind, difficulty {}, in memory.\n", first.n, first.difficulty);
    text
}

/// Several models side by side: a row per model, then errors by corruption.
pub fn comparison(evaluations: &[Evaluation]) -> String {
    let baseline = evaluations.first();
    let first = baseline.map_or("", |first| first.name.as_str());
    let mut rows = vec![vec![
        "model".into(),
        "method".into(),
        "weights".into(),
        "data".into(),
        "images".into(),
        "clean top-1, %".into(),
        "mean corruption error, %".into(),
        format!("mCE relative to {first}, %"),
        "calibration error, %".into(),
    ]];
    for evaluation in evaluations {
        let mean = evaluation.corruption_error_mean;
        rows.push(vec![
            evaluation.name.clone(),
            evaluation.method.clone(),
            evaluation.params.to_string(),
            evaluation.dataset.clone(),
            evaluation.n_images.to_string(),
            percent(evaluation.clean_top1, evaluation.interval("clean_top1")),
            mean.map_or("–".into(), |error| percent(error, evaluation.interval("corruption_error_mean"))),
            baseline
                .and_then(|first| relative(evaluation, first))
                .map_or("–".into(), |(mce, ends)| number(mce, ends)),
            percent(evaluation.ece, evaluation.interval("ece")),
        ]);
    }
    let mut text = table(&rows) + &without_interval(evaluations);
    let names = evaluations.iter().map(|evaluation| evaluation.name.clone());
    let mut rows = vec![["top-1 error, %".to_owned()].into_iter().chain(names).collect::<Vec<_>>()];
    let mut corruptions: Vec<&str> = Vec::new();
    for name in evaluations.iter().flat_map(Evaluation::corruptions) {
        if !corruptions.contains(&name) {
            corruptions.push(name);
        }
    }
    for name in corruptions {
        let error = |evaluation: &Evaluation| {
            let row = evaluation.per_corruption.iter().find(|row| row.corruption == name);
            evaluation.error_of(name).map_or("–".into(), |error| percent(error, row.map(|row| row.interval)))
        };
        rows.push([name.to_owned()].into_iter().chain(evaluations.iter().map(error)).collect());
    }
    text.push_str(&table(&rows));
    text
}

/// How to get the intervals that are missing from the mCE relative to the first; nothing if none is.
fn without_interval(evaluations: &[Evaluation]) -> String {
    let Some((first, others)) = evaluations.split_first() else { return String::new() };
    let bare = |evaluation: &&Evaluation| {
        // On other data than the first's, there is nothing to measure against it.
        evaluation.dataset == first.dataset && matches!(relative(evaluation, first), Some((_, None)))
    };
    let names: Vec<&str> = others.iter().filter(bare).map(|evaluation| evaluation.name.as_str()).collect();
    if names.is_empty() {
        return String::new();
    }
    format!(
        "No interval of the mCE relative to {0} for {1}: `vitro eval RUN --baseline FIRST` measures it, FIRST being \
         the run folder or JSON file of {0}.\n\n",
        first.name,
        names.join(", ")
    )
}

/// The mCE in units of `first`, where both have the same cells of the benchmark, and its interval if it was measured.
fn relative(evaluation: &Evaluation, first: &Evaluation) -> Option<(f64, Option<Interval>)> {
    let cells = |evaluation: &Evaluation| {
        let benchmark = evaluation.per_cell.iter().filter(|cell| cell.benchmark);
        let mut cells: Vec<(String, u8)> = benchmark.map(|cell| (cell.corruption.clone(), cell.severity)).collect();
        cells.sort_unstable();
        cells
    };
    if cells(evaluation) != cells(first) {
        return None;
    }
    let mce = Reference::of(first).mce(|name| evaluation.error_of(name))?;
    Some((mce, evaluation.interval_relative_to(first, mce)))
}

/// A Markdown table whose columns also line up where Markdown is not drawn; the first row is its head.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(text, "| {cell:width$} ");
        }
        text.push_str("|\n");
        if index == 0 {
            widths.iter().for_each(|width| text.push_str(&format!("|{}", "-".repeat(width + 2))));
            text.push_str("|\n");
        }
    }
    text.push('\n');
    text
}

/// A share in percent: `94.8 [93.4, 96.1]`.
fn percent(share: f64, interval: Option<Interval>) -> String {
    number(share * 100.0, interval.map(|ends| ends.map(|end| end * 100.0)))
}

fn number(value: f64, interval: Option<Interval>) -> String {
    interval.map_or(format!("{value:.1}"), |[low, high]| format!("{value:.1} [{low:.1}, {high:.1}]"))
}

fn fine(value: f64, interval: Option<Interval>) -> String {
    interval.map_or(format!("{value:.3}"), |[low, high]| format!("{value:.3} [{low:.3}, {high:.3}]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(corruption: &str, severity: u8, top1: f64) -> Cell {
        Cell { corruption: corruption.into(), benchmark: true, severity, top1, n: 10, ..Cell::default() }
    }

    fn measured(name: &str, fog: f64) -> Evaluation {
        let per_cell = vec![cell("fog", 1, fog), cell("snow", 1, 0.5)];
        Evaluation { name: name.into(), per_cell, ..Evaluation::default() }
    }

    #[test]
    fn numbers_stand_with_their_intervals() {
        assert_eq!(percent(0.948, Some([0.934, 0.961])), "94.8 [93.4, 96.1]");
        assert_eq!(fine(0.25, None), "0.250");
    }

    #[test]
    fn columns_line_up() {
        let rows = [vec!["a".to_owned(), "bcd".to_owned()], vec!["×××".to_owned(), "–".to_owned()]];
        assert_eq!(table(&rows), "| a   | bcd |\n|-----|-----|\n| ××× | –   |\n\n");
    }

    #[test]
    fn a_comparison_names_what_its_mce_is_relative_to() {
        let text = comparison(&[measured("plain", 0.6), measured("better", 0.8)]);
        assert!(text.contains("mCE relative to plain, %") && text.contains("| 75.0 "), "{text}");
    }

    #[test]
    fn a_relative_mce_stands_with_its_interval_or_with_the_way_to_get_it() {
        let against = |name: &str, value| Evaluation {
            mce_vs_baseline: Some(Normalised { name: name.into(), value }),
            intervals: [("mce_vs_baseline".to_owned(), [61.0, 88.0])].into(),
            ..measured("better", 0.8)
        };
        let told = |other: Evaluation| comparison(&[measured("plain", 0.6), other]);
        let text = told(against("plain", 75.0));
        assert!(text.contains("| 75.0 [61.0, 88.0] ") && !text.contains("--baseline"), "{text}");
        // Another baseline, or another measurement of a baseline of that name.
        for other in [against("other", 75.0), against("plain", 80.0), measured("better", 0.8)] {
            let text = told(other);
            assert!(text.contains("| 75.0 ") && !text.contains("61.0"), "{text}");
            assert!(text.contains("relative to plain for better: `vitro eval RUN --baseline FIRST`"), "{text}");
        }
        assert!(!comparison(&[measured("plain", 0.6)]).contains("--baseline"), "alone there is nothing to relate");
    }

    #[test]
    fn models_of_other_cells_have_no_mce_in_common() {
        let mut other = measured("other", 0.6);
        other.per_cell.truncate(1);
        assert_eq!(relative(&other, &measured("plain", 0.6)), None);
    }

    #[test]
    fn every_mce_of_a_table_has_a_name() {
        let normalised = |value| Some(Normalised { name: "plain".into(), value });
        let evaluation = Evaluation {
            mce_alexnet: Some(70.0),
            mce_vs_baseline: normalised(80.0),
            relative_mce: normalised(90.0),
            ..measured("ours", 0.6)
        };
        let text = markdown(&evaluation);
        for line in text.lines().filter(|line| line.contains("mCE")) {
            assert!(line.contains("AlexNet") || line.contains("plain"), "{line}");
        }
        assert_eq!(text.lines().filter(|line| line.contains("mCE")).count(), 3);
    }
}
