//! Token labels from stored scores and noise, in every mode, with what our labels say about choices and confidence.

use anyhow::{Context, Result, bail};
use burn::prelude::*;
use burn::tensor::TensorData;
use burn::tensor::activation::softmax;
use vitro::method::stl::{LabelMode, Spread, TokenLabels, token_mean};

use super::{Fixture, Verdict};

/// Every stored set of scores.
pub(in crate::parity) fn token_labels(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let smoothing = fixture.json["smoothing"].as_f64().context("smoothing")?;
    let sets = fixture.arrays.iter().filter_map(|(name, _)| name.strip_suffix(".token_logits"));
    for set in sets {
        let logits = fixture.tensor::<3>(&format!("{set}.token_logits"), device)?;
        let likeliest = logits.clone().argmax(2);
        choices(fixture, verdict, &format!("{set}.argmax"), likeliest.clone());
        let confidence = softmax(logits.clone(), 2).max_dim(2);
        let name = format!("{set}.confidence");
        verdict.compare(&name, fixture.array(&name)?, &confidence.to_data());

        let stored = fixture.arrays.within(&format!("{set}.label."));
        for (mode, _) in stored.iter() {
            let config = settings(mode, smoothing)?;
            if mode == "single" {
                one_mode(fixture, verdict, device, (set, mode), config, token_mean(logits.clone()))?;
            } else {
                let label = one_mode(fixture, verdict, device, (set, mode), config, logits.clone())?;
                agreement(fixture, verdict, (set, mode), label, likeliest.clone())?;
            }
        }
    }
    verdict.expect_all_but_where(fixture, |name| name.ends_with(".token_logits") || name.contains(".noise."));
    Ok(())
}

fn settings(mode: &str, smoothing: f64) -> Result<TokenLabels> {
    let (mode, smoothing) = match mode {
        "gumbel" | "single" => (LabelMode::Gumbel, smoothing),
        "gumbel_smooth0" => (LabelMode::Gumbel, 0.0),
        "argmax" => (LabelMode::Argmax, smoothing),
        "softmax" => (LabelMode::Softmax, smoothing),
        _ => bail!("no mode is called {mode}"),
    };
    Ok(TokenLabels { mode, smoothing, spread: Spread::Released })
}

/// Compares the label of one mode, and the choice where one is stored.
fn one_mode<const D: usize>(
    fixture: &Fixture,
    verdict: &mut Verdict,
    device: &Device,
    (set, mode): (&str, &str),
    config: TokenLabels,
    logits: Tensor<D>,
) -> Result<Tensor<D>> {
    let noise = fixture.tensor::<D>(&format!("{set}.noise.{mode}"), device).ok();
    let label = config.with_noise(logits, noise);
    let name = format!("{set}.label.{mode}");
    verdict.compare(&name, fixture.array(&name)?, &label.to_data());
    choices(fixture, verdict, &format!("{set}.choice.{mode}"), label.clone().argmax(D - 1));
    Ok(label)
}

/// Compares chosen classes where they are stored.
fn choices<const D: usize>(fixture: &Fixture, verdict: &mut Verdict, name: &str, ours: Tensor<D, Int>) {
    if let Ok(stored) = fixture.integer_array(name) {
        let ours: Vec<i64> = ours.to_data().convert::<i64>().iter::<i64>().collect();
        verdict.compare_choices(name, stored, &ours, 1.0);
    }
}

/// Where the sample is the likeliest class, and the sum of a row; both are stored for the default mode.
fn agreement(
    fixture: &Fixture,
    verdict: &mut Verdict,
    (set, mode): (&str, &str),
    label: Tensor<3>,
    likeliest: Tensor<3, Int>,
) -> Result<()> {
    let name = format!("{set}.agrees_with_argmax");
    if mode != "gumbel" {
        return Ok(());
    }
    if let Ok(stored) = fixture.byte_array(&name) {
        verdict.compare(&name, stored, &label.clone().argmax(2).equal(likeliest).float().to_data());
    }
    if let Some(sum) = fixture.json["row_sums"][set]["label_row_sum"].as_f64() {
        let first: TensorData = label.sum_dim(2).flatten::<1>(0, 2).narrow(0, 0, 1).to_data();
        let ours = first.convert::<f32>().iter::<f32>().next().context("a row")?;
        verdict.compare_number("the sum of a row", sum, f64::from(ours), 1e-5);
    }
    Ok(())
}
