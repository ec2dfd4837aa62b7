//! Finetuning with a fixed noise: losses, gradients of the first step, weights and logits after the last.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use burn::optim::{AdamWConfig, GradientsParams};
use burn::prelude::*;
use burn::tensor::TensorData;
use vitro::bundle::Array;
use vitro::method::cross_entropy::{cross_entropy, one_hot};
use vitro::method::nullspace::fine_tune::second_pass;
use vitro::model::Model;

use super::{batch, model, number, tolerance};
use crate::parity::gradient::{by_place, place_of, places};
use crate::parity::{Fixture, Verdict};

/// As many steps as are stored, with AdamW on all weights.
pub(in crate::parity) fn steps(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let device = &device.clone().autodiff();
    let mut model = model(fixture, device)?;
    let hyper = |key: &str| number(fixture, &["hyper", key]);
    let optimiser = AdamWConfig::new().with_weight_decay(hyper("weight_decay")? as f32);
    let mut optimiser = optimiser.with_epsilon(hyper("adam_eps")? as f32).init();
    let images = fixture.tensor::<5>("images", device)?;
    let [steps, batch_size, ..] = images.dims();
    let labels: Vec<usize> = fixture.integers["labels"].iter().map(|label| *label as usize).collect();
    ensure!(steps == hyper("steps_done")? as usize && labels.len() == steps * batch_size, "one label for each image");
    let noise = fixture.tensor::<3>("noise", device)?;
    let classes = number(fixture, &["model", "num_classes"])? as usize;
    let relative = tolerance(fixture, "loss_rel")?;

    let mut losses = Vec::new();
    let mut rates = Vec::new();
    for step in 0..steps {
        let targets = one_hot(&labels[step * batch_size..(step + 1) * batch_size], classes, device);
        let noisy = second_pass(&model, batch(&images, step), targets.clone(), Some(noise.clone()))?;
        let clean = cross_entropy(model.forward(batch(&images, step)), targets);
        let total = clean.clone() + noisy.clone();
        losses.push(total.clone().into_scalar::<f32>());
        if step == 0 {
            for (name, part) in [("ce_clean", &clean), ("ce_noisy", &noisy), ("total", &total)] {
                let ours = f64::from(part.clone().into_scalar::<f32>());
                verdict.compare_number(
                    name,
                    fixture.json["first_step"][name].as_f64().unwrap_or(f64::NAN),
                    ours,
                    relative,
                );
            }
        }
        let gradients = GradientsParams::from_grads(total.backward(), &model);
        if step == 0 {
            let ours = by_place(&model, &gradients);
            compare_all("grad_step0.", &model, ours, tolerance(fixture, "grad_rel")?, fixture, verdict)?;
        }
        let rate = hyper("lr")? * 0.5 * (1.0 + (std::f64::consts::PI * step as f64 / hyper("cosine_T_max")?).cos());
        rates.push(rate as f32);
        model = optimiser.step(rate, model, gradients);
    }
    for (name, ours) in [("loss", losses), ("lr", rates)] {
        let ours = TensorData::new(ours, [steps]);
        verdict.compare_within(name, fixture.array(name)?, &ours, (0.0, relative));
    }
    let after = places(&model)?;
    compare_all("after.", &model, after, tolerance(fixture, "weights_abs")?, fixture, verdict)?;
    let logits = model.forward(fixture.tensor::<4>("eval_images", device)?);
    let near = (tolerance(fixture, "logits_abs")?, 0.0);
    verdict.compare_within("eval_logits_after", fixture.array("eval_logits_after")?, &logits.to_data(), near);
    verdict.expect_all_but(fixture, &["weights.", "images", "labels", "noise", "eval_images"]);
    Ok(())
}

/// Compares every array under `prefix` place by place; the stored side goes through the importer like weights. `near` is a
/// share of the largest entry of an array for gradients, and absolute for weights.
///
/// The key part of each qkv bias is left out: its true gradient is zero, so Adam moves it by rounding noise.
fn compare_all(
    prefix: &str,
    model: &Model,
    ours: BTreeMap<String, TensorData>,
    near: f64,
    fixture: &Fixture,
    verdict: &mut Verdict,
) -> Result<()> {
    let arrays = fixture.arrays.within(prefix);
    let mut expected = model.clone();
    arrays.load_official(&mut expected)?;
    let expected = places(&expected)?;
    for (key, _) in arrays.iter() {
        let place = place_of(key, &arrays, model)?.with_context(|| format!("{prefix}{key} fills no place"))?;
        let stored = &expected[&place];
        let mut stored: Vec<f32> = stored.clone().convert::<f32>().iter::<f32>().collect();
        let our = ours.get(&place).with_context(|| format!("{prefix}{key}: nothing of ours"))?;
        if key.ends_with("attn.qkv.bias") {
            let width = stored.len() / 3;
            let ours: Vec<f32> = our.clone().convert::<f32>().iter::<f32>().collect();
            stored[width..2 * width].copy_from_slice(&ours[width..2 * width]);
        }
        let largest = stored.iter().fold(0.0f32, |most, value| most.max(value.abs()));
        let allowed = if prefix.starts_with("grad") { near * f64::from(largest) } else { near };
        let stored = Array { shape: Vec::new(), values: stored };
        verdict.compare_within(&format!("{prefix}{key}"), &stored, our, (allowed, 0.0));
    }
    Ok(())
}
