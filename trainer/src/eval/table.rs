//! Measuring a subject: the untouched test images, each corruption at each severity, attacks, and sequences.
//!
//! Everything that can be refused is refused before the first image goes through the model.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use vitro::attack::{self, Attack, AttackError, Budget, PixelSpace, Start, Victim};
use vitro::corruption::{self, Corruption, Set as Published, Severity, Variant};
use vitro::image::Rgb8;
use vitro::measurement::image_seed;
use vitro::metric::Outcomes;
use vitro::model::Model;
use vitro::perturbation::{self, Difficulty, Kind, Perturbation};
use vitro::protocol::{Protocol, Split};
use vitro::random::fnv1a;

use super::baseline;
use super::classes::{self, Pairing};
use super::journal::{Header, Journal};
use super::measure::{self, Measure, NotFinite};
use super::normalised::Reference;
use super::outcomes::{UNTOUCHED, condition};
use super::predictions::{self, Predictions};
use super::results::{Attacked, Cell, Evaluation, Stability};
use super::source::{Fitting, Source, subset};
use super::stability::{self, Against, Clip};
use super::subset::Subset;
use super::summary::{self, Measured, References};
use crate::data::Set;
use crate::device::Processor;
use crate::places;
use crate::run::versions;
use crate::subject::Subject;
use crate::workers::Workers;

/// What to measure.
pub struct Plan {
    /// Corruptions, in the registry's order.
    pub corruptions: Vec<&'static Corruption>,
    /// Severities, ascending.
    pub severities: Vec<Severity>,
    /// Test images; 0: all.
    pub limit: usize,
    /// Which images `set.test` are.
    pub split: Split,
    /// Seed of the corruptions, of the attacks and of the resamples.
    pub seed: u64,
    /// Constants; the image size decides when none are given.
    pub variant: Option<Variant>,
    /// Where frost is cut from; empty: it is drawn.
    pub photographs: Vec<Rgb8>,
    /// Attacks with their budgets.
    pub attacks: Vec<(&'static Attack, Budget)>,
    /// Folder of stored corrupted images; without one they are made from the test images.
    pub stored: Option<PathBuf>,
    /// How stored images become input.
    pub fitting: Fitting,
    /// Which classes can be chosen, if not all.
    pub subset: Option<Subset>,
    /// What to divide by, beside AlexNet.
    pub baseline: Option<Evaluation>,
    /// How hard the sequences are on which stability is measured, if it is.
    pub sequences: Option<Difficulty>,
    /// Where what was measured is kept until the result is written; none: nowhere.
    pub journal: Option<PathBuf>,
}

impl Default for Plan {
    /// The default corruptions at all severities, made from all test images with seed 0.
    fn default() -> Self {
        Self {
            corruptions: corruption::by_default().collect(),
            severities: Severity::ALL.to_vec(),
            limit: 0,
            split: Split::Test,
            seed: 0,
            variant: None,
            photographs: Vec::new(),
            attacks: Vec::new(),
            stored: None,
            fitting: Fitting::None,
            subset: None,
            baseline: None,
            sequences: None,
            journal: None,
        }
    }
}

/// An evaluation, and what was said of each image.
pub struct Found {
    /// The numbers.
    pub evaluation: Evaluation,
    /// Image by image.
    pub predictions: Predictions,
    /// Conditions that an earlier evaluation had measured before it was stopped.
    pub resumed: usize,
}

/// How far an evaluation is.
pub struct Step<'a> {
    /// Conditions measured.
    pub done: usize,
    /// Conditions in all.
    pub of: usize,
    /// The last one.
    pub what: &'a str,
}

