//! FAN hybrids with STL's token head: intermediate tensors, both heads, what evaluation reads from them.

use anyhow::{Context, Result, bail};
use burn::prelude::*;
use burn::tensor::TensorData;
use burn::tensor::activation::softmax;
use vitro::model::fan::{ConvNextConfig, FanConfig, StemVariance};
use vitro::model::{Forward, ModelConfig, parameters, preset};

use super::fan_model::with_variance;
use super::record::Record;
use super::{Fixture, Verdict, hash_init};

/// Prefix of the results of a run with population variance in every norm of the stem.
const POPULATION: &str = "alt_population_ln.";

/// Our configuration from the authors' constructor arguments.
pub(super) fn config(fixture: &Fixture) -> Result<ModelConfig> {
    let pair = |key: &str| {
        let value = |i: usize| fixture.config()[key][i].as_u64().with_context(|| format!("config.{key}"));
        Ok::<_, anyhow::Error>([value(0)? as usize, value(1)? as usize])
    };
    let base = FanConfig::new(
        fixture.count("img_size")?,
        fixture.count("patch_size").unwrap_or(16),
        fixture.count("embed_dim")?,
        fixture.count("depth")?,
        fixture.count("num_heads")?,
        fixture.count("num_classes")?,
    );
    let stem = ConvNextConfig { widths: pair("backbone_dims")?, ..ConvNextConfig::new(pair("backbone_depths")?) };
    Ok(ModelConfig::Fan(FanConfig {
        hybrid: Some(stem),
        mlp_ratio: fixture.number("mlp_ratio", 4.0),
        class_depth: fixture.count("cls_attn_layers").unwrap_or(2),
        tokens_norm: fixture.switch("tokens_norm", true),
        token_head: true,
        ..base
    }))
}

/// A small model: every stored intermediate tensor and both heads.
pub(super) fn forward(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let config = config(fixture)?;
    for (prefix, variance) in [("", StemVariance::SampleAfterStem), (POPULATION, StemVariance::Population)] {
        let mut model = with_variance(&config, variance).init(device)?;
        fixture.weights("").load_official(&mut model)?;
        let mut record = Record::default();
        let seen = model.observe(fixture.tensor::<4>("input", device)?, &mut record);
        compare_heads(&seen, prefix, fixture, verdict)?;
        if prefix.is_empty() {
            compare_record(&record, fixture, verdict)?;
        }
    }
    verdict.expect_all_but(fixture, &["weights.", "input"]);
    Ok(())
}

/// A published variant at 224 pixels with portable weights and the portable image.
pub(super) fn full_size(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let name = fixture.config()["model"].as_str().context("config.model")?;
    let seed = fixture.json["seed"].as_u64().context("seed")?;
    let config = preset(name)?.config(fixture.count("num_classes")?);
    let (batch, side) = (fixture.count("batch")?, fixture.count("img_size")?);
    let image = TensorData::new(hash_init::image(batch, side, seed), [batch, 3, side, side]);
    for (prefix, variance) in [("", StemVariance::SampleAfterStem), (POPULATION, StemVariance::Population)] {
        let mut model = with_variance(&config, variance).init(device)?;
        hash_init::fill(&mut model, seed)?;
        if let Some(params) = fixture.json["n_params"].as_u64() {
            let ours = parameters(&model);
            anyhow::ensure!(ours == params, "{ours} parameters, {params} expected");
        }
        let seen = model.trace(Tensor::from_data(image.clone(), device));
        compare_heads(&seen, prefix, fixture, verdict)?;
    }
    verdict.expect_all_but(fixture, &[]);
    Ok(())
}

/// Compares what both heads say, as far as it is stored under `prefix`.
fn compare_heads(seen: &Forward, prefix: &str, fixture: &Fixture, verdict: &mut Verdict) -> Result<()> {
    let tokens = seen.token_logits.clone().context("the model has no token head")?;
    let mut compare = |name: &str, ours: TensorData| {
        let name = format!("{prefix}{name}");
        if let Ok(stored) = fixture.array(&name) {
            verdict.compare(&name, stored, &ours);
        }
    };
    compare("logits", seen.logits.to_data());
    compare("token_logits", tokens.to_data());
    compare("token_mean_logits", tokens.clone().mean_dim(1).to_data());
    compare("token_confidence", softmax(tokens.clone(), 2).max_dim(2).to_data());
    compare("eval_fused_logits", seen.fused_logits().context("no fused logits")?.to_data());
    if let Some(selected) = fixture.json["selected_tokens"].as_array() {
        let place = |token: &serde_json::Value| {
            let token = token.as_u64().context("selected_tokens")? as usize;
            Ok(tokens.clone().narrow(1, token, 1))
        };
        let selected = selected.iter().map(place).collect::<Result<Vec<_>>>()?;
        compare("token_logits_selected", Tensor::cat(selected, 1).to_data());
    }
    if let Some(stored) = fixture.integers.get(&format!("{prefix}token_argmax")) {
        let fraction = fixture.json["tolerances"]["min_equal_share_token_argmax"].as_f64().unwrap_or(1.0);
        let ours: Vec<i64> = tokens.argmax(2).to_data().convert::<i64>().iter::<i64>().collect();
        verdict.compare_choices(&format!("{prefix}token_argmax"), stored, &ours, fraction);
    }
    Ok(())
}

/// Compares every stored `inter.*` with what was seen at its place.
fn compare_record(record: &Record, fixture: &Fixture, verdict: &mut Verdict) -> Result<()> {
    for (name, stored) in fixture.arrays.iter() {
        let Some(theirs) = name.strip_prefix("inter.") else { continue };
        let place = place(theirs);
        let Some(ours) = record.get(&place) else { bail!("{name}: nothing was seen at {place}") };
        // The position code is the same for every image; the fixtures store it once for each.
        let times = if ours.shape()[0] == 1 { stored.shape[0] } else { 1 };
        let values: Vec<f32> = ours.iter::<f32>().collect::<Vec<_>>().repeat(times);
        verdict.compare(name, stored, &TensorData::new(values, stored.shape.clone()));
    }
    Ok(())
}

/// Where the tensor that these fixtures call `name` arises here.
fn place(name: &str) -> String {
    const PARTS: &[(&str, &str)] = &[
        ("backbone.stage", "patch_embed.backbone.stages."),
        ("backbone.", "patch_embed.backbone."),
        ("cls_block", "cls_attn_blocks."),
        ("block", "blocks."),
        ("final_norm", "norm"),
    ];
    let begun = PARTS.iter().find_map(|(theirs, ours)| Some(format!("{ours}{}", name.strip_prefix(theirs)?)));
    let place = begun.unwrap_or_else(|| name.to_owned());
    place.replace("channel_processing", "mlp").replace("token_mixing", "attn").replace("class_attention", "attn")
}
