//! One evaluation as files and tables: JSON, CSV by cell, Markdown.

use std::fmt::Write;

use anyhow::Result;
use vitro::metric::bootstrap::Interval;
use vitro::metric::{self, Metric};

use super::card;
use super::markdown::{NOTHING, fine, number, percent, score, table};
use super::results::{Cell, Evaluation, GroupError, Normalised, On, turned};
use crate::disk;
use crate::run::Folder;

/// Writes `eval.json`, `cells.csv`, `eval.md` and `card.md` into a run folder.
pub fn write(folder: &Folder, evaluation: &Evaluation) -> Result<()> {
    let card = card::card(&folder.facts()?, &folder.recipe()?, evaluation);
    disk::replace_with(&folder.file("card.md"), card.as_bytes())?;
    disk::replace_with(&folder.file("eval.json"), &serde_json::to_vec_pretty(evaluation)?)?;
    disk::replace_with(&folder.file("cells.csv"), &csv(evaluation)?)?;
    disk::replace_with(&folder.file("eval.md"), markdown(evaluation).as_bytes())
}

/// Columns in front of the metrics.
const COLUMNS: [&str; 11] = [
    "corruption",
    "group",
    "benchmark",
    "severity",
    "top1",
    "top5",
    "n",
    "top1_low",
    "top1_high",
    "top5_low",
    "top5_high",
];

/// One row per cell. Each metric has three columns: its value, and both ends of its interval.
pub fn csv(evaluation: &Evaluation) -> Result<Vec<u8>> {
    let mut table = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    let metrics = metric::ALL.iter().flat_map(|metric| ["", "_low", "_high"].map(|end| format!("{}{end}", metric.key)));
    table.write_record(COLUMNS.map(str::to_owned).into_iter().chain(metrics))?;
    for cell in &evaluation.per_cell {
        let Cell { corruption, group, benchmark, severity, top1, top5, n, .. } = cell;
        let score = |metric: &Metric| {
            let found = cell.scores.get(metric.key);
            [found.map(|score| score.value), found.map(|score| score.interval[0]), found.map(|score| score.interval[1])]
        };
        let scores: Vec<Option<f64>> = metric::ALL.iter().flat_map(score).collect();
        let ends = (ends(cell.top1_interval), ends(cell.top5_interval));
        table.serialize((corruption, group, benchmark, severity, top1, top5, n, ends, scores))?;
    }
    table.into_inner().map_err(|error| anyhow::anyhow!("{error}"))
}

fn ends(interval: Option<Interval>) -> [Option<f64>; 2] {
    [interval.map(|[low, _]| low), interval.map(|[_, high]| high)]
}

/// The tables of one model. Every number stands with its 95 % interval.
pub fn markdown(evaluation: &Evaluation) -> String {
    let Evaluation { name, dataset, params, method, image_size, n_images, .. } = evaluation;
    let mut text = format!(
        "## {name} on {dataset}\n\n{params} weights, method {method}, {image_size}×{image_size} px, {n_images} images\n\n"
    );
    if let Some(classes) = &evaluation.classes {
        let _ = writeln!(text, "Classes: {classes}.\n");
    }
    text.push_str(&metrics(evaluation));
    text.push_str(&headline(evaluation));
    text.push_str(&attacks(evaluation));
    text.push_str(&corruptions(evaluation));
    text.push_str(&sequences(evaluation));
    let _ = writeln!(text, "[low, high]: 95 % interval of the bootstrap over images, 1000 resamples.");
    for remark in &evaluation.remarks {
        let _ = writeln!(text, "{remark}");
    }
    text
}

/// Every metric, on the untouched images and as the mean over corruptions.
fn metrics(evaluation: &Evaluation) -> String {
    let on = if evaluation.corruption_error_mean.is_some() { &[On::Clean, On::Corrupted][..] } else { &[On::Clean] };
    let heads = on.iter().map(|on| on.images().to_owned());
    let mut rows = vec![["metric".to_owned()].into_iter().chain(heads).collect::<Vec<_>>()];
    for metric in metric::ALL {
        let value = |on: &On| score(metric, evaluation.score(metric, *on), evaluation.score_interval(metric, *on));
        rows.push([metric.heading()].into_iter().chain(on.iter().map(value)).collect());
    }
    table(&rows)
}

