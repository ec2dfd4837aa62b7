//! Case `corruptions_bar.bytes`: ImageNet-C-bar and CIFAR-10-C-bar with the published generator's own draws.
//!
//! Every byte agrees, but for the corruptions that `tolerances` excepts: there so many levels on at most that fraction of the
//! bytes of an image.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use vitro::corruption::{
    self, Severity, Variant, blue_noise_sample, brownish_noise, caustic_refraction, checkerboard_cutout,
    cocentric_sine_waves, inverse_sparkles, lines, perlin_noise, pinch_and_twirl, plasma_noise, ripple,
    single_frequency_greyscale, sparkles, transverse_chromatic_abberation,
};
use vitro::image::Rgb8;

use super::Outcome;
use super::arrays::Arrays;

const CASE: &str = "corruptions_bar.bytes";

pub(super) fn run(folder: &Path, manifest: &Value) -> Result<Vec<Outcome>> {
    let files = manifest["files"].as_object().context("`files` is missing")?;
    let mut outcomes = Vec::new();
    for (file, about) in files {
        let arrays = Arrays::read(folder, file)?;
        let variant = variant(about["variant"].as_str().context("`variant` is missing")?)?;
        let image = arrays.image("in")?;
        for (name, stored) in arrays.iter() {
            let Some((kind, rest)) = name.split_once('/') else { continue };
            let mut parts = rest.splitn(3, '/');
            let (Some(what), Some(severity)) = (parts.next(), parts.next()) else { continue };
            let draws = Draws {
                arrays: &arrays,
                image: &image,
                what,
                severity: Severity::try_from(severity.parse::<u8>()?)?,
                variant,
            };
            if corruption::find(what).is_err() {
                outcomes.push(Outcome::unknown(CASE, file, name, "the corruption is not in the registry yet"));
                continue;
            }
            let values = stored.values.iter().copied();
            match (kind, parts.next()) {
                ("out", None) => {
                    let ours = draws.corrupt().with_context(|| format!("{file}: {name}"))?;
                    ensure!(ours.bytes().len() == stored.values.len(), "{file}: {name} has another size than `in`");
                    let pairs = ours.bytes().iter().map(|byte| f64::from(*byte)).zip(values);
                    let outcome = Outcome::compare(CASE, file, name, 0.0, pairs);
                    outcomes.push(excepted(outcome, &manifest["tolerances"]["exceptions"][what]));
                }
                ("mid", Some(part)) => {
                    let allowed = manifest["tolerances"]["mid"].as_f64().context("`mid` is missing")?;
                    let ours = draws.intermediate(part)?.with_context(|| format!("nothing gives {name}"))?;
                    ensure!(ours.len() == stored.values.len(), "{file}: {name} has another size");
                    outcomes.push(Outcome::compare(CASE, file, name, allowed, ours.into_iter().zip(values)));
                }
                _ => {}
            }
        }
    }
    Ok(outcomes)
}

/// The variant with the levels of a C-bar set.
pub(super) fn variant(name: &str) -> Result<Variant> {
    Ok(name.strip_suffix("_bar").unwrap_or(name).parse()?)
}

/// What an exception lets pass.
fn excepted(mut outcome: Outcome, exception: &Value) -> Outcome {
    if let (Some(levels), Some(fraction)) = (exception["max_level"].as_f64(), exception["share"].as_f64()) {
        let few = outcome.differing as f64 <= fraction * outcome.total as f64;
        outcome.passed = outcome.total > 0 && outcome.max_error <= levels && few;
    }
    outcome
}

/// The stored draws of one corruption at one severity.
struct Draws<'a> {
    arrays: &'a Arrays,
    image: &'a Rgb8,
    what: &'a str,
    severity: Severity,
    variant: Variant,
}

