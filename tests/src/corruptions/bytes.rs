//! Case `corruptions.bytes`: with the published generators' own draws, every byte agrees.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;
use vitro::corruption::{self, Corruption, Severity, Variant};
use vitro::corruption::{
    elastic_transform, fog, frost, gaussian_noise, glass_blur, impulse_noise, motion_blur, shot_noise, snow, spatter,
    speckle_noise,
};
use vitro::image::Rgb8;

use super::arrays::{Array, Arrays};
use super::{Outcome, kernels};

const CASE: &str = "corruptions.bytes";

pub(super) fn run(folder: &Path, manifest: &Value) -> Result<Vec<Outcome>> {
    let files = manifest["files"].as_object().context("`files` is missing")?;
    let mut outcomes = Vec::new();
    for (file, about) in files {
        let arrays = Arrays::read(folder, file)?;
        match about["variant"].as_str() {
            Some(variant) => outcomes.extend(images(&arrays, variant.parse()?, about)?),
            None => outcomes.extend(kernels::run(CASE, &arrays, about, motion_angles(files))?),
        }
    }
    Ok(outcomes)
}

/// The motion angles of the first file that has some: all use the same.
fn motion_angles(files: &serde_json::Map<String, Value>) -> &Value {
    files.values().map(|about| &about["motion_angles_deg"]).find(|angles| angles.is_array()).unwrap_or(&Value::Null)
}

fn images(arrays: &Arrays, variant: Variant, about: &Value) -> Result<Vec<Outcome>> {
    let image = arrays.image("in")?;
    let mut outcomes = Vec::new();
    for (name, stored) in arrays.iter() {
        let mut parts = name.splitn(4, '/');
        let (Some(kind), Some(what), Some(severity)) = (parts.next(), parts.next(), parts.next()) else { continue };
        let Ok(severity) = severity.parse::<u8>() else { continue };
        let severity = Severity::try_from(severity)?;
        let injected = Injected { arrays, about, image: &image, severity, variant };
        match (kind, parts.next()) {
            ("out", None) => outcomes.push(image_outcome(&injected, name, what, stored)?),
            ("mid", Some(part)) => outcomes.extend(injected.intermediate(name, what, part, stored)?),
            _ => {}
        }
    }
    Ok(outcomes)
}

fn image_outcome(injected: &Injected<'_>, name: &str, what: &str, stored: &Array) -> Result<Outcome> {
    let file = &injected.arrays.file;
    let Ok(corruption) = corruption::find(what) else {
        return Ok(Outcome::unknown(CASE, file, name, "the corruption is not in the registry yet"));
    };
    let ours = injected.corrupt(corruption).with_context(|| format!("{file}: {name}"))?;
    anyhow::ensure!(ours.bytes().len() == stored.values.len(), "{file}: {name} has another size than `in`");
    let pairs = ours.bytes().iter().map(|byte| f64::from(*byte)).zip(stored.values.iter().copied());
    Ok(Outcome::compare(CASE, file, name, 0.0, pairs))
}

/// The draws of one severity in one file.
struct Injected<'a> {
    arrays: &'a Arrays,
    about: &'a Value,
    image: &'a Rgb8,
    severity: Severity,
    variant: Variant,
}

