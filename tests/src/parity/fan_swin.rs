//! Whole FAN-Swin models.

use anyhow::{Context, Result};
use burn::prelude::*;
use vitro::model::ModelConfig;
use vitro::model::mix::AttentionKind;
use vitro::model::swin::{FanSwinConfig, SwinStage};

use super::record::Record;
use super::{Fixture, Verdict};

/// Our configuration from the authors' constructor arguments.
fn config(fixture: &Fixture) -> Result<ModelConfig> {
    let list = |key: &str| fixture.config()[key].as_array().with_context(|| format!("config.{key}"));
    let (depths, heads, kinds) = (list("depths")?, list("num_heads")?, list("mlp_type")?);
    let stage = |i: usize| {
        let count = |values: &[serde_json::Value]| values.get(i).and_then(serde_json::Value::as_u64);
        let (depth, heads) = (count(depths).context("depths")?, count(heads).context("num_heads")?);
        Ok(SwinStage { depth: depth as usize, heads: heads as usize, channel_attention: kinds[i] == "FAN" })
    };
    Ok(ModelConfig::Swin(FanSwinConfig {
        image_size: fixture.count("img_size")?,
        patch_size: fixture.count("patch_size")?,
        window: fixture.count("window_size")?,
        width: fixture.count("embed_dim")?,
        stages: (0..depths.len()).map(stage).collect::<Result<_>>()?,
        mlp_ratio: fixture.number("mlp_ratio", 4.0),
        drop_path: 0.0,
        attention: AttentionKind::Softmax,
        classes: fixture.count("num_classes")?,
    }))
}

/// Logits and every stored intermediate tensor in evaluation mode.
pub(super) fn forward(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let mut model = config(fixture)?.init(device)?;
    fixture.weights("").load_official(&mut model)?;
    let mut record = Record::default();
    let seen = model.observe(fixture.tensor::<4>("inputs.x", device)?, &mut record);
    verdict.compare("out.logits", fixture.array("out.logits")?, &seen.logits.to_data());
    record.compare("mid.", fixture, verdict);
    Ok(())
}
