//! Both noise searches, step by step.

use anyhow::{Context, Result, ensure};
use burn::prelude::*;
use burn::tensor::TensorData;
use vitro::method::nullspace::noise_search::{NoiseSearch, NoiseSearchConfig, Outcome};
use vitro::model::Model;

use super::{batch, features, model, number, tolerance, values};
use crate::nullspace::gradient_search::GradientSearchConfig;
use crate::nullspace::metrics::{Predictions, compare};
use crate::parity::{Fixture, Verdict};

/// What a search went through.
#[derive(Default)]
struct Log {
    noise_after: Vec<f32>,
    grad: Vec<f32>,
    objective: Vec<f32>,
    mse_probs: Vec<f32>,
    lr: Vec<f32>,
}

fn search(fixture: &Fixture, threshold: &str, device: &Device) -> Result<NoiseSearch> {
    let hyper = |key: &str| number(fixture, &["hyper", key]);
    let default = NoiseSearchConfig::default();
    let config = NoiseSearchConfig {
        range: hyper("lim")?,
        learning_rate: hyper("noise_lr")?,
        weight_decay: number(fixture, &["hyper", "defaults", "weight_decay"]).unwrap_or(default.weight_decay),
        threshold: hyper(threshold)?,
        rounds: hyper("rounds")? as usize,
        share: hyper("img_ratio")?,
    };
    let search = config.init(fixture.tensor::<3>("noise_start", device)?, hyper("loader_length")? as usize)?;
    let steps = (hyper("rounds")? * hyper("steps_per_round")?) as usize;
    ensure!(search.steps() == steps, "{} steps planned, {steps} expected", search.steps());
    Ok(search)
}

fn run(search: &mut NoiseSearch, model: &Model, batches: &Tensor<5>) -> Result<Log> {
    let mut log = Log::default();
    while let Some(index) = search.next_batch() {
        let rate = search.learning_rate() as f32;
        let trial = search.look(model, batch(batches, index))?;
        let shift: f32 = trial.probability_shift.clone().into_scalar();
        log.mse_probs.push(shift);
        if search.advance(&trial, f64::from(shift)) == Outcome::Moved {
            log.lr.push(rate);
            log.objective.push(trial.objective.into_scalar());
            log.grad.extend(values(trial.gradient));
            log.noise_after.extend(values(search.noise()));
        }
    }
    Ok(log)
}

fn list(values: &[f32]) -> TensorData {
    TensorData::new(values.to_vec(), [values.len()])
}

/// Start, gradient, objective, stop value, rate and noise of every step, logits and features at the end.
pub(in crate::parity) fn every_step(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let model = model(fixture, device)?;
    let mut search = search(fixture, "eps_stop", device)?;
    let start = search.noise();
    let log = run(&mut search, &model, &fixture.tensor::<5>("batches", device)?)?;
    let relative = tolerance(fixture, "objective_rel")?;
    for (name, ours, near) in [
        ("lr", &log.lr, (0.0, relative)),
        ("objective", &log.objective, (0.0, relative)),
        ("mse_probs", &log.mse_probs, (0.0, relative)),
        ("grad", &log.grad, (0.0, tolerance(fixture, "grad_rel")?)),
        ("noise_after", &log.noise_after, (tolerance(fixture, "noise_abs")?, 0.0)),
    ] {
        verdict.compare_within(name, fixture.array(name)?, &list(ours), near);
    }

    let near = (tolerance(fixture, "logits_abs")?, 0.0);
    let images = fixture.tensor::<4>("eval_images", device)?;
    for (name, noise) in [("clean", None), ("start", Some(start)), ("final", Some(search.noise()))] {
        let seen = model.forward_with_noise(images.clone(), noise, &mut ())?;
        let (logits, tokens) = (format!("eval_logits_{name}"), format!("eval_features_{name}"));
        verdict.compare_within(&logits, fixture.array(&logits)?, &seen.logits.to_data(), near);
        if let Ok(stored) = fixture.array(&tokens) {
            verdict.compare_within(&tokens, stored, &features(&seen).to_data(), near);
        }
    }
    verdict.expect_all_but(fixture, &["weights.", "batches", "noise_start", "eval_images"]);
    Ok(())
}

