//! The exact nullspace: dimensions, projector, noise, and what four kinds of noise do to the logits.

use anyhow::{Context, Result};
use burn::prelude::*;
use burn::tensor::TensorData;

use super::{model, number, tolerance, values};
use crate::parity::{Fixture, Verdict};
use vitro::method::nullspace::basis::{Channels, PatchNullspace, Scale};
use vitro::method::nullspace::controls::permuted;

const INPUTS: &[&str] = &["weights.", "images", "gaussian", "permutation"];

/// Joint and per-channel nullspace of the patch embedding.
pub(in crate::parity) fn projector(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let model = model(fixture, device)?;
    let kernel = model.patch_kernel().context("a ViT has a patch kernel")?;
    let shape = kernel.dims();
    let kernel = values(kernel);
    let joint = PatchNullspace::new(&kernel, shape, Channels::Joint)?;
    let separate = PatchNullspace::new(&kernel, shape, Channels::Separate)?;

    let dimension = |key: &str| Ok::<_, anyhow::Error>(number(fixture, &["dims", key])? as usize);
    let stored = fixture.json["dims"]["per_channel_nullspace"].as_array().context("dims.per_channel_nullspace")?;
    let stored: Vec<usize> = stored.iter().filter_map(|value| value.as_u64().map(|n| n as usize)).collect();
    let pixels = dimension("joint_input")?;
    for (name, ours, stored) in [
        ("joint_nullspace", joint.dimensions(), vec![dimension("joint_nullspace")?]),
        ("rank", vec![pixels - joint.dimensions()[0]], vec![dimension("rank")?]),
        ("per_channel_nullspace", separate.dimensions(), stored),
    ] {
        if ours != stored {
            verdict.failures.push(format!("dims.{name}: {ours:?}, {stored:?} stored"));
        }
    }

    let near = (tolerance(fixture, "projector_abs")?, 0.0);
    let projector = floats(&joint.projectors().concat());
    verdict.compare_within("projector", fixture.array("projector")?, &projector, near);
    let spectrum = floats(&joint.singular_values().collect::<Vec<_>>().concat());
    verdict.compare_within("singular_values", fixture.array("singular_values")?, &spectrum, near);

    let images = fixture.tensor::<4>("images", device)?;
    let gaussian = fixture.array("gaussian")?;
    let size = [gaussian.shape[2], gaussian.shape[3]];
    let logits_near = (tolerance(fixture, "logits_abs")?, 0.0);
    let answer = |noise: Vec<f32>| {
        let noise = Tensor::<4>::from_data(TensorData::new(noise, gaussian.shape.clone()), device);
        model.forward(images.clone() + noise).into_data()
    };
    let clean = model.forward(images.clone()).into_data();
    verdict.compare_within("logits_clean", fixture.array("logits_clean")?, &clean, logits_near);

    let mut noises = Vec::new();
    for (name, space) in [("joint", &joint), ("per_channel", &separate)] {
        let stored = fixture.array(&format!("noise_{name}"))?;
        let peak = stored.values.iter().fold(0.0f32, |most, value| most.max(value.abs()));
        let noise = space.noise(&gaussian.values, size, Scale::Peak(f64::from(peak)))?;
        let data = TensorData::new(noise.clone(), stored.shape.clone());
        verdict.compare_within(&format!("noise_{name}"), stored, &data, near);
        noises.push(noise);
    }
    let order: Vec<usize> = fixture.integers["permutation"].iter().map(|place| *place as usize).collect();
    let shifted = permuted(&noises[0], &order);
    let separate_noise = noises.swap_remove(1);
    for (name, noise, shift) in [
        ("logits_null", noises.swap_remove(0), "max_logit_shift_null"),
        ("logits_null_per_channel", separate_noise, "max_logit_shift_null_per_channel"),
        ("logits_permuted", shifted, "max_logit_shift_permuted"),
    ] {
        let logits = answer(noise);
        verdict.compare_within(name, fixture.array(name)?, &logits, logits_near);
        let moved = logits.iter::<f32>().zip(clean.iter::<f32>()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        let stored = number(fixture, &["expected", shift])?;
        if (f64::from(moved) - stored).abs() > logits_near.0 {
            verdict.failures.push(format!("expected.{shift}: {moved}, {stored} stored"));
        }
    }
    verdict.expect_all_but(fixture, INPUTS);
    Ok(())
}

fn floats(values: &[f64]) -> TensorData {
    let values: Vec<f32> = values.iter().map(|value| *value as f32).collect();
    let count = values.len();
    TensorData::new(values, [count])
}
