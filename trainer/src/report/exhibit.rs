//! The models at work on a few test images: what the sections with images show.
//!
//! Images are chosen by a rule and not by what becomes of them: the first of each of N classes that are spread evenly
//! over all. They are prepared, corrupted and seeded as the evaluation did it, so an answer here is one that the numbers
//! count; frost alone is always drawn, since the photographs of an evaluation are not kept. Of each family of
//! corruptions the one is taken on which the models differ most.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use burn::prelude::*;
use vitro::bundle::Manifest;
use vitro::corruption::{self, Corruption, Group, Severity, Variant, corrupt};
use vitro::image::Rgb8;
use vitro::model::Model;
use vitro::probe;

use super::cells;
use super::entry::Entry;
use super::html::{escape, list};
use crate::data::batch::Batch;
use crate::data::{self, Sample, Set};
use crate::device::Processor;
use crate::eval::source::image_seed;
use crate::eval::subject::{self, Subject};
use crate::recipe::Data;

/// "Looks at k patches" counts the fewest patches that hold this share of the class attention, as on the page.
const LOOKED_AT: f32 = 0.8;

/// The registry's name of the corruption that may be cut from photographs.
const FROST: &str = "frost";

/// Where the numbers are about the original photographs.
const DRAWN_FROST: &str = " Frost is drawn here; the numbers above are about frost that was cut from photographs, so \
                           answers under it may differ.";

/// What the sections with images show.
#[derive(Clone, Debug, Default)]
pub struct Exhibits {
    /// One for each class that was chosen.
    pub images: Vec<Exhibit>,
    /// Which entries give the answers, in the order of [`View::answers`].
    pub models: Vec<usize>,
    /// How the images were made, a sentence, HTML.
    pub made: String,
    /// Why models or all images are missing, sentences, HTML.
    pub missing: Vec<String>,
}

/// A test image and what becomes of it.
#[derive(Clone, Debug)]
pub struct Exhibit {
    /// Its label.
    pub class: String,
    /// Which image it is.
    pub name: String,
    /// Untouched, then under a few corruptions.
    pub samples: Vec<View>,
    /// Untouched, then under one corruption at every severity.
    pub rising: Vec<View>,
}

/// One version of an image.
#[derive(Clone, Debug)]
pub struct View {
    /// What was done to it; nothing to an untouched one.
    pub condition: Option<(&'static Corruption, Severity)>,
    /// As the first model saw it.
    pub image: Rgb8,
    /// One per model.
    pub answers: Vec<Answer>,
}

/// What a model made of an image.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Its best class.
    pub class: String,
    /// That class's probability.
    pub confidence: f32,
    /// Whether it is the label.
    pub right: bool,
    /// Where it looked; nothing where its attention forms no map.
    pub gaze: Option<Gaze>,
    /// The image as the model saw it.
    pub seen: Rgb8,
}

/// Attention over patches.
#[derive(Clone, Debug, PartialEq)]
pub struct Gaze {
    /// Row by row, summing to one.
    pub map: Vec<f32>,
    /// Rows of patches.
    pub rows: usize,
    /// Columns of patches.
    pub columns: usize,
    /// The fewest patches that hold 80 %.
    pub patches: usize,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Images.
    pub images: usize,
    /// Severities of the samples; empty: the middle one of those that were measured.
    pub severities: Vec<Severity>,
}

impl Exhibits {
    /// Nothing to show, and why. `reason` is a sentence, HTML.
    pub fn none(reason: String) -> Self {
        Self { missing: vec![reason], ..Self::default() }
    }
}

