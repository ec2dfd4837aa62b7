//! Whole RVT models, with and without masks and TAP.

use anyhow::{Context, Result, bail};
use burn::prelude::*;
use vitro::model::rvt::{RvtConfig, RvtStage};
use vitro::model::{ModelConfig, preset};

use super::whole_model::{self, counts};
use super::{Fixture, Verdict};

/// Tokens that a released mask covers.
const PAPER_MASK: usize = 196;

/// Our configuration from the authors' constructor arguments.
fn config(fixture: &Fixture) -> Result<RvtConfig> {
    let list = |key: &str| counts(&fixture.config()[key]).with_context(|| format!("config.{key}"));
    let (dims, depths, heads) = (list("base_dims")?, list("depth")?, list("heads")?);
    let stages: Vec<RvtStage> = dims
        .into_iter()
        .zip(depths)
        .zip(heads)
        .map(|((dim, depth), heads)| RvtStage { width: dim * heads, depth, heads })
        .collect();
    let depth = stages.first().context("config.depth is empty")?.depth;
    let masked_blocks = if fixture.switch("use_mask", false) { fixture.count("masked_block")?.min(depth) } else { 0 };
    let has_tap = fixture.case == "rvt.tap_rvt_model" || fixture.json["model_kind"] == "tap_rvt";
    let image = counts(&fixture.json["image"]).context("image")?;
    let base = RvtConfig::new(image[0], fixture.count("patch_size")?, stages, fixture.count("num_classes")?);
    Ok(RvtConfig {
        masked_blocks,
        mask_tokens: mask_tokens(fixture),
        mlp_ratio: fixture.number("mlp_ratio", 4.0),
        tap_scales: has_tap.then(|| fixture.count("num_scales").unwrap_or(1)),
        ..base
    })
}

/// Tokens that the stored masks `[h, n, n]` cover: fixtures may keep only the corner that is used.
pub(super) fn mask_tokens(fixture: &Fixture) -> usize {
    let masks = fixture.arrays.within("weights.");
    let mask = masks.iter().find(|(name, _)| name.ends_with(".att_mask"));
    mask.and_then(|(_, mask)| mask.shape.last().copied()).unwrap_or(PAPER_MASK)
}

/// The place of each block, in order.
fn blocks(config: &RvtConfig) -> Vec<String> {
    let stages = config.stages.iter().enumerate();
    stages.flat_map(|(s, stage)| (0..stage.depth).map(move |i| format!("transformers.{s}.blocks.{i}"))).collect()
}

/// Logits and every stored intermediate tensor in evaluation mode.
pub(super) fn forward(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let config = config(fixture)?;
    let blocks = blocks(&config);
    whole_model::forward(&ModelConfig::Rvt(config), &blocks, fixture, device, verdict)
}

/// Loss, gradients and running statistics of one step in training mode.
pub(super) fn train_step(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let config = config(fixture)?;
    let blocks = blocks(&config);
    whole_model::train_step(&ModelConfig::Rvt(config), &blocks, fixture, device, verdict)
}

/// A published variant at 224 pixels.
pub(super) fn full_size(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let variant = fixture.json["variant"].as_str().context("variant")?;
    let classes = fixture.array("out.logits")?.shape[1];
    let ModelConfig::Rvt(mut config) = preset(variant)?.config(classes) else { bail!("{variant} is not an RVT") };
    if let Some(scales) = fixture.json["kwargs"]["num_scales"].as_u64() {
        config.tap_scales = Some(scales as usize);
    }
    whole_model::full_size(&ModelConfig::Rvt(config), fixture, device, verdict)
}
