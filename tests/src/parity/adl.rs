//! The attention diversification loss and its gradient.

use anyhow::{Context, Result};
use burn::prelude::*;
use vitro::method::adl::{BatchOfOne, adl, adl_layer};

use super::{Fixture, Verdict};

/// Value over all layers, value of each layer, gradient with respect to each layer's attention.
pub(super) fn loss(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let device = device.clone().autodiff();
    let theta = fixture.number("threshold", 2.0);
    let count = fixture.config()["layers"].as_array().context("config.layers")?.len();
    let layers = (0..count)
        .map(|i| Ok(fixture.tensor::<4>(&format!("inputs.attn.{i}"), &device)?.require_grad()))
        .collect::<Result<Vec<_>>>()?;

    let each = layers.iter().map(|layer| adl_layer(layer.clone(), theta, BatchOfOne::Released)).collect();
    verdict.compare("out.adl_single_layer", fixture.array("out.adl_single_layer")?, &Tensor::cat(each, 0).to_data());
    let total = adl(&layers, theta, BatchOfOne::Released);
    verdict.compare("out.adl", fixture.array("out.adl")?, &total.to_data());

    let gradients = total.backward();
    for (i, layer) in layers.iter().enumerate() {
        let name = format!("grads.attn.{i}");
        if let Ok(stored) = fixture.array(&name) {
            let ours = layer.grad(&gradients).with_context(|| format!("no gradient reached layer {i}"))?;
            verdict.compare(&name, stored, &ours.to_data());
        }
    }
    Ok(())
}