/// Runs the models of `entries`, as far as they are there.
///
/// # Errors
/// When the engine gives no numbers back. Models and images that are not there are no error: the report says so.
pub fn make(entries: &[Entry], plan: &Plan, processor: &Processor) -> Result<Exhibits> {
    if plan.images == 0 {
        return Ok(Exhibits::none("No images were asked for; see <code>--images</code>.".into()));
    }
    let mut missing = Vec::new();
    let numbers_only: Vec<String> = entries
        .iter()
        .filter(|entry| entry.model.is_none())
        .map(|entry| format!("<b>{}</b>", escape(&entry.label)))
        .collect();
    if !numbers_only.is_empty() {
        let (is, it) = if numbers_only.len() == 1 { ("is", "its") } else { ("are", "their") };
        missing.push(format!(
            "{} {is} known by {it} numbers alone and cannot answer here; name the run folder or the bundle, or put the \
             bundle beside the JSON file under the same name.",
            list(&numbers_only)
        ));
    }
    let mut witnesses: Vec<Witness> = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let Some(path) = &entry.model else { continue };
        match subject::open(path, &processor.device) {
            Ok(subject) => witnesses.push(Witness { index, subject, made: made(entry) }),
            Err(error) => missing.push(format!(
                "<b>{}</b> could not be opened: {}.",
                escape(&entry.label),
                escape(&chain(&error))
            )),
        }
    }
    let Some(first) = witnesses.first() else { return Ok(Exhibits { missing, ..Exhibits::default() }) };
    let set = match images_of(&first.subject) {
        Ok(set) => set,
        Err(error) => {
            missing.push(format!(
                "The test images of {} cannot be shown: {}.",
                escape(&first.subject.manifest.dataset),
                escape(&chain(&error))
            ));
            return Ok(Exhibits { missing, ..Exhibits::default() });
        }
    };
    let strangers: Vec<String> = witnesses
        .iter()
        .filter(|witness| witness.subject.manifest.classes != set.classes)
        .map(|witness| format!("<b>{}</b>", escape(&entries[witness.index].label)))
        .collect();
    if !strangers.is_empty() {
        missing.push(format!("Not asked, since trained on other classes: {}.", list(&strangers)));
        witnesses.retain(|witness| witness.subject.manifest.classes == set.classes);
    }
    let Some(first) = witnesses.first() else { return Ok(Exhibits { missing, ..Exhibits::default() }) };

    let corruptions = telling(entries);
    let severities = if plan.severities.is_empty() { vec![middle(entries)?] } else { plan.severities.clone() };
    let show = Show { witnesses: &witnesses, classes: &set.classes, processor };
    let mut images = Vec::new();
    for (i, index) in choose(&set, plan.images)?.into_iter().enumerate() {
        let sample = set.test.sample(index)?;
        let rising = corruptions[i % corruptions.len()];
        let clean = show.view(&sample, index, None)?;
        let under = |corruption: &'static Corruption, severity: Severity| {
            show.view(&sample, index, Some((corruption, severity)))
        };
        let pairs =
            corruptions.iter().flat_map(|corruption| severities.iter().map(move |severity| (*corruption, *severity)));
        let samples = pairs.map(|(corruption, severity)| under(corruption, severity)).collect::<Result<Vec<_>>>()?;
        let steps = Severity::ALL.into_iter().map(|severity| under(rising, severity)).collect::<Result<Vec<_>>>()?;
        let with_clean = |views: Vec<View>| [clean.clone()].into_iter().chain(views).collect();
        images.push(Exhibit {
            class: set.classes[sample.label].clone(),
            name: set.test.name(index),
            samples: with_clean(samples),
            rising: with_clean(steps),
        });
    }
    let Made { variant, seed } = first.made;
    let side = first.subject.manifest.preprocess.image_size;
    let same = witnesses.iter().all(|witness| {
        witness.made == first.made && witness.subject.manifest.preprocess == first.subject.manifest.preprocess
    });
    // An evaluation of stored images had others.
    let own = if entries[first.index].evaluation.corruption_source.starts_with("in memory") {
        ""
    } else {
        " The numbers above are about stored images, these were made for the report."
    };
    let each = if same {
        ""
    } else {
        " Each model gets its own version, prepared and corrupted at its size; the first model’s is shown."
    };
    let cut = witnesses.iter().any(|witness| cut_from_photographs(&entries[witness.index]));
    let frost = if cut && corruptions.iter().any(|corruption| corruption.name == FROST) { DRAWN_FROST } else { "" };
    Ok(Exhibits {
        images,
        models: witnesses.iter().map(|witness| witness.index).collect(),
        made: format!(
            "They are {side} × {side} pixels, corrupted as variant {variant} with seed {seed}.{own}{each}{frost}"
        ),
        missing,
    })
}

/// A model that answers.
struct Witness {
    index: usize,
    subject: Subject,
    made: Made,
}

/// How an evaluation corrupted its images.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Made {
    variant: Variant,
    seed: u64,
}

/// Reads `variant tiny, …, seed 0` from the evaluation; what is not there is what `vitro eval` takes by itself.
fn made(entry: &Entry) -> Made {
    let Entry { evaluation, .. } = entry;
    let after = |word: &str| {
        let (_, rest) = evaluation.corruption_source.rsplit_once(word)?;
        rest.split([',', ' ']).next().map(str::to_owned)
    };
    let side = evaluation.preprocess.image_size;
    Made {
        variant: after("variant ").and_then(|name| name.parse().ok()).unwrap_or_else(|| Variant::for_side(side)),
        seed: after("seed ").and_then(|seed| seed.parse().ok()).unwrap_or(evaluation.seed),
    }
}

