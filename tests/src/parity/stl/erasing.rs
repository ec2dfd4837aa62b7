//! Random erasing with stored boxes. Noise is not stored beside its result, so it is taken from there; what is compared is
//! that the box and nothing else changes.

use anyhow::{Context, Result, bail};
use burn::prelude::*;
use vitro::augment::Window;
use vitro::augment::random_erasing::Erasure;

use super::{Fixture, Verdict, counts, list, numbers};

/// Every stored batch.
pub(in crate::parity) fn random_erasing(fixture: &Fixture, _: &Device, verdict: &mut Verdict) -> Result<()> {
    for case in list(fixture, "cases")? {
        let mode = case["mode"].as_str().context("mode")?;
        let stored = |part: &str| fixture.array(&format!("{mode}.{part}"));
        let (input, output) = (stored("student_in")?, stored("student_out")?);
        let [_, channels, height, width] = input.shape[..] else { bail!("{mode}.student_in is not [b, c, y, x]") };
        let boxes = case["boxes_y0_y1_x0_x1"].as_array().context("boxes")?;

        let size = channels * height * width;
        let mut ours = Vec::with_capacity(input.values.len());
        let samples = input.values.chunks(size).zip(output.values.chunks(size));
        for ((before, after), sides) in samples.zip(boxes) {
            let mut sample = before.to_vec();
            if !sides.is_null() {
                let sides = counts(sides)?;
                let window =
                    Window { x: sides[2], y: sides[0], width: sides[3] - sides[2], height: sides[1] - sides[0] };
                let values = match mode {
                    "const" => None,
                    "pixel" => Some(inside(after, window, height, width)),
                    _ => bail!("no mode is called {mode}"),
                };
                Erasure { window, values }.apply(&mut sample, width, height)?;
                verdict.check(sample != before, || format!("{mode}: a box changed nothing"));
            }
            ours.extend(sample);
        }
        verdict.compare(&format!("{mode}.student_out"), output, &numbers(ours));
        let teacher = stored("teacher_in")?.values.iter().copied();
        verdict.compare(&format!("{mode}.teacher_out"), stored("teacher_out")?, &numbers(teacher));
    }
    verdict.expect_all_but_where(fixture, |name| name.ends_with("_in"));
    Ok(())
}

/// The values of a box, `[c, y, x]`.
fn inside(planes: &[f32], window: Window, height: usize, width: usize) -> Vec<f32> {
    let rows = planes.chunks(width).enumerate();
    let rows = rows.filter(|(row, _)| (window.y..window.y + window.height).contains(&(row % height)));
    rows.flat_map(|(_, row)| &row[window.x..window.x + window.width]).copied().collect()
}
