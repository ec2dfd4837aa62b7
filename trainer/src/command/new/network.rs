//! The network of a new recipe: a small one for the size of the images, or that of a model to start from.

use std::path::Path;

use anyhow::{Context, Result};
use burn::tensor::Device;
use serde_json::Value;
use vitro::model::{ModelConfig, PRESETS, Preset, preset};

use super::Family;
use crate::job;
use crate::subject;

/// What `[model]` and `[method]` say, and `[data]` of the size.
pub(super) struct Network {
    /// Its name in a recipe.
    pub(super) preset: &'static Preset,
    /// Side of its input.
    pub(super) pixels: usize,
    /// Smallest fraction of the area that a random crop keeps.
    pub(super) crop: f64,
    /// Scales of token-aware pooling; 0: none.
    pub(super) tap: usize,
    /// Whether attention is diversified.
    pub(super) adl: bool,
    /// What the weights begin with, as it was named.
    pub(super) start: Option<String>,
}

/// A size that there are small networks for.
struct Size {
    pixels: usize,
    vit: &'static str,
    fan: &'static str,
    crop: f64,
}

/// The sizes, small ones first.
const SIZES: &[Size] = &[
    Size { pixels: 32, vit: "vit_nano_p4_32", fan: "fan_nano_p4_32", crop: 0.5 },
    Size { pixels: 64, vit: "vit_nano_p8_64", fan: "fan_nano_p8_64", crop: 0.5 },
    Size { pixels: 112, vit: "vit_nano_p14_112", fan: "fan_nano_p16_112", crop: 0.35 },
];

/// Scales of token-aware pooling. Paper: 4.
const SCALES: usize = 4;

impl Network {
    /// A small one for images whose shorter side is about `side`.
    ///
    /// # Errors
    /// For a preset that does not exist.
    pub(super) fn fresh(family: Family, side: usize) -> Result<Self> {
        // The nearest size that keeps the details: images are shrunk, never enlarged by more than a half.
        let size = SIZES.iter().rev().find(|size| side * 3 >= size.pixels * 2).unwrap_or(&SIZES[0]);
        let (name, tap) = match family {
            Family::Vit => (size.vit, 0),
            Family::Fan => (size.fan, SCALES),
        };
        let (preset, adl) = (preset(name)?, family == Family::Fan);
        Ok(Self { preset, pixels: size.pixels, crop: size.crop, tap, adl, start: None })
    }

    /// That of the run or bundle called `named`.
    ///
    /// # Errors
    /// When it cannot be opened, or is no preset's.
    pub(super) fn of(named: &str) -> Result<Self> {
        let manifest = subject::open(Path::new(named), &Device::flex())?.manifest;
        let model = &manifest.model;
        let shape = shape(model)?;
        let mut found = None;
        for preset in PRESETS {
            if self::shape(&preset.config(model.classes()))? == shape {
                found = Some(preset);
                break;
            }
        }
        let preset = found.with_context(|| {
            format!("{named} is no preset's network; write a recipe with its [model], and name it with train.start")
        })?;
        let tap = serde_json::to_value(model)?.get("tap_scales").and_then(Value::as_u64).unwrap_or_default();
        let pixels = model.image_size();
        let crop = SIZES.iter().rev().find(|size| pixels >= size.pixels).unwrap_or(&SIZES[0]).crop;
        let adl = manifest.methods.iter().any(|method| method == "adl");
        Ok(Self { preset, pixels, crop, tap: tap as usize, adl, start: Some(named.to_owned()) })
    }
}

/// A configuration without what other keys of a recipe say.
fn shape(model: &ModelConfig) -> Result<Value> {
    let mut shape = job::network(model)?;
    if let Some(fields) = shape.as_object_mut() {
        for decided in ["image_size", "tap_scales"] {
            fields.remove(decided);
        }
    }
    Ok(shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_has_networks_of_that_size() {
        for size in SIZES {
            for name in [size.vit, size.fan] {
                assert_eq!(preset(name).unwrap().config(2).image_size(), size.pixels, "{name}");
            }
        }
    }

    #[test]
    fn the_size_keeps_the_details_of_the_images() {
        let pixels = |side| Network::fresh(Family::Vit, side).unwrap().pixels;
        assert_eq!([20, 36, 42, 43, 74, 75, 4000].map(pixels), [32, 32, 32, 64, 64, 112, 112]);
    }

    #[test]
    fn a_bundle_of_the_zoo_says_preset_and_methods() {
        let zoo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../zoo");
        let of = |file: &str| {
            let Network { preset, pixels, tap, adl, .. } = Network::of(zoo.join(file).to_str().unwrap()).unwrap();
            (preset.name, pixels, tap, adl)
        };
        assert_eq!(of("vit.safetensors"), ("vit_nano_p8_64", 64, 0, false));
        assert_eq!(of("fan-tap-adl.safetensors"), ("fan_nano_p8_64", 64, 4, true));
    }
}
