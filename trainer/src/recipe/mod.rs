//! Recipes: what to train on what, for how long, as a flat TOML file.
//!
//! Four sections: `[data]`, `[model]`, `[method]`, `[train]`. Every key but `model.preset` has a default; [`keys`] is the
//! list of them, with one line of explanation each. A key that is not in the list is refused, with the nearest one named.

pub mod changes;
pub mod document;
pub mod keys;
mod method;
mod model;
mod read;
mod typed;

use std::fmt;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use vitro::augment::mixup::MixMode;
use vitro::augment::random_corruption::{UNSEEN_BENCHMARK, chosen};
use vitro::corruption::Corruption;
use vitro::name::UnknownName;

use crate::data::Source;
use crate::data::augment::Reading;
use crate::data::damaged::Damaged;

pub use method::{Distilled, Method, NullspaceNoise, Stl};
pub use model::ModelSection;
pub use read::{parse, read};

/// A training recipe, resolved: every key has its value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recipe {
    /// Name of runs and bundles made with it; empty: the file's name.
    pub name: String,
    /// Name for people; empty: derived from model and method.
    pub title: String,
    /// What to learn from.
    pub data: Data,
    /// Which network.
    pub model: ModelSection,
    /// What the papers add to it.
    pub method: Method,
    /// How to train it.
    pub train: Train,
}

/// `[data]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Data {
    /// `scenes`, or the path of an image folder or of an archive of one.
    pub source: Source,
    /// Name of the dataset for people; empty: derived from the source.
    pub title: String,
    /// Side of the model's input, pixels.
    pub image_size: usize,
    /// Distinct training images; 0: all there are (for scenes: a fresh one every time).
    pub train_size: usize,
    /// Training images per epoch; 0: all.
    pub epoch_size: usize,
    /// Test images, class-balanced; 0: all there are (for scenes: 1200).
    pub test_size: usize,
    /// Fraction of the training images that is held out for validation, chosen by their names; scenes are made besides. 0: none.
    pub validation: f64,
    /// What an image that cannot be read does to a training.
    pub damaged: Damaged,
    /// Smallest fraction of the area that a random crop keeps; 1 switches it off.
    pub crop: f64,
    /// Mirror every other training image.
    pub flip: bool,
    /// How training images are read between pixels.
    pub interpolation: Reading,
    /// Magnitude of RandAugment, two operations per image; 0: off. Papers: 9.
    pub randaugment: f64,
    /// How far brightness, contrast and saturation may be off, where RandAugment is; 0: off. Papers: 0.3 to 0.4.
    pub jitter: f64,
    /// Probability that a training image is corrupted; 0: none is.
    pub corrupt: f64,
    /// By which corruptions: names, sets and families, with commas between.
    pub corruptions: String,
    /// The strongest severity; those from 1 to it are drawn.
    pub corrupt_severity: usize,
    /// Limit of the strengths of AugMix's operations; 0: off. Paper: 3 at 32 pixels, 1 at 224.
    pub augmix: usize,
    /// Chains of operations that AugMix averages. Paper: 3.
    pub augmix_width: usize,
    /// Operations of a chain; 0: one to three, drawn. Paper: drawn.
    pub augmix_depth: usize,
    /// α of AugMix's weights and of its blend. Paper: 1.
    pub augmix_alpha: f64,
    /// α of mixup; 0: off. Papers: 0.8.
    pub mixup: f64,
    /// α of CutMix; 0: off. Papers: 1.
    pub cutmix: f64,
    /// What shares a draw of mixup or CutMix.
    pub mix: MixMode,
    /// Copies of an image that follow each other in an epoch, each augmented in its own way. Papers: 1 or 3.
    pub repeats: usize,
    /// Probability of random erasing; 0: off. Papers: 0.25 to 0.3.
    pub erasing: f64,
    /// Seed of rendered scenes.
    pub seed: u64,
}

impl Default for Data {
    fn default() -> Self {
        Self {
            source: Source::default(),
            title: String::new(),
            image_size: 64,
            train_size: 0,
            epoch_size: 0,
            test_size: 0,
            validation: 0.0,
            damaged: Damaged::Refuse,
            crop: 0.5,
            flip: true,
            interpolation: Reading::Auto,
            randaugment: 0.0,
            jitter: 0.0,
            corrupt: 0.0,
            corruptions: UNSEEN_BENCHMARK.to_owned(),
            corrupt_severity: 5,
            augmix: 0,
            augmix_width: 3,
            augmix_depth: 0,
            augmix_alpha: 1.0,
            mixup: 0.0,
            cutmix: 0.0,
            mix: MixMode::Batch,
            repeats: 1,
            erasing: 0.0,
            seed: 0,
        }
    }
}

impl Data {
    /// The corruptions that training images may get, in the registry's order; none where they get none.
    ///
    /// # Errors
    /// For a word that names none.
    pub fn seen_corruptions(&self) -> Result<Vec<&'static Corruption>, UnknownName> {
        let named = chosen(&self.corruptions)?;
        Ok(if self.corrupt > 0.0 { named } else { Vec::new() })
    }
}

/// What a recipe can build on; each is a key that names a bundle, a run or a recipe.
const PARTS: &[&str] = &["labeler", "teacher", "start"];

/// Whether a change such as `labeler.train.epochs=1` is for a recipe that this one builds on.
pub fn is_of_a_part(change: &str) -> bool {
    PARTS.iter().any(|part| change.trim_start().strip_prefix(part).is_some_and(|rest| rest.starts_with('.')))
}

