//! The keys of a recipe: the one list that checking, `--set`, help, errors, `docs/recipes.md` and the schema for editors read.

use std::fmt;

use anyhow::{Result, bail};
use toml::{Table, Value};
use vitro::attack::MOST_STEPS;

use super::Recipe;
use crate::nearest::hint;

/// One key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Section, empty for the top of the file.
    pub section: &'static str,
    /// Name inside the section.
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// What it means, one line.
    pub help: &'static str,
    /// What the papers take, where they say.
    pub paper: &'static str,
}

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Takes {
    /// Text in quotes, or one of the words that its type knows.
    Text,
    /// True or false.
    Flag,
    /// A whole number, both ends included.
    Whole(u64, u64),
    /// A number.
    Number(Range),
}

/// An interval of numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Its low end.
    pub low: f64,
    /// Its high end; infinite: none.
    pub high: f64,
    /// Whether the low end belongs to it.
    pub with_low: bool,
    /// Whether the high end belongs to it.
    pub with_high: bool,
}

impl Range {
    /// Whether a number lies in it.
    pub fn holds(&self, value: f64) -> bool {
        let above = if self.with_low { value >= self.low } else { value > self.low };
        let below = if self.with_high { value <= self.high } else { value < self.high };
        value.is_finite() && above && below
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { low, high, with_low, with_high } = self;
        match (with_low, high.is_finite()) {
            (true, false) => write!(f, "{low} or more"),
            (false, false) => write!(f, "more than {low}"),
            (true, true) => write!(f, "{low} to {high}"),
            (false, true) => write!(f, "more than {low}, up to {high}"),
        }?;
        if high.is_finite() && !with_high { write!(f, ", without {high}") } else { Ok(()) }
    }
}

impl Takes {
    /// Which values, in words; nothing where its type says it all.
    pub fn words(&self) -> String {
        match self {
            Self::Text | Self::Flag => String::new(),
            Self::Whole(low, u64::MAX) => format!("{low} or more"),
            Self::Whole(low, high) => format!("{low} to {high}"),
            Self::Number(range) => range.to_string(),
        }
    }
}

impl Key {
    /// As people write it: `train.lr`.
    pub fn path(&self) -> String {
        if self.section.is_empty() { self.name.to_owned() } else { format!("{}.{}", self.section, self.name) }
    }

    const fn paper(self, paper: &'static str) -> Self {
        Self { paper, ..self }
    }
}

const fn key(section: &'static str, name: &'static str, takes: Takes, help: &'static str) -> Key {
    Key { section, name, takes, help, paper: "" }
}

const fn whole(low: u64, high: u64) -> Takes {
    Takes::Whole(low, high)
}

/// As many as anybody likes.
const ANY: u64 = u64::MAX;

/// From one number to another, both included.
const fn within(low: f64, high: f64) -> Takes {
    Takes::Number(Range { low, high, with_low: true, with_high: true })
}

/// Above 0, up to a number.
const fn above_zero(high: f64) -> Takes {
    Takes::Number(Range { low: 0.0, high, with_low: false, with_high: high.is_finite() })
}

/// From 0 on.
const NOT_NEGATIVE: Takes = Takes::Number(Range { low: 0.0, high: f64::INFINITY, with_low: true, with_high: false });

/// From 0 to 1, where 1 would leave nothing.
const BELOW_ONE: Takes = Takes::Number(Range { low: 0.0, high: 1.0, with_low: true, with_high: false });

/// Sections in the order of a file.
pub const SECTIONS: &[&str] = &["data", "model", "method", "train"];

/// More threads than any machine has cores.
const MOST_WORKERS: u64 = 1024;

/// Longer than any training.
const MOST_COOLDOWN: u64 = 100_000;

/// Each is a file as large as the model.
const MOST_KEPT: u64 = 1000;

