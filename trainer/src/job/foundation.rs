//! What a recipe builds on: where each model is or will be, and whether it fits.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use burn::tensor::Device;
use vitro::image::Preprocess;
use vitro::model::ModelConfig;

use crate::data::Set;
use crate::recipe::{self, Recipe};
use crate::subject;
use crate::zoo;

/// What must fit when a recipe builds on a model.
pub(super) struct Foundation {
    model: ModelConfig,
    classes: Vec<String>,
    preprocess: Preprocess,
}

impl Foundation {
    /// Looks at a recipe with its `changes`, which will have the classes of the recipe that builds on it, or at a run or bundle.
    pub(super) fn look(path: &Path, changes: &[String], set: &Set) -> Result<Self> {
        if is_recipe(path) {
            let recipe = recipe::read(path, changes)?;
            let model = recipe.model_config(set.classes.len())?;
            let preprocess = Preprocess::imagenet(recipe.data.image_size);
            return Ok(Self { model, classes: set.classes.clone(), preprocess });
        }
        let manifest = subject::open(path, &Device::flex())?.manifest;
        Ok(Self { model: manifest.model, classes: manifest.classes, preprocess: manifest.preprocess })
    }

    pub(super) fn check(&self, part: &str, model: &ModelConfig, set: &Set) -> Result<()> {
        if part == "start" {
            ensure!(
                network(&self.model)? == network(model)?,
                "is another network than [model] asks for; use its preset"
            );
            return Ok(());
        }
        ensure!(self.classes == set.classes, "knows other classes than the data; train one on the same classes");
        if part == "teacher" {
            let input = |preprocess: &Preprocess| (preprocess.image_size, preprocess.mean, preprocess.std);
            ensure!(
                input(&self.preprocess) == input(&Preprocess::imagenet(model.image_size())),
                "sees images of another size or in other numbers than the student; use one with the same data.image_size"
            );
            return Ok(());
        }
        let head = serde_json::to_value(&self.model)?["token_head"] == true;
        ensure!(head, "has no token head; train one with method.stl = \"labeler\"");
        let (theirs, ours) = (self.model.patches(), model.patches());
        ensure!(theirs == ours, "labels {theirs} tokens, the student has {ours}; use the same image and patch size");
        Ok(())
    }
}

/// A configuration without what may differ between a start and what is trained from it.
pub(crate) fn network(config: &ModelConfig) -> Result<serde_json::Value> {
    let mut value = serde_json::to_value(config)?;
    if let Some(fields) = value.as_object_mut() {
        for free in ["classes", "drop_path", "token_head"] {
            fields.remove(free);
        }
    }
    Ok(value)
}

/// The changes for a recipe that this one builds on: those for recipes further in, and its own.
pub(super) fn of_part(part: &str, changes: &[String]) -> (Vec<String>, Vec<String>) {
    let prefix = format!("{part}.");
    let changes = changes.iter().filter_map(|change| change.strip_prefix(&prefix)).map(str::to_owned);
    changes.partition(|change| recipe::is_of_a_part(change))
}

fn is_recipe(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "toml")
}

/// Where each model that `recipe` builds on is or will be, and the recipes among them with their part.
pub(super) type Foundations = (BTreeMap<String, PathBuf>, Vec<(&'static str, PathBuf)>);

pub(super) fn foundations(recipe: &Recipe, file: &Path, out: &Path) -> Result<Foundations> {
    let (mut places, mut recipes) = (BTreeMap::new(), Vec::new());
    for (part, key, named) in recipe.foundations() {
        let beside = file.parent().unwrap_or(Path::new(".")).join(named);
        let found = match zoo::named(Path::new(named))? {
            Some(bundle) => bundle,
            None if Path::new(named).exists() => PathBuf::from(named),
            None => beside,
        };
        ensure!(found.exists(), "there is nothing at {named}; set {key} to a bundle, a run folder or a recipe");
        let place = if is_recipe(&found) {
            recipes.push((part, found));
            std::path::absolute(out.join(part))?
        } else {
            std::path::absolute(found)?
        };
        places.insert(part.to_owned(), place);
    }
    Ok((places, recipes))
}
