//! A model as PyTorch's timm loads it: a folder with `model.safetensors`, under timm's or the authors' keys, and `config.json`.
//!
//! The configuration has the form of the Hugging Face hub, so `timm.create_model("local-dir:FOLDER", pretrained=True)` builds and
//! fills a plain ViT. timm has no other network of ours: for those the keys are the authors', and the configuration holds our
//! own settings under `model_args`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use safetensors::{Dtype, tensor::TensorView};
use serde_json::{Value, json};
use vitro::bundle::{Checkpoint, Manifest};
use vitro::model::vit::VitConfig;
use vitro::model::{Model, ModelConfig, PRESETS};

use crate::disk;

/// What timm builds any plain ViT from, given its shape.
const PLAIN: &str = "vit_tiny_patch16_224";

/// What was written.
pub struct Written {
    /// Arrays.
    pub arrays: usize,
    /// Whether timm builds the network itself.
    pub known_to_timm: bool,
}

/// Writes `model` into `folder`, which is made if need be.
///
/// # Errors
/// When a weight is not finite, or the disk refuses.
pub fn write(folder: &Path, manifest: &Manifest, model: &Model) -> Result<Written> {
    let checkpoint = Checkpoint::published(model)?;
    let stored: Vec<(&str, &[usize], Vec<u8>)> = checkpoint
        .iter()
        .map(|(name, array)| (name, &*array.shape, array.values.iter().flat_map(|value| value.to_le_bytes()).collect()))
        .collect();
    let views = stored
        .iter()
        .map(|(name, shape, bytes)| Ok((*name, TensorView::new(Dtype::F32, shape.to_vec(), bytes)?)))
        .collect::<Result<Vec<_>>>()?;
    // Programs that read PyTorch's weights ask for this entry.
    let bytes = safetensors::serialize(views, Some([("format".to_owned(), "pt".to_owned())].into()))?;
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}; name another with --out", folder.display()))?;
    disk::replace_with(&folder.join("model.safetensors"), &bytes)?;
    disk::replace_with(&folder.join("config.json"), &serde_json::to_vec_pretty(&config(manifest)?)?)?;
    Ok(Written { arrays: stored.len(), known_to_timm: plain(&manifest.model).is_some() })
}

/// The plain ViT that timm knows; none for another network, and for one with TAP or another mixer.
fn plain(model: &ModelConfig) -> Option<&VitConfig> {
    match model {
        ModelConfig::Vit(vit) if vit.attention.is_softmax() && vit.tap_scales.is_none() => Some(vit),
        _ => None,
    }
}

fn config(manifest: &Manifest) -> Result<Value> {
    let (model, preprocess) = (&manifest.model, &manifest.preprocess);
    let is_it = |preset: &&vitro::model::Preset| preset.config(model.classes()) == *model;
    let preset = PRESETS.iter().find(is_it).map(|preset| preset.name);
    let (architecture, arguments) = match plain(model) {
        Some(vit) => (
            preset.filter(|name| name.starts_with("deit_")).unwrap_or(PLAIN),
            json!({
                "img_size": vit.image_size,
                "patch_size": vit.patch_size,
                "embed_dim": vit.width,
                "depth": vit.depth,
                "num_heads": vit.heads,
                "mlp_ratio": vit.mlp_ratio,
            }),
        ),
        None => (preset.unwrap_or(model.info().name), serde_json::to_value(model)?),
    };
    let size = preprocess.image_size;
    Ok(json!({
        "architecture": architecture,
        "num_classes": model.classes(),
        "model_args": arguments,
        "label_names": manifest.classes,
        "pretrained_cfg": {
            "num_classes": model.classes(),
            "input_size": [3, size, size],
            "fixed_input_size": true,
            "interpolation": preprocess.filter,
            "crop_pct": preprocess.crop_pct,
            "crop_mode": "center",
            "mean": preprocess.mean,
            "std": preprocess.std,
            "first_conv": "patch_embed.proj",
            "classifier": "head",
        },
        "vitro": {
            "name": manifest.name,
            "title": manifest.title,
            "methods": manifest.methods,
            "dataset": manifest.dataset,
            "train_data": manifest.train_data,
        },
    }))
}