impl Draws<'_> {
    fn corrupt(&self) -> Result<Rgb8> {
        let (image, severity, variant) = (self.image, self.severity, self.variant);
        Ok(match self.what {
            "single_frequency_greyscale" => {
                single_frequency_greyscale::with_draws(image, severity, variant, self.some("u")?, self.indices("perm")?)
            }
            "cocentric_sine_waves" => cocentric_sine_waves::with_uniforms(image, severity, variant, self.some("u")?),
            "plasma_noise" => {
                let [rounds] = self.indices("iterations")?;
                plasma_noise::with_draws(image, severity, variant, self.some("u")?, rounds)
            }
            "sparkles" => {
                let (centres, z) = (self.all("u_centers")?, self.all("z")?);
                let mut z = z.iter().copied();
                let counts = self.all("rays")?.iter().map(|count| *count as usize);
                let stars = centres.as_chunks::<2>().0.iter().zip(counts);
                let stars: Vec<_> = stars.map(|(centre, rays)| (*centre, z.by_ref().take(rays).collect())).collect();
                sparkles::with_draws(image, severity, variant, &stars)
            }
            "inverse_sparkles" => {
                let (centre, rays) = (self.some("u_center")?, self.all("z")?);
                inverse_sparkles::with_draws(image, severity, variant, centre, rays)
            }
            "perlin_noise" => {
                let (gradients, swaps) = self.perlin()?;
                perlin_noise::with_draws(image, severity, variant, &gradients, &swaps)
            }
            "blue_noise_sample" => blue_noise_sample::with_phases(image, severity, variant, &self.phases::<1>()?[0]),
            "brownish_noise" => brownish_noise::with_phases(image, severity, variant, &self.phases()?),
            "checkerboard_cutout" => {
                let (u, grid) = (self.some("u")?, self.all("u_grid")?);
                checkerboard_cutout::with_uniforms(image, severity, variant, u, grid)
            }
            "caustic_refraction" => caustic_refraction::with_uniforms(image, severity, variant, self.some("u")?),
            "pinch_and_twirl" => pinch_and_twirl::with_signs(image, severity, variant, self.all("signs")?),
            "ripple" => ripple::with_uniforms(image, severity, variant, self.some("u")?),
            "lines" => {
                let (u, drawn) = (self.some("u")?, self.all("u_lines")?);
                lines::with_uniforms(image, severity, variant, u, drawn.as_chunks::<3>().0)
            }
            "transverse_chromatic_abberation" => {
                transverse_chromatic_abberation::with_order(image, severity, variant, self.indices("perm")?)
            }
            other => corruption::corrupt(image, corruption::find(other)?, severity, variant, 0),
        })
    }

    fn intermediate(&self, part: &str) -> Result<Option<Vec<f64>>> {
        Ok(Some(match (self.what, part) {
            ("perlin_noise", "turbulence") => {
                let (gradients, swaps) = self.perlin()?;
                perlin_noise::turbulence(self.image, &gradients, &swaps)
            }
            ("blue_noise_sample", "noise") => blue_noise_sample::noise(self.image, &self.phases::<1>()?[0]),
            ("brownish_noise", "noise") => {
                let fields = brownish_noise::noise(self.image, &self.phases()?);
                (0..fields[0].len()).flat_map(|at| fields.each_ref().map(|field| field[at])).collect()
            }
            ("caustic_refraction", "caustics") => caustic_refraction::caustics(self.image, self.some("u")?),
            _ => return Ok(None),
        }))
    }

    fn all(&self, draw: &str) -> Result<&[f64]> {
        Ok(&self.arrays.get(&format!("draw/{}/{}/{draw}", self.what, self.severity))?.values)
    }

    fn some<const N: usize>(&self, draw: &str) -> Result<[f64; N]> {
        self.all(draw)?.try_into().with_context(|| format!("`{draw}` of {} does not have {N} numbers", self.what))
    }

    fn indices<const N: usize>(&self, draw: &str) -> Result<[usize; N]> {
        Ok(self.some::<N>(draw)?.map(|index| index as usize))
    }

    fn perlin(&self) -> Result<(Vec<[i16; 2]>, Vec<u8>)> {
        let gradients = self.all("gradients")?.as_chunks::<2>().0.iter().map(|pair| pair.map(|part| part as i16));
        Ok((gradients.collect(), self.all("swaps")?.iter().map(|swap| *swap as u8).collect()))
    }

    /// The phases of `N` fields; even sides have no middle column.
    fn phases<const N: usize>(&self) -> Result<[blue_noise_sample::Phases<'_>; N]> {
        let (left, middle) = (self.all("u_phase")?, self.all("u_centre").unwrap_or(&[]));
        Ok(std::array::from_fn(|at| {
            let part = |of: &'_ [f64]| of.len() / N * at..of.len() / N * (at + 1);
            blue_noise_sample::Phases { left: &left[part(left)], middle: &middle[part(middle)] }
        }))
    }
}
