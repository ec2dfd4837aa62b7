//! Each operation of RandAugment alone, byte for byte. The stored ones were run with bilinear interpolation.

use anyhow::{Context, Result};
use burn::prelude::*;
use vitro::augment::Interpolation;

use super::{Fixture, Verdict, bytes, image, list, operation};

/// Every operation on the stored image, and which of the two views it may touch.
pub(in crate::parity) fn augment_ops(fixture: &Fixture, _: &Device, verdict: &mut Verdict) -> Result<()> {
    let source = image(fixture.byte_array("source_hwc")?)?;
    for entry in list(fixture, "ops")? {
        let name = entry["op"].as_str().context("op")?;
        let op = operation(name, &entry["args"])?;
        let student = op.apply(&source, Interpolation::Bilinear);
        let stored = format!("{name}.student_hwc");
        verdict.compare(&stored, fixture.byte_array(&stored)?, &bytes(&student));

        let teacher = if op.is_geometric() { &student } else { &source };
        let mut claim = |key: &str, ours: bool| {
            if let Some(theirs) = entry[key].as_bool() {
                verdict.check(ours == theirs, || format!("{name}: {key} is {ours}, {theirs} stored"));
            }
        };
        claim("geometric", op.is_geometric());
        claim("teacher_changed", *teacher != source);
        claim("teacher_equals_student", *teacher == student);
    }
    verdict.expect_all_but_where(fixture, |name| name == "source_hwc");
    Ok(())
}
