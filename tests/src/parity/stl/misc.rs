//! What surrounds the method: pixels, position code, averaged weights, mean corruption error, learning rate, decay groups.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use burn::module::{ModuleVisitor, Param};
use burn::nn::{BatchNorm, BatchNormConfig};
use burn::prelude::*;
use serde_json::Value;
use vitro::bundle::{Checkpoint, our_name};
use vitro::image::Preprocess;
use vitro::model::fan::{ConvNextConfig, FanConfig, FourierPositionConfig};
use vitro::model::{ModelConfig, Role};
use vitro::training::schedule::{EpochCosine, FIRST};
use vitro_cli::eval::alexnet::mce;
use vitro_cli::train::ema;

use super::{Fixture, Verdict, images, numbers};

/// Every part that is stored.
pub(in crate::parity) fn misc(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    pixels(fixture, verdict)?;
    positions(fixture, device, verdict)?;
    average(fixture, device, verdict)?;
    corruption_error(&fixture.json["mce"], verdict)?;
    for (name, entry) in fixture.json["schedule"].as_object().context("schedule")? {
        schedule(name, entry, verdict)?;
    }
    decay_groups(&fixture.json["weight_decay"], device, verdict)?;
    verdict.expect_all_but(fixture, &["norm.pixels", "pos.weights.", "ema.start", "ema.model_now"]);
    Ok(())
}

fn pixels(fixture: &Fixture, verdict: &mut Verdict) -> Result<()> {
    let images = images(fixture.byte_array("norm.pixels")?)?;
    let mut values = Vec::new();
    for image in &images {
        Preprocess::imagenet(image.width()).normalise(image, &mut values);
    }
    verdict.compare("norm.output", fixture.array("norm.output")?, &numbers(values));
    Ok(())
}

fn positions(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let weights = fixture.arrays.within("pos.weights.");
    let width = fixture.array("pos.weights.token_projection.bias")?.values.len();
    let mut module = FourierPositionConfig::new(width).init(device);
    weights.load_official(&mut module)?;
    for (name, stored) in fixture.arrays.iter() {
        if let Some((rows, columns)) = name.strip_prefix("pos.output_").and_then(|sides| sides.split_once('x')) {
            let grid = [rows.parse().context("rows")?, columns.parse().context("columns")?];
            verdict.compare(name, stored, &module.forward(grid).to_data());
        }
    }
    Ok(())
}

/// The layer whose whole state the fixture averages.
#[derive(Module, Debug)]
struct Holder {
    bn: BatchNorm,
}

/// Weight, bias, running mean and variance of a batch norm, then its counter. We keep no counter; the release copies an
/// average of integers, which cuts it off.
fn average(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let decay = fixture.json["ema_decay"].as_f64().context("ema_decay")?;
    let features = fixture.array("ema.start")?.values.len() / 4;
    // Copies of one layer, each with running statistics of its own: an average follows the parameters by their ids.
    let layer = Holder { bn: BatchNormConfig::new(features).init(device) };
    let load = |name: &str| -> Result<(Holder, f32)> {
        let array = fixture.array(name)?;
        let (counter, values) = array.values.split_last().context("an empty state")?;
        let mut arrays = Checkpoint::default();
        let parts = ["bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"];
        for (part, values) in parts.into_iter().zip(values.chunks_exact(features)) {
            arrays.insert(part, vec![features], values.to_vec());
        }
        let mut holder = layer.valid();
        arrays.load_official(&mut holder)?;
        Ok((holder, *counter))
    };
    let ((start, counter), (now, counter_now)) = (load("ema.start")?, load("ema.model_now")?);
    // Late in a training, when the decay has warmed up.
    let after = ema::update(start, &now, decay, u64::MAX).bn;
    let tensors = [after.gamma.val(), after.beta.val(), after.running_mean.value(), after.running_var.value()];
    let counter = (decay * f64::from(counter) + (1.0 - decay) * f64::from(counter_now)).trunc() as f32;
    let values =
        tensors.into_iter().flat_map(|tensor| tensor.into_data().convert::<f32>().iter::<f32>().collect::<Vec<_>>());
    verdict.compare("ema.after", fixture.array("ema.after")?, &numbers(values.chain([counter])));
    Ok(())
}

