//! Models against the first one, image by image.
//!
//! Two models that are measured on the same images err on the same hard ones, so the difference of their errors is known better
//! than either error. It gets a 95 % interval of its own: in each of the bootstrap's draws the images are drawn anew, the same for
//! both, and so are the trainings where a model has several (evaluations of the same name, with other seeds of the training). With one
//! training each, an interval says how the difference would move with other images, and nothing about other trainings.

use std::collections::BTreeMap;

use rand::RngExt;
use rayon::prelude::*;
use serde::Serialize;
use vitro::attack;
use vitro::corruption::Group;
use vitro::metric::bootstrap::{Interval, RESAMPLES, Resampled, Weights};
use vitro::random::stream;

use super::outcomes::{Right, UNTOUCHED, condition};
use super::results::{Cell, Evaluation};

/// Seed of the draws; the same for every comparison, so that numbers move together.
const SEED: u64 = 0;

/// Errors of each image, in 0..1, or differences of two of them.
type Images = Vec<f64>;

/// How the errors of a sort are taken from an evaluation; none where it lacks a condition.
type Errors = Box<dyn Fn(&Evaluation) -> Option<Images> + Sync>;

/// A model against the first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Paired {
    /// Name of the model.
    pub name: String,
    /// Trainings of the first model and of this one.
    pub trainings: [usize; 2],
    /// What was compared.
    pub differences: Vec<Difference>,
}

/// How much more one model errs than the first, in 0..1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Which errors: `clean`, `corrupted`, `added`, the name of a group, or that of an attack.
    pub number: String,
    /// The same for people.
    pub title: String,
    /// This model's error minus that of the first; below 0, this one errs less.
    pub value: f64,
    /// Of `value`, 95 %.
    pub interval: Interval,
}

/// What can be said of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The whole interval lies below 0.
    Fewer,
    /// The whole interval lies above 0.
    More,
    /// The interval holds 0.
    NoneSeen,
}

impl Difference {
    /// What can be said.
    pub fn verdict(&self) -> Verdict {
        match self.interval {
            [_, high] if high < 0.0 => Verdict::Fewer,
            [low, _] if low > 0.0 => Verdict::More,
            _ => Verdict::NoneSeen,
        }
    }
}

impl Verdict {
    /// In words, after the name of a model.
    pub fn words(self) -> &'static str {
        match self {
            Self::Fewer => "fewer errors",
            Self::More => "more errors",
            Self::NoneSeen => "no difference seen",
        }
    }
}

/// A sort of error that models are compared by.
struct Sort {
    number: String,
    title: String,
    /// Of each image, averaged over conditions; none where an evaluation lacks one of them.
    of: Errors,
}

/// Compares every model after the first with it. Evaluations of the same name are trainings of one model. Models that were
/// not measured on the same images under the same protocol, and evaluations of releases that kept no outcomes, are left out.
pub fn against_the_first(evaluations: &[Evaluation]) -> Vec<Paired> {
    let models = models(evaluations);
    let Some(((_, first), others)) = models.split_first() else { return Vec::new() };
    let sorts = sorts(first[0]);
    let mut cases = Vec::new();
    for (place, (_, runs)) in others.iter().enumerate() {
        if first.iter().chain(runs).all(|run| same_images(first[0], run)) {
            cases.extend(sorts.iter().filter_map(|sort| Case::new(place, sort, first, runs)));
        }
    }
    // All cases under one draw before the next draw, so that it is drawn once.
    let mut lengths: Vec<usize> = cases.iter().map(Case::images).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let drawn = |resample: u64| -> Vec<f64> {
        let weights = Weights::drawn(&lengths, SEED, resample);
        cases.iter().map(|case| case.drawn(&weights, resample)).collect()
    };
    let point = cases.iter().map(Case::point).collect();
    let resampled = Resampled::measured(point, (0..RESAMPLES).into_par_iter().map(drawn).collect());
    let mut found: Vec<Paired> = Vec::new();
    for (index, case) in cases.iter().enumerate() {
        let (name, runs) = &others[case.model];
        let Some((value, interval)) = resampled.number(|row: &Vec<f64>| row.get(index).copied()) else { continue };
        let Sort { number, title, .. } = case.sort;
        let difference = Difference { number: number.clone(), title: title.clone(), value, interval };
        match found.last_mut().filter(|paired| paired.name == **name) {
            Some(paired) => paired.differences.push(difference),
            None => {
                let trainings = [first.len(), runs.len()];
                found.push(Paired { name: (*name).to_owned(), trainings, differences: vec![difference] });
            }
        }
    }
    found
}

/// A model and a sort of error, with the errors of every image in every training.
struct Case<'a> {
    /// Place of the model among those after the first.
    model: usize,
    sort: &'a Sort,
    first: Vec<Images>,
    other: Vec<Images>,
}

