//! `checkpoint.safetensors`: everything that a training needs to go on with the same numbers.
//!
//! `model/…` are the weights, `ema/…` their average, `first/…` and `second/…` the optimiser's moments, all in f32 under the
//! parameters' paths, `noise/tokens` the noise of a nullspace fine-tuning; the header's `state` says where the training was. The file
//! is written under another name, read back from the disk and renamed, so a crash, a full disk or a failing one leaves the last good
//! one.

use anyhow::{Context, Result, bail, ensure};
use burn::Tensor;
use burn::module::Module;
use burn::tensor::Device;
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use vitro::model::{Model, ModelConfig};

use super::Folder;
use crate::adamw::AdamW;
use crate::disk;
use crate::recipe::Train;
use crate::weights;

/// Its name in the folder.
pub const FILE: &str = "checkpoint.safetensors";
const STATE: &str = "state";
const NOISE: &str = "noise/tokens";

/// Where a training is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Optimiser steps taken.
    pub step: u64,
    /// Epochs finished.
    pub epoch: usize,
    /// Steps taken in the current epoch.
    pub position: usize,
    /// Wall-clock seconds spent.
    pub seconds: f64,
    /// Sums of the current epoch.
    pub sums: Sums,
    /// Sums since the last line about a part of the epoch.
    #[serde(default)]
    pub part: Sums,
}

/// What an epoch's line is made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sums {
    /// Steps.
    pub steps: usize,
    /// Sum of the steps' losses.
    pub loss: f64,
    /// Sum of the gradient norms.
    pub norm: f64,
    /// Right answers.
    pub correct: usize,
    /// Images.
    pub count: usize,
    /// Seconds spent in steps.
    pub seconds: f64,
}

/// What is trained.
#[derive(Debug)]
pub struct Learner {
    /// The weights, on the plain device.
    pub model: Model,
    /// Their moving average, in validation mode; the weights themselves when the recipe has none.
    pub average: Option<Model>,
    /// The optimiser.
    pub optimiser: AdamW,
    /// Token noise `[1, n, c]` of the current epoch, in a nullspace fine-tuning.
    pub noise: Option<Tensor<3>>,
}

impl Learner {
    /// The weights that a run is judged by.
    pub fn best(&self) -> &Model {
        self.average.as_ref().unwrap_or(&self.model)
    }
}

/// The tensors of a learner, all of them finite.
pub struct Snapshot(Vec<weights::Stored>);

impl Snapshot {
    /// Copies them.
    ///
    /// # Errors
    /// When a number is not finite: such a learner is beyond help, and the checkpoint before it is not.
    pub fn take(learner: &Learner) -> Result<Self> {
        let mut tensors = Vec::new();
        let all = |model: &Model| weights::values(model, |_| true);
        weights::store(&learner.model, &all(&learner.model), "model", &mut tensors)?;
        if let Some(average) = &learner.average {
            weights::store(average, &all(average), "ema", &mut tensors)?;
        }
        weights::store(&learner.model, &learner.optimiser.first, "first", &mut tensors)?;
        weights::store(&learner.model, &learner.optimiser.second, "second", &mut tensors)?;
        if let Some(noise) = &learner.noise {
            tensors.push(weights::Stored::new(NOISE, noise)?);
        }
        if let Some(bad) = tensors.iter().find(|tensor| !tensor.is_finite()) {
            bail!(
                "{} is not finite after step {}, so it was not saved; lower train.lr and start again",
                bad.name(),
                learner.optimiser.steps
            );
        }
        Ok(Self(tensors))
    }

    /// Writes them with the training's state.
    pub fn save(&self, folder: &Folder, state: &State) -> Result<()> {
        let bytes = weights::to_safetensors(&self.0, STATE, serde_json::to_string(state)?)?;
        disk::replace_proven(&folder.file(FILE), &bytes)
    }
}

/// Saves a learner and its state.
pub fn save(folder: &Folder, learner: &Learner, state: &State) -> Result<()> {
    Snapshot::take(learner)?.save(folder, state)
}

/// Whether there is a checkpoint; true as well where the disk does not say, so that nobody takes it for missing.
pub fn may_exist(folder: &Folder) -> bool {
    folder.file(FILE).try_exists().unwrap_or(true)
}