fn corruption_error(stored: &Value, verdict: &mut Verdict) -> Result<()> {
    let table = stored["accuracy_percent"].as_object().context("accuracy_percent")?;
    let mean = |name: &str| -> Option<f64> {
        let row = table.get(name)?.as_array()?.iter().map(Value::as_f64).collect::<Option<Vec<_>>>()?;
        Some(row.iter().sum::<f64>() / row.len() as f64)
    };
    let ours = mce(|name| Some(1.0 - mean(name)? / 100.0)).context("a corruption is missing")?;
    verdict.compare_number("mce", stored["mce_fraction"].as_f64().context("mce_fraction")?, ours, 1e-9);
    let means: Vec<f64> = table.keys().filter_map(|name| mean(name)).collect();
    let accuracy = stored["mean_corruption_accuracy"].as_f64().context("mean_corruption_accuracy")?;
    verdict.compare_number("accuracy", accuracy, means.iter().sum::<f64>() / means.len() as f64, 1e-9);
    Ok(())
}

/// The recipes are named by size; they differ in their epochs of warm-up. Ten epochs of cool-down follow the cosine.
fn schedule(name: &str, entry: &Value, verdict: &mut Verdict) -> Result<()> {
    let warmup = match name {
        "tiny_small" => 5.0,
        "base_large" => 10.0,
        _ => bail!("no recipe is called {name}"),
    };
    let total = entry["total_epochs"].as_f64().context("total_epochs")?;
    let peak = entry["base_lr"].as_f64().context("base_lr")?;
    let schedule = EpochCosine { peak, least: FIRST, first: FIRST, warmup, epochs: total - 10.0 };
    for (epoch, rate) in entry["lr_at_epoch"].as_object().context("lr_at_epoch")? {
        let ours = schedule.at(epoch.parse().context("epoch")?);
        verdict.compare_number(&format!("{name}, epoch {epoch}"), rate.as_f64().context("a rate")?, ours, 1e-9);
    }
    Ok(())
}

/// The groups of a model with the layers that the stored names tell of; widths do not matter.
fn decay_groups(stored: &Value, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let names = |group: &str| -> Result<Vec<&str>> {
        let list = stored[group].as_array().with_context(|| group.to_owned())?;
        list.iter().map(|name| name.as_str().context("a name")).collect()
    };
    let (decayed, kept) = (names("decayed")?, names("not_decayed")?);
    let all: Vec<&str> = decayed.iter().chain(&kept).copied().collect();
    let blocks = |prefix: &str| {
        let numbers = all.iter().filter_map(|name| name.strip_prefix(prefix)?.split('.').next()?.parse::<usize>().ok());
        numbers.max().map_or(0, |last| last + 1)
    };
    let stage = |i: usize| blocks(&format!("patch_embed.backbone.stages.{i}.blocks."));
    let stem = ConvNextConfig { widths: [8, 16], ..ConvNextConfig::new([stage(0), stage(1)]) };
    let config = ModelConfig::Fan(FanConfig {
        hybrid: Some(stem),
        token_head: true,
        class_depth: blocks("cls_attn_blocks."),
        ..FanConfig::new(64, 16, 16, blocks("blocks."), 2, 10)
    });
    let mut ours = Groups::default();
    config.init(device)?.visit(&mut ours);
    for (group, theirs, ours) in [("decayed", decayed, ours.decayed), ("not decayed", kept, ours.kept)] {
        let theirs: BTreeSet<String> = theirs.into_iter().map(our_name).collect();
        let odd: Vec<_> = theirs.symmetric_difference(&ours).collect();
        verdict.check(odd.is_empty(), || format!("{group}: on one side alone: {odd:?}"));
    }
    Ok(())
}

/// Our parameters by what the optimiser does with them; running statistics are none.
#[derive(Default)]
struct Groups {
    path: Vec<String>,
    decayed: BTreeSet<String>,
    kept: BTreeSet<String>,
}

impl ModuleVisitor for Groups {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.push(match (container, name) {
            // Enum variants are not part of a place.
            (variant, _) if variant.starts_with("Enum:") => String::new(),
            // The engine's names in norms; the authors' γ elsewhere is a layer scale.
            (norm, "gamma") if norm.ends_with("Norm") => "weight".to_owned(),
            (norm, "beta") if norm.ends_with("Norm") => "bias".to_owned(),
            _ => name.to_owned(),
        });
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, _param: &Param<Tensor<D>>) {
        let parts: Vec<&str> = self.path.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        let path = parts.join(".");
        if !vitro_cli::weights::is_buffer(&path) {
            if Role::of(&path, D).decays() {
                self.decayed.insert(path)
            } else {
                self.kept.insert(path)
            };
        }
    }
}