impl<'a> Case<'a> {
    /// None where a training lacks what the sort asks for.
    fn new(model: usize, sort: &'a Sort, first: &[&Evaluation], other: &[&Evaluation]) -> Option<Self> {
        let of = |runs: &[&Evaluation]| runs.iter().map(|run| (sort.of)(run)).collect::<Option<Vec<Images>>>();
        let (first, other) = (of(first)?, of(other)?);
        let images = first.first()?.len();
        let same = first.iter().chain(&other).all(|run| run.len() == images);
        same.then_some(Self { model, sort, first, other })
    }

    fn images(&self) -> usize {
        self.first.first().map_or(0, Vec::len)
    }

    fn point(&self) -> f64 {
        let ones = vec![1; self.images()];
        let whole = |runs: &[Images]| (0..runs.len()).collect::<Vec<_>>();
        mean(&self.other, &whole(&self.other), &ones) - mean(&self.first, &whole(&self.first), &ones)
    }

    fn drawn(&self, weights: &Weights, resample: u64) -> f64 {
        let weights = weights.of(self.images());
        // The trainings of a model are drawn alike for all of its errors.
        let mut random = stream(SEED + self.model as u64, resample, "bootstrap of the trainings");
        let mut chosen = |runs: &[Images]| -> Vec<usize> {
            (0..runs.len()).map(|_| random.random_range(0..runs.len() as u32) as usize).collect()
        };
        let (of_first, of_other) = (chosen(&self.first), chosen(&self.other));
        mean(&self.other, &of_other, weights) - mean(&self.first, &of_first, weights)
    }
}

/// Evaluations by name, in the order in which the names come first.
fn models(evaluations: &[Evaluation]) -> Vec<(&str, Vec<&Evaluation>)> {
    let mut models: Vec<(&str, Vec<&Evaluation>)> = Vec::new();
    for evaluation in evaluations {
        match models.iter_mut().find(|(name, _)| *name == evaluation.name) {
            Some((_, runs)) => runs.push(evaluation),
            None => models.push((&evaluation.name, vec![evaluation])),
        }
    }
    models
}

fn same_images(first: &Evaluation, other: &Evaluation) -> bool {
    let same_protocol = match (&first.protocol, &other.protocol) {
        (Some(first), Some(other)) => first.differences(other).is_empty(),
        _ => false,
    };
    let cells = |evaluation: &Evaluation| -> Vec<String> { benchmark(evaluation, |_| true).collect() };
    same_protocol && first.images == other.images && cells(first) == cells(other)
}

/// The conditions of the benchmark's cells that `wanted` takes.
fn benchmark<'a>(evaluation: &'a Evaluation, wanted: impl Fn(&Cell) -> bool + 'a) -> impl Iterator<Item = String> + 'a {
    let cells = evaluation.per_cell.iter().filter(move |cell| cell.benchmark && wanted(cell));
    cells.map(|cell| condition(&cell.corruption, cell.severity))
}

/// Everything that two models can be compared by; what was not measured gives nothing.
fn sorts(first: &Evaluation) -> Vec<Sort> {
    let sort = |number: &str, title: &str, of: Errors| Sort { number: number.to_owned(), title: title.to_owned(), of };
    let clean = |evaluation: &Evaluation| errors(evaluation, [UNTOUCHED.to_owned()]);
    let corrupted = |evaluation: &Evaluation| errors(evaluation, benchmark(evaluation, |_| true));
    let mut sorts = vec![
        sort("clean", "clean error", Box::new(clean)),
        sort("corrupted", "mean corruption error", Box::new(corrupted)),
        sort(
            "added",
            "added error (corrupted − clean)",
            Box::new(move |evaluation| {
                let (clean, corrupted) = (clean(evaluation)?, corrupted(evaluation)?);
                (clean.len() == corrupted.len()).then(|| corrupted.iter().zip(&clean).map(|(c, u)| c - u).collect())
            }),
        ),
    ];
    for group in Group::ALL {
        let of = |evaluation: &Evaluation| errors(evaluation, benchmark(evaluation, |cell| cell.group == group.name()));
        sorts.push(sort(group.name(), &format!("error under {}", group.name()), Box::new(of)));
    }
    for attacked in &first.attacks {
        let (name, attacked) = (attacked.attack.clone(), attacked.clone());
        let title = attack::ALL.iter().find(|known| known.name == name).map_or(name.as_str(), |known| known.title);
        let title = format!("error under {title}");
        let of = move |evaluation: &Evaluation| {
            let same = |other: &&super::results::Attacked| {
                (other.eps, other.steps) == (attacked.eps, attacked.steps) && other.attack == attacked.attack
            };
            evaluation.attacks.iter().find(same).and_then(|found| errors(evaluation, [found.attack.clone()]))
        };
        sorts.push(sort(&name, &title, Box::new(of)));
    }
    sorts
}

