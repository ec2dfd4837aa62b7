//! Whole models of any family: forward pass, one training step, full size. The family says which configuration a fixture
//! describes and where its blocks are.

use anyhow::{Context, Result, ensure};
use burn::optim::GradientsParams;
use burn::prelude::*;
use burn::tensor::TensorData;
use burn::tensor::activation::log_softmax;
use vitro::bundle::{Array, Checkpoint};
use vitro::method::adl::{BatchOfOne, adl};
use vitro::model::{Forward, Model, ModelConfig, Role, parameters};

use super::gradient::{compare_buffers, compare_gradients};
use super::record::Record;
use super::{Fixture, Verdict, hash_init};

/// Logits, loss on the attention, and every stored intermediate tensor in evaluation mode. `blocks` are the places of the
/// blocks in order, for arrays that are stored by the number of the block.
pub(super) fn forward(
    config: &ModelConfig,
    blocks: &[String],
    fixture: &Fixture,
    device: &Device,
    verdict: &mut Verdict,
) -> Result<()> {
    forward_pass(config, blocks, fixture, device, verdict).map(drop)
}

/// The model with its stored weights, and what it gives after the comparison.
fn forward_pass(
    config: &ModelConfig,
    blocks: &[String],
    fixture: &Fixture,
    device: &Device,
    verdict: &mut Verdict,
) -> Result<(Model, Forward)> {
    let mut model = config.init(device)?;
    fixture.weights("").load_official(&mut model)?;
    let mut record = Record::default();
    let seen = model.observe(fixture.tensor::<4>("inputs.x", device)?, &mut record);
    verdict.compare("out.logits", fixture.array("out.logits")?, &seen.logits.to_data());
    record.compare("mid.", fixture, verdict);
    compare_numbered(blocks, &record, fixture, verdict);
    compare_diversity(&seen, fixture, verdict)?;
    Ok((model, seen))
}

/// Loss, gradients of every parameter and running statistics of one step in training mode.
pub(super) fn train_step(
    config: &ModelConfig,
    blocks: &[String],
    fixture: &Fixture,
    device: &Device,
    verdict: &mut Verdict,
) -> Result<()> {
    let device = device.clone().autodiff();
    let (model, seen) = forward_pass(config, blocks, fixture, &device, verdict)?;

    let target = fixture.tensor::<2>("inputs.target", &device)?;
    let cross_entropy = (log_softmax(seen.logits, 1) * target).sum_dim(1).mean().neg();
    verdict.compare("out.loss_ce", fixture.array("out.loss_ce")?, &cross_entropy.to_data());
    let total = match fixture.json["adl_weight"].as_f64() {
        Some(weight) => cross_entropy + adl(&seen.attention, theta(fixture)?, BatchOfOne::Released).mul_scalar(weight),
        None => cross_entropy,
    };
    verdict.compare("out.loss_total", fixture.array("out.loss_total")?, &total.to_data());

    let gradients = GradientsParams::from_grads(total.backward(), &model);
    compare_gradients(&model, gradients, "", fixture, verdict)?;
    compare_buffers(&model, "", fixture, verdict)
}

/// A published variant at 224 pixels, weights rebuilt by name; a few tokens of each block are stored.
pub(super) fn full_size(config: &ModelConfig, fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let mut model = config.init(device)?;
    if let Some(params) = fixture.json["params"].as_u64() {
        let ours = parameters(&model);
        ensure!(ours == params, "{ours} parameters, {params} expected");
    }
    let (weights, x) = rebuilt(fixture)?;
    weights.load_official(&mut model)?;
    let published = Checkpoint::published(&model)?;
    let theirs = weights.iter().filter(|(key, array)| Role::of(key, array.shape.len()) != Role::Computed);
    ensure!(theirs.eq(published.iter()), "the weights are published under other keys than the authors'");
    let mut record = Record::default();
    let seen = model.observe(Tensor::from_data(x, device), &mut record);
    verdict.compare("out.logits", fixture.array("out.logits")?, &seen.logits.to_data());
    for (name, stored) in fixture.arrays.iter() {
        if let Some(ours) = name.strip_prefix("mid.").and_then(|place| record.get(place)) {
            verdict.compare(name, stored, &excerpt(ours, stored));
        }
    }
    compare_diversity(&seen, fixture, verdict)
}

/// Weights of a published variant, rebuilt by name, and the images that go with them.
pub(super) fn rebuilt(fixture: &Fixture) -> Result<(Checkpoint, TensorData)> {
    let seed = fixture.json["seed"].as_u64().context("seed")?;
    let mut weights = Checkpoint::default();
    for entry in fixture.json["state_dict"].as_array().context("state_dict")? {
        let key = entry[0].as_str().context("state_dict key")?;
        let shape = counts(&entry[1])?;
        if entry[3] == true {
            weights.insert(key, shape.clone(), hash_init::weights(key, &shape, seed));
        }
    }
    let image = counts(&fixture.json["image"]).context("image")?;
    let input = [fixture.json["batch"].as_u64().context("batch")? as usize, 3, image[0], image[1]];
    let x = TensorData::new(hash_init::input("inputs.x", &input, seed), input);
    Ok((weights, x))
}

/// A list of counts, such as a shape.
pub(super) fn counts(value: &serde_json::Value) -> Result<Vec<usize>> {
    let list = value.as_array().context("a list of counts is missing")?;
    list.iter().map(|count| Ok(count.as_u64().context("not a count")? as usize)).collect()
}

/// `mid.NAME.i` is what block i shows under NAME.
fn compare_numbered(blocks: &[String], record: &Record, fixture: &Fixture, verdict: &mut Verdict) {
    for (i, block) in blocks.iter().enumerate() {
        for name in ["attn_map", "tap_weights"] {
            let stored = fixture.array(&format!("mid.{name}.{i}"));
            if let (Ok(stored), Some(ours)) = (stored, record.get(&format!("{block}.{name}"))) {
                verdict.compare(&format!("mid.{name}.{i}"), stored, ours);
            }
        }
    }
}

fn compare_diversity(seen: &Forward, fixture: &Fixture, verdict: &mut Verdict) -> Result<()> {
    if let Ok(stored) = fixture.array("out.adl") {
        let ours = adl(&seen.attention, theta(fixture)?, BatchOfOne::Released);
        verdict.compare("out.adl", stored, &ours.to_data());
    }
    Ok(())
}

fn theta(fixture: &Fixture) -> Result<f64> {
    fixture.json["adl_threshold"].as_f64().context("adl_threshold")
}

/// Tokens 0, ⌊n/2⌋ and n − 1, first channels: the part of `[b, n, c]` or of a map `[b, c, y, x]` that a full-size fixture
/// stores.
pub(super) fn excerpt(data: &TensorData, stored: &Array) -> TensorData {
    let values: Vec<f32> = data.clone().convert::<f32>().iter::<f32>().collect();
    let shape: Vec<usize> = data.shape().to_vec();
    // How far apart two tokens, and two channels of a token, are.
    let (b, n, c, token, channel) = match *shape.as_slice() {
        [b, c, y, x] => (b, y * x, c, 1, y * x),
        _ => (shape[0], shape[1], shape[2], shape[2], 1),
    };
    let kept = stored.shape[2];
    let mut part = Vec::with_capacity(b * 3 * kept);
    for sample in 0..b {
        for i in [0, n / 2, n - 1] {
            let start = sample * n * c + i * token;
            part.extend((0..kept).map(|k| values[start + k * channel]));
        }
    }
    TensorData::new(part, [b, 3, kept])
}
