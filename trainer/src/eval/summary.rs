//! From what was measured to the numbers that are quoted, each with its interval.

use std::collections::BTreeMap;

use vitro::corruption::Group;
use vitro::metric::bootstrap::{Interval, Resampled, Weights, of_fraction};
use vitro::metric::{self, Metric, Of, Outcomes, Scores, Unit, mean, top1_error, top5_error};

use super::bootstrap::resampled;
use super::normalised::{Reference, Relative};
use super::outcomes;
use super::results::{CorruptionError, Evaluation, GroupError, Normalised, On, Score};
use super::stability::Clip;

/// Everything measured, image by image, in the order of the evaluation's lists.
pub struct Measured {
    /// Untouched images.
    pub clean: Outcomes,
    /// By cell.
    pub cells: Vec<Outcomes>,
    /// By attack.
    pub attacks: Vec<Outcomes>,
    /// By perturbation, a clip per image.
    pub sequences: Vec<Vec<Clip>>,
}

/// What others are divided by.
pub struct References<'a> {
    /// AlexNet, where its numbers apply.
    pub alexnet: Option<Reference>,
    /// A baseline that was measured on the same.
    pub baseline: Option<&'a Evaluation>,
}

/// The scores of every condition under some weights.
struct Row {
    clean: Scores,
    cells: Vec<Scores>,
    attacks: Vec<Scores>,
    sequences: Vec<Clip>,
}

impl Measured {
    fn row(&self, weights: &Weights) -> Row {
        let scores = |outcomes: &Outcomes| outcomes.scores(weights.of(outcomes.len()));
        Row {
            clean: scores(&self.clean),
            cells: self.cells.iter().map(scores).collect(),
            attacks: self.attacks.iter().map(scores).collect(),
            sequences: self.sequences.iter().map(|clips| mean_clip(clips, weights.of(clips.len()))).collect(),
        }
    }

    fn lengths(&self) -> Vec<usize> {
        let outcomes = [&self.clean].into_iter().chain(&self.cells).chain(&self.attacks).map(Outcomes::len);
        let mut lengths: Vec<usize> = outcomes.chain(self.sequences.iter().map(Vec::len)).collect();
        lengths.sort_unstable();
        lengths.dedup();
        lengths
    }
}

/// Numbers and their intervals as they are found.
struct Numbers {
    rows: Resampled<Row>,
    /// Images of the smallest condition.
    images: usize,
    intervals: BTreeMap<String, Interval>,
}

impl Numbers {
    fn named(&mut self, name: &str, number: impl Fn(&Row) -> Option<f64>) -> Option<f64> {
        let (value, interval) = self.rows.number(number)?;
        self.intervals.insert(name.to_owned(), interval);
        Some(value)
    }

    /// A fraction of the images, by name.
    fn fraction(&mut self, name: &str, number: impl Fn(&Row) -> Option<f64>) -> Option<f64> {
        let value = self.named(name, number)?;
        if let Some(interval) = self.intervals.get_mut(name) {
            *interval = of_fraction(value, *interval, self.images);
        }
        Some(value)
    }

    fn score(&mut self, metric: &Metric, on: On, number: impl Fn(&Row) -> Option<f64>) -> (String, Option<f64>) {
        let (key, found) = (on.key(metric), self.of_metric(metric, number));
        self.intervals.extend(found.map(|(_, interval)| (key.clone(), interval)));
        (key, found.map(|(value, _)| value))
    }

    fn of_metric(&self, metric: &Metric, number: impl Fn(&Row) -> Option<f64>) -> Option<(f64, Interval)> {
        let (value, interval) = self.rows.score(metric, number)?;
        // Errors are fractions of the images; calibration errors and Brier scores are means of something else.
        let counts = metric.unit == Unit::Fraction && matches!(metric.of, Of::Mean(_));
        Some((value, if counts { of_fraction(value, interval, self.images) } else { interval }))
    }

    fn unnamed(&self, number: impl Fn(&Row) -> f64) -> (f64, Interval) {
        self.rows.number(|row| Some(number(row))).unwrap_or_default()
    }

    fn unnamed_fraction(&self, number: impl Fn(&Row) -> f64) -> (f64, Interval) {
        let (value, interval) = self.unnamed(number);
        (value, of_fraction(value, interval, self.images))
    }
}