/// All keys. `[model]` takes the fields of its preset besides.
#[rustfmt::skip]
pub const KEYS: &[Key] = &[
    key("", "name", Takes::Text, "name of runs and bundles; default: the file's name"),
    key("", "title", Takes::Text, "name for people"),
    key("data", "source", Takes::Text, "`scenes`, or a folder, an archive or shards of images (`train-{0000..0003}.tar`); `vitro data --help` tells the kinds"),
    key("data", "title", Takes::Text, "name of the dataset for people"),
    key("data", "image_size", whole(8, 1024), "side of the model's input, pixels"),
    key("data", "train_size", whole(0, ANY), "distinct training images; 0: all (scenes: always fresh ones)"),
    key("data", "epoch_size", whole(0, ANY), "training images per epoch; 0: all"),
    key("data", "test_size", whole(0, ANY), "test images, class-balanced; 0: all (scenes: 1200)"),
    key("data", "validation", within(0.0, 0.5), "fraction of the training images held out to make choices on, by their names (scenes: as many others); 0: none"),
    key("data", "damaged", Takes::Text, "what an image that cannot be read does to a training: refuse ends it, skip counts it and takes the next image"),
    key("data", "crop", above_zero(1.0), "smallest fraction of the area a random crop keeps; 1: no crop"),
    key("data", "flip", Takes::Flag, "mirror every other training image"),
    key("data", "interpolation", Takes::Text, "how crops and turned images are read between pixels: bicubic, bilinear, random (either, drawn each time), or auto (bicubic; random for an STL student, as released)").paper("random"),
    key("data", "randaugment", within(0.0, 10.0), "magnitude of RandAugment; 0: off").paper("9"),
    key("data", "jitter", within(0.0, 1.0), "how far brightness, contrast and saturation may be off; not beside randaugment, as in timm; 0: off").paper("0.3 to 0.4"),
    key("data", "corrupt", within(0.0, 1.0), "probability that a training image is corrupted; 0: off"),
    key("data", "corruptions", Takes::Text, "by which: names, sets (common, extra, bar) and families (noise, blur, weather, digital), with commas; what is trained on is not unseen when it is measured"),
    key("data", "corrupt_severity", whole(1, 5), "their strongest severity; those from 1 to it are drawn"),
    key("data", "augmix", whole(0, 10), "AugMix: limit of the strengths of its operations; 0: off").paper("3 at 32 pixels, 1 at 224"),
    key("data", "augmix_width", whole(1, 16), "chains of operations that it averages").paper("3"),
    key("data", "augmix_depth", whole(0, 16), "operations of a chain; 0: one to three, drawn").paper("one to three, drawn"),
    key("data", "augmix_alpha", within(0.01, 100.0), "α of its weights and of its blend").paper("1"),
    key("data", "mixup", within(0.0, 100.0), "α of mixup; 0: off").paper("0.8"),
    key("data", "cutmix", within(0.0, 100.0), "α of CutMix; 0: off").paper("1"),
    key("data", "mix", Takes::Text, "what gets one draw of mixup or CutMix: the batch, a pair, or each image (elem)"),
    key("data", "repeats", whole(1, 16), "copies of an image in a row, each augmented in its own way").paper("1 or 3"),
    key("data", "erasing", within(0.0, 1.0), "probability of random erasing; 0: off").paper("0.25 to 0.3"),
    key("data", "seed", whole(0, ANY), "seed of rendered scenes"),
    key("model", "preset", Takes::Text, "a model by name"),
    key("method", "tap", whole(0, 16), "token-aware pooling scales K; 0: off").paper("4"),
    key("method", "adl", NOT_NEGATIVE, "weight of the attention diversification loss; 0: off").paper("1"),
    key("method", "adl_theta", NOT_NEGATIVE, "its threshold").paper("2"),
    key("method", "stl", Takes::Text, "self-emerging token labeling: off, labeler (stage one) or student (stage two)"),
    key("method", "labeler", Takes::Text, "the model that labels a student's tokens: a bundle, a run, or a recipe to train first"),
    key("method", "stl_weight", above_zero(f64::INFINITY), "weight of the token loss").paper("1"),
    key("method", "stl_dynamic", Takes::Flag, "whether that weight grows to its full value over 300 epochs"),
    key("method", "stl_loss", Takes::Text, "what a labeler learns: class_and_mean, mean_alone or every_token"),
    key("method", "stl_labels", Takes::Text, "how its scores become labels: gumbel (a sample), argmax or softmax"),
    key("method", "stl_smoothing", BELOW_ONE, "smoothing of token labels").paper("0.1"),
    key("method", "distillation", Takes::Text, "what is also learned from a teacher: off, soft (probabilities) or hard (its class)"),
    key("method", "teacher", Takes::Text, "the teacher: a bundle, a run, or a recipe to train first"),
    key("method", "distillation_alpha", within(0.0, 1.0), "weight of the teacher").paper("0.5"),
    key("method", "distillation_tau", above_zero(f64::INFINITY), "temperature of the soft form").paper("1"),
    key("method", "nullspace", Takes::Text, "noise of a second pass: off, learned, random (control) or none (control)"),
    key("method", "controls", Takes::Flag, "also trains both controls of nullspace fine-tuning, and compares"),
    key("method", "nullspace_range", above_zero(f64::INFINITY), "the noise starts uniform in ±this").paper("3 in published runs"),
    key("method", "nullspace_lr", above_zero(f64::INFINITY), "learning rate of the noise").paper("0.1 in published runs"),
    key("method", "nullspace_threshold", within(0.0, 2.0), "squared distance of probabilities that ends the search").paper("0.03; 0.01 in published runs"),
    key("method", "nullspace_rounds", whole(1, ANY), "passes of the search").paper("3 in published runs"),
    key("method", "nullspace_share", above_zero(1.0), "fraction of an epoch that the search sees").paper("0.1 in published runs"),
    key("method", "adversary", Takes::Text, "adversarial training by an attack that `vitro eval --help` lists; empty: off"),
    key("method", "adversary_eps", above_zero(255.0), "its radius, levels of 255"),
    key("method", "adversary_steps", whole(1, MOST_STEPS as u64), "its steps, for PGD"),
    key("method", "patch_augmentation", Takes::Flag, "RVT's second pass over patch-wise altered images"),
    key("method", "consistency", NOT_NEGATIVE, "weight of the consistency of an image with two AugMix versions; 0: off, and one version takes its place").paper("12"),
    key("train", "epochs", whole(0, ANY), "passes over the training images"),
    key("train", "minutes", NOT_NEGATIVE, "wall-clock budget instead of epochs; 0: none"),
    key("train", "batch", whole(1, ANY), "images in a batch"),
    key("train", "accumulation", whole(1, ANY), "batches whose gradients are averaged for one step; what is left of an epoch is dropped"),
    key("train", "precision", Takes::Text, "what a step multiplies in: f32, or bf16 in linear layers, for cards; weights, sums, norms and losses keep 32 bits"),
    key("train", "lr", above_zero(f64::INFINITY), "peak learning rate"),
    key("train", "min_lr", NOT_NEGATIVE, "learning rate at the end"),
    key("train", "weight_decay", NOT_NEGATIVE, "decoupled weight decay"),
    key("train", "schedule", Takes::Text, "smooth, epoch (timm's) or lagging (one epoch late, as released)"),
    key("train", "warmup", BELOW_ONE, "fraction of the training for linear warm-up, the cool-down not counted"),
    key("train", "cooldown", whole(0, MOST_COOLDOWN), "further epochs at min_lr after the others, as timm's cooldown_epochs").paper("0; STL 10"),
    key("train", "layer_decay", above_zero(1.0), "factor on the learning rate from each layer to the one before it, head to embedding; 1: off"),
    key("train", "smoothing", BELOW_ONE, "label smoothing"),
    key("train", "class_weights", Takes::Text, "weight of an image in the class loss (no other loss): none, or balanced (images over classes over images of its class)"),
    key("train", "clip", NOT_NEGATIVE, "largest global gradient norm; 0: off"),
    key("train", "ema", BELOW_ONE, "decay of the weights' moving average; 0: off"),
    key("train", "watch_raw", Takes::Flag, "also measure the weights themselves on the validation images, not only their average"),
    key("train", "patience", whole(0, ANY), "epochs without a better accuracy on the validation images (or a lower loss at the same) that end the training; 0: never"),
    key("train", "keep", whole(0, MOST_KEPT), "best epochs by the validation images whose weights are kept beside the last ones"),
    key("train", "seed", whole(0, ANY), "seed of weights, order and augmentation"),
    key("train", "workers", whole(0, MOST_WORKERS), "CPU workers that share a batch; 0: one per core"),
    key("train", "checkpoint_minutes", above_zero(f64::INFINITY), "minutes between checkpoints inside an epoch"),
    key("train", "tensorboard", Takes::Flag, "also write the numbers of the training for TensorBoard, into the run folder"),
    key("train", "start", Takes::Text, "weights to start from: a bundle, a run, or a recipe to train first"),
];

