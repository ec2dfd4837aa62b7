//! Evaluations as files and tables: JSON, CSV by cell, Markdown.

use std::fmt::Write;

use anyhow::Result;

use super::results::{Attacked, Evaluation};
use crate::disk;
use crate::run::Folder;

/// Writes `eval.json`, `cells.csv` and `eval.md` into a run folder.
pub fn write(folder: &Folder, evaluation: &Evaluation) -> Result<()> {
    disk::replace_with(&folder.file("eval.json"), &serde_json::to_vec_pretty(evaluation)?)?;
    disk::replace_with(&folder.file("cells.csv"), &csv(evaluation)?)?;
    disk::replace_with(&folder.file("eval.md"), markdown(evaluation).as_bytes())
}

/// One row per cell.
pub fn csv(evaluation: &Evaluation) -> Result<Vec<u8>> {
    let mut table = csv::Writer::from_writer(Vec::new());
    evaluation.per_cell.iter().try_for_each(|cell| table.serialize(cell))?;
    table.into_inner().map_err(|error| anyhow::anyhow!("{error}"))
}

/// The table of one model: a row per corruption, a column per severity, accuracies in percent.
pub fn markdown(evaluation: &Evaluation) -> String {
    let mut severities: Vec<u8> = evaluation.per_cell.iter().map(|cell| cell.severity).collect();
    severities.sort_unstable();
    severities.dedup();
    let mut text = format!(
        "## {} on {}\n\n{} weights, method {}, {}×{} px, {} pictures, {}\n\n",
        evaluation.name,
        evaluation.dataset,
        evaluation.params,
        evaluation.method,
        evaluation.image_size,
        evaluation.image_size,
        evaluation.n_images,
        evaluation.corruption_source,
    );
    let _ = writeln!(text, "| clean top-1 | mean corruption error | calibration error |\n|---|---|---|");
    let _ = writeln!(
        text,
        "| {} | {} | {} |\n",
        percent(evaluation.clean_top1),
        evaluation.corruption_error_mean.map_or("–".into(), percent),
        percent(evaluation.ece)
    );
    if let Some(mce) = evaluation.mce_alexnet {
        let _ = writeln!(text, "mCE (normalised by AlexNet): {}\n", percent(mce));
    }
    if !evaluation.attacks.is_empty() {
        let _ = writeln!(text, "| attack | radius, levels of 255 | steps | top-1, % |\n|---|---|---|---|");
        for Attacked { attack, eps, steps, top1, .. } in &evaluation.attacks {
            let _ = writeln!(text, "| {attack} | {:.2} | {steps} | {} |", eps * 255.0, percent(*top1));
        }
        text.push('\n');
    }
    if severities.is_empty() {
        return text;
    }
    let heads: Vec<String> = severities.iter().map(ToString::to_string).collect();
    let _ = writeln!(text, "| top-1, % | {} | mean |\n|---|{}", heads.join(" | "), "---|".repeat(heads.len() + 1));
    for name in evaluation.corruptions() {
        let accuracy = |severity: &u8| {
            let cell = evaluation.per_cell.iter().find(|cell| cell.corruption == name && cell.severity == *severity);
            cell.map_or("–".into(), |cell| percent(cell.top1))
        };
        let row: Vec<String> = severities.iter().map(accuracy).collect();
        let mean = evaluation.error_of(name).map_or("–".into(), |error| percent(1.0 - error));
        let mark = evaluation.per_cell.iter().any(|cell| cell.corruption == name && !cell.benchmark);
        let _ = writeln!(text, "| {name}{} | {} | {mean} |", if mark { " ¹" } else { "" }, row.join(" | "));
    }
    let _ = writeln!(
        text,
        "\nMean corruption error: plain mean of the top-1 error over {}.",
        evaluation.corruption_error_over
    );
    if evaluation.per_cell.iter().any(|cell| !cell.benchmark) {
        let _ = writeln!(text, "¹ not part of the benchmark, not in the mean.");
    }
    text
}

/// Several models side by side: a row per model, then errors by corruption.
pub fn comparison(evaluations: &[Evaluation]) -> String {
    let mut text = String::from(
        "| model | method | weights | data | pictures | clean top-1 | mean corruption error | relative to the first | calibration error |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    let baseline = evaluations.first();
    for evaluation in evaluations {
        let relative = match (baseline.and_then(|first| first.corruption_error_mean), evaluation.corruption_error_mean)
        {
            (Some(first), Some(own)) if first > 0.0 => percent(own / first),
            _ => "–".into(),
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {relative} | {} |",
            evaluation.name,
            evaluation.method,
            evaluation.params,
            evaluation.dataset,
            evaluation.n_images,
            percent(evaluation.clean_top1),
            evaluation.corruption_error_mean.map_or("–".into(), percent),
            percent(evaluation.ece),
        );
    }
    let names: Vec<&str> = evaluations.iter().map(|evaluation| evaluation.name.as_str()).collect();
    let _ = writeln!(text, "\n| top-1 error, % | {} |\n|---|{}", names.join(" | "), "---|".repeat(names.len()));
    let mut corruptions: Vec<&str> = Vec::new();
    for name in evaluations.iter().flat_map(Evaluation::corruptions) {
        if !corruptions.contains(&name) {
            corruptions.push(name);
        }
    }
    for name in corruptions {
        let row: Vec<String> =
            evaluations.iter().map(|evaluation| evaluation.error_of(name).map_or("–".into(), percent)).collect();
        let _ = writeln!(text, "| {name} | {} |", row.join(" | "));
    }
    text
}

fn percent(share: f64) -> String {
    format!("{:.1}", share * 100.0)
}