/// A threshold that is reached: the search returns what it had before the step.
pub(in crate::parity) fn early_stop(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let model = model(fixture, device)?;
    let mut search = search(fixture, "eps", device)?;
    let log = run(&mut search, &model, &fixture.tensor::<5>("batches", device)?)?;
    let expected = |key: &str| Ok::<_, anyhow::Error>(number(fixture, &["expected", key])? as usize);
    let stopped_at = expected("stop_round")? * number(fixture, &["hyper", "steps_per_round"])? as usize;
    let stopped_at = stopped_at + expected("stop_step")?;
    let (updates, tested) = (log.lr.len(), log.mse_probs.len());
    ensure!(search.stopped_early(), "the stop rule never held");
    ensure!(updates == expected("updates_done")?, "{updates} updates");
    ensure!(tested == stopped_at + 1, "stopped at step {}, expected at {stopped_at}", tested - 1);

    let relative = (0.0, tolerance(fixture, "mse_rel")?);
    verdict.compare_within("mse_probs", fixture.array("mse_probs")?, &list(&log.mse_probs), relative);
    verdict.compare_within("lr", fixture.array("lr")?, &list(&log.lr), relative);
    let near = (tolerance(fixture, "noise_abs")?, 0.0);
    verdict.compare_within("noise_returned", fixture.array("noise_returned")?, &search.noise().to_data(), near);
    let images = fixture.tensor::<4>("eval_images", device)?;
    let logits = model.forward_with_noise(images, Some(search.noise()), &mut ())?.logits;
    let near = (tolerance(fixture, "logits_abs")?, 0.0);
    verdict.compare_within("eval_logits", fixture.array("eval_logits")?, &logits.to_data(), near);
    verdict.expect_all_but(fixture, &["weights.", "batches", "noise_start", "eval_images"]);
    Ok(())
}

/// The first generation's search, on tokens and on pixels.
pub(in crate::parity) fn accumulating(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let model = model(fixture, device)?;
    let batches = fixture.tensor::<5>("batches", device)?;
    let count = batches.dims()[0];
    let config = |place: &str| -> Result<(GradientSearchConfig, usize)> {
        let hyper = &fixture.json["hyper"][place];
        let milestones = hyper["milestones"].as_array().context("milestones")?;
        let milestones = milestones.iter().filter_map(|round| round.as_u64().map(|n| n as usize)).collect();
        let batches = hyper["batches_per_round"].as_u64().map_or(count, |n| n as usize);
        let learning_rate = number(fixture, &["hyper", place, "lr"])?;
        let rounds = number(fixture, &["hyper", place, "rounds"])? as usize;
        Ok((GradientSearchConfig { learning_rate, milestones, batches }, rounds))
    };
    let near = (tolerance(fixture, "noise_abs")?, 0.0);

    let (encoder, rounds) = config("encoder")?;
    let mut search = encoder.init(fixture.tensor::<3>("encoder_noise_start", device)?);
    let mut after = Vec::new();
    for step in 0..rounds * encoder.batches {
        search.step(&model, batch(&batches, step % encoder.batches))?;
        after.extend(values(search.noise()));
    }
    verdict.compare_within("encoder_noise_after", fixture.array("encoder_noise_after")?, &list(&after), near);
    let stored = fixture.array("encoder_noise_final_official")?;
    verdict.compare_within("encoder_noise_final_official", stored, &search.noise().to_data(), near);

    let (image, rounds) = config("image")?;
    let mut search = image.init(fixture.tensor::<4>("image_noise_start", device)?);
    for step in 0..rounds * image.batches {
        search.step(&model, batch(&batches, step % image.batches))?;
    }
    let noise = search.noise();
    verdict.compare_within("image_noise_final", fixture.array("image_noise_final")?, &noise.to_data(), near);
    let logits = model.forward(fixture.tensor::<4>("eval_images", device)? + noise.clone());
    let near = (tolerance(fixture, "logits_abs")?, 0.0);
    verdict.compare_within(
        "eval_logits_image_noise",
        fixture.array("eval_logits_image_noise")?,
        &logits.to_data(),
        near,
    );

    let images = batches.flatten::<4>(0, 1);
    let clean = model.forward(images.clone());
    let classes = clean.dims()[1];
    let (clean, noisy) = (values(clean), values(model.forward(images + noise)));
    let predictions = |logits| Predictions { logits, classes, features: &[] };
    let metrics = compare(predictions(&clean), predictions(&noisy))?;
    let relative = tolerance(fixture, "metric_rel")?;
    let stored = &fixture.json["image_noise_metrics_over_batches"];
    for (name, ours) in
        [("mse_logits", metrics.logits), ("mse_probs", metrics.probabilities), ("eq", metrics.unchanged)]
    {
        verdict.compare_number(name, stored[name].as_f64().unwrap_or(f64::NAN), ours, relative);
    }
    verdict
        .expect_all_but(fixture, &["weights.", "batches", "encoder_noise_start", "image_noise_start", "eval_images"]);
    Ok(())
}