/// Names of one section's keys.
pub fn of(section: &str) -> impl Iterator<Item = &'static str> + Clone {
    KEYS.iter().filter(move |key| key.section == section).map(|key| key.name)
}

/// How a refusal of `key` ends: with the section that it belongs to, or else with the nearest of `known`.
pub fn advice<'a>(key: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    let homes = KEYS.iter().filter(|known| known.name == key).map(|known| match known.section {
        "" => "the top of the file".to_owned(),
        section => format!("[{section}]"),
    });
    let homes: Vec<String> = homes.collect();
    if homes.is_empty() {
        return hint(key, known);
    }
    format!("; it belongs to {}, so move it there", homes.join(" or "))
}

/// Refuses a number that its key cannot have.
///
/// # Errors
/// With the key, the value and what would do.
pub fn check(recipe: &Recipe) -> Result<()> {
    let recipe = Table::try_from(recipe)?;
    for key in KEYS {
        let value = match key.section {
            "" => recipe.get(key.name),
            section => recipe.get(section).and_then(|section| section.get(key.name)),
        };
        let legal = match (key.takes, value) {
            (Takes::Whole(low, high), Some(Value::Integer(value))) => {
                u64::try_from(*value).is_ok_and(|value| (low..=high).contains(&value))
            }
            (Takes::Number(range), Some(Value::Float(value))) => range.holds(*value),
            _ => true,
        };
        if let (false, Some(value)) = (legal, value) {
            let paper = if key.paper.is_empty() { String::new() } else { format!(" (papers: {})", key.paper) };
            bail!("{} is {value}; take {}{paper}", key.path(), key.takes.words());
        }
    }
    Ok(())
}