impl Injected<'_> {
    /// Our image from the stored draws.
    fn corrupt(&self, corruption: &Corruption) -> Result<Rgb8> {
        let (image, severity, variant) = (self.image, self.severity, self.variant);
        Ok(match corruption.name {
            "gaussian_noise" => gaussian_noise::with_normals(image, severity, variant, &self.arrays.floats("draw/z3")?),
            "fog" => fog::with_uniforms(image, severity, variant, self.plasma_draws()?),
            "speckle_noise" => speckle_noise::with_normals(image, severity, variant, &self.arrays.floats("draw/z3")?),
            "shot_noise" => {
                let counts = self.arrays.get(&format!("draw/shot_counts/{severity}"))?;
                let counts: Vec<u16> = counts.values.iter().map(|count| *count as u16).collect();
                shot_noise::with_counts(image, severity, variant, &counts)
            }
            "impulse_noise" => {
                let (flips, salts) = (self.arrays.get("draw/u_flip")?, self.arrays.get("draw/u_salt")?);
                let draws = flips.values.iter().zip(&salts.values).map(|(flip, salt)| (*flip, *salt == 1.0));
                impulse_noise::with_draws(image, severity, variant, &draws.collect::<Vec<_>>())
            }
            "glass_blur" => {
                let moves = self.arrays.get(&format!("draw/glass/{severity}"))?;
                let mut moves = moves.values.as_chunks::<2>().0.iter();
                let next = || moves.next().map_or((0, 0), |[dx, dy]| (*dx as isize, *dy as isize));
                glass_blur::with_moves(image, severity, variant, next)
            }
            "elastic_transform" => {
                let field = self.arrays.floats("draw/u_elastic")?;
                elastic_transform::with_uniforms(image, severity, variant, &self.corners()?, &field)
            }
            "spatter" => spatter::with_normals(image, severity, variant, &self.arrays.floats("draw/z1")?),
            "frost" => frost::with_overlay(image, severity, variant, &self.arrays.image("draw/frost_crop")?),
            "motion_blur" => motion_blur::with_angle(image, severity, variant, self.angle("motion_angles_deg")?),
            "snow" => {
                let (z, degrees) = (self.arrays.floats("draw/z1")?, self.angle("snow_angles_deg")?);
                snow::with_draws(image, severity, variant, &z, degrees)
            }
            _ => corruption::corrupt(image, corruption, severity, variant, 0),
        })
    }

    /// Our intermediate result, where we have one to show.
    fn intermediate(&self, name: &str, what: &str, part: &str, stored: &Array) -> Result<Option<Outcome>> {
        let (width, height) = (self.image.width(), self.image.height());
        let (allowed, ours): (f64, Vec<f64>) = match (what, part) {
            ("fog", "map") => (1e-6, fog::map(width, height, self.severity, self.variant, self.plasma_draws()?)),
            ("elastic", "affine") => {
                let map = elastic_transform::affine_map(width, height, self.severity, self.variant, &self.corners()?);
                (1e-9, map.context("there is no affine step in this variant")?.into_iter().flatten().collect())
            }
            ("elastic", "dx" | "dy") => {
                let field = self.arrays.floats("draw/u_elastic")?;
                let [dx, dy] = elastic_transform::displacements(width, height, self.severity, self.variant, &field);
                (1e-5, (if part == "dx" { dx } else { dy }).into_iter().map(f64::from).collect())
            }
            ("spatter", "mask") => {
                let z = self.arrays.floats("draw/z1")?;
                let mask = spatter::mask(self.image, self.severity, self.variant, &z);
                (1e-6, mask.into_iter().map(f64::from).collect())
            }
            ("spatter", step) => {
                let z = self.arrays.floats("draw/z1")?;
                let Some(map) = spatter::step(step, self.image, self.severity, self.variant, &z) else {
                    return Ok(None);
                };
                (0.0, map.into_iter().map(f64::from).collect())
            }
            ("snow", "flakes") => {
                let z = self.arrays.floats("draw/z1")?;
                let flakes = snow::flakes(width, height, self.severity, self.variant, &z);
                (0.0, flakes.into_iter().map(|value| (value * 255.0).trunc()).collect())
            }
            ("snow", "streaks") => {
                let (z, degrees) = (self.arrays.floats("draw/z1")?, self.angle("snow_angles_deg")?);
                let streaks = snow::streaks(width, height, self.severity, self.variant, &z, degrees);
                (0.0, streaks.into_iter().map(f64::from).collect())
            }
            _ => return Ok(None),
        };
        let pairs = ours.into_iter().zip(stored.values.iter().copied());
        Ok(Some(Outcome::compare(CASE, &self.arrays.file, name, allowed, pairs)))
    }

    fn corners(&self) -> Result<[f32; 6]> {
        let draws = self.arrays.floats("draw/u_affine")?;
        draws.try_into().map_err(|_| anyhow::anyhow!("`draw/u_affine` does not have 6 numbers"))
    }

    fn plasma_draws(&self) -> Result<impl FnMut() -> f64 + use<>> {
        let mut draws = self.arrays.get("draw/u_plasma")?.values.clone().into_iter();
        Ok(move || draws.next().unwrap_or(f64::NAN))
    }

    /// An angle in degrees, one per severity.
    fn angle(&self, key: &str) -> Result<f64> {
        let angle = &self.about[key][usize::from(self.severity.get()) - 1];
        angle.as_f64().with_context(|| format!("`{key}` has no angle for severity {}", self.severity))
    }
}
