//! Whole RVTs with every attention of the VARS release.

use anyhow::{Context, Result, bail, ensure};
use burn::prelude::*;
use burn::tensor::TensorData;
use vitro::bundle::Checkpoint;
use vitro::model::rvt::{RvtConfig, RvtStage};
use vitro::model::{ModelConfig, fixed_parameters, parameters, preset};

use super::record::Record;
use super::vars_module::kind;
use super::whole_model::counts;
use super::{Fixture, Verdict, hash_init};

/// Our configuration from the authors' constructor arguments.
pub(super) fn config(fixture: &Fixture) -> Result<ModelConfig> {
    let list = |key: &str| counts(&fixture.config()[key]).with_context(|| format!("config.{key}"));
    let (dims, depths, heads) = (list("base_dims")?, list("depth")?, list("heads")?);
    let stages = dims.into_iter().zip(depths).zip(heads);
    let stages = stages.map(|((dim, depth), heads)| RvtStage { width: dim * heads, depth, heads });
    let patch_size = fixture.count("patch_size").unwrap_or(16);
    let base =
        RvtConfig::new(fixture.count("image_size")?, patch_size, stages.collect(), fixture.count("num_classes")?);
    Ok(ModelConfig::Rvt(RvtConfig { mlp_ratio: fixture.count("mlp_ratio")? as f64, attention: kind(fixture)?, ..base }))
}

/// The place here of what the authors' hooks call `name`.
fn place(name: &str) -> String {
    let stage = name.strip_prefix("stage").and_then(|rest| rest.split_once(".block"));
    match (stage, name.strip_prefix("pool")) {
        (Some((stage, block)), _) => format!("transformers.{stage}.blocks.{block}"),
        (_, Some(index)) => format!("pools.{index}"),
        _ if name == "features" => "norm".to_owned(),
        _ => name.to_owned(),
    }
}

/// Logits and every stored intermediate tensor in evaluation mode.
pub(super) fn forward(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let mut model = config(fixture)?.init(device)?;
    fixture.weights("").load_official(&mut model)?;
    let mut record = Record::default();
    let seen = model.observe(fixture.tensor("input", device)?, &mut record);
    verdict.compare("logits", fixture.array("logits")?, &seen.logits.to_data());
    for (name, stored) in fixture.arrays.iter() {
        let Some(theirs) = name.strip_prefix("inter.") else { continue };
        let place = place(theirs);
        let ours = record.get(&place).with_context(|| format!("{name}: nothing was seen at {place}"))?;
        verdict.compare(name, stored, ours);
    }
    verdict.expect_all_but(fixture, &["weights.", "input"]);
    Ok(())
}

/// A published variant at 224 pixels with portable weights and the portable image.
pub(super) fn full_size(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let name = fixture.config()["model"].as_str().context("config.model")?;
    let seed = fixture.json["seed"].as_u64().context("seed")?;
    let (batch, side) = (fixture.count("batch")?, fixture.count("image_size")?);
    let ModelConfig::Rvt(base) = preset(name)?.config(fixture.count("num_classes")?) else { bail!("{name} is no RVT") };
    let config = ModelConfig::Rvt(RvtConfig { image_size: side, attention: kind(fixture)?, ..base });
    let mut model = config.init(device)?;

    let places = hash_init::fill(&mut model, seed)?;
    // A batch norm of theirs also counts its batches.
    let norms = Checkpoint::of(&model)?.iter().filter(|(key, _)| key.ends_with(".running_mean")).count();
    let trained = parameters(&model);
    let ours = [(places + norms) as u64, trained, trained + fixed_parameters(&model)];
    let keys = ["n_state_dict_keys", "n_trainable", "n_params"];
    for (key, ours) in keys.iter().zip(ours) {
        let stored = fixture.json[key].as_u64().with_context(|| format!("no {key}"))?;
        ensure!(ours == stored, "{key} is {ours}, {stored} expected");
    }

    let image = TensorData::new(hash_init::image(batch, side, seed), [batch, 3, side, side]);
    let mut record = Record::default();
    let seen = model.observe(Tensor::from_data(image, device), &mut record);
    verdict.compare("logits", fixture.array("logits")?, &seen.logits.to_data());
    verdict.compare("features", fixture.array("features")?, record.get("norm").context("norm")?);
    verdict.expect_all_but(fixture, &[]);
    Ok(())
}