/// All keys with their explanations, for `vitro train --help`.
pub fn help() -> String {
    let mut text = String::from("Keys of a recipe:\n");
    for key in KEYS {
        let paper = if key.paper.is_empty() { String::new() } else { format!("; papers: {}", key.paper) };
        text += &format!("  {:<26} {}{paper}\n", key.path(), key.help);
    }
    text + "  model.…                    any field of the preset, such as depth or width"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Recipe;

    #[test]
    fn a_number_that_its_key_cannot_have_is_refused_with_what_would_do() {
        let refusal = |change: &str| {
            let text = "[model]\npreset = \"vit_nano_p8_64\"\n";
            crate::recipe::parse(text, &[change.to_owned()]).unwrap_err().to_string()
        };
        assert_eq!(refusal("data.image_size=4"), "data.image_size is 4; take 8 to 1024");
        assert_eq!(refusal("data.crop=0.0"), "data.crop is 0.0; take more than 0, up to 1");
        assert_eq!(refusal("train.smoothing=1.0"), "train.smoothing is 1.0; take 0 to 1, without 1");
        assert_eq!(refusal("method.stl_weight=0.0"), "method.stl_weight is 0.0; take more than 0 (papers: 1)");
        assert_eq!(refusal("train.clip=-1.0"), "train.clip is -1.0; take 0 or more");
        assert_eq!(refusal("train.lr=inf"), "train.lr is inf; take more than 0");
    }

    /// Whatever the list says of a key, its default and its type agree.
    #[test]
    fn the_list_fits_the_defaults() {
        check(&Recipe::default()).unwrap();
        let recipe = toml::Table::try_from(Recipe::default()).unwrap();
        for key in KEYS.iter().filter(|key| !key.section.is_empty() && key.section != "model") {
            let value = &recipe[key.section][key.name];
            let fits = match key.takes {
                Takes::Text => value.is_str(),
                Takes::Flag => value.is_bool(),
                Takes::Whole(..) => value.is_integer(),
                Takes::Number(_) => value.is_float(),
            };
            assert!(fits, "{} is {value}", key.path());
        }
    }

    #[test]
    fn the_list_names_every_key_of_a_resolved_recipe() {
        let recipe = toml::Table::try_from(Recipe::default()).unwrap();
        for section in SECTIONS.iter().filter(|section| **section != "model") {
            let mut fields: Vec<_> = recipe[*section].as_table().unwrap().keys().map(String::as_str).collect();
            let mut listed: Vec<_> = of(section).collect();
            fields.sort_unstable();
            listed.sort_unstable();
            assert_eq!(fields, listed, "[{section}]");
        }
    }
}
