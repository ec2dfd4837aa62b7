//! The models at work on a few test images: what the sections with images show.
//!
//! Images are chosen by the rules of [`choice`](super::choice): the first of each of N classes that are spread evenly
//! over all. They are prepared, corrupted and seeded as the evaluation did it, so a prediction here is one that the
//! numbers count; frost alone is always drawn, since the photographs of an evaluation are not kept. Of each family of
//! corruptions the one is taken on which the models differ most.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use vitro::bundle::Manifest;
use vitro::corruption::{Corruption, Severity, Variant};
use vitro::image::Rgb8;
use vitro::measurement::Conditions;
use vitro::model::Model;
use vitro::probe::{FOCUS, Reading};
use vitro::protocol::CorruptionSource;

use super::choice::{choose, middle, telling};
use super::entry::Entry;
use super::html::{escape, list};
use crate::data::batch::Batch;
use crate::data::{self, Sample, Set, Source};
use crate::device::Processor;
use crate::probes;
use crate::recipe::Data;
use crate::subject::{self, Subject};

/// The registry's name of the corruption that may be cut from photographs.
const FROST: &str = "frost";

/// Where the numbers are about the original photographs.
const DRAWN_FROST: &str = " Frost is drawn here; the numbers above are about frost that was cut from photographs, so \
                           predictions under it may differ.";

/// What the sections with images show.
#[derive(Clone, Debug, Default)]
pub struct Exhibits {
    /// One for each class that was chosen.
    pub images: Vec<Exhibit>,
    /// Which entries make the predictions, in the order of [`View::predictions`].
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
    pub predictions: Vec<Prediction>,
}

