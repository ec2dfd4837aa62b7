//! The network of a new recipe: a small one for the size of the images, or that of a model to start from.

use std::path::Path;

use anyhow::{Context, Result};
use burn::tensor::Device;
use serde_json::Value;
use toml::Table;
use vitro::model::{ModelConfig, PRESETS, Preset, preset};

use super::Family;
use crate::job;
use crate::recipe::{ModelSection, Recipe};
use crate::subject;

/// What `[model]` and `[method]` say, and `[data]` of the size.
pub(super) struct Network {
    /// Its name in a recipe.
    pub(super) preset: &'static Preset,
    /// The fields in which it differs from that.
    pub(super) fields: Table,
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
        Ok(Self { preset, fields: Table::new(), pixels: size.pixels, crop: size.crop, tap, adl, start: None })
    }

    /// That of the run or bundle called `named`: the preset that it is most like, and the fields in which it differs.
    ///
    /// # Errors
    /// When it cannot be opened, or is like no preset.
    pub(super) fn of(named: &str) -> Result<Self> {
        let manifest = subject::open(Path::new(named), &Device::flex())?.manifest;
        let model = &manifest.model;
        let shape = shape(model)?;
        let mut found: Option<(&Preset, Table)> = None;
        for preset in PRESETS {
            let Some(fields) = different(&self::shape(&preset.config(model.classes()))?, &shape) else { continue };
            if found.as_ref().is_none_or(|(_, least)| fields.len() < least.len()) {
                found = Some((preset, fields));
            }
        }
        let (preset, fields) = found.with_context(|| {
            format!("{named} is like no preset; write a recipe with its [model], and name it with train.start")
        })?;
        let tap = serde_json::to_value(model)?.get("tap_scales").and_then(Value::as_u64).unwrap_or_default();
        let pixels = model.image_size();
        let crop = SIZES.iter().rev().find(|size| pixels >= size.pixels).unwrap_or(&SIZES[0]).crop;
        let adl = manifest.methods.iter().any(|method| method == "adl");
        Ok(Self { preset, fields, pixels, crop, tap: tap as usize, adl, start: Some(named.to_owned()) })
    }

    /// The model for so many classes.
    ///
    /// # Errors
    /// For fields that give no network.
    pub(super) fn config(&self, classes: usize) -> Result<ModelConfig> {
        let model = ModelSection { preset: self.preset.name.to_owned(), fields: self.fields.clone() };
        let mut recipe = Recipe { model, ..Recipe::default() };
        recipe.data.image_size = self.pixels;
        recipe.method.tap = self.tap;
        recipe.model_config(classes)
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

/// The fields that a recipe sets to turn the shape of a preset into this one; None where no fields do.
fn different(preset: &Value, shape: &Value) -> Option<Table> {
    let (preset, shape) = (preset.as_object()?, shape.as_object()?);
    if preset.get("family") != shape.get("family") || preset.keys().any(|name| !shape.contains_key(name)) {
        return None;
    }
    let own = shape.iter().filter(|(name, value)| preset.get(*name) != Some(value));
    own.map(|(name, value)| Some((name.clone(), toml::Value::try_from(value).ok()?))).collect()
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
            let network = Network::of(zoo.join(file).to_str().unwrap()).unwrap();
            let bundle = subject::open(&zoo.join(file), &Device::flex()).unwrap().manifest.model;
            assert_eq!(shape(&network.config(bundle.classes()).unwrap()).unwrap(), shape(&bundle).unwrap());
            let Network { preset, fields, pixels, tap, adl, .. } = network;
            (preset.name, fields.to_string(), pixels, tap, adl)
        };
        let none = String::new();
        assert_eq!(of("vit.safetensors"), ("vit_nano_p8_64", "depth = 7\n".into(), 64, 0, false));
        assert_eq!(of("fan-tap-adl.safetensors"), ("fan_nano_p8_64", none.clone(), 64, 4, true));
        assert_eq!(of("cifar10/vit.safetensors"), ("vit_nano_p4_32", "depth = 7\n".into(), 32, 0, false));
        assert_eq!(of("cifar10/fan.safetensors"), ("fan_nano_p4_32", none, 32, 0, false));
    }
}
