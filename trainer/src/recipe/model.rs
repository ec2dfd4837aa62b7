//! `[model]`: a preset by name, any of its fields on top.
//!
//! The fields are those of the preset's own configuration, so a new kind of model needs nothing here.

use std::collections::BTreeSet;

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use vitro::model::{ModelConfig, PRESETS, Preset, preset};

use super::{Recipe, Stl, keys};

/// Fields that other parts of the recipe decide, and where.
const DECIDED: &[(&str, &str)] = &[
    ("image_size", "data.image_size"),
    ("classes", "the dataset"),
    ("tap_scales", "method.tap"),
    ("token_head", "method.stl"),
    ("family", "the preset"),
];

/// Fields that every family has, but that some write only where they differ from the paper's.
const OFTEN_UNWRITTEN: &[&str] = &["attention"];

/// `[model]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelSection {
    /// A model by name.
    pub preset: String,
    /// Fields that differ from the preset.
    #[serde(flatten)]
    pub fields: toml::Table,
}

impl Recipe {
    /// The model to train when the data have `classes` classes.
    ///
    /// # Errors
    /// For an unknown preset or field, and for values that give no network.
    pub fn model_config(&self, classes: usize) -> Result<ModelConfig> {
        if self.model.preset.is_empty() {
            return Err(self.model.no_preset());
        }
        let config = preset(&self.model.preset)
            .with_context(|| format!("[model] preset `{}` is unknown", self.model.preset))?
            .config(classes);
        let Value::Object(mut fields) = serde_json::to_value(&config)? else {
            bail!("preset {} has no fields", self.model.preset)
        };
        for (name, value) in &self.model.fields {
            set_field(&mut fields, name, serde_json::to_value(value)?)?;
        }
        fields.insert("image_size".into(), self.data.image_size.into());
        if self.method.tap > 0 {
            ensure!(
                config.info().takes_tap,
                "{} has no place for TAP; set method.tap = 0 or choose a vit_…, fan_… or rvt_… preset",
                self.model.preset
            );
            fields.insert("tap_scales".into(), self.method.tap.into());
        }
        if self.method.stl != Stl::Off {
            ensure!(
                config.info().takes_token_head,
                "STL needs the token head of a FAN, {} has none; choose a fan_… preset",
                self.model.preset
            );
            fields.insert("token_head".into(), true.into());
        }
        let config: ModelConfig = serde_json::from_value(Value::Object(fields)).context("in [model]")?;
        ensure!(
            self.method.adl == 0.0 || config.attention().forms_attention(),
            "method.adl compares the rows of attention maps, and {} forms none; set method.adl = 0",
            config.attention().name()
        );
        Ok(config)
    }
}

fn set_field(fields: &mut Map<String, Value>, name: &str, value: Value) -> Result<()> {
    if let Some((_, owner)) = DECIDED.iter().find(|(decided, _)| *decided == name) {
        bail!("[model] {name} is decided by {owner}; remove it from [model]");
    }
    if !fields.contains_key(name) && !OFTEN_UNWRITTEN.contains(&name) {
        let written = fields.keys().map(String::as_str).chain(OFTEN_UNWRITTEN.iter().copied());
        let known = written.filter(|known| !is_decided(known)).chain(["preset"]);
        bail!("unknown key `{name}` in [model]{}", keys::advice(name, known));
    }
    let before = fields.insert(name.to_owned(), value.clone());
    let Err(error) = serde_json::from_value::<ModelConfig>(Value::Object(fields.clone())) else { return Ok(()) };
    let error = error.to_string();
    let expected = match before {
        Some(Value::Number(number)) if number.is_u64() => "a whole number, 0 or more",
        Some(Value::Number(_)) => "a number",
        Some(Value::Bool(_)) => "true or false",
        _ => error.split_once("expected ").map_or(error.as_str(), |(_, expected)| expected),
    };
    bail!("model.{name} is {value}; it must be {expected}")
}

impl ModelSection {
    /// What is wrong with a section without a preset: often it has one, under a mistyped name.
    fn no_preset(&self) -> anyhow::Error {
        let fields = fields_of_all_presets();
        let known = || fields.iter().map(String::as_str).filter(|known| !is_decided(known)).chain(["preset"]);
        let unknown = self.fields.keys().find(|name| !is_decided(name) && known().all(|known| known != *name));
        if let Some(unknown) = unknown {
            return anyhow!("unknown key `{unknown}` in [model]{}", keys::advice(unknown, known()));
        }
        let presets: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
        anyhow!("[model] needs a preset; one of {}", presets.join(", "))
    }
}

fn is_decided(field: &str) -> bool {
    DECIDED.iter().any(|(decided, _)| *decided == field)
}

