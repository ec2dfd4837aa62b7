//! The keys of a recipe as a document for people (`docs/recipes.md`) and as a JSON schema for editors
//! (`recipes/recipe.schema.json`), both from the one list.

use serde_json::{Map, Value, json};
use toml::Table;
use vitro::model::PRESETS;

use super::keys::{KEYS, Key, SECTIONS, Takes};
use super::{Recipe, typed};

/// What the sections are about.
const ABOUT: &[(&str, &str)] = &[
    ("", "At the top of the file"),
    ("data", "What to learn from, and how its images are varied"),
    ("model", "Which network; every field of the preset may be set here too"),
    ("method", "What the papers add; everything is off by default, and docs/methods.md explains each"),
    ("train", "How to train it"),
];

/// `docs/recipes.md`.
pub fn markdown() -> String {
    let mut text = String::from(
        "# Keys of a recipe\n\n\
         A recipe is a TOML file. Only `model.preset` has no default. `vitro train RECIPE --set KEY=VALUE` changes a key without \
         touching the file. Editors that know TOML schemas complete and check keys in the shipped recipes: their first line names \
         [`recipes/recipe.schema.json`](../recipes/recipe.schema.json).\n\n\
         This page and the schema are written from the list that the program itself reads: `vitro keys --format markdown`, \
         `vitro keys --format schema`.\n",
    );
    for (section, about) in ABOUT {
        let title = if section.is_empty() { (*about).to_owned() } else { format!("`[{section}]`") };
        text += &format!("\n## {title}\n\n");
        if !section.is_empty() {
            text += &format!("{about}.\n\n");
        }
        text += "| key | type | default | takes | papers | meaning |\n|---|---|---|---|---|---|\n";
        for key in KEYS.iter().filter(|key| key.section == *section) {
            let (kind, legal) = (kind(key), legal(key));
            let default = default(key).map_or("–".to_owned(), |value| format!("`{value}`"));
            let or_none = |text: &str| if text.is_empty() { "–".to_owned() } else { text.to_owned() };
            let (legal, paper) = (or_none(&legal), or_none(key.paper));
            text += &format!("| `{}` | {kind} | {default} | {legal} | {paper} | {} |\n", key.name, key.help);
        }
    }
    text
}

/// `recipes/recipe.schema.json`.
pub fn schema() -> String {
    let of = |section: &str| -> Map<String, Value> {
        let keys = KEYS.iter().filter(|key| key.section == section);
        keys.map(|key| (key.name.to_owned(), property(key))).collect()
    };
    let mut properties = of("");
    for section in SECTIONS {
        let about = ABOUT.iter().find(|(name, _)| name == section).map_or("", |(_, about)| about);
        let described = json!({
            "type": "object",
            "description": about,
            "properties": of(section),
            // A preset has fields of its own.
            "additionalProperties": *section == "model",
        });
        properties.insert((*section).to_owned(), described);
    }
    let schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A recipe of vitro",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    format!("{schema:#}\n")
}

/// A key in the schema.
fn property(key: &Key) -> Value {
    let paper = if key.paper.is_empty() { String::new() } else { format!(" Papers: {}.", key.paper) };
    let mut property = json!({ "description": format!("{}.{paper}", key.help) });
    let mut put = |name: &str, value: Value| property[name] = value;
    match key.takes {
        Takes::Flag => put("type", json!("boolean")),
        Takes::Whole(low, high) => {
            put("type", json!("integer"));
            put("minimum", json!(low));
            if high < u64::MAX {
                put("maximum", json!(high));
            }
        }
        Takes::Number(range) => {
            put("type", json!("number"));
            put(if range.with_low { "minimum" } else { "exclusiveMinimum" }, json!(range.low));
            if range.high.is_finite() {
                put(if range.with_high { "maximum" } else { "exclusiveMaximum" }, json!(range.high));
            }
        }
        Takes::Text => {
            put("type", json!("string"));
            let words = words(key);
            if !words.is_empty() {
                put("enum", json!(words));
            }
        }
    }
    if let Some(default) = default(key) {
        put("default", serde_json::to_value(default).unwrap_or_default());
    }
    property
}

fn kind(key: &Key) -> &'static str {
    match key.takes {
        Takes::Flag => "true or false",
        Takes::Whole(..) => "whole number",
        Takes::Number(_) => "number",
        Takes::Text => "text",
    }
}

/// What a key takes, in words.
fn legal(key: &Key) -> String {
    if key.section == "model" {
        return "a name that `vitro train` lists when it does not know one".to_owned();
    }
    match key.takes {
        Takes::Text => words(key).iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        takes => takes.words(),
    }
}

/// The words that a key takes, where it takes only some.
fn words(key: &Key) -> Vec<String> {
    if (key.section, key.name) == ("model", "preset") {
        return PRESETS.iter().map(|preset| preset.name.to_owned()).collect();
    }
    let words = typed::words(key.section, key.name).unwrap_or_default();
    words.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The value of a key that nobody sets.
fn default(key: &Key) -> Option<toml::Value> {
    let defaults = Table::try_from(Recipe::default()).ok()?;
    match key.section {
        "" => defaults.get(key.name).cloned(),
        "model" => None,
        section => defaults.get(section)?.get(key.name).cloned(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    fn stored(path: &str) -> String {
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
    }

    #[test]
    fn the_files_in_the_repository_are_written_from_the_list() {
        assert!(stored("docs/recipes.md") == markdown(), "run `vitro keys --format markdown > docs/recipes.md`");
        assert!(
            stored("recipes/recipe.schema.json") == schema(),
            "run `vitro keys --format schema > recipes/recipe.schema.json`"
        );
    }

    #[test]
    fn the_schema_knows_ranges_words_and_defaults() {
        let schema: Value = serde_json::from_str(&schema()).unwrap();
        let of = |section: &str, key: &str| schema["properties"][section]["properties"][key].clone();
        assert_eq!(of("method", "stl")["enum"], json!(["off", "labeler", "student"]));
        assert_eq!(
            (&of("data", "crop")["exclusiveMinimum"], &of("data", "crop")["maximum"]),
            (&json!(0.0), &json!(1.0))
        );
        assert_eq!(of("train", "batch")["default"], json!(64));
        assert!(of("model", "preset")["enum"].as_array().unwrap().contains(&json!("fan_nano_p4_32")));
        assert_eq!(of("data", "source")["enum"], Value::Null);
    }

    /// Editors look the schema up from the file that names it.
    #[test]
    fn every_shipped_recipe_names_the_schema() {
        let recipes = Path::new(env!("CARGO_MANIFEST_DIR")).join("../recipes");
        for folder in fs::read_dir(&recipes).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
            for file in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                let text = fs::read_to_string(&file).unwrap();
                assert!(text.starts_with("#:schema ../recipe.schema.json\n"), "{}", file.display());
            }
        }
    }
}