/// Whether the frost that was measured came from photographs, which the report does not have.
fn cut_from_photographs(entry: &Entry) -> bool {
    entry.evaluation.corruption_source.contains("frost from photographs")
}

/// The data a run was trained on; scenes are always at hand.
fn images_of(subject: &Subject) -> Result<Set> {
    let manifest = &subject.manifest;
    let (data, base) = match &subject.data {
        Some((data, base)) => (data.clone(), base.clone()),
        None if manifest.dataset == "scenes" => {
            let image_size = manifest.preprocess.image_size;
            (Data { source: "scenes".into(), image_size, ..Data::default() }, PathBuf::from("."))
        }
        None => return Err(anyhow!("a bundle does not hold them; compare the run folder instead")),
    };
    data::open(&data, manifest.dataset.clone(), Path::new(&base))
}

/// The first test image of each of `count` classes, spread evenly over all that have one.
fn choose(set: &Set, count: usize) -> Result<Vec<usize>> {
    let mut first: Vec<Option<usize>> = vec![None; set.classes.len()];
    let mut left = first.len();
    for index in 0..set.test.len() {
        let slot = &mut first[set.test.label(index)?];
        if slot.is_none() {
            *slot = Some(index);
            left -= 1;
        }
        if left == 0 {
            break;
        }
    }
    let first: Vec<usize> = first.into_iter().flatten().collect();
    let count = count.min(first.len());
    Ok((0..count).map(|i| first[i * first.len() / count]).collect())
}

/// Of each family the corruption on which the models' mean accuracies differ most, or that hurts a lone model most; of
/// families without a measured corruption the first.
fn telling(entries: &[Entry]) -> Vec<&'static Corruption> {
    let rows = cells::rows(entries);
    let weight = |corruption: &Corruption| {
        let means: Vec<f64> = entries
            .iter()
            .filter_map(|entry| cells::mean_top1(entry, |cell| cell.corruption == corruption.name))
            .collect();
        let (low, high) = (means.iter().copied().fold(1.0, f64::min), means.iter().copied().fold(0.0, f64::max));
        if means.len() > 1 { high - low } else { 1.0 - low }
    };
    let of = |group: Group| {
        let all = || corruption::ALL.iter().filter(|corruption| corruption.group == group);
        let measured = all().filter(|corruption| rows.iter().any(|row| row.name == corruption.name && row.benchmark));
        // The first of equals, so the choice does not depend on the order of a comparison.
        let best = measured.rev().max_by(|a, b| weight(a).total_cmp(&weight(b)));
        best.or_else(|| all().next())
    };
    Group::ALL.iter().copied().filter_map(of).collect()
}

/// The middle one of the measured severities, or 3.
fn middle(entries: &[Entry]) -> Result<Severity> {
    let severities = cells::severities(entries);
    Ok(Severity::try_from(severities.get(severities.len() / 2).copied().unwrap_or(3))?)
}

struct Show<'a> {
    witnesses: &'a [Witness],
    classes: &'a [String],
    processor: &'a Processor,
}