/// The mean error of each image over `conditions`; none without conditions, or when one was not kept.
fn errors(evaluation: &Evaluation, conditions: impl IntoIterator<Item = String>) -> Option<Images> {
    let kept: Vec<&Right> =
        conditions.into_iter().map(|name| evaluation.outcomes.get(&name)).collect::<Option<Vec<_>>>()?;
    let images = kept.first()?.images().len();
    let mut sums = vec![0.0; images];
    for right in &kept {
        if right.images().len() != images {
            return None;
        }
        sums.iter_mut().zip(right.images()).for_each(|(sum, right)| *sum += f64::from(u8::from(!right)));
    }
    sums.iter_mut().for_each(|sum| *sum /= kept.len() as f64);
    Some(sums)
}

/// The mean over some of the trainings, each image as often as it counts.
fn mean(runs: &[Images], chosen: &[usize], weights: &[u16]) -> f64 {
    let count = weights.iter().map(|weight| f64::from(*weight)).sum::<f64>().max(1.0);
    let of = |run: usize| {
        let errors = runs[run].iter().zip(weights).map(|(error, weight)| f64::from(*weight) * error);
        errors.sum::<f64>() / count
    };
    // Each training is summed once, however often it was drawn.
    let mut sums: BTreeMap<usize, f64> = BTreeMap::new();
    let total: f64 = chosen.iter().map(|run| *sums.entry(*run).or_insert_with(|| of(*run))).sum();
    total / chosen.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use vitro::image::Preprocess;
    use vitro::protocol::{Protocol, Split};

    use super::*;

    const IMAGES: usize = 400;

    /// An evaluation whose image `i` is right under fog when `right(i)` says so, and always when untouched.
    fn measured(name: &str, right: impl Fn(usize) -> bool) -> Evaluation {
        let cell =
            Cell { corruption: "fog".into(), group: "weather".into(), benchmark: true, severity: 3, ..Cell::default() };
        let bits = |right: &dyn Fn(usize) -> bool| Right::from(&(0..IMAGES).map(right).collect::<Vec<_>>()[..]);
        let outcomes = [(UNTOUCHED.to_owned(), bits(&|_| true)), (condition("fog", 3), bits(&right))];
        let protocol = Protocol {
            dataset: "set".into(),
            split: Split::Test,
            images: IMAGES,
            preprocess: Preprocess::imagenet(32),
            corruption: None,
        };
        Evaluation {
            name: name.into(),
            images: "same".into(),
            per_cell: vec![cell],
            outcomes: outcomes.into(),
            protocol: Some(protocol),
            ..Evaluation::default()
        }
    }

    fn of<'a>(paired: &'a Paired, number: &str) -> &'a Difference {
        paired.differences.iter().find(|difference| difference.number == number).unwrap()
    }

    #[test]
    fn a_difference_on_the_same_images_is_known_better_than_either_error() {
        // The second errs on 5 % more images, and on all on which the first errs.
        let models = [measured("a", |i| i % 10 != 0), measured("b", |i| i % 10 != 0 && i % 20 != 1)];
        let paired = against_the_first(&models);
        let found = of(&paired[0], "corrupted");
        assert!((found.value - 0.05).abs() < 1e-12);
        let [low, high] = found.interval;
        let normal = 1.96 * (0.05f64 * 0.95 / IMAGES as f64).sqrt();
        assert!((high - low - 2.0 * normal).abs() < 0.25 * 2.0 * normal, "{low} {high}, ±{normal}");
        assert_eq!(found.verdict(), Verdict::More);
        assert_eq!((of(&paired[0], "added").value, of(&paired[0], "weather").value), (found.value, found.value));
        assert_eq!(of(&paired[0], "clean").verdict(), Verdict::NoneSeen);
        assert!(paired[0].differences.iter().all(|difference| difference.number != "noise"), "nothing was measured");
    }

    #[test]
    fn several_trainings_widen_an_interval_by_what_they_differ() {
        let single = [measured("a", |i| i % 4 != 0), measured("b", |i| i % 5 != 0)];
        let several = [
            measured("a", |i| i % 4 != 0),
            measured("b", |i| i % 5 != 0),
            measured("a", |i| i % 4 != 0),
            measured("b", |i| i % 2 != 0),
        ];
        let (single, several) = (against_the_first(&single), against_the_first(&several));
        assert_eq!((single[0].trainings, several[0].trainings), ([1, 1], [2, 2]));
        let width = |paired: &Paired| {
            let [low, high] = of(paired, "corrupted").interval;
            high - low
        };
        assert!((of(&several[0], "corrupted").value - (0.35 - 0.25)).abs() < 1e-12);
        assert!(width(&several[0]) > 2.0 * width(&single[0]), "{several:?} {single:?}");
    }

    #[test]
    fn other_images_or_other_conditions_are_not_compared() {
        let first = measured("a", |_| true);
        let mut other = measured("b", |_| true);
        other.images = "others".into();
        assert!(against_the_first(&[first.clone(), other]).is_empty());
        let mut other = measured("b", |_| true);
        if let Some(protocol) = &mut other.protocol {
            protocol.dataset = "other".into();
        }
        assert!(against_the_first(&[first.clone(), other]).is_empty());
        let mut other = measured("b", |_| true);
        other.outcomes.clear();
        assert!(against_the_first(&[first, other]).is_empty(), "an earlier release kept none");
    }
}
