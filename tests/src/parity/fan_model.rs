//! Whole FAN models, with and without TAP: forward pass, one training step, full size.

use anyhow::{Context, Result, bail};
use burn::optim::GradientsParams;
use burn::prelude::*;
use burn::tensor::TensorData;
use burn::tensor::activation::log_softmax;
use vitro::bundle::{Array, Checkpoint};
use vitro::method::adl::{BatchOfOne, adl};
use vitro::model::fan::FanConfig;
use vitro::model::{ModelConfig, parameters, preset};

use super::gradient::{compare_buffers, compare_gradients};
use super::record::Record;
use super::{Fixture, Verdict, hash_init};

/// Our configuration from the authors' constructor arguments.
fn config(fixture: &Fixture) -> Result<ModelConfig> {
    if fixture.config().get("backbone").is_some() || fixture.config().get("se_mlp").is_some() {
        bail!("only ViT-style models are covered so far");
    }
    let side = &fixture.json["image"][0];
    let base = FanConfig::new(
        side.as_u64().context("image")? as usize,
        fixture.count("patch_size")?,
        fixture.count("embed_dim")?,
        fixture.count("depth")?,
        fixture.count("num_heads")?,
        fixture.count("num_classes")?,
    );
    let channel_heads = fixture.config()["c_head_num"].as_array();
    Ok(ModelConfig::Fan(FanConfig {
        channel_heads: channel_heads
            .map(|heads| heads.iter().filter_map(|h| h.as_u64().map(|h| h as usize)).collect())
            .unwrap_or_default(),
        class_depth: fixture.count("cls_attn_layers").unwrap_or(2),
        eta: fixture.number("eta", 1.0),
        tokens_norm: fixture.switch("tokens_norm", true),
        tap_scales: fixture.count("num_scales").ok(),
        ..base
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
    if let Ok(stored) = fixture.array("out.adl") {
        let theta = fixture.json["adl_threshold"].as_f64().context("adl_threshold")?;
        verdict.compare("out.adl", stored, &adl(&seen.attention, theta, BatchOfOne::Released).to_data());
    }
    Ok(())
}

/// Loss, gradients of every parameter and running statistics of one step in training mode.
pub(super) fn train_step(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let device = device.clone().autodiff();
    let mut model = config(fixture)?.init(&device)?;
    fixture.weights("").load_official(&mut model)?;
    let seen = model.trace(fixture.tensor::<4>("inputs.x", &device)?);
    verdict.compare("out.logits", fixture.array("out.logits")?, &seen.logits.to_data());

    let target = fixture.tensor::<2>("inputs.target", &device)?;
    let cross_entropy = (log_softmax(seen.logits, 1) * target).sum_dim(1).mean().neg();
    verdict.compare("out.loss_ce", fixture.array("out.loss_ce")?, &cross_entropy.to_data());
    let mut total = cross_entropy;
    if let Some(weight) = fixture.json["adl_weight"].as_f64() {
        let theta = fixture.json["adl_threshold"].as_f64().context("adl_threshold")?;
        let diversity = adl(&seen.attention, theta, BatchOfOne::Released);
        verdict.compare("out.adl", fixture.array("out.adl")?, &diversity.to_data());
        total = total + diversity.mul_scalar(weight);
    }
    verdict.compare("out.loss_total", fixture.array("out.loss_total")?, &total.to_data());
    for (i, weights) in seen.attention.iter().enumerate() {
        let name = format!("mid.attn_map.{i}");
        if let Ok(stored) = fixture.array(&name) {
            verdict.compare(&name, stored, &weights.to_data());
        }
    }

    let gradients = GradientsParams::from_grads(total.backward(), &model);
    compare_gradients(&model, gradients, "", fixture, verdict)?;
    compare_buffers(&model, "", fixture, verdict)
}

/// A published variant at 224 pixels, weights rebuilt by name; a few tokens of each block are stored.
pub(super) fn full_size(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let variant = fixture.json["variant"].as_str().context("variant")?;
    let seed = fixture.json["seed"].as_u64().context("seed")?;
    let logits = fixture.array("out.logits")?;
    let preset = preset(variant)?;
    let mut model = preset.config(logits.shape[1]).init(device)?;
    if let Some(params) = fixture.json["params"].as_u64() {
        let ours = parameters(&model);
        anyhow::ensure!(ours == params, "{ours} parameters, {params} expected");
    }

    let mut weights = Checkpoint::default();
    for entry in fixture.json["state_dict"].as_array().context("state_dict")? {
        let key = entry[0].as_str().context("state_dict key")?;
        let shape = shape(&entry[1])?;
        if entry[3] == true {
            weights.insert(key, shape.clone(), hash_init::weights(key, &shape, seed));
        }
    }
    weights.load_official(&mut model)?;

    let side = |i: usize| Ok::<_, anyhow::Error>(fixture.json["image"][i].as_u64().context("image")? as usize);
    let input = [fixture.json["batch"].as_u64().context("batch")? as usize, 3, side(0)?, side(1)?];
    let x = TensorData::new(hash_init::input("inputs.x", &input, seed), input);
    let mut record = Record::default();
    let seen = model.observe(Tensor::from_data(x, device), &mut record);
    verdict.compare("out.logits", logits, &seen.logits.to_data());
    for (name, stored) in fixture.arrays.iter() {
        if let Some(ours) = name.strip_prefix("mid.").and_then(|place| record.get(place)) {
            verdict.compare(name, stored, &excerpt(ours, stored));
        }
    }
    Ok(())
}

/// Tokens 0, ⌊n/2⌋ and n − 1, first channels: the part of `[b, n, c]` that a full-size fixture stores.
fn excerpt(data: &TensorData, stored: &Array) -> TensorData {
    let values: Vec<f32> = data.clone().convert::<f32>().iter::<f32>().collect();
    let shape: Vec<usize> = data.shape().to_vec();
    let (b, n, c) = (shape[0], shape[1], shape[2]);
    let kept = stored.shape[2];
    let mut part = Vec::with_capacity(b * 3 * kept);
    for sample in 0..b {
        for token in [0, n / 2, n - 1] {
            let start = (sample * n + token) * c;
            part.extend_from_slice(&values[start..start + kept]);
        }
    }
    TensorData::new(part, [b, 3, kept])
}

fn shape(value: &serde_json::Value) -> Result<Vec<usize>> {
    let sides = value.as_array().context("shape")?;
    sides.iter().map(|side| Ok(side.as_u64().context("shape")? as usize)).collect()
}