/// `[train]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Train {
    /// Passes over the training images. Ignored when `minutes` is set.
    pub epochs: usize,
    /// Wall-clock budget instead; 0: none. The schedule then follows the clock, so numbers depend on the machine.
    pub minutes: f64,
    /// Images in a batch.
    pub batch: usize,
    /// Batches whose gradients are averaged for one optimiser step. What is left of an epoch after its last whole step is
    /// dropped, as is what is left after the last whole batch.
    pub accumulation: usize,
    /// What a step multiplies in; weights, sums and the optimiser keep 32 bits.
    pub precision: Precision,
    /// Peak learning rate of AdamW.
    pub lr: f64,
    /// Learning rate at the end of the cosine.
    pub min_lr: f64,
    /// Decoupled weight decay; not applied to biases, norms, scales, tokens and positions.
    pub weight_decay: f64,
    /// How the learning rate gets from one to the other.
    pub schedule: Schedule,
    /// Fraction of `epochs` or `minutes` that the linear warm-up takes.
    pub warmup: f64,
    /// Epochs at `min_lr` that follow `epochs`, as timm's `cooldown_epochs` do.
    pub cooldown: usize,
    /// What the learning rate of a layer is over that of the next, from the head down to the embedding; 1: one rate for all.
    pub layer_decay: f64,
    /// Label smoothing.
    pub smoothing: f64,
    /// How much an image counts in the class loss.
    pub class_weights: ClassWeights,
    /// Largest global gradient norm; 0: no clipping.
    pub clip: f64,
    /// Decay of the weights' moving average; 0: none.
    pub ema: f64,
    /// After every epoch, also look at the weights themselves, not only at their average.
    pub watch_raw: bool,
    /// Epochs without a better look at the validation images that end the training; 0: never.
    pub patience: usize,
    /// Epochs whose weights are kept beside the last ones: the best by the validation images.
    pub keep: usize,
    /// Seed of weights, order and augmentation.
    pub seed: u64,
    /// CPU workers that share a batch; 0: one per core. Part of the numbers, so `--resume` keeps it.
    pub workers: usize,
    /// Minutes between checkpoints inside an epoch; every epoch ends with one.
    pub checkpoint_minutes: f64,
    /// Also write the numbers of the training for TensorBoard.
    pub tensorboard: bool,
    /// What the weights start from: a bundle, a run, or a recipe that is trained first; empty: fresh weights.
    pub start: String,
}

/// What a training step multiplies in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// 32 bits.
    #[default]
    F32,
    /// Linear layers in bfloat16, everything else in 32 bits.
    Bf16,
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
        })
    }
}

/// How the learning rate moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// With every step, and the cosine begins where the warm-up ends.
    #[default]
    Smooth,
    /// Once per epoch, and the warm-up hides the beginning of the cosine: timm's, as in STL.
    Epoch,
    /// The same, one epoch late, as the trainers of RVT, TAP & ADL and VARS have it.
    Lagging,
}

/// How much an image counts in the class loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassWeights {
    /// As much as any other.
    #[default]
    None,
    /// The more, the rarer its class is among the training images.
    Balanced,
}

impl Train {
    /// Images in an optimiser step.
    pub fn images_per_step(&self) -> usize {
        self.batch.saturating_mul(self.accumulation)
    }

    /// Epochs, those of the cool-down included.
    pub fn all_epochs(&self) -> usize {
        self.epochs.saturating_add(self.cooldown)
    }
}

impl Default for Train {
    fn default() -> Self {
        Self {
            epochs: 30,
            minutes: 0.0,
            batch: 64,
            accumulation: 1,
            precision: Precision::F32,
            lr: 1e-3,
            min_lr: 1e-5,
            weight_decay: 0.05,
            schedule: Schedule::Smooth,
            warmup: 0.05,
            cooldown: 0,
            layer_decay: 1.0,
            smoothing: 0.1,
            class_weights: ClassWeights::None,
            clip: 1.0,
            ema: 0.999,
            watch_raw: false,
            patience: 0,
            keep: 0,
            seed: 0,
            workers: 0,
            checkpoint_minutes: 2.0,
            tensorboard: false,
            start: String::new(),
        }
    }
}

impl Recipe {
    /// Short names of the methods that are switched on, in a fixed order.
    pub fn methods(&self) -> Vec<String> {
        let Method { tap, adl, stl, distillation, nullspace, adversary, .. } = &self.method;
        let on = [
            ("tap", *tap > 0),
            ("adl", *adl > 0.0),
            ("stl-labeler", *stl == Stl::Labeler),
            ("stl", *stl == Stl::Student),
            ("distilled", *distillation != Distilled::Off),
            ("nullspace", *nullspace == NullspaceNoise::Learned),
            ("random-noise", *nullspace == NullspaceNoise::Random),
            ("no-noise", *nullspace == NullspaceNoise::None),
            ("adversarial", !adversary.is_empty()),
            ("augmix", self.data.augmix > 0),
            ("corrupted", self.data.corrupt > 0.0),
        ];
        on.into_iter().filter(|(_, on)| *on).map(|(name, _)| name.to_owned()).collect()
    }

    /// What the recipe builds on: the part, the key that names it, and what the key says.
    pub fn foundations(&self) -> Vec<(&'static str, &'static str, &str)> {
        let all = [
            ("labeler", "method.labeler", self.method.labeler.as_str()),
            ("teacher", "method.teacher", self.method.teacher.as_str()),
            ("start", "train.start", self.train.start.as_str()),
        ];
        all.into_iter().filter(|(_, _, named)| !named.is_empty()).collect()
    }

    /// The trainings that this one is to be compared with, in order.
    pub fn controls(&self) -> Vec<NullspaceNoise> {
        if self.method.controls { vec![NullspaceNoise::None, NullspaceNoise::Random] } else { Vec::new() }
    }

    /// The resolved recipe as a recipe file.
    pub fn to_toml(&self) -> anyhow::Result<String> {
        Ok(toml::to_string_pretty(self)?)
    }
}
