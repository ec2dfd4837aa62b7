//! AugMix with the draws of the published code: every operation, the end of every chain, every blend; and its consistency loss
//! with the gradient.

use anyhow::{Context, Result, bail, ensure};
use burn::prelude::*;
use burn::tensor::TensorData;
use serde_json::Value;
use vitro::augment::augmix::{Operation, Plan, Step};
use vitro::bundle::Array;
use vitro::method::consistency::consistency;
use vitro::method::cross_entropy::{cross_entropy, one_hot};

use super::stl::{bytes, image, numbers};
use super::{Fixture, Verdict};

/// The files that the fixture lists, each with an image, single operations and whole blends.
pub(super) fn blends(fixture: &Fixture, _: &Device, verdict: &mut Verdict) -> Result<()> {
    for (file, about) in fixture.json["files"].as_object().context("files")? {
        let stored = fixture.beside(file)?;
        let source = image(stored.byte_array("in")?)?;
        // A translation's greatest way is a third of this side.
        ensure!(about["size"] == source.width() && about["size"] == source.height(), "{file}: `in` has another size");
        let before = verdict.compared;
        let compare =
            |verdict: &mut Verdict, name: &str, array: &Array, ours: &TensorData, tolerance: &str| -> Result<()> {
                let allowed = fixture.json["tolerances"][tolerance].as_f64().context("a tolerance is missing")?;
                verdict.compare_within(&format!("{file} {name}"), array, ours, (allowed, 0.0));
                Ok(())
            };

        for entry in list(about, "ops")? {
            let key = entry["key"].as_str().context("key")?;
            compare(verdict, key, stored.byte_array(key)?, &bytes(&step(entry)?.apply(&source)), "op")?;
        }
        for (k, entry) in list(about, "mixes")?.iter().enumerate() {
            let plan = plan(entry)?;
            for (i, chain) in plan.chains.iter().enumerate() {
                let end = chain.iter().fold(source.clone(), |image, step| step.apply(&image));
                let name = format!("chain/{k}/{i}");
                compare(verdict, &name, stored.byte_array(&name)?, &bytes(&end), "chain")?;
            }
            let name = format!("mix/{k}");
            compare(verdict, &name, stored.array(&name)?, &numbers(plan.apply(&source)), "mix")?;
        }
        // All but the image itself.
        let (compared, stored) =
            (verdict.compared - before, stored.arrays.iter().count() + stored.bytes.iter().count() - 1);
        verdict.check(compared == stored, || format!("{file}: {compared} arrays compared, {stored} stored"));
    }
    Ok(())
}

/// Every stored row: value, both terms, and the gradient by the logits of all views.
pub(super) fn consistency_loss(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let device = device.clone().autodiff();
    let tolerance = |key: &str| fixture.json["tolerances"][key].as_f64().context("a tolerance is missing");
    let (relative, absolute) = (tolerance("loss_relative")?, tolerance("grad")?);
    for row in fixture.json["rows"].as_array().context("rows")? {
        let name = row["name"].as_str().context("name")?;
        let logits = fixture.tensor::<3>(&format!("{name}/logits"), &device)?.require_grad();
        let [views, b, classes] = logits.dims();
        let labels = fixture.integer_array(&format!("{name}/labels"))?;
        let labels =
            labels.iter().map(|label| usize::try_from(*label).context("a label")).collect::<Result<Vec<_>>>()?;

        let all = logits.clone().reshape([views * b, classes]);
        let base = cross_entropy(all.clone().narrow(0, 0, b), one_hot(&labels, classes, &device));
        let divergence = consistency(all, views);
        let loss = base.clone() + divergence.clone().mul_scalar(fixture.number("weight", 12.0));
        for (key, ours) in [("cross_entropy", base), ("js", divergence), ("loss", loss.clone())] {
            let stored = row[key].as_f64().with_context(|| format!("{name}: {key}"))?;
            let allowed = if stored < 1.0 { (relative, 0.0) } else { (0.0, relative) };
            let stored = Array { shape: vec![1], values: vec![stored as f32] };
            verdict.compare_within(&format!("{name}: {key}"), &stored, &ours.to_data(), allowed);
        }

        let key = format!("{name}/grad");
        let gradient = logits.grad(&loss.backward()).with_context(|| format!("no gradient reached {name}"))?;
        verdict.compare_within(&key, fixture.array(&key)?, &gradient.to_data(), (absolute, 0.0));
    }
    verdict.expect_all_but_where(fixture, |name| name.ends_with("/logits") || name.ends_with("/labels"));
    Ok(())
}

/// A stored blend.
fn plan(entry: &Value) -> Result<Plan> {
    let number = |value: &Value| value.as_f64().map(|number| number as f32).context("a number");
    let chains =
        list(entry, "chains")?.iter().map(|chain| chain.as_array().context("a chain")?.iter().map(step).collect());
    Ok(Plan {
        weights: list(entry, "weights")?.iter().map(number).collect::<Result<_>>()?,
        altered: number(&entry["m"])?,
        chains: chains.collect::<Result<_>>()?,
    })
}

/// A stored operation.
fn step(entry: &Value) -> Result<Step> {
    let operation = match entry["op"].as_str().context("op")? {
        "autocontrast" => Operation::AutoContrast,
        "equalize" => Operation::Equalize,
        "posterize" => Operation::Posterize,
        "rotate" => Operation::Rotate,
        "solarize" => Operation::Solarize,
        "shear_x" => Operation::ShearX,
        "shear_y" => Operation::ShearY,
        "translate_x" => Operation::TranslateX,
        "translate_y" => Operation::TranslateY,
        "color" => Operation::Color,
        "contrast" => Operation::Contrast,
        "brightness" => Operation::Brightness,
        "sharpness" => Operation::Sharpness,
        other => bail!("no operation is called {other}"),
    };
    // Two operations have no strength, most have one direction.
    let level = entry["level"].as_f64().unwrap_or_default();
    Ok(Step { operation, level, negative: entry["negative"] == true })
}

/// A list of objects.
fn list<'a>(of: &'a Value, key: &str) -> Result<&'a Vec<Value>> {
    of[key].as_array().with_context(|| format!("the list {key}"))
}
