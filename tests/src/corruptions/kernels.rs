//! Kernels and maps that several images share: disks, plasma.

use anyhow::{Context, Result};
use serde_json::Value;
use vitro::corruption::{Severity, defocus_blur, motion_blur, plasma};

use super::Outcome;
use super::arrays::Arrays;

pub(super) fn run(case: &str, arrays: &Arrays, about: &Value, angles: &Value) -> Result<Vec<Outcome>> {
    let file = &arrays.file;
    let mut outcomes = Vec::new();
    for (name, stored) in arrays.iter() {
        let values = stored.values.iter().copied();
        let parts: Vec<_> = name.split('/').collect();
        match parts[..] {
            ["disk", variant, severity] => {
                let (_, kernel) = defocus_blur::kernel(level(severity)?, variant.parse()?);
                let ours = kernel.into_iter().map(f64::from);
                outcomes.push(Outcome::compare(case, file, name, 0.0, ours.zip(values)));
            }
            ["motion", variant, severity, what] => {
                // The angle of each severity is in the entries of the images; the weights do not depend on it.
                let trail = motion_blur::trail(level(severity)?, variant.parse()?, angle(angles, severity)?);
                let ours: Vec<f64> = match what {
                    "weights" => trail.iter().map(|tap| tap.weight).collect(),
                    _ => trail.iter().flat_map(|tap| [tap.x as f64, tap.y as f64]).collect(),
                };
                // ImageMagick rounds its sums, so there a last bit is nothing.
                let allowed = if variant == "imagecorruptions" { 0.0 } else { 1e-15 };
                outcomes.push(Outcome::compare(case, file, name, allowed, ours.into_iter().zip(values)));
            }
            ["plasma", side, "map"] => {
                let decay = about["plasma_decay"][side].as_f64().with_context(|| format!("no decay for {name}"))?;
                let mut draws = arrays.get(&format!("plasma/{side}/u"))?.values.iter().copied();
                let map =
                    plasma::plasma(side.parse()?, decay, plasma::Storage::Double, || draws.next().unwrap_or(f64::NAN));
                outcomes.push(Outcome::compare(case, file, name, 1e-12, map.into_iter().zip(values)));
            }
            _ => {}
        }
    }
    Ok(outcomes)
}

fn level(text: &str) -> Result<Severity> {
    Ok(Severity::try_from(text.parse::<u8>()?)?)
}

fn angle(angles: &Value, severity: &str) -> Result<f64> {
    let angle = severity.parse::<usize>().ok().and_then(|level| angles[level.checked_sub(1)?].as_f64());
    angle.with_context(|| format!("the manifest has no motion angle for severity {severity}"))
}