/// What a model made of an image.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Its best class.
    pub class: String,
    /// That class's probability.
    pub confidence: f32,
    /// Whether it is the label.
    pub right: bool,
    /// Where it looked; nothing where its attention forms no map.
    pub gaze: Option<Gaze>,
    /// What the other probes say in numbers: title and words.
    pub said: Vec<(&'static str, String)>,
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
            "{} {is} known by {it} numbers alone and cannot make predictions here; name the run folder or the bundle, or put the \
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
        missing.push(format!("Left out, since trained on other classes: {}.", list(&strangers)));
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
    let own = match entries[first.index].evaluation.corrupted_by() {
        Some(CorruptionSource::Stored { .. }) => {
            " The numbers above are about stored images, these were made for the report."
        }
        Some(CorruptionSource::Memory { .. }) | None => "",
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

/// A model that makes predictions.
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

/// How the evaluation corrupted its images; where it does not say, what `vitro eval` takes by itself.
fn made(entry: &Entry) -> Made {
    let Entry { evaluation, .. } = entry;
    match evaluation.corrupted_by() {
        Some(CorruptionSource::Memory { variant, seed, .. }) => Made { variant: *variant, seed: *seed },
        Some(CorruptionSource::Stored { .. }) | None => {
            Made { variant: Variant::for_side(evaluation.preprocess.image_size), seed: evaluation.seed }
        }
    }
}

/// Whether the frost that was measured came from photographs, which the report does not have.
fn cut_from_photographs(entry: &Entry) -> bool {
    matches!(entry.evaluation.corrupted_by(), Some(CorruptionSource::Memory { photographs: 1.., .. }))
}

/// The data a run was trained on; scenes are always at hand.
fn images_of(subject: &Subject) -> Result<Set> {
    let manifest = &subject.manifest;
    let (data, base) = match &subject.data {
        Some((data, base)) => (data.clone(), base.clone()),
        None => {
            let image_size = manifest.preprocess.image_size;
            let made = Source::made(&manifest.dataset);
            let source = made.ok_or_else(|| anyhow!("a bundle does not hold them; compare the run folder instead"))?;
            (Data { source, image_size, ..Data::default() }, PathBuf::from("."))
        }
    };
    data::open(&data, manifest.dataset.clone(), Path::new(&base))
}

struct Show<'a> {
    witnesses: &'a [Witness],
    classes: &'a [String],
    processor: &'a Processor,
}

impl Show<'_> {
    /// One version of test image `index`, and what each model makes of it.
    fn view(&self, sample: &Sample, index: usize, condition: Option<(&'static Corruption, Severity)>) -> Result<View> {
        let predictions = self
            .witnesses
            .iter()
            .map(|Witness { subject: Subject { model, manifest, .. }, made, .. }| {
                let clean = manifest.preprocess.prepare(&sample.image);
                let seen = match condition {
                    Some((corruption, severity)) => {
                        let conditions =
                            Conditions { variant: made.variant, ..Conditions::of(&manifest.preprocess, made.seed) };
                        conditions.corrupted(&clean, index, corruption, severity)
                    }
                    None => clean,
                };
                self.prediction(model, manifest, seen, sample.label)
            })
            .collect::<Result<Vec<_>>>()?;
        let image =
            predictions.first().map(|prediction| prediction.seen.clone()).context("an image is shown to a model")?;
        Ok(View { condition, image, predictions })
    }

    fn prediction(&self, model: &Model, manifest: &Manifest, seen: Rgb8, label: usize) -> Result<Prediction> {
        let input = Batch::of(&[()], |()| Ok((seen.clone(), label)), &manifest.preprocess)?;
        let forward = self.processor.alone(|| model.trace(input.tensor(&self.processor.device)));
        let [rows, columns] = forward.grid;
        let scores = probes::numbers(burn::tensor::activation::softmax(forward.logits.clone(), 1))?;
        let best = crate::argmax::argmax(&scores);
        let (mut gaze, mut said): (Option<Gaze>, _) = (None, Vec::new());
        for (probe, reading) in probes::readings(&forward)? {
            match (reading, &mut gaze) {
                (Reading::Map(map), None) => gaze = Some(Gaze { map, rows, columns, patches: 0 }),
                (Reading::Number { value, .. }, Some(gaze)) if probe.key == FOCUS.key => gaze.patches = value as usize,
                (Reading::Number { words, .. }, _) => said.push((probe.title, words)),
                _ => {}
            }
        }
        Ok(Prediction {
            class: self.classes[best].clone(),
            confidence: scores[best],
            right: best == label,
            gaze,
            said,
            seen,
        })
    }
}

/// An error with what caused it, as part of a sentence.
fn chain(error: &anyhow::Error) -> String {
    format!("{error:#}").trim_end_matches('.').replace('\n', "; ")
}

#[cfg(test)]
mod tests {
    use vitro::protocol::{Protocol, Split};

    use super::super::entry::tests::measured;
    use super::*;

    /// An evaluation whose images were corrupted in memory.
    fn corrupted(variant: Variant, seed: u64, photographs: usize) -> Entry {
        let mut entry = measured("a", 1.0, &[("frost", 1, 0.5)]);
        entry.evaluation.protocol = Some(Protocol {
            dataset: "scenes".into(),
            split: Split::Test,
            images: 50,
            preprocess: entry.evaluation.preprocess.clone(),
            corruption: Some(CorruptionSource::Memory { side: 64, variant, seed, photographs }),
        });
        entry
    }

    #[test]
    fn images_are_corrupted_as_the_evaluation_says() {
        let entry = corrupted(Variant::ImageCorruptions, 11, 0);
        assert_eq!(made(&entry), Made { variant: Variant::ImageCorruptions, seed: 11 });
        let mut entry = measured("a", 1.0, &[]);
        entry.evaluation.seed = 5;
        assert_eq!(made(&entry), Made { variant: Variant::Tiny, seed: 5 }, "not recorded");
    }

    #[test]
    fn frost_from_photographs_is_known() {
        assert!(!cut_from_photographs(&corrupted(Variant::Tiny, 0, 0)));
        let entry = corrupted(Variant::Tiny, 0, 5);
        assert!(cut_from_photographs(&entry));
        assert!(telling(&[entry]).iter().any(|corruption| corruption.name == FROST), "measured, so it is shown");
    }
}