/// Fills a fresh learner from the folder's checkpoint; `None` when there is none yet.
pub fn load(folder: &Folder, mut learner: Learner, device: &Device) -> Result<(Learner, Option<State>)> {
    if !folder.file(FILE).exists() {
        return Ok((learner, None));
    }
    let bytes = disk::read(&folder.file(FILE))?;
    let (file, state) = parse(folder, &bytes)?;
    learner.model = weights::restore(learner.model, &file, "model")?;
    learner.average = learner.average.map(|average| weights::restore(average, &file, "ema")).transpose()?;
    learner.optimiser.first = weights::load(&learner.model, &file, "first")?;
    learner.optimiser.second = weights::load(&learner.model, &file, "second")?;
    learner.optimiser.steps = state.step;
    learner.noise = weights::lone(&file, NOISE, device);
    Ok((learner, Some(state)))
}

/// What a run is judged by.
pub struct Best {
    /// The weights, in validation mode.
    pub model: Model,
    /// Their [`fingerprint`].
    pub fingerprint: String,
    /// Where the training was.
    pub state: State,
}

/// The weights that a run is judged by, and where the training was.
pub fn load_best(folder: &Folder, config: &ModelConfig, device: &Device) -> Result<Best> {
    let name = folder.path().display();
    ensure!(folder.file(FILE).exists(), "{name} has no checkpoint yet; train it first");
    let bytes = disk::read(&folder.file(FILE))?;
    let (file, state) = parse(folder, &bytes)?;
    let model = config.init(device)?.valid();
    let fingerprint = fingerprint_of(&file)?;
    Ok(Best { model: weights::restore(model, &file, best_part(&file))?, fingerprint, state })
}

/// Tells the weights that a run is judged by from those of any other step: SHA-256 of their names and bytes, hexadecimal.
pub fn fingerprint(folder: &Folder) -> Result<String> {
    let bytes = disk::read(&folder.file(FILE))?;
    let (file, _) = parse(folder, &bytes)?;
    fingerprint_of(&file)
}

fn fingerprint_of(file: &SafeTensors<'_>) -> Result<String> {
    let part = format!("{}/", best_part(file));
    let mut names: Vec<&str> = file.names().into_iter().filter(|name| name.starts_with(&part)).collect();
    names.sort_unstable();
    let mut hash = Sha256::new();
    for name in names {
        hash.update(name);
        hash.update(file.tensor(name)?.data());
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Where the weights that a run is judged by are: their average, if there is one.
fn best_part(file: &SafeTensors<'_>) -> &'static str {
    if file.names().iter().any(|name| name.starts_with("ema/")) { "ema" } else { "model" }
}

fn parse<'a>(folder: &Folder, bytes: &'a [u8]) -> Result<(SafeTensors<'a>, State)> {
    let damaged = || format!("{} is damaged; start the run again without --resume", folder.file(FILE).display());
    let (_, header) = SafeTensors::read_metadata(bytes).with_context(damaged)?;
    let state = header.metadata().as_ref().and_then(|all| all.get(STATE)).with_context(damaged)?;
    let state = serde_json::from_str(state).with_context(damaged)?;
    let file = SafeTensors::deserialize(bytes).with_context(damaged)?;
    for (name, tensor) in file.iter() {
        ensure!(
            weights::all_finite(tensor.data()),
            "{} holds numbers that are not finite ({name}); start the run again without --resume",
            folder.file(FILE).display()
        );
    }
    Ok((file, state))
}

/// A learner before its first step, from the weights of `model`.
pub fn fresh(model: Model, config: &ModelConfig, train: &Train) -> Learner {
    let average = (train.ema > 0.0).then(|| model.valid());
    let layers = (train.layer_decay < 1.0).then(|| (config.layers(), train.layer_decay));
    let optimiser = AdamW { layers, ..AdamW::new(train.weight_decay) };
    Learner { model, average, optimiser, noise: None }
}

#[cfg(test)]
mod tests {
    use rand::RngExt;
    use vitro::random::stream;

    use super::*;

    /// A sum that came back with another last bit would give an epoch another line.
    #[test]
    fn sums_come_back_from_the_header_to_the_last_bit() {
        let mut random = stream(0, 0, "sums");
        for _ in 0..5000 {
            let sums = Sums { loss: random.random::<f64>() * 100.0, norm: random.random(), ..Sums::default() };
            let text = serde_json::to_string(&sums).unwrap();
            assert_eq!(serde_json::from_str::<Sums>(&text).unwrap(), sums, "{text}");
        }
    }
}
