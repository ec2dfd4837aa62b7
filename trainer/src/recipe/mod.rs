//! Recipes: what to train on what, for how long, as a flat TOML file.
//!
//! Four sections: `[data]`, `[model]`, `[method]`, `[train]`. Every key but `model.preset` has a default; [`keys`] is the
//! list of them, with one line of explanation each. A key that is not in the list is refused, with the nearest one named.

pub mod keys;
mod model;
mod read;

use serde::{Deserialize, Serialize};

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
    pub source: String,
    /// Name of the data set for people; empty: derived from the source.
    pub title: String,
    /// Side of the model's input, pixels.
    pub image_size: usize,
    /// Distinct training pictures; 0: all there are (for scenes: a fresh one every time).
    pub train_size: usize,
    /// Training pictures per epoch; 0: all.
    pub epoch_size: usize,
    /// Test pictures, class-balanced; 0: all there are (for scenes: 1000).
    pub test_size: usize,
    /// Smallest share of the area that a random crop keeps; 1 switches it off.
    pub crop: f64,
    /// Mirror every other training picture.
    pub flip: bool,
    /// Seed of rendered scenes.
    pub seed: u64,
}

impl Default for Data {
    fn default() -> Self {
        Self {
            source: "scenes".into(),
            title: String::new(),
            image_size: 64,
            train_size: 0,
            epoch_size: 0,
            test_size: 0,
            crop: 0.5,
            flip: true,
            seed: 0,
        }
    }
}

/// `[method]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Method {
    /// Token-aware pooling scales K; 0: no TAP. Paper: 4.
    pub tap: usize,
    /// Weight λ of the attention diversification loss; 0: no ADL. Paper: 1.
    pub adl: f64,
    /// Threshold θ of that loss. Paper: 2.
    pub adl_theta: f64,
}

impl Default for Method {
    fn default() -> Self {
        Self { tap: 0, adl: 0.0, adl_theta: 2.0 }
    }
}

/// `[train]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Train {
    /// Passes over the training pictures. Ignored when `minutes` is set.
    pub epochs: usize,
    /// Wall-clock budget instead; 0: none. The schedule then follows the clock, so numbers depend on the machine.
    pub minutes: f64,
    /// Pictures per step.
    pub batch: usize,
    /// Peak learning rate of AdamW.
    pub lr: f64,
    /// Learning rate at the end of the cosine.
    pub min_lr: f64,
    /// Decoupled weight decay; not applied to biases, norms, scales, tokens and positions.
    pub weight_decay: f64,
    /// Share of the training that the linear warm-up takes.
    pub warmup: f64,
    /// Label smoothing.
    pub smoothing: f64,
    /// Largest global gradient norm; 0: no clipping.
    pub clip: f64,
    /// Decay of the weights' moving average; 0: none.
    pub ema: f64,
    /// Seed of weights, order and augmentation.
    pub seed: u64,
    /// CPU workers that share a batch; 0: one per core. Part of the numbers, so `--resume` keeps it.
    pub workers: usize,
    /// Minutes between checkpoints inside an epoch; every epoch ends with one.
    pub checkpoint_minutes: f64,
}

impl Default for Train {
    fn default() -> Self {
        Self {
            epochs: 30,
            minutes: 0.0,
            batch: 64,
            lr: 1e-3,
            min_lr: 1e-5,
            weight_decay: 0.05,
            warmup: 0.05,
            smoothing: 0.1,
            clip: 1.0,
            ema: 0.999,
            seed: 0,
            workers: 0,
            checkpoint_minutes: 2.0,
        }
    }
}

impl Recipe {
    /// Short names of the methods that are switched on, in a fixed order.
    pub fn methods(&self) -> Vec<String> {
        let on = [("tap", self.method.tap > 0), ("adl", self.method.adl > 0.0)];
        on.into_iter().filter(|(_, on)| *on).map(|(name, _)| name.to_owned()).collect()
    }

    /// Name of the data set for people.
    pub fn data_title(&self) -> String {
        if !self.data.title.is_empty() {
            return self.data.title.clone();
        }
        if self.data.source == "scenes" {
            return "scenes".into();
        }
        crate::data::archive_stem(std::path::Path::new(&self.data.source))
    }

    /// The resolved recipe as a recipe file.
    pub fn to_toml(&self) -> anyhow::Result<String> {
        Ok(toml::to_string_pretty(self)?)
    }
}