/// The fields that at least one kind of model has.
fn fields_of_all_presets() -> BTreeSet<String> {
    // Their names are the same for any number of classes.
    let fields = |preset: &Preset| match serde_json::to_value(preset.config(1)) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    PRESETS.iter().flat_map(fields).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use crate::recipe::parse;

    fn config(text: &str) -> anyhow::Result<vitro::model::ModelConfig> {
        parse(text, &[])?.model_config(10)
    }

    /// Rows of a table are compared with the ViT, so a method may not bring many weights besides.
    #[test]
    fn the_recipes_of_a_set_have_about_as_many_weights_as_its_vit() {
        for set in ["cifar10", "imagenette"] {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../recipes").join(set);
            let weights = |file: &std::path::Path| {
                let model = crate::recipe::read(file, &[]).unwrap().model_config(10).unwrap();
                vitro::model::parameters(&model.init(&burn::tensor::Device::flex()).unwrap()) as f64
            };
            let vit = weights(&folder.join("vit.toml"));
            for file in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
                let more = weights(&file) / vit - 1.0;
                assert!(more.abs() < 0.1, "{}: {:+.1} % weights", file.display(), more * 100.0);
            }
        }
    }

    #[test]
    fn fields_go_on_top_of_the_preset() {
        let config = config("[model]\npreset = \"vit_nano_p8_64\"\ndepth = 2\n").unwrap();
        let vitro::model::ModelConfig::Vit(vit) = config else { panic!("not a ViT") };
        assert_eq!((vit.depth, vit.width, vit.image_size, vit.classes), (2, 96, 64, 10));
    }

    #[test]
    fn an_unknown_field_is_named_together_with_the_nearest() {
        let refusal = config("[model]\npreset = \"vit_nano_p8_64\"\ndetph = 2\n").unwrap_err();
        assert_eq!(refusal.to_string(), "unknown key `detph` in [model]; did you mean `depth`?");
    }

    #[test]
    fn a_field_of_the_wrong_type_is_named_with_its_value() {
        let refusal =
            |field: &str| config(&format!("[model]\npreset = \"vit_nano_p8_64\"\n{field}\n")).unwrap_err().to_string();
        assert_eq!(refusal("depth = \"six\""), "model.depth is \"six\"; it must be a whole number, 0 or more");
        assert_eq!(refusal("heads = -3"), "model.heads is -3; it must be a whole number, 0 or more");
        assert_eq!(refusal("drop_path = true"), "model.drop_path is true; it must be a number");
        let said = refusal("attention = \"sofmax\"");
        assert!(said.starts_with("model.attention is \"sofmax\"; it must be "), "{said}");
    }

    #[test]
    fn a_mistyped_preset_is_named_rather_than_missed() {
        let refusal = |text: &str| config(text).unwrap_err().to_string();
        let message = refusal("[model]\ndepth = 2\npresett = \"vit_nano_p8_64\"\n");
        assert_eq!(message, "unknown key `presett` in [model]; did you mean `preset`?");
        assert!(refusal("[model]\ndetph = 2\n").contains("`detph` in [model]; did you mean `depth`?"));
        assert!(refusal("[model]\ndepth = 2\n").starts_with("[model] needs a preset; one of"));
    }

    #[test]
    fn a_key_of_another_section_is_sent_there() {
        let refusal = config("[model]\npreset = \"vit_nano_p8_64\"\nepochs = 3\n").unwrap_err();
        assert_eq!(refusal.to_string(), "unknown key `epochs` in [model]; it belongs to [train], so move it there");
    }

    #[test]
    fn methods_go_where_they_have_a_place() {
        let refusal = config("[model]\npreset = \"vit_nano_p8_64\"\n[method]\nstl = \"labeler\"\n").unwrap_err();
        assert!(refusal.to_string().contains("fan_"), "{refusal}");
        assert!(config("[model]\npreset = \"fan_nano_p8_64\"\n[method]\nstl = \"labeler\"\ntap = 4\n").is_ok());
        assert!(config("[model]\npreset = \"vit_nano_p8_64\"\nattention = \"vars_d\"\n[method]\ntap = 4\n").is_ok());
        let swin =
            "[model]\npreset = \"fan_swin_tiny_patch4_window7_224\"\n[data]\nimage_size = 224\n[method]\ntap = 4\n";
        assert!(config(swin).unwrap_err().to_string().contains("no place for TAP"));
    }

    #[test]
    fn tap_and_attention_go_into_a_vit() {
        let text = "[model]\npreset = \"vit_nano_p8_64\"\nattention = \"vars_sd\"\n[method]\ntap = 4\n";
        let vitro::model::ModelConfig::Vit(vit) = config(text).unwrap() else { panic!("not a ViT") };
        assert_eq!((vit.tap_scales, vit.attention.name()), (Some(4), "vars_sd"));
        let text = "[model]\npreset = \"rvt_nano_p8_64\"\nattention = { kind = \"vars_d\", num_step = 2 }\n";
        assert_eq!(config(text).unwrap().attention().name(), "vars_d");
    }

    #[test]
    fn every_family_takes_its_attention_from_the_registry() {
        for preset in ["vit_nano_p8_64", "fan_nano_p8_64", "fan_swin_tiny_patch4_window7_224", "rvt_nano_p8_64"] {
            let text = format!("[model]\npreset = \"{preset}\"\nattention = \"performer\"\n");
            assert_eq!(config(&text).unwrap().attention().name(), "performer", "{preset}");
        }
    }

    #[test]
    fn adl_needs_attention_maps() {
        let refusal = config("[model]\npreset = \"rvt_nano_vars_d_p8_64\"\n[method]\nadl = 1.0\n").unwrap_err();
        assert!(refusal.to_string().contains("vars_d"), "{refusal}");
    }
}
