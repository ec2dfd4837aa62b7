//! Mixed batches: bytes, boxes, λ and class targets. The teacher's batch is never mixed.

use anyhow::{Context, Result, bail};
use burn::prelude::*;
use serde_json::Value;
use vitro::augment::Window;
use vitro::augment::mixup::{self, Mix};

use super::{Fixture, Verdict, counts, images, list, numbers, planes};

/// Every stored batch.
pub(in crate::parity) fn paired_mixup(fixture: &Fixture, _: &Device, verdict: &mut Verdict) -> Result<()> {
    for (i, case) in list(fixture, "cases")?.iter().enumerate() {
        let name = |part: &str| format!("case{i}.{part}");
        let stored = |part: &str| fixture.byte_array(&name(part));
        let student = images(stored("student_in")?)?;
        let teacher = stored("teacher_in")?;
        let (width, height) = (student[0].width(), student[0].height());

        let mixes = mixes(case, student.len(), width, height, verdict).with_context(|| format!("case {i}"))?;
        let mixed = mixup::apply(&mixes, &student)?;
        verdict.compare(&name("student_out"), stored("student_out")?, &planes(&mixed));
        verdict.compare(&name("teacher_out"), stored("teacher_out")?, &numbers(teacher.values.iter().copied()));

        let labels = labels(fixture, &name("class"))?;
        let target = fixture.array(&name("target"))?;
        let smoothing = case["smoothing"].as_f64().or(fixture.json["smoothing"].as_f64()).unwrap_or(0.1);
        let rows = mixes.iter().zip(labels.iter().zip(labels.iter().rev()));
        let ours = rows.flat_map(|(mix, (class, partner))| mix.target(*class, *partner, target.shape[1], smoothing));
        verdict.compare(&name("target"), target, &numbers(ours));
    }
    verdict.expect_all_but_where(fixture, |name| name.ends_with("_in") || name.ends_with(".class"));
    Ok(())
}

fn labels(fixture: &Fixture, name: &str) -> Result<Vec<usize>> {
    fixture.integer_array(name)?.iter().map(|class| usize::try_from(*class).context("a class")).collect()
}

/// The stored decisions. Boxes are listed in the order in which they were pasted; one belongs to the next image that has
/// the box's λ.
fn mixes(case: &Value, count: usize, width: usize, height: usize, verdict: &mut Verdict) -> Result<Vec<Mix>> {
    let entries = case["cutmix_boxes_yl_yh_xl_xh_lam"].as_array().context("boxes")?;
    let mut boxes = entries
        .iter()
        .map(|entry| {
            let sides = counts(&Value::from(entry.as_array().context("a box")?[..4].to_vec()))?;
            let window = Window { x: sides[2], y: sides[0], width: sides[3] - sides[2], height: sides[1] - sides[0] };
            let (mix, lambda) = (Mix::paste_box(window, width, height), entry[4].as_f64().context("a box's λ")?);
            // The release keeps λ in f32 when each image has its own.
            verdict.compare_number("a box's λ", lambda, mix.lambda(), 1e-6);
            Ok(mix)
        })
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .peekable();
    let mut decide = |lambda: f64| {
        let pasted = boxes.next_if(|mix| (mix.lambda() - lambda).abs() < 1e-6);
        pasted.unwrap_or(if lambda == 1.0 { Mix::Keep } else { Mix::Blend { lambda } })
    };
    let used = &case["lam_used_for_target"];
    let each = |used: &Value| -> Result<Vec<f64>> {
        let list = used.as_array().context("a λ for each image")?;
        list.iter().map(|lambda| lambda.as_f64().context("λ")).collect()
    };
    let mixes: Vec<Mix> = match case["mode"].as_str() {
        Some("batch") => vec![decide(used.as_f64().context("λ")?); count],
        Some("elem") => each(used)?.into_iter().map(decide).collect(),
        Some("pair") => {
            let half: Vec<Mix> = each(used)?.into_iter().take(count.div_ceil(2)).map(decide).collect();
            (0..count).map(|i| half[i.min(count - 1 - i)]).collect()
        }
        mode => bail!("no mode is called {mode:?}"),
    };
    verdict.check(boxes.next().is_none(), || "a box belongs to no image".to_owned());
    Ok(mixes)
}