/// Measures `subject` on the test images of `set`. `heard` hears of every condition that is finished.
///
/// # Errors
/// When stored images are not the model's, the baseline was measured on something else, or an image cannot be read.
pub fn evaluate(
    subject: &Subject,
    set: &Set,
    plan: &Plan,
    processor: &Processor,
    workers: &Workers,
    mut heard: impl FnMut(Step<'_>),
) -> Result<Found> {
    let preprocess = &subject.manifest.preprocess;
    let paired = match &plan.subset {
        Some(_) => Pairing::in_order(set.classes.len()),
        None => classes::pair(&set.classes, &subject.manifest.classes)?,
    };
    let (source, remarks) = Source::open(subject, set, plan, &paired)?;
    let (indices, corrupted) = (subset(set, plan.limit)?, source.indices(plan.limit)?);
    let asked = plan.corruptions.iter().flat_map(|corruption| plan.severities.iter().map(move |s| (*corruption, *s)));
    let (cells, missing): (Vec<_>, Vec<_>) =
        asked.partition(|(corruption, severity)| source.has(corruption, *severity));

    let mut evaluation = known(subject, set, plan, processor, &indices)?;
    let corrupted_by = source.described()?;
    evaluation.corruption_source = corrupted_by.to_string();
    let protocol = Protocol {
        dataset: set.title.clone(),
        split: if indices.len() < set.test.len() { plan.split.part() } else { plan.split },
        images: indices.len(),
        preprocess: preprocess.clone(),
        corruption: Some(corrupted_by),
    };
    let header = Header {
        program: env!("CARGO_PKG_VERSION").to_owned(),
        weights: evaluation.weights.clone(),
        images: evaluation.images.clone(),
        classes: evaluation.classes.clone(),
        protocol: protocol.clone(),
        seed: plan.seed,
        device: evaluation.device.clone(),
    };
    let corruption = protocol.corruption.clone().filter(|_| !cells.is_empty());
    evaluation.protocol = Some(Protocol { corruption, ..protocol });
    evaluation.per_cell =
        cells.iter().map(|(corruption, severity)| unmeasured(corruption, *severity, corrupted.len())).collect();
    evaluation.corruption_error_over = over(&evaluation.per_cell, &plan.severities);
    evaluation.remarks.extend(paired.remarks);
    for remark in remarks {
        if !evaluation.remarks.contains(&remark) {
            evaluation.remarks.push(remark);
        }
    }
    if !missing.is_empty() {
        evaluation.remarks.push(format!("Not among the stored images: {}.", listed(&missing)));
    }
    if !cells.is_empty() && corrupted.len() != indices.len() {
        let (stored, test) = (corrupted.len(), indices.len());
        evaluation.remarks.push(format!("The corrupted images are {stored}, the untouched ones {test}."));
    }
    if let Some(baseline) = &plan.baseline {
        let remarks = baseline::ensure_same(baseline, &evaluation)?;
        evaluation.remarks.extend(remarks);
    }

    let mut journal = Journal::open(plan.journal.as_deref(), &header)?;
    let resumed = journal.conditions();
    let copies = &places::post(&processor.places, &subject.model)?;
    let measure = Measure { model: &subject.model, device: &processor.device, workers, copies, preprocess };
    let of = 1 + cells.len() + plan.attacks.len() + evaluation.stability.len();
    let mut done = 0;
    let mut finished = |what: &str| {
        done += 1;
        heard(Step { done, of, what });
    };
    let prepared = |index: usize| {
        let sample = set.test.sample(index)?;
        Ok((preprocess.prepare(&sample.image), paired.columns[sample.label]))
    };
    let model = &subject.manifest.name;
    let of_test = |cell: &str, error| measure::named(error, model, cell, |index| set.test.name(index));
    let whole = |images: usize| move |outcomes: &Outcomes| outcomes.is_whole() && outcomes.len() == images;
    let clean = journal.once(UNTOUCHED, whole(indices.len()), || {
        let outcomes = match &plan.subset {
            Some(subset) => measure.outcomes_among(&subset.columns, &indices, prepared),
            None => measure.outcomes(&indices, prepared),
        };
        Ok(Outcomes::pack(&outcomes.map_err(|error| of_test(UNTOUCHED, error))?))
    })?;
    finished(UNTOUCHED);
    let mut measured = Measured { clean, cells: Vec::new(), attacks: Vec::new(), sequences: Vec::new() };
    for (corruption, severity) in &cells {
        let cell = condition(corruption.name, severity.get());
        let outcomes = journal.once(&cell, whole(corrupted.len()), || {
            let image = |index| source.image(corruption, *severity, index);
            let outcomes = match &plan.subset {
                Some(subset) => measure.outcomes_among(&subset.columns, &corrupted, image),
                None => measure.outcomes(&corrupted, image),
            };
            let named = |error| measure::named(error, model, &cell, |index| source.name(index));
            Ok(Outcomes::pack(&outcomes.map_err(named)?))
        })?;
        measured.cells.push(outcomes);
        finished(&cell);
    }
    let space = PixelSpace::of(preprocess)?;
    for (attack, budget) in &plan.attacks {
        let alter = |model: &Model, images, labels: &[usize], indices: &[usize]| {
            let victim = Victim::new(model, space);
            let start = Start::Drawn { seed: plan.seed, samples: indices.iter().map(|index| *index as u64).collect() };
            attack::attack(attack, &victim, images, labels, *budget, start).map_err(|error| match error {
                AttackError::Gradient { image } => NotFinite { index: indices[image], what: "gradients" }.into(),
                error => error.into(),
            })
        };
        let outcomes = journal.once(&format!("{}, {budget}", attack.name), whole(indices.len()), || {
            let outcomes = measure.outcomes_after(&indices, prepared, alter);
            Ok(Outcomes::pack(&outcomes.map_err(|error| of_test(attack.name, error))?))
        })?;
        measured.attacks.push(outcomes);
        finished(attack.name);
    }
    for (perturbation, difficulty) in perturbations(plan) {
        let protocol = perturbation::Protocol::for_side(preprocess.image_size);
        let frames = |index: usize| {
            let image = preprocess.prepare(&set.test.sample(index)?.image);
            let seed = image_seed(plan.seed, index);
            Ok(perturbation::sequence(&image, perturbation, protocol, difficulty, seed))
        };
        let against = match perturbation.kind {
            Kind::Noise => Against::First,
            Kind::Sweep => Against::Before(usize::from(difficulty.get())),
        };
        let name = format!("{}, difficulty {}", perturbation.name, difficulty.get());
        let clips = journal.once(
            &name,
            |clips: &Vec<Clip>| clips.len() == indices.len(),
            || {
                let clips = measure.sequences(&indices, frames, |logits| stability::clip(logits, against));
                clips.map_err(|error| of_test(perturbation.name, error))
            },
        )?;
        measured.sequences.push(clips);
        finished(perturbation.name);
    }

    let references = References { alexnet: alexnet(subject, set, plan, &source), baseline: plan.baseline.as_ref() };
    summary::fill(&mut evaluation, &measured, &references);
    let names = &subject.manifest.classes;
    let classes = match &plan.subset {
        Some(subset) => subset.columns.iter().map(|column| names[*column].clone()).collect(),
        None => names.clone(),
    };
    evaluation.per_class = predictions::by_class(&measured.clean, &classes);
    let untouched = indices.iter().map(|index| set.test.name(*index)).collect();
    let corrupted = corrupted.iter().map(|index| source.name(*index)).collect();
    Ok(Found { evaluation, predictions: Predictions { measured, untouched, corrupted, classes }, resumed })
}

/// The normalised number means something only where AlexNet was measured: ImageNet-C at 224 pixels.
fn alexnet(subject: &Subject, set: &Set, plan: &Plan, source: &Source<'_>) -> Option<Reference> {
    let made_for_it = match source {
        Source::Memory { conditions, .. } => conditions.variant == Variant::ImageNet,
        Source::Stored { .. } => true,
    };
    let size = subject.manifest.preprocess.image_size;
    let imagenet = size == 224 && classes::is_imagenet(&set.classes) && plan.subset.is_none();
    (made_for_it && imagenet).then(Reference::alexnet)
}

/// Everything that is known before measuring; all numbers are 0.
fn known(subject: &Subject, set: &Set, plan: &Plan, processor: &Processor, indices: &[usize]) -> Result<Evaluation> {
    let manifest = &subject.manifest;
    ensure!(!indices.is_empty(), "{} holds no test images", set.title);
    let attacked = |(attack, budget): &(&'static Attack, Budget)| Attacked {
        attack: attack.name.to_owned(),
        norm: Some(budget.radius.norm()),
        eps: budget.radius.distance(),
        steps: budget.steps,
        n: indices.len(),
        ..Attacked::default()
    };
    let classes = plan
        .subset
        .as_ref()
        .map(|subset| format!("{}: {} of the model's {}", subset.name, subset.columns.len(), manifest.classes.len()));
    Ok(Evaluation {
        name: manifest.name.clone(),
        method: if manifest.methods.is_empty() { "none".into() } else { manifest.methods.join("+") },
        model: subject.model_name.clone(),
        params: manifest.params,
        weights: subject.weights.clone(),
        image_size: manifest.preprocess.image_size,
        dataset: set.title.clone(),
        train_data: manifest.train_data.clone(),
        classes,
        images: fingerprint(set, indices)?,
        attacks: plan.attacks.iter().map(attacked).collect(),
        stability: sequences(plan, indices.len()),
        seed: plan.seed,
        n_images: indices.len(),
        preprocess: manifest.preprocess.clone(),
        git: versions::git(),
        versions: versions::versions(),
        device: processor.to_string(),
        ..Evaluation::default()
    })
}

/// The perturbations of the test, if sequences are asked for.
fn perturbations(plan: &Plan) -> impl Iterator<Item = (&'static Perturbation, Difficulty)> {
    let test = perturbation::ALL.iter().filter(|perturbation| perturbation.set == perturbation::Set::Test);
    plan.sequences.into_iter().flat_map(move |difficulty| test.clone().map(move |row| (row, difficulty)))
}

fn sequences(plan: &Plan, images: usize) -> Vec<Stability> {
    let row = |(perturbation, difficulty): (&Perturbation, Difficulty)| Stability {
        perturbation: perturbation.name.to_owned(),
        difficulty: difficulty.get(),
        n: images,
        ..Stability::default()
    };
    perturbations(plan).map(row).collect()
}

fn unmeasured(corruption: &Corruption, severity: Severity, images: usize) -> Cell {
    Cell {
        corruption: corruption.name.to_owned(),
        group: corruption.group.name().to_owned(),
        benchmark: corruption.set == Published::Common,
        severity: severity.get(),
        n: images,
        ..Cell::default()
    }
}

/// A hash of the positions and labels of the chosen images.
fn fingerprint(set: &Set, indices: &[usize]) -> Result<String> {
    let chosen = indices.iter().map(|index| Ok(format!("{index} {}", set.test.label(*index)?)));
    let chosen = chosen.collect::<Result<Vec<_>>>()?;
    Ok(format!("{:016x}", fnv1a(&chosen.join("\n"))))
}

/// Cells in words: `fog 1 2 3, snow 5`.
fn listed(cells: &[(&'static Corruption, Severity)]) -> String {
    let mut rows: Vec<(&str, String)> = Vec::new();
    for (corruption, severity) in cells {
        match rows.last_mut().filter(|(name, _)| *name == corruption.name) {
            Some((_, row)) => row.push_str(&format!(" {severity}")),
            None => rows.push((corruption.name, format!("{} {severity}", corruption.name))),
        }
    }
    rows.into_iter().map(|(_, row)| row).collect::<Vec<_>>().join(", ")
}

fn over(cells: &[Cell], severities: &[Severity]) -> String {
    let benchmark: Vec<&Cell> = cells.iter().filter(|cell| cell.benchmark).collect();
    let mut names: Vec<&str> = benchmark.iter().map(|cell| cell.corruption.as_str()).collect();
    names.dedup();
    let severities: Vec<String> = severities.iter().map(ToString::to_string).collect();
    let (corruptions, severities) = (names.len(), severities.join(" "));
    format!("{corruptions} of the 15 benchmark corruptions, severity {severities}, {} cells", benchmark.len())
}