/// What is said of the corruptions or the sequences as a whole; nothing where neither was measured.
fn headline(evaluation: &Evaluation) -> String {
    let interval = |number: &str| evaluation.interval(number);
    let mut rows = vec![vec!["number".into(), "value".into()]];
    if let Some(error) = evaluation.corruption_error_mean {
        rows.push(vec!["mean corruption error, %".into(), percent(error, interval("corruption_error_mean"))]);
    }
    if let Some(added) = evaluation.added_error {
        rows.push(vec!["added error (corrupted − clean), points".into(), percent(added, interval("added_error"))]);
    }
    for GroupError { group, error, interval } in &evaluation.per_group {
        rows.push(vec![format!("error under {group}, %"), percent(*error, Some(*interval))]);
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
    if rows.len() > 1 { table(&rows) } else { String::new() }
}

fn attacks(evaluation: &Evaluation) -> String {
    if evaluation.attacks.is_empty() {
        return String::new();
    }
    let mut rows = vec![["attack", "radius, levels of 255", "steps", "top-1 error, %"].map(str::to_owned).to_vec()];
    for attacked in &evaluation.attacks {
        let radius = format!("{:.2}", attacked.eps * 255.0);
        let error = percent(1.0 - attacked.top1, attacked.interval.map(turned));
        rows.push(vec![attacked.attack.clone(), radius, attacked.steps.to_string(), error]);
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
    let mut rows = vec![["top-1 error, %".to_owned()].into_iter().chain(heads).chain(["mean".to_owned()]).collect()];
    for name in evaluation.corruptions() {
        let cells = || evaluation.per_cell.iter().filter(move |cell| cell.corruption == name);
        let error = |severity: &u8| {
            let cell = cells().find(|cell| cell.severity == *severity);
            cell.map_or(NOTHING.into(), |cell| percent(1.0 - cell.top1, cell.top1_interval.map(turned)))
        };
        let row = evaluation.per_corruption.iter().find(|row| row.corruption == name);
        let mean = evaluation.error_of(name);
        let mean = mean.map_or(NOTHING.into(), |error| percent(error, row.map(|row| row.interval)));
        let mark = if cells().any(|cell| !cell.benchmark) { " ¹" } else { "" };
        let errors = severities.iter().map(error);
        rows.push([format!("{name}{mark}")].into_iter().chain(errors).chain([mean]).collect());
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
        value.map_or(NOTHING.into(), |value| show(value, evaluation.interval(key)))
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

#[cfg(test)]
mod tests {
    use super::super::results::Score;
    use super::*;

    fn measured(name: &str, fog: f64) -> Evaluation {
        let cell = |corruption: &str, top1| Cell {
            corruption: corruption.into(),
            benchmark: true,
            severity: 1,
            top1,
            n: 10,
            scores: metric::ALL
                .iter()
                .map(|metric| (metric.key.into(), Score { value: top1, interval: [0.25, 1.0] }))
                .collect(),
            ..Cell::default()
        };
        Evaluation { name: name.into(), per_cell: vec![cell("fog", fog), cell("snow", 0.5)], ..Evaluation::default() }
    }

    #[test]
    fn every_metric_is_a_row_of_the_table_and_three_columns_of_the_csv() {
        let mut evaluation = measured("ours", 0.625);
        for metric in metric::ALL {
            evaluation.scores.insert(On::Clean.key(metric), Some(0.375));
        }
        let (text, csv) = (markdown(&evaluation), String::from_utf8(csv(&evaluation).unwrap()).unwrap());
        let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
        assert!(lines.iter().all(|line| line.len() == COLUMNS.len() + 3 * metric::ALL.len()), "{csv}");
        for metric in metric::ALL {
            assert!(text.contains(&metric.heading()) && text.contains(&score(metric, Some(0.375), None)), "{text}");
            let column = lines[0].iter().position(|name| *name == metric.key).unwrap();
            assert_eq!(lines[1][column..column + 3], ["0.625", "0.25", "1.0"]);
        }
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