/// Fills in the numbers of `evaluation`, whose lists of cells, attacks and sequences say what `measured` holds.
pub fn fill(evaluation: &mut Evaluation, measured: &Measured, references: &References<'_>) {
    let rows = resampled(&measured.lengths(), evaluation.seed, |weights| measured.row(weights));
    let images = measured.lengths().into_iter().min().unwrap_or_default();
    let mut numbers = Numbers { rows, images, intervals: BTreeMap::new() };

    evaluation.outcomes = outcomes::of(evaluation, measured);
    evaluation.clean_top1 = numbers.fraction("clean_top1", |row| Some(top1(&row.clean))).unwrap_or_default();
    evaluation.clean_top5 = numbers.fraction("clean_top5", |row| Some(top5(&row.clean))).unwrap_or_default();

    let (mut rows, mut benchmark) = (Vec::<CorruptionRow>::new(), Vec::new());
    for (index, cell) in evaluation.per_cell.iter_mut().enumerate() {
        let (top1, top1_interval) = numbers.unnamed_fraction(|row| top1(&row.cells[index]));
        let (top5, top5_interval) = numbers.unnamed_fraction(|row| top5(&row.cells[index]));
        (cell.top1, cell.top5) = (top1, top5);
        (cell.top1_interval, cell.top5_interval) = (Some(top1_interval), Some(top5_interval));
        let score = |metric: &Metric| {
            let (value, interval) = numbers.of_metric(metric, |row| Some(row.cells[index].of(metric)))?;
            Some((metric.key.to_owned(), Score { value, interval }))
        };
        cell.scores = metric::ALL.iter().filter_map(score).collect();
        if cell.benchmark {
            benchmark.push(index);
        }
        match rows.last_mut().filter(|row| row.name == cell.corruption) {
            Some(row) => {
                row.cells.push(index);
                row.severities.push(cell.severity);
            }
            None => rows.push(CorruptionRow {
                name: cell.corruption.clone(),
                benchmark: cell.benchmark,
                cells: vec![index],
                severities: vec![cell.severity],
            }),
        }
    }
    for corruption in &rows {
        let (error, interval) = numbers.unnamed_fraction(|row| corruption.error(row));
        evaluation.per_corruption.push(CorruptionError {
            corruption: corruption.name.clone(),
            benchmark: corruption.benchmark,
            severities: corruption.severities.clone(),
            error,
            interval,
        });
    }
    for (index, attacked) in evaluation.attacks.iter_mut().enumerate() {
        let (top1, interval) = numbers.unnamed_fraction(|row| top1(&row.attacks[index]));
        (attacked.top1, attacked.interval) = (top1, Some(interval));
    }

    let over = |metric: &'static Metric| {
        let benchmark = &benchmark;
        let mean = move |row: &Row| mean(benchmark.iter().map(|index| row.cells[*index].of(metric)));
        move |row: &Row| (!benchmark.is_empty()).then(|| mean(row))
    };
    evaluation.corruption_error_mean = numbers.fraction("corruption_error_mean", over(&top1_error::METRIC));
    evaluation.added_error =
        numbers.named("added_error", |row| Some(over(&top1_error::METRIC)(row)? - 1.0 + top1(&row.clean)));
    evaluation.per_group = groups(evaluation, &numbers);
    for metric in metric::ALL {
        let clean = numbers.score(metric, On::Clean, |row| Some(row.clean.of(metric)));
        evaluation.scores.extend([clean, numbers.score(metric, On::Corrupted, over(metric))]);
    }

    normalise(evaluation, &mut numbers, &rows, references);
    steady(evaluation, &mut numbers, references.baseline);
    evaluation.intervals = numbers.intervals;
}

/// The benchmark's cells by group, in the order of the groups.
fn groups(evaluation: &Evaluation, numbers: &Numbers) -> Vec<GroupError> {
    let of = |group: &Group| {
        let cells = evaluation.per_cell.iter().enumerate();
        let cells: Vec<usize> =
            cells.filter(|(_, cell)| cell.benchmark && cell.group == group.name()).map(|(index, _)| index).collect();
        let mean = |row: &Row| mean(cells.iter().map(|index| row.cells[*index].of(&top1_error::METRIC)));
        let (error, interval) = numbers.unnamed_fraction(mean);
        (!cells.is_empty()).then(|| GroupError { group: group.name().to_owned(), error, interval })
    };
    Group::ALL.iter().filter_map(of).collect()
}

/// Top-1 accuracy.
fn top1(scores: &Scores) -> f64 {
    1.0 - scores.of(&top1_error::METRIC)
}

/// Top-5 accuracy.
fn top5(scores: &Scores) -> f64 {
    1.0 - scores.of(&top5_error::METRIC)
}

/// A row of the corruption table.
struct CorruptionRow {
    name: String,
    benchmark: bool,
    cells: Vec<usize>,
    severities: Vec<u8>,
}

impl CorruptionRow {
    fn error(&self, row: &Row) -> f64 {
        mean(self.cells.iter().map(|index| row.cells[*index].of(&top1_error::METRIC)))
    }
}

