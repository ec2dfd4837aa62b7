//! The losses of both stages with their gradients.

use anyhow::{Context, Result, bail};
use burn::prelude::*;
use vitro::bundle::Array;
use vitro::method::stl::{LabelerLoss, LossWeights, StlConfig, labeler_loss, student_loss};

use super::{Fixture, Verdict};

/// Every stored variant.
pub(in crate::parity) fn losses(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let device = device.clone().autodiff();
    let target = fixture.tensor::<2>("class_target", &device)?;
    let labels = fixture.tensor::<3>("token_target", &device)?;
    for (name, entry) in fixture.json["values"].as_object().context("values")? {
        let class_logits = fixture.tensor::<2>("cls_logits", &device)?.require_grad();
        let token_logits = fixture.tensor::<3>("token_logits", &device)?.require_grad();
        let weight = |key: &str| entry[key].as_f64().unwrap_or(1.0);
        let config = StlConfig {
            weights: LossWeights { class: weight("cls_weight"), dense: weight("dense_weight") },
            dynamic: entry["dynamic_dense_weight"] == true,
            ..StlConfig::default()
        };
        let weights = config.weights_at(entry["epoch"].as_f64().unwrap_or(0.0));
        let (class, token) = (class_logits.clone(), token_logits.clone());
        let loss = match stage(name)? {
            Some(mode) => labeler_loss(mode, weights, class, token, target.clone()),
            None => student_loss(weights, class, token, target.clone(), labels.clone()),
        };

        let stored = entry["value"].as_f64().context("value")?;
        let stored = Array { shape: vec![1], values: vec![stored as f32] };
        verdict.compare(name, &stored, &loss.to_data());
        let gradients = loss.backward();
        let class = class_logits.grad(&gradients).map(|gradient| gradient.to_data());
        let token = token_logits.grad(&gradients).map(|gradient| gradient.to_data());
        for (part, ours) in [("cls", class), ("token", token)] {
            let name = format!("grad.{name}.{part}");
            match fixture.array(&name) {
                Ok(stored) => verdict.compare(&name, stored, &ours.context("no gradient")?),
                // Nothing stored: the loss does not reach these scores.
                Err(_) => {
                    let reached = ours.is_some_and(|ours| ours.iter::<f32>().any(|value| value != 0.0));
                    verdict.check(!reached, || format!("{name}: a gradient where none is stored"));
                }
            }
        }
    }
    let inputs = ["cls_logits", "token_logits", "class_target", "token_target"];
    verdict.expect_all_but_where(fixture, |name| inputs.contains(&name));
    Ok(())
}

/// The labeler's mode, or none for the student's loss.
fn stage(name: &str) -> Result<Option<LabelerLoss>> {
    Ok(if name.starts_with("stage2_") {
        None
    } else if name.starts_with("stage1_cls_and_gap") {
        Some(LabelerLoss::ClassAndMean)
    } else if name.starts_with("stage1_single_token_only") {
        Some(LabelerLoss::MeanAlone)
    } else if name.starts_with("stage1_label_copied_to_tokens") {
        Some(LabelerLoss::EveryToken)
    } else {
        bail!("no loss is called {name}")
    })
}