impl Show<'_> {
    /// One version of test image `index`, and what each model makes of it.
    fn view(&self, sample: &Sample, index: usize, condition: Option<(&'static Corruption, Severity)>) -> Result<View> {
        let answers = self
            .witnesses
            .iter()
            .map(|Witness { subject: Subject { model, manifest, .. }, made, .. }| {
                let clean = manifest.preprocess.prepare(&sample.image);
                let seen = match condition {
                    Some((corruption, severity)) => {
                        corrupt(&clean, corruption, severity, made.variant, image_seed(made.seed, index))
                    }
                    None => clean,
                };
                self.answer(model, manifest, seen, sample.label)
            })
            .collect::<Result<Vec<_>>>()?;
        let image = answers.first().map(|answer| answer.seen.clone()).context("an image is shown to a model")?;
        Ok(View { condition, image, answers })
    }

    fn answer(&self, model: &Model, manifest: &Manifest, seen: Rgb8, label: usize) -> Result<Answer> {
        let input = Batch::of(&[()], |()| Ok((seen.clone(), label)), &manifest.preprocess)?;
        let forward = model.trace(input.tensor(&self.processor.device));
        let [rows, columns] = forward.grid;
        let scores = numbers(burn::tensor::activation::softmax(forward.logits, 1))?;
        let best = crate::train::step::argmax(&scores);
        // As on the page: without a class token, how much each patch is looked at by all, in the last block with the grid.
        let weights = match forward.class_attention {
            Some(weights) => Some(numbers(weights)?),
            None => match forward.attention.last().filter(|weights| weights.dims()[3] == rows * columns) {
                Some(weights) => Some(numbers(weights.clone().mean_dim(2))?),
                None => None,
            },
        };
        let gaze = weights.map(|weights| {
            let map = probe::class_attention_map(&weights, rows * columns);
            let patches = probe::patches_holding(&map, LOOKED_AT);
            Gaze { map, rows, columns, patches }
        });
        Ok(Answer { class: self.classes[best].clone(), confidence: scores[best], right: best == label, gaze, seen })
    }
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>> {
    tensor.into_data().try_into_vec().map_err(|error| anyhow!("the engine gave no numbers back: {error:?}"))
}

/// An error with what caused it, as part of a sentence.
fn chain(error: &anyhow::Error) -> String {
    format!("{error:#}").trim_end_matches('.').replace('\n', "; ")
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::measured;
    use super::*;

    #[test]
    fn of_each_family_the_corruption_that_separates_the_models_is_shown() {
        let entries = [
            measured(
                "a",
                1.0,
                &[("fog", 1, 0.9), ("snow", 1, 0.9), ("gaussian_noise", 1, 0.5), ("shot_noise", 1, 0.1)],
            ),
            measured(
                "b",
                1.0,
                &[("fog", 1, 0.8), ("snow", 1, 0.2), ("gaussian_noise", 1, 0.9), ("shot_noise", 1, 0.1)],
            ),
        ];
        let names: Vec<_> = telling(&entries).into_iter().map(|corruption| corruption.name).collect();
        assert_eq!(names[..3], ["gaussian_noise", "defocus_blur", "snow"]);
        assert_eq!(names.len(), 4, "families that were not measured are shown by their first: {names:?}");
        let alone: Vec<_> = telling(&entries[..1]).into_iter().map(|corruption| corruption.name).collect();
        assert_eq!(alone[0], "shot_noise", "what hurts a lone model most");
    }

    #[test]
    fn images_are_corrupted_as_the_evaluation_says() {
        let mut entry = measured("a", 1.0, &[]);
        entry.evaluation.corruption_source =
            "in memory, variant imagecorruptions, at 64×64 after resizing, seed 11".into();
        assert_eq!(made(&entry), Made { variant: Variant::ImageCorruptions, seed: 11 });
        entry.evaluation.corruption_source = "somewhere".into();
        entry.evaluation.seed = 5;
        assert_eq!(made(&entry), Made { variant: Variant::Tiny, seed: 5 });
    }

    #[test]
    fn frost_from_photographs_is_known_and_leaves_variant_and_seed_readable() {
        let mut entry = measured("a", 1.0, &[("frost", 1, 0.5)]);
        assert!(!cut_from_photographs(&entry));
        entry.evaluation.corruption_source += ", frost from photographs (5)";
        assert!(cut_from_photographs(&entry));
        assert_eq!(made(&entry), Made { variant: Variant::Tiny, seed: 0 });
        assert!(telling(&[entry]).iter().any(|corruption| corruption.name == FROST), "measured, so it is shown");
    }

    #[test]
    fn the_middle_severity_is_one_that_was_measured() {
        assert_eq!(middle(&[measured("a", 1.0, &[])]).unwrap().get(), 3);
        assert_eq!(middle(&[measured("a", 1.0, &[("fog", 1, 0.0), ("fog", 5, 0.0)])]).unwrap().get(), 5);
    }

    #[test]
    fn classes_are_spread_and_each_gives_its_first_image() {
        let data = Data { source: "scenes".into(), image_size: 32, test_size: 60, ..Data::default() };
        let set = data::open(&data, "scenes".into(), Path::new(".")).unwrap();
        let chosen = choose(&set, 3).unwrap();
        let labels: Vec<usize> = chosen.iter().map(|index| set.test.label(*index).unwrap()).collect();
        assert_eq!(labels, [0, 3, 6]);
        for (index, label) in chosen.iter().zip(&labels) {
            assert!((0..*index).all(|earlier| set.test.label(earlier).unwrap() != *label));
        }
        assert_eq!(choose(&set, 99).unwrap().len(), 10, "no more than there are classes");
    }
}
