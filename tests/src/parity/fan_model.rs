//! Whole FAN models, with and without TAP: forward pass, one training step, full size.

use anyhow::{Context, Result, bail};
use burn::optim::GradientsParams;
use burn::prelude::*;
use burn::tensor::activation::log_softmax;
use serde_json::Value;
use vitro::method::adl::{BatchOfOne, adl};
use vitro::model::fan::{ConvNextConfig, FanConfig, StemVariance};
use vitro::model::{Forward, ModelConfig, parameters, preset};

use super::gradient::{compare_buffers, compare_gradients};
use super::record::Record;
use super::whole_model::{excerpt, rebuilt};
use super::{Fixture, Verdict};

/// The runs that a hybrid's fixture stores: the ending of their results' names, and which norms of the stem divide by
/// C − 1. Other models have the first run alone.
pub(super) const RUNS: &[(&str, StemVariance)] = &[
    ("", StemVariance::SampleAfterStem),
    ("_biased", StemVariance::Population),
    ("_mixed", StemVariance::SampleBetweenStages),
];

/// Our configuration from the authors' constructor arguments.
fn config(fixture: &Fixture) -> Result<ModelConfig> {
    if fixture.config().get("se_mlp").is_some() {
        bail!("the published model with squeeze-and-excite blocks cannot run, so there is none here");
    }
    let side = &fixture.json["image"][0];
    let counts = |value: &Value| -> Vec<usize> {
        value.as_array().into_iter().flatten().filter_map(|n| n.as_u64().map(|n| n as usize)).collect()
    };
    let block_heads = counts(&fixture.config()["num_heads"]);
    let heads = match block_heads.first() {
        Some(first) => *first,
        None => fixture.count("num_heads")?,
    };
    let base = FanConfig::new(
        side.as_u64().context("image")? as usize,
        fixture.count("patch_size")?,
        fixture.count("embed_dim")?,
        fixture.count("depth")?,
        heads,
        fixture.count("num_classes")?,
    );
    let hybrid = fixture.config().get("backbone").filter(|given| !given.is_null()).map(|backbone| {
        let pair =
            |key: &str| <[usize; 2]>::try_from(counts(&backbone[key])).ok().with_context(|| format!("two {key}"));
        Ok::<_, anyhow::Error>(ConvNextConfig { widths: pair("dims")?, ..ConvNextConfig::new(pair("depths")?) })
    });
    Ok(ModelConfig::Fan(FanConfig {
        hybrid: hybrid.transpose()?,
        block_widths: counts(&fixture.config()["channel_dims"]),
        block_heads,
        channel_heads: counts(&fixture.config()["c_head_num"]),
        class_depth: fixture.count("cls_attn_layers").unwrap_or(2),
        eta: fixture.number("eta", 1.0),
        tokens_norm: fixture.switch("tokens_norm", true),
        tap_scales: fixture.count("num_scales").ok(),
        ..base
    }))
}

/// `config` with these norms in its stem, if it is a hybrid.
pub(super) fn with_variance(config: &ModelConfig, variance: StemVariance) -> ModelConfig {
    let mut config = config.clone();
    if let ModelConfig::Fan(FanConfig { hybrid: Some(stem), .. }) = &mut config {
        stem.variance = variance;
    }
    config
}

/// Those of [`RUNS`] that the fixture stores logits of.
fn runs(fixture: &Fixture) -> impl Iterator<Item = (&'static str, StemVariance)> {
    RUNS.iter().copied().filter(move |(ending, _)| fixture.array(&format!("out{ending}.logits")).is_ok())
}

/// Logits and every stored intermediate tensor in evaluation mode.
pub(super) fn forward(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let config = config(fixture)?;
    for (ending, variance) in runs(fixture) {
        let mut model = with_variance(&config, variance).init(device)?;
        fixture.weights("").load_official(&mut model)?;
        let mut record = Record::default();
        let seen = model.observe(fixture.tensor::<4>("inputs.x", device)?, &mut record);
        compare_outputs(&seen, ending, fixture, verdict)?;
        record.compare(&format!("mid{ending}."), fixture, verdict);
    }
    Ok(())
}

/// Compares the logits of the run that `ending` names, and the loss on its attention where that is stored.
fn compare_outputs(seen: &Forward, ending: &str, fixture: &Fixture, verdict: &mut Verdict) -> Result<()> {
    let name = format!("out{ending}.logits");
    verdict.compare(&name, fixture.array(&name)?, &seen.logits.to_data());
    for name in [format!("out{ending}.adl"), format!("out.adl{ending}")] {
        if let Ok(stored) = fixture.array(&name) {
            let theta = fixture.json["adl_threshold"].as_f64().context("adl_threshold")?;
            verdict.compare(&name, stored, &adl(&seen.attention, theta, BatchOfOne::Released).to_data());
        }
    }
    Ok(())
}

/// Loss, gradients of every parameter and running statistics of one step in training mode.
pub(super) fn train_step(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let device = device.clone().autodiff();
    let mut model = with_variance(&config(fixture)?, StemVariance::SampleAfterStem).init(&device)?;
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
    let mut config = preset(variant)?.config(fixture.array("out.logits")?.shape[1]);
    if let (ModelConfig::Fan(fan), Some(scales)) = (&mut config, fixture.json["kwargs"]["num_scales"].as_u64()) {
        fan.tap_scales = Some(scales as usize);
    }

    let (weights, x) = rebuilt(fixture)?;
    for (ending, variance) in runs(fixture) {
        let mut model = with_variance(&config, variance).init(device)?;
        if let Some(params) = fixture.json["params"].as_u64() {
            let ours = parameters(&model);
            anyhow::ensure!(ours == params, "{ours} parameters, {params} expected");
        }
        weights.load_official(&mut model)?;
        let mut record = Record::default();
        let seen = model.observe(Tensor::from_data(x.clone(), device), &mut record);
        compare_outputs(&seen, ending, fixture, verdict)?;
        let middle = format!("mid{ending}.");
        for (name, stored) in fixture.arrays.iter() {
            if let Some(ours) = name.strip_prefix(&middle).and_then(|place| record.get(place)) {
                verdict.compare(name, stored, &excerpt(ours, stored));
            }
        }
    }
    Ok(())
}
