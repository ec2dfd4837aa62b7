//! Whether another evaluation may be divided by: only one of the same images, changed in the same way.

use anyhow::{Result, ensure};
use vitro::protocol::{Fact, NOT_RECORDED};

use super::results::Evaluation;

/// Refuses `baseline` unless it was measured as `ours` is going to be. Returns what a reader should know all the same.
///
/// # Errors
/// With the first difference in words.
pub fn ensure_same(baseline: &Evaluation, ours: &Evaluation) -> Result<Vec<String>> {
    let name = &baseline.name;
    let mut remarks = Vec::new();
    let same = |what: &str, theirs: &str, ours: &str| {
        ensure!(
            theirs == ours,
            "the baseline {name} was measured on other {what} ({theirs}, here {ours}); evaluate it with the same options first"
        );
        Ok(())
    };
    match baseline.protocol.as_ref().zip(ours.protocol.as_ref()) {
        Some((theirs, own)) => {
            for difference in theirs.differences(own) {
                match difference.fact {
                    // Models differ in that by nature; the images stay the same.
                    Fact::Preparation => {
                        remarks.push(format!("The baseline {name} was prepared otherwise: {difference}."));
                    }
                    fact => same(&fact.to_string(), &difference.first, &difference.second)?,
                }
            }
        }
        None => {
            same("data", &baseline.dataset, &ours.dataset)?;
            let counted = |evaluation: &Evaluation| format!("{} of them", evaluation.n_images);
            same("images", &counted(baseline), &counted(ours))?;
            remarks
                .push(format!("The protocol of the baseline {name} is {NOT_RECORDED}; evaluate it again to be sure."));
        }
    }
    // Older files do not say which images they took.
    if !baseline.images.is_empty() {
        same("images", &baseline.images, &ours.images)?;
    }
    let classes = |evaluation: &Evaluation| evaluation.classes.clone().unwrap_or_else(|| "all".to_owned());
    same("classes", &classes(baseline), &classes(ours))?;
    if !ours.per_cell.is_empty() {
        same("cells", &cells(baseline), &cells(ours))?;
    }
    if !ours.stability.is_empty() {
        same("sequences", &sequences(baseline), &sequences(ours))?;
    }
    Ok(remarks)
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

#[cfg(test)]
mod tests {
    use vitro::corruption::Variant;
    use vitro::image::Preprocess;
    use vitro::protocol::{CorruptionSource, Protocol, Split};

    use super::*;

    fn measured(seed: u64, crop_pct: f32) -> Evaluation {
        let corruption = CorruptionSource::Memory { side: 64, variant: Variant::Tiny, seed, photographs: 0 };
        let preprocess = Preprocess { crop_pct, ..Preprocess::imagenet(64) };
        let corruption = Some(corruption);
        let protocol = Protocol { dataset: "set".into(), split: Split::Test, images: 9, preprocess, corruption };
        let (name, dataset) = ("a".to_owned(), "set".to_owned());
        Evaluation { name, dataset, n_images: 9, protocol: Some(protocol), ..Evaluation::default() }
    }

    #[test]
    fn other_corruptions_are_refused_and_another_crop_is_remarked_on() {
        assert_eq!(ensure_same(&measured(0, 1.0), &measured(0, 1.0)).unwrap(), Vec::<String>::new());
        let refusal = ensure_same(&measured(0, 1.0), &measured(1, 1.0)).unwrap_err().to_string();
        assert!(refusal.contains("other corrupted images") && refusal.contains("seed 1"), "{refusal}");
        let remarks = ensure_same(&measured(0, 1.0), &measured(0, 0.9)).unwrap();
        assert!(remarks.len() == 1 && remarks[0].contains("crop 0.9"), "{remarks:?}");
    }

    #[test]
    fn a_protocol_that_is_not_recorded_is_said_whatever_its_sentence_is() {
        let mut old = measured(0, 1.0);
        old.protocol = None;
        old.corruption_source = "stored, somewhere else".into();
        let remarks = ensure_same(&old, &measured(0, 1.0)).unwrap();
        assert!(remarks[0].contains("not recorded"), "{remarks:?}");
        old.n_images = 8;
        assert!(ensure_same(&old, &measured(0, 1.0)).is_err());
    }
}
