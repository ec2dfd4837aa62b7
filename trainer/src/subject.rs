//! What can be evaluated, explained and exported: a run folder or a bundle file.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use burn::tensor::Device;
use vitro::bundle::{self, Manifest, Provenance};
use vitro::model::Model;

use crate::disk;
use crate::job::slug;
use crate::recipe::{Data, Recipe};
use crate::run::best::{self, Which};
use crate::run::checkpoint::{self, Best, State};
use crate::run::{Facts, Folder, versions};
use crate::zoo;

/// A trained model with what is known about it.
pub struct Subject {
    /// The weights, in validation mode.
    pub model: Model,
    /// Tells these weights from others: a SHA-256, hexadecimal.
    pub weights: String,
    /// What it is; results only if they were stored.
    pub manifest: Manifest,
    /// The data that it was trained on, and where a relative path starts. A bundle remembers only the name.
    pub data: Option<(Data, PathBuf)>,
    /// Preset or family.
    pub model_name: String,
    /// The run folder, if it is one.
    pub folder: Option<Folder>,
}

/// Opens a run folder with its last weights, a bundle file, or a bundle by its name: `zoo:NAME` of the zoo, `hf:…` of the hub.
pub fn open(path: &Path, device: &Device) -> Result<Subject> {
    open_with(Which::Last, path, device)
}

/// [`open`] with some weights of a run.
///
/// # Errors
/// When the run does not keep them, or it is no run but a bundle, which holds no others.
pub fn open_with(which: Which, path: &Path, device: &Device) -> Result<Subject> {
    let named = zoo::named(path)?;
    let path = named.as_deref().unwrap_or(path);
    ensure!(
        path.exists(),
        "there is nothing at {}; name a run folder, a bundle file, or a bundle of the zoo as zoo:NAME",
        path.display()
    );
    match (which, path.is_dir()) {
        (Which::Last, true) => open_run(path, device),
        (Which::Last, false) => open_bundle(path, device),
        (Which::Best, true) => open_kept(path, None, device),
        (Which::Epoch(epoch), true) => open_kept(path, Some(epoch), device),
        (_, false) => bail!("{} is a bundle and holds one set of weights; leave --weights out", path.display()),
    }
}

fn open_run(path: &Path, device: &Device) -> Result<Subject> {
    let folder = Folder::open(path)?;
    let (recipe, facts) = (folder.recipe()?, folder.facts()?);
    let Best { model, fingerprint, state } = checkpoint::load_best(&folder, &facts.model, device)?;
    let manifest = Manifest { name: facts.name.clone(), ..manifest(&recipe, &facts, &state) };
    Ok(Subject {
        model,
        weights: fingerprint,
        manifest,
        model_name: recipe.model.preset.clone(),
        data: Some((recipe.data, facts.data_base)),
        folder: Some(folder),
    })
}

/// The weights of one of a run's best epochs; the best without `epoch`.
fn open_kept(path: &Path, epoch: Option<usize>, device: &Device) -> Result<Subject> {
    let folder = Folder::open(path)?;
    let (recipe, facts) = (folder.recipe()?, folder.facts()?);
    let kept = best::find(&folder, epoch)?;
    let subject = open_bundle(&folder.file(&kept.file), device)?;
    Ok(Subject {
        manifest: Manifest { name: facts.name, ..subject.manifest },
        model_name: recipe.model.preset.clone(),
        data: Some((recipe.data, facts.data_base)),
        folder: Some(folder),
        ..subject
    })
}

/// What a run is, as a bundle of its weights says it.
pub fn manifest(recipe: &Recipe, facts: &Facts, state: &State) -> Manifest {
    Manifest {
        format: bundle::FORMAT,
        name: slug(&facts.name),
        title: title(recipe, &facts.name),
        methods: methods(recipe, &facts.model),
        model: facts.model.clone(),
        classes: facts.classes.clone(),
        preprocess: facts.preprocess.clone(),
        dataset: facts.dataset.clone(),
        train_data: facts.train_data.clone(),
        params: facts.params,
        weights_sha256: String::new(),
        results: None,
        provenance: Provenance {
            source: format!("recipe {}", recipe.name),
            seed: facts.seed,
            steps: state.step,
            minutes: (state.seconds / 6.0).round() / 10.0,
            device: facts.device.clone(),
            git: facts.git.clone().unwrap_or_default(),
            versions: versions::line(),
        },
    }
}

fn open_bundle(path: &Path, device: &Device) -> Result<Subject> {
    use burn::module::Module;
    let bytes = disk::read(path)?;
    let (manifest, model) = bundle::read(&bytes, device).with_context(|| format!("in {}", path.display()))?;
    let family = serde_json::to_value(&manifest.model)?;
    let model_name = family.get("family").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    let weights = manifest.weights_sha256.clone();
    Ok(Subject { model: model.valid(), weights, manifest, model_name, data: None, folder: None })
}

fn title(recipe: &Recipe, name: &str) -> String {
    if recipe.title.is_empty() { name.to_owned() } else { recipe.title.clone() }
}

/// What the model adds to a plain ViT: its family, then what the recipe switched on.
fn methods(recipe: &Recipe, model: &vitro::model::ModelConfig) -> Vec<String> {
    let family = model.info().method.map(str::to_owned);
    let attention = Some(model.attention()).filter(|kind| !kind.is_softmax());
    let attention = attention.map(|kind| kind.name().to_owned());
    family.into_iter().chain(attention).chain(recipe.methods()).collect()
}
