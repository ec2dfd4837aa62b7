//! The two views of an image, byte for byte.
//!
//! The fixtures do not say which interpolation each view drew inside geometric operations, so each view must equal one of
//! the possible results exactly.

use anyhow::{Context, Result, ensure};
use burn::prelude::*;
use vitro::augment::paired::{Plan, Step};
use vitro::augment::randaugment::Op;
use vitro::augment::{Interpolation, Window};
use vitro::image::Rgb8;

use super::{Fixture, Verdict, bytes, counts, image, images, interpolation, list, operation, planes};

const BOTH: [Interpolation; 2] = [Interpolation::Bilinear, Interpolation::Bicubic];

/// Crop, flip and operations of every stored case.
pub(in crate::parity) fn paired_transform(fixture: &Fixture, _: &Device, verdict: &mut Verdict) -> Result<()> {
    for (i, case) in list(fixture, "cases")?.iter().enumerate() {
        let stored = |name: &str| fixture.byte_array(&format!("case{i}.{name}"));
        let source = image(stored("source_hwc")?)?;
        let [y, x, height, width] = counts(&case["crop_top_left_h_w"])?[..] else {
            anyhow::bail!("crop_top_left_h_w has four numbers");
        };
        let filters = &case["crop_interpolation"];
        ensure!(filters[0] == filters[1], "case {i}: the views share their crop");

        let side = |view: &str| -> Result<Vec<Op>> {
            let entries = case["ops"].as_array().context("ops")?.iter().filter(|entry| entry["side"] == view);
            entries.map(|entry| operation(entry["name"].as_str().context("name")?, &entry["args"])).collect()
        };
        let (teacher, student) = (side("teacher")?, side("student")?);
        let geometric: Vec<Op> = student.iter().copied().filter(|op| op.is_geometric()).collect();
        verdict.check(teacher == geometric, || format!("case {i}: the teacher runs {teacher:?}, not {geometric:?}"));

        let plan = |filter: Interpolation| -> Result<Plan> {
            Ok(Plan {
                window: Window { x, y, width, height },
                interpolation: interpolation(&filters[0])?,
                side: stored("after_crop")?.shape[0],
                flip: case["hflip"].as_bool().context("hflip")?,
                steps: student.iter().map(|op| Step { op: *op, teacher: filter, student: filter }).collect(),
            })
        };
        let crop = plan(Interpolation::Bilinear)?.crop(&source);
        verdict.compare(&format!("case{i}.after_crop"), stored("after_crop")?, &bytes(&crop));

        let variants = variants(&plan(Interpolation::Bilinear)?);
        let views: Vec<_> = variants.iter().map(|plan| plan.both(&source)).collect();
        nearest(verdict, fixture, &format!("case{i}.teacher_chw"), views.iter().map(|pair| &pair.teacher))?;
        nearest(verdict, fixture, &format!("case{i}.student_chw"), views.iter().map(|pair| &pair.student))?;
    }
    verdict.expect_all_but_where(fixture, |name| name.ends_with(".source_hwc"));
    Ok(())
}

/// The plan with every choice of interpolation in its geometric steps.
fn variants(plan: &Plan) -> Vec<Plan> {
    let mut all = vec![plan.clone()];
    for i in 0..plan.steps.len() {
        if plan.steps[i].op.is_geometric() {
            let chosen = |plan: &Plan, filter| {
                let mut plan = plan.clone();
                plan.steps[i] = Step { teacher: filter, student: filter, ..plan.steps[i] };
                plan
            };
            all = all.iter().flat_map(|plan| BOTH.map(|filter| chosen(plan, filter))).collect();
        }
    }
    all
}

/// Compares the view that is nearest to the stored one.
fn nearest<'a>(
    verdict: &mut Verdict,
    fixture: &Fixture,
    name: &str,
    views: impl Iterator<Item = &'a Rgb8>,
) -> Result<()> {
    let stored = fixture.byte_array(name)?;
    let theirs = images(stored)?.into_iter().next().context("an image")?;
    let distance =
        |view: &Rgb8| -> u64 { view.bytes().iter().zip(theirs.bytes()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum() };
    let best = views.min_by_key(|view| distance(view)).context("no view")?;
    verdict.compare(name, stored, &planes(std::slice::from_ref(best)));
    Ok(())
}
