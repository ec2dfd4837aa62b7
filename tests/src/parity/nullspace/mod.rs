//! Nullspace noise and finetuning: exact bases, both searches, the two-term loss, metrics and FGSM.
//!
//! All cases run on a small timm ViT. Their results have no common prefix, so each case names its inputs and everything else
//! that is stored must have been compared.

pub(super) mod basis;
pub(super) mod fine_tune;
pub(super) mod metrics;
pub(super) mod search;

use anyhow::{Context, Result};
use burn::prelude::*;
use vitro::model::vit::VitConfig;
use vitro::model::{Forward, Model, ModelConfig};

use super::Fixture;
use crate::examine::values;

/// The fixture's ViT with its weights.
fn model(fixture: &Fixture, device: &Device) -> Result<Model> {
    let count = |key: &str| Ok::<_, anyhow::Error>(number(fixture, &["model", key])? as usize);
    let config = VitConfig {
        mlp_ratio: count("mlp_ratio")? as f64,
        ..VitConfig::new(
            count("img_size")?,
            count("patch_size")?,
            count("embed_dim")?,
            count("depth")?,
            count("num_heads")?,
            count("num_classes")?,
        )
    };
    let mut model = ModelConfig::Vit(config).init(device)?;
    fixture.weights("").load_official(&mut model)?;
    Ok(model)
}

/// A number somewhere in the JSON.
fn number(fixture: &Fixture, path: &[&str]) -> Result<f64> {
    let found = path.iter().fold(&fixture.json, |value, key| &value[*key]);
    found.as_f64().with_context(|| format!("{} is missing", path.join(".")))
}

/// A tolerance of the fixture.
fn tolerance(fixture: &Fixture, key: &str) -> Result<f64> {
    number(fixture, &["tolerances", key])
}

/// Images of one of the stored batches `[batches, b, 3, y, x]`.
fn batch(batches: &Tensor<5>, index: usize) -> Tensor<4> {
    batches.clone().narrow(0, index, 1).squeeze_dim::<4>(0)
}

/// The normalised class token `[b, c]`.
fn features(seen: &Forward) -> Tensor<2> {
    seen.tokens.clone().narrow(1, 0, 1).squeeze_dim::<2>(1)
}
