//! Whether another evaluation may be divided by: only one of the same images, changed in the same way.

use anyhow::{Result, ensure};

use super::results::Evaluation;

/// Refuses `baseline` unless it was measured as `ours` is going to be.
///
/// # Errors
/// With the first difference in words.
pub fn ensure_same(baseline: &Evaluation, ours: &Evaluation) -> Result<()> {
    let name = &baseline.name;
    let same = |what: &str, theirs: &str, ours: &str| {
        ensure!(
            theirs == ours,
            "the baseline {name} was measured on other {what} ({theirs}, here {ours}); evaluate it with the same options first"
        );
        Ok(())
    };
    same("data", &baseline.dataset, &ours.dataset)?;
    let counted = |evaluation: &Evaluation| format!("{} of them", evaluation.n_images);
    same("images", &counted(baseline), &counted(ours))?;
    // Older files do not say which images they took.
    if !baseline.images.is_empty() {
        same("images", &baseline.images, &ours.images)?;
    }
    let classes = |evaluation: &Evaluation| evaluation.classes.clone().unwrap_or_else(|| "all".to_owned());
    same("classes", &classes(baseline), &classes(ours))?;
    if !ours.per_cell.is_empty() {
        same("corrupted images", &baseline.corruption_source, &ours.corruption_source)?;
        same("cells", &cells(baseline), &cells(ours))?;
    }
    if !ours.stability.is_empty() {
        same("sequences", &sequences(baseline), &sequences(ours))?;
    }
    Ok(())
}

/// The benchmark's cells in words: `15 corruptions at 1 2 3 4 5`, or one by one where that says too little.
fn cells(evaluation: &Evaluation) -> String {
    let mut cells: Vec<(&str, u8, usize)> = evaluation
        .per_cell
        .iter()
        .filter(|cell| cell.benchmark)
        .map(|cell| (cell.corruption.as_str(), cell.severity, cell.n))
        .collect();
    cells.sort_unstable();
    let mut rows: Vec<(&str, String)> = Vec::new();
    for (corruption, severity, n) in cells {
        match rows.last_mut() {
            Some((last, severities)) if *last == corruption => severities.push_str(&format!(" {severity}")),
            _ => rows.push((corruption, format!("{n} images each, severity {severity}"))),
        }
    }
    let names: Vec<&str> = rows.iter().map(|(corruption, _)| *corruption).collect();
    match rows.first() {
        None => "none of the benchmark".to_owned(),
        Some((_, severities)) if rows.iter().all(|(_, other)| other == severities) => {
            let names = if names.len() == 15 { "all 15".to_owned() } else { names.join(" ") };
            format!("{names}, {severities}")
        }
        Some(_) => rows.iter().map(|(name, severities)| format!("{name}: {severities}")).collect::<Vec<_>>().join("; "),
    }
}

fn sequences(evaluation: &Evaluation) -> String {
    let row = |row: &super::results::Stability| format!("{} {} × {}", row.perturbation, row.difficulty, row.n);
    evaluation.stability.iter().map(row).collect::<Vec<_>>().join(", ")
}
