//! Measuring a subject: the untouched test pictures, then each corruption at each severity.

use anyhow::Result;
use rand::Rng;
use vitro::attack::{self, Attack, Budget, PixelSpace, Start, Victim};
use vitro::corruption::{Corruption, Group, Set as Published, Severity, Variant, corrupt};
use vitro::random::stream;

use super::alexnet;
use super::measure::Measure;
use super::results::{Attacked, Cell, Evaluation};
use super::score;
use super::subject::Subject;
use crate::data::{self, Set};
use crate::device::Processor;
use crate::run::versions;
use crate::workers::Workers;

/// What to measure.
pub struct Plan {
    /// Corruptions, in the registry's order.
    pub corruptions: Vec<&'static Corruption>,
    /// Severities, ascending.
    pub severities: Vec<Severity>,
    /// Test pictures; 0: all.
    pub limit: usize,
    /// Seed of the corruptions.
    pub seed: u64,
    /// Constants; the image size decides when none are given.
    pub variant: Option<Variant>,
    /// Attacks with their budgets.
    pub attacks: Vec<(&'static Attack, Budget)>,
}

/// Measures `subject` on the test pictures of `set`. `finished` hears of every cell.
pub fn evaluate(
    subject: &Subject,
    set: &Set,
    plan: &Plan,
    processor: &Processor,
    workers: &Workers,
    mut finished: impl FnMut(&Cell),
) -> Result<Evaluation> {
    let manifest = &subject.manifest;
    let preprocess = &manifest.preprocess;
    let size = preprocess.image_size;
    let variant = plan.variant.unwrap_or_else(|| Variant::for_side(size));
    let measure = Measure { model: &subject.model, device: &processor.device, workers, preprocess };
    let indices = subset(set, plan.limit)?;

    let prepared = |index: usize| {
        let sample = set.test.sample(index)?;
        Ok((preprocess.prepare(&sample.picture), sample.label))
    };
    let clean = measure.outcomes(&indices, prepared)?;

    let (mut cells, mut calibration) = (Vec::new(), Vec::new());
    for corruption in &plan.corruptions {
        for severity in &plan.severities {
            let outcomes = measure.outcomes(&indices, |index| {
                let (picture, label) = prepared(index)?;
                let seed = picture_seed(plan.seed, index);
                Ok((corrupt(&picture, corruption, *severity, variant, seed), label))
            })?;
            let benchmark = corruption.set == Published::Common;
            if benchmark {
                calibration.push(score::calibration_error(&outcomes));
            }
            let cell = Cell {
                corruption: corruption.name.to_owned(),
                group: group(corruption.group).to_owned(),
                benchmark,
                severity: severity.get(),
                top1: score::top1(&outcomes),
                top5: score::top5(&outcomes),
                n: outcomes.len(),
            };
            finished(&cell);
            cells.push(cell);
        }
    }

    let mut attacks = Vec::new();
    let victim = Victim::new(&subject.model, PixelSpace::of(preprocess)?);
    for (attack, budget) in &plan.attacks {
        let outcomes = measure.outcomes_after(&indices, prepared, |pictures, labels, first| {
            let start = Start::Drawn { seed: plan.seed, first: first as u64 };
            Ok(attack::attack(attack, &victim, pictures, labels, *budget, start)?)
        })?;
        let Budget { eps, steps, .. } = *budget;
        attacks.push(Attacked {
            attack: attack.name.to_owned(),
            eps,
            steps,
            top1: score::top1(&outcomes),
            n: outcomes.len(),
        });
    }

    let errors: Vec<f64> = cells.iter().filter(|cell| cell.benchmark).map(|cell| 1.0 - cell.top1).collect();
    let some = |numbers: &[f64]| (!numbers.is_empty()).then(|| score::mean(numbers.iter().copied()));
    let mut evaluation = Evaluation {
        name: manifest.name.clone(),
        method: if manifest.methods.is_empty() { "none".into() } else { manifest.methods.join("+") },
        model: subject.model_name.clone(),
        params: manifest.params,
        image_size: size,
        dataset: set.title.clone(),
        train_data: manifest.train_data.clone(),
        clean_top1: score::top1(&clean),
        clean_top5: score::top5(&clean),
        corruption_error_mean: some(&errors),
        corruption_error_over: over(plan, &cells),
        mce_alexnet: None,
        per_cell: cells,
        attacks,
        ece: score::calibration_error(&clean),
        ece_corrupted: some(&calibration),
        seed: plan.seed,
        n_images: clean.len(),
        corruption_source: format!("in memory, variant {variant}, at {size}×{size} after resizing, seed {}", plan.seed),
        preprocess: preprocess.clone(),
        git: versions::git(),
        versions: versions::versions(),
        device: processor.to_string(),
    };
    // The normalised number means something only where AlexNet's baseline was taken.
    if size == 224 && manifest.classes.len() == 1000 && plan.severities.len() == 5 && variant == Variant::ImageNet {
        evaluation.mce_alexnet = alexnet::mce(|name| evaluation.error_of(name));
    }
    Ok(evaluation)
}

/// A seed of its own for every picture, the same in every cell and for every model.
pub fn picture_seed(seed: u64, index: usize) -> u64 {
    stream(seed, index as u64, "corruption of a test picture").random()
}

/// A fixed, class-balanced part of the test pictures.
fn subset(set: &Set, limit: usize) -> Result<Vec<usize>> {
    let all = set.test.len();
    if limit == 0 || limit >= all {
        return Ok((0..all).collect());
    }
    let labels = (0..all).map(|index| set.test.label(index)).collect::<Result<Vec<_>>>()?;
    Ok(data::balanced(&labels, limit))
}

fn over(plan: &Plan, cells: &[Cell]) -> String {
    let corruptions = plan.corruptions.iter().filter(|corruption| corruption.set == Published::Common).count();
    let severities: Vec<String> = plan.severities.iter().map(ToString::to_string).collect();
    let cells = cells.iter().filter(|cell| cell.benchmark).count();
    format!("{corruptions} of the 15 benchmark corruptions, severity {}, {cells} cells", severities.join(" "))
}

fn group(group: Group) -> &'static str {
    match group {
        Group::Noise => "noise",
        Group::Blur => "blur",
        Group::Weather => "weather",
        Group::Digital => "digital",
    }
}
