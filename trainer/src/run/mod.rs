//! The folder that a training writes.
//!
//! | file | what |
//! |---|---|
//! | `recipe.toml` | the recipe with every key resolved |
//! | `run.json` | name, classes, images, seed, device, versions, and the recipe that the weights come from |
//! | `train.lock` | while a process trains: the right to write here |
//! | `metrics.jsonl`, `metrics.csv` | one line per epoch |
//! | `curves.svg` | loss and accuracy by epoch, drawn |
//! | `events.out.tfevents…` | the same for TensorBoard, where the recipe asks for it |
//! | `checkpoint.safetensors` | weights, their average, optimiser moments, and where the training was |
//! | `best-EPOCH.safetensors`, `best.json` | where the recipe asks for them: the weights of the best epochs as bundles, and their list |
//! | `eval.json`, `cells.csv`, `eval.md` | what `vitro eval` found |
//! | `card.md` | the model in one page, for whoever gets it without its history |

pub mod best;
pub mod checkpoint;
pub mod events;
pub mod fingerprint;
pub mod fresh;
pub mod metrics;
pub mod seen;
pub mod versions;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use vitro::image::Preprocess;
use vitro::model::ModelConfig;

use crate::disk;
use crate::lock::Lock;
use crate::recipe::{self, Recipe};
use fingerprint::Fingerprint;

/// `run.json`: what a run is and what made it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Name of the run.
    pub name: String,
    /// Names of the classes, in label order.
    pub classes: Vec<String>,
    /// The model.
    pub model: ModelConfig,
    /// Trained numbers.
    pub params: u64,
    /// How images become input.
    pub preprocess: Preprocess,
    /// Name of the dataset.
    pub dataset: String,
    /// What training sees.
    pub train_data: String,
    /// Corruptions that training images get: results on these are not results on unseen ones.
    #[serde(default)]
    pub seen_corruptions: Vec<String>,
    /// Folder that a relative `data.source` starts from.
    pub data_base: PathBuf,
    /// The models that the recipe builds on, by part.
    #[serde(default)]
    pub foundations: BTreeMap<String, PathBuf>,
    /// Seed of the training.
    pub seed: u64,
    /// Processor.
    pub device: String,
    /// CPU workers that share a batch.
    pub workers: usize,
    /// Commit of the source, if known.
    pub git: Option<String>,
    /// Versions of what computes.
    pub versions: BTreeMap<String, String>,
    /// Start, seconds since 1970.
    pub started: u64,
    /// What the images were.
    #[serde(default)]
    pub images: Option<Fingerprint>,
    /// The recipe that the weights come from, as TOML: `recipe.toml` may be edited, this tells what of it.
    #[serde(default)]
    pub recipe: String,
}

/// Held by whoever trains.
pub const LOCK: &str = "train.lock";

/// A run folder.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// A folder for a new run. It may exist, but it may not hold a run.
    pub fn create(path: &Path) -> Result<Self> {
        let folder = Self { path: path.to_owned() };
        ensure!(
            !folder.file("run.json").exists(),
            "{} holds a run already; continue it with --resume, or choose another --out",
            path.display()
        );
        fs::create_dir_all(path).with_context(|| format!("cannot create {}; choose another --out", path.display()))?;
        Ok(folder)
    }

    /// The folder of a run that was started before.
    pub fn open(path: &Path) -> Result<Self> {
        let folder = Self { path: path.to_owned() };
        ensure!(folder.file("run.json").is_file(), "{} is not a run folder; it has no run.json", path.display());
        Ok(folder)
    }

    /// A file of the run.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The right to write into the folder, until it is dropped.
    ///
    /// # Errors
    /// When another process has it.
    pub fn lock(&self) -> Result<Lock> {
        let path = self.file(LOCK);
        Lock::take(&path)?.with_context(|| {
            let holder = Lock::holder(&path).map_or(String::new(), |process| format!(" (process {process})"));
            format!("{} is in use by another vitro{holder}; wait for it or stop it", self.path.display())
        })
    }

    /// Removes what a training that was killed was about to write here.
    pub fn sweep(&self) {
        for name in [checkpoint::FILE, "run.json", "recipe.toml", "metrics.jsonl", "metrics.csv", "curves.svg"] {
            disk::sweep(&self.file(name));
        }
    }

    /// Writes what is known before training starts, or goes on.
    pub fn write_facts(&self, recipe: &Recipe, facts: &Facts) -> Result<()> {
        let toml = recipe.to_toml()?;
        let facts = Facts { recipe: toml.clone(), ..facts.clone() };
        // The recipe first: a folder with run.json is a run, and a run has both.
        disk::replace_with(&self.file("recipe.toml"), toml.as_bytes())?;
        disk::replace_with(&self.file("run.json"), &serde_json::to_vec_pretty(&facts)?)
    }

    /// The recipe that the run was trained by so far, whatever `recipe.toml` says by now.
    pub fn begun(&self, facts: &Facts) -> Result<Recipe> {
        // Runs of older versions have no other than the file.
        if facts.recipe.is_empty() {
            return self.recipe();
        }
        recipe::parse(&facts.recipe, &[]).with_context(|| format!("in {}", self.file("run.json").display()))
    }

    /// Reads `run.json`.
    pub fn facts(&self) -> Result<Facts> {
        let path = self.file("run.json");
        serde_json::from_slice(&disk::read(&path)?)
            .with_context(|| format!("{} is damaged; train the run again", path.display()))
    }

    /// Reads the resolved recipe.
    pub fn recipe(&self) -> Result<Recipe> {
        recipe::read(&self.file("recipe.toml"), &[])
    }
}
