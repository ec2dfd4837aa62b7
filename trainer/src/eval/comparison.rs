//! Several models side by side, in Markdown: who they are, every metric, then errors by corruption.

use vitro::metric;
use vitro::metric::bootstrap::Interval;

use super::markdown::{NOTHING, number, percent, points, score, table};
use super::normalised::Reference;
use super::paired::{self, Difference, Paired};
use super::results::{Evaluation, On};

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
        "mean corruption error, %".into(),
        format!("mCE relative to {first}, %"),
    ]];
    for evaluation in evaluations {
        let mean = evaluation.corruption_error_mean;
        rows.push(vec![
            evaluation.name.clone(),
            evaluation.method.clone(),
            evaluation.params.to_string(),
            evaluation.dataset.clone(),
            evaluation.n_images.to_string(),
            mean.map_or(NOTHING.into(), |error| percent(error, evaluation.interval("corruption_error_mean"))),
            baseline
                .and_then(|first| relative(evaluation, first))
                .map_or(NOTHING.into(), |(mce, ends)| number(mce, ends)),
        ]);
    }
    let mut text = table(&rows) + &without_interval(evaluations) + &metrics(evaluations);
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
            evaluation.error_of(name).map_or(NOTHING.into(), |error| percent(error, row.map(|row| row.interval)))
        };
        rows.push([name.to_owned()].into_iter().chain(evaluations.iter().map(error)).collect());
    }
    text.push_str(&table(&rows));
    text + &differences(evaluations)
}

/// How much more each model errs than the first on the same images; nothing where none can be paired with it.
fn differences(evaluations: &[Evaluation]) -> String {
    let all = paired::against_the_first(evaluations);
    let (Some(first), Some(most)) = (evaluations.first(), all.iter().max_by_key(|paired| paired.differences.len()))
    else {
        return String::new();
    };
    let heads = all.iter().map(|paired| paired.name.clone());
    let title = format!("error minus that of {}, points", first.name);
    let mut rows = vec![[title].into_iter().chain(heads).collect::<Vec<_>>()];
    for Difference { number, title, .. } in &most.differences {
        let cell = |paired: &Paired| {
            let found = paired.differences.iter().find(|difference| difference.number == *number);
            found.map_or(NOTHING.into(), |found| {
                format!("{}, {}", points(found.value, found.interval), found.verdict().words())
            })
        };
        rows.push([title.clone()].into_iter().chain(all.iter().map(cell)).collect());
    }
    table(&rows) + &about(&all)
}

/// What the intervals of differences are.
fn about(all: &[Paired]) -> String {
    let several = all.iter().any(|paired| paired.trainings.iter().any(|count| *count > 1));
    let over = if several { "images and trainings" } else { "images" };
    format!(
        "Differences are taken image by image; [low, high]: 95 % interval of the bootstrap over {over}, 1000 resamples. \
         “No difference seen”: the interval holds 0.\n\n"
    )
}

/// A row per metric on the untouched images, and one on corrupted images where there are any; a column per model.
fn metrics(evaluations: &[Evaluation]) -> String {
    let names = evaluations.iter().map(|evaluation| evaluation.name.clone());
    let mut rows = vec![["metric".to_owned(), "images".to_owned()].into_iter().chain(names).collect::<Vec<_>>()];
    for (metric, on) in metric::ALL.iter().flat_map(|metric| [(metric, On::Clean), (metric, On::Corrupted)]) {
        if evaluations.iter().all(|evaluation| evaluation.score(metric, on).is_none()) {
            continue;
        }
        let value = |evaluation: &Evaluation| {
            score(metric, evaluation.score(metric, on), evaluation.score_interval(metric, on))
        };
        let head = [metric.heading(), on.images().to_owned()];
        rows.push(head.into_iter().chain(evaluations.iter().map(value)).collect());
    }
    table(&rows)
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

#[cfg(test)]
mod tests {
    use super::super::results::{Cell, Normalised};
    use super::*;

    fn cell(corruption: &str, severity: u8, top1: f64) -> Cell {
        Cell { corruption: corruption.into(), benchmark: true, severity, top1, n: 10, ..Cell::default() }
    }

    fn measured(name: &str, fog: f64) -> Evaluation {
        let per_cell = vec![cell("fog", 1, fog), cell("snow", 1, 0.5)];
        Evaluation { name: name.into(), per_cell, ..Evaluation::default() }
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
    fn every_metric_that_some_model_has_is_a_row_with_all_models() {
        let mut evaluations = [measured("plain", 0.6), measured("better", 0.8)];
        for metric in metric::ALL {
            evaluations[1].scores.insert(On::Clean.key(metric), Some(0.25));
            evaluations[1].intervals.insert(On::Clean.key(metric), [0.125, 0.5]);
        }
        let text = comparison(&evaluations);
        for metric in metric::ALL {
            let found = score(metric, Some(0.25), Some([0.125, 0.5]));
            let row: Vec<&str> =
                text.lines().find(|line| line.contains(&metric.heading())).unwrap().split('|').collect();
            let row: Vec<&str> = row.into_iter().map(str::trim).collect();
            assert_eq!(row[1..5], [metric.heading().as_str(), "untouched", NOTHING, found.as_str()], "{text}");
        }
        assert!(!text.contains("| corrupted "), "nobody was measured there: {text}");
    }
}
