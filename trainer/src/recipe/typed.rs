//! Values of the wrong type: refused with their key, what was given, and what would do.

use anyhow::{Result, bail};
use toml::{Table, Value};

use super::Recipe;

/// Refuses a value that its key cannot have. The fields of `[model]` depend on the preset, which checks them.
pub(super) fn check(table: &Table) -> Result<()> {
    for (name, value) in table {
        match value {
            Value::Table(section) => {
                let known = section.iter().filter(|(key, _)| name != "model" || *key == "preset");
                known.into_iter().try_for_each(|(key, value)| one(name, key, value))?;
            }
            value => one("", name, value)?,
        }
    }
    Ok(())
}

fn one(section: &str, name: &str, value: &Value) -> Result<()> {
    if alone(section, name, value.clone()).is_ok() {
        return Ok(());
    }
    let key = if section.is_empty() { name.to_owned() } else { format!("{section}.{name}") };
    bail!("{key} is {value}; it must be {}", expected(section, name))
}

/// A recipe with this key alone.
fn alone(section: &str, name: &str, value: Value) -> Result<Recipe, toml::de::Error> {
    let table = Table::from_iter([(name.to_owned(), value)]);
    let table = if section.is_empty() { table } else { Table::from_iter([(section.to_owned(), table.into())]) };
    Value::Table(table).try_into()
}

/// What may stand at a key: its default value says.
fn expected(section: &str, name: &str) -> String {
    let defaults = Table::try_from(Recipe::default()).unwrap_or_default();
    let section_of_defaults = if section.is_empty() { Some(&defaults) } else { defaults[section].as_table() };
    match section_of_defaults.and_then(|section| section.get(name)) {
        Some(Value::Integer(_)) => "a whole number, 0 or more".to_owned(),
        Some(Value::Float(_)) => "a number".to_owned(),
        Some(Value::Boolean(_)) => "true or false".to_owned(),
        _ => words(section, name).unwrap_or_else(|| "text in quotes".to_owned()),
    }
}

/// The words of a key that takes only some: they are in the parser's answer to a word that is none of them.
pub(super) fn words(section: &str, name: &str) -> Option<String> {
    let error = alone(section, name, Value::String(String::new())).err()?;
    error.message().split_once("expected ").map(|(_, words)| words.to_owned())
}

#[cfg(test)]
mod tests {
    use toml::{Table, Value};

    use crate::recipe::{Recipe, parse};

    fn refusal(change: &str) -> String {
        parse("", &[change.to_owned()]).unwrap_err().to_string()
    }

    #[test]
    fn a_refusal_names_key_value_and_type() {
        assert_eq!(refusal("train.epochs=many"), "train.epochs is \"many\"; it must be a whole number, 0 or more");
        assert_eq!(refusal("train.batch=-4"), "train.batch is -4; it must be a whole number, 0 or more");
        assert_eq!(refusal("train.batch=1.5"), "train.batch is 1.5; it must be a whole number, 0 or more");
        assert_eq!(refusal("data.mixup=true"), "data.mixup is true; it must be a number");
        assert_eq!(refusal("data.flip=yes"), "data.flip is \"yes\"; it must be true or false");
        assert_eq!(refusal("model.preset=3"), "model.preset is 3; it must be text in quotes");
        assert_eq!(refusal("name=[1]"), "name is [1]; it must be text in quotes");
        let said = refusal("method.stl=teacher");
        assert!(said.starts_with("method.stl is \"teacher\"; it must be one of `off`, `labeler`, `student`"), "{said}");
    }

    /// Nothing takes a list, so every key must be named when it gets one.
    #[test]
    fn every_key_is_named_when_its_value_has_the_wrong_type() {
        for (section, keys) in Table::try_from(Recipe::default()).unwrap() {
            let keys: Vec<String> = match keys {
                Value::Table(keys) => keys.keys().map(|key| format!("{section}.{key}")).collect(),
                _ => vec![section],
            };
            for key in keys {
                let said = refusal(&format!("{key}=[[]]"));
                assert!(said.starts_with(&format!("{key} is [[]]; it must be ")), "{said}");
            }
        }
    }
}
