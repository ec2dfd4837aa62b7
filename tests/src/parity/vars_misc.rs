//! What the VARS release does around its networks: distillation, patches flipped one by one, the order of repeated
//! augmentation, the mean corruption error, the learning rate.

use anyhow::{Context, Result, bail};
use burn::prelude::*;
use burn::tensor::TensorData;
use burn::tensor::activation::log_softmax;
use serde_json::Value;
use vitro::bundle::Array;
use vitro::image::Preprocess;
use vitro::method::distillation::Distillation;
use vitro::method::patch_augmentation::{PatchAugmentation, flip};
use vitro::training::repeated_augmentation::{REPEATS, share};
use vitro::training::schedule::EpochCosine;
use vitro_cli::eval::alexnet;

use super::{Fixture, Verdict};

/// Every part of the fixture; numbers that stand in its JSON are compared like arrays.
pub(super) fn all(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    distillation(fixture, device, verdict)?;
    flipped_patches(fixture, device, verdict)?;
    sampler(&fixture.json["repeated_aug"], verdict)?;
    corruption_error(&fixture.json["mce"], verdict)?;
    schedule(&fixture.json["schedule"], verdict)?;
    verdict.expect_all_but(fixture, &["distill.", "patch_aug.input"]);
    Ok(())
}

fn distillation(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let tensor = |name: &str| fixture.tensor::<2>(&format!("distill.{name}"), device);
    let (student, teacher) = (tensor("kd")?, tensor("teacher")?);
    let base = (log_softmax(tensor("out")?, 1) * tensor("target")?).sum_dim(1).mean().neg();
    for (name, case) in fixture.json["distillation"].as_object().context("distillation")? {
        let number = |key: &str| case[key].as_f64().with_context(|| format!("distillation.{name}.{key}"));
        let (alpha, tau) = (number("alpha")?, number("tau")?);
        let distillation = match name.as_str() {
            "none" => Distillation::None,
            "soft" => Distillation::Soft { alpha, tau },
            "hard" => Distillation::Hard { alpha },
            other => bail!("no distillation \"{other}\""),
        };
        let loss = distillation.loss(base.clone(), student.clone(), teacher.clone());
        let ours = f64::from(loss.into_scalar::<f32>());
        number_near(&format!("distillation.{name}"), number("value")?, ours, verdict);
    }
    Ok(())
}

/// Every patch of the released side flipped, and the result clamped to the range of pixels.
fn flipped_patches(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let x = fixture.tensor::<4>("patch_aug.input", device)?;
    let [_, _, side, _] = x.dims();
    let Preprocess { mean, std, .. } = Preprocess::imagenet(side);
    let augmentation = PatchAugmentation { side: PatchAugmentation::patch_side(side), mean, std };
    let y = augmentation.each_patch(x, |patches| {
        let all = vec![true; patches.dims()[0]];
        flip(patches, &all)
    })?;
    verdict.compare("patch_aug.flip_patches", fixture.array("patch_aug.flip_patches")?, &y.to_data());
    Ok(())
}

fn sampler(expected: &Value, verdict: &mut Verdict) -> Result<()> {
    let count = |value: &Value| value.as_u64().map(|n| n as usize).context("repeated_aug");
    if expected["shuffle"] != false {
        bail!("the order of a shuffled sampler belongs to another random generator");
    }
    let order: Vec<usize> = (0..count(&expected["dataset_len"])?).collect();
    let replicas = count(&expected["replicas"])?;
    for rank in expected["ranks"].as_array().context("repeated_aug.ranks")? {
        let number = count(&rank["rank"])?;
        let ours = share(&order, REPEATS, replicas, number);
        let name = |part: &str| format!("repeated_aug.{number}.{part}");
        let indices = |key: &str| -> Result<Vec<i64>> {
            let list = rank[key].as_array().context("indices")?;
            list.iter().map(|index| index.as_i64().context("index")).collect()
        };
        let (first, last) = (indices("first")?, indices("last")?);
        let ours: Vec<i64> = ours.iter().map(|index| *index as i64).collect();
        verdict.compare_choices(&name("n"), &[count(&rank["n"])? as i64], &[ours.len() as i64], 1.0);
        let (head, tail) = (first.len().min(ours.len()), ours.len().saturating_sub(last.len()));
        verdict.compare_choices(&name("first"), &first, &ours[..head], 1.0);
        verdict.compare_choices(&name("last"), &last, &ours[tail..], 1.0);
    }
    Ok(())
}

fn corruption_error(expected: &Value, verdict: &mut Verdict) -> Result<()> {
    let numbers =
        |value: &Value| -> Vec<f64> { value.as_array().into_iter().flatten().filter_map(Value::as_f64).collect() };
    // The fixture names corruptions for people.
    let name_of = |title: &str| match title {
        "JPEG Compression" => "jpeg_compression".to_owned(),
        "Elastic Transform" => "elastic_transform".to_owned(),
        other => other.to_lowercase().replace(' ', "_"),
    };
    let accuracies = expected["accuracy_percent"].as_object().context("mce.accuracy_percent")?;
    let error = |name: &str| {
        let (_, severities) = accuracies.iter().find(|(title, _)| name_of(title) == name)?;
        let severities = numbers(severities);
        Some(1.0 - severities.iter().sum::<f64>() / severities.len() as f64 / 100.0)
    };
    for (title, stored) in expected["ce_fraction"].as_object().context("mce.ce_fraction")? {
        let name = name_of(title);
        let alexnet = alexnet::MEAN_ERROR.iter().find(|(known, _)| *known == name);
        let (_, alexnet) = alexnet.with_context(|| format!("no corruption {name}"))?;
        let ours = error(&name).context("no accuracy")? / alexnet;
        number_near(&format!("mce.{title}"), stored.as_f64().context("ce_fraction")?, ours, verdict);
    }
    let ours = alexnet::mce(error).context("a corruption is missing")? * 100.0;
    number_near("mce_percent", expected["mce_percent"].as_f64().context("mce_percent")?, ours, verdict);
    Ok(())
}

fn schedule(expected: &Value, verdict: &mut Verdict) -> Result<()> {
    let peak = expected["base_lr"].as_f64().context("schedule.base_lr")?;
    let reported = expected["epochs_total_reported"].as_f64().context("schedule.epochs_total_reported")?;
    // Ten epochs of cooling down at the least rate come after those of the cosine.
    let schedule = EpochCosine { peak, ..EpochCosine::published(1024, reported - 10.0) };
    for (epoch, stored) in expected["lr_at_epoch"].as_object().context("schedule.lr_at_epoch")? {
        let ours = schedule.lagging(epoch.parse()?);
        // Rates are far below the tolerance of other numbers: compared in units of the peak.
        let stored = stored.as_f64().context("lr_at_epoch")?;
        number_near(&format!("schedule.{epoch}"), stored / peak, ours / peak, verdict);
    }
    Ok(())
}

fn number_near(name: &str, stored: f64, ours: f64, verdict: &mut Verdict) {
    let stored = Array { shape: vec![1], values: vec![stored as f32] };
    verdict.compare(name, &stored, &TensorData::new(vec![ours as f32], [1]));
}