/// Every mCE, with the name of what it is relative to.
fn normalise(evaluation: &mut Evaluation, numbers: &mut Numbers, rows: &[CorruptionRow], references: &References<'_>) {
    if !rows.iter().any(|row| row.benchmark) {
        return;
    }
    let error_of = |row: &Row, name: &str| {
        rows.iter().find(|corruption| corruption.name == name).map(|corruption| corruption.error(row))
    };
    let mce = |reference: &Reference, row: &Row| reference.mce(|name| error_of(row, name));
    // AlexNet's numbers are means over all five severities.
    let whole = |row: &&CorruptionRow| row.benchmark && row.severities.len() == 5;
    let alexnet = references.alexnet.as_ref().filter(|_| rows.iter().filter(whole).count() == 15);
    if let Some(alexnet) = alexnet {
        evaluation.mce_alexnet = numbers.named("mce_alexnet", |row| mce(alexnet, row));
    }
    let baseline = references.baseline.map(Reference::of);
    if let Some(baseline) = &baseline {
        let value = numbers.named("mce_vs_baseline", |row| mce(baseline, row));
        evaluation.mce_vs_baseline = value.map(|value| Normalised { name: baseline.name.clone(), value });
        if let (None, Some(corruption)) = (value, baseline.unharmed_by(Relative::No)) {
            let name = &baseline.name;
            evaluation.remarks.push(format!("No mCE relative to {name}: it makes no errors under {corruption}."));
        }
    }
    if let Some(reference) = alexnet.or(baseline.as_ref()) {
        let relative =
            |row: &Row| reference.relative_mce(row.clean.of(&top1_error::METRIC), |name| error_of(row, name));
        let value = numbers.named("relative_mce", relative);
        evaluation.relative_mce = value.map(|value| Normalised { name: reference.name.clone(), value });
        if let (None, Some(corruption)) = (value, reference.unharmed_by(Relative::Yes)) {
            let name = &reference.name;
            let remark = format!("No relative mCE against {name}: {corruption} adds nothing to its errors.");
            evaluation.remarks.push(remark);
        }
    }
}

/// Flip probabilities and rank distances.
fn steady(evaluation: &mut Evaluation, numbers: &mut Numbers, baseline: Option<&Evaluation>) {
    if evaluation.stability.is_empty() {
        return;
    }
    for (index, row) in evaluation.stability.iter_mut().enumerate() {
        (row.flip_probability, row.flip_probability_interval) = numbers.unnamed(|row| row.sequences[index].flips);
        (row.top5_distance, row.top5_distance_interval) = numbers.unnamed(|row| row.sequences[index].top5);
        (row.zipf_distance, row.zipf_distance_interval) = numbers.unnamed(|row| row.sequences[index].zipf);
    }
    let over = |number: fn(&Clip) -> f64| move |row: &Row| Some(mean(row.sequences.iter().map(number)));
    evaluation.mean_flip_probability = numbers.named("mean_flip_probability", over(|clip| clip.flips));
    evaluation.mean_top5_distance = numbers.named("mean_top5_distance", over(|clip| clip.top5));
    evaluation.mean_zipf_distance = numbers.named("mean_zipf_distance", over(|clip| clip.zipf));
    let Some(baseline) = baseline else { return };
    let name = &baseline.name;
    let mut ratio = |key: &str, own: fn(&Clip) -> f64, theirs: &[f64]| {
        if theirs.contains(&0.0) {
            evaluation.remarks.push(format!("No {key} against {name}: some of its sequences never change."));
            return None;
        }
        let value =
            |row: &Row| Some(100.0 * mean(row.sequences.iter().zip(theirs).map(|(clip, unit)| own(clip) / unit)));
        numbers.named(key, value).map(|value| Normalised { name: name.clone(), value })
    };
    let flips: Vec<f64> = baseline.stability.iter().map(|row| row.flip_probability).collect();
    let distances: Vec<f64> = baseline.stability.iter().map(|row| row.top5_distance).collect();
    let mfr = ratio("mfr_vs_baseline", |clip| clip.flips, &flips);
    let mt5d = ratio("mt5d_vs_baseline", |clip| clip.top5, &distances);
    (evaluation.mfr_vs_baseline, evaluation.mt5d_vs_baseline) = (mfr, mt5d);
}

/// The mean over clips that count so often.
fn mean_clip(clips: &[Clip], weights: &[u16]) -> Clip {
    let count = weights.iter().map(|weight| f64::from(*weight)).sum::<f64>().max(1.0);
    let over = |number: fn(&Clip) -> f64| {
        clips.iter().zip(weights).map(|(clip, weight)| f64::from(*weight) * number(clip)).sum::<f64>() / count
    };
    Clip { flips: over(|clip| clip.flips), top5: over(|clip| clip.top5), zipf: over(|clip| clip.zipf) }
}
