//! What differs between a recipe as a run began and as it is asked to go on.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use toml::{Table, Value};

use super::Recipe;

/// Keys that a run may take another value of on its way: how long, how often and how many times it is saved, who computes,
/// what it is called, whether it goes on past a damaged image.
const FREE: &[&str] = &[
    "title",
    "data.damaged",
    "train.epochs",
    "train.minutes",
    "train.cooldown",
    "train.patience",
    "train.keep",
    "train.workers",
    "train.checkpoint_minutes",
    "train.tensorboard",
];

/// A key with another value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Section and name, or the name alone at the top of the file.
    pub key: String,
    /// As the run began.
    pub begun: String,
    /// As it is asked to go on.
    pub asked: String,
}

/// The keys that `asked` changes of a run that began with `begun`.
///
/// # Errors
/// When one of them belongs to what was learned so far.
pub fn allowed(begun: &Recipe, asked: &Recipe) -> Result<Vec<Change>> {
    let changes = all(begun, asked)?;
    if let Some(Change { key, begun, asked }) = changes.iter().find(|change| !FREE.contains(&change.key.as_str())) {
        bail!(
            "{key} was {begun} when the run began and is {asked} now, which --resume cannot change; give it back its value, \
             or start a new run"
        );
    }
    Ok(changes)
}

fn all(begun: &Recipe, asked: &Recipe) -> Result<Vec<Change>> {
    let (begun, asked) = (flat(Table::try_from(begun)?), flat(Table::try_from(asked)?));
    let value = |keys: &Table, key: &str| keys.get(key).map_or_else(|| "not set".to_owned(), Value::to_string);
    let keys: BTreeSet<&String> = begun.keys().chain(asked.keys()).collect();
    let different = keys.into_iter().filter(|key| begun.get(*key) != asked.get(*key));
    Ok(different.map(|key| Change { key: key.clone(), begun: value(&begun, key), asked: value(&asked, key) }).collect())
}

/// Keys with their sections in front.
fn flat(recipe: Table) -> Table {
    let mut keys = Table::new();
    for (name, value) in recipe {
        match value {
            Value::Table(section) => {
                keys.extend(section.into_iter().map(|(key, value)| (format!("{name}.{key}"), value)));
            }
            value => {
                keys.insert(name, value);
            }
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::parse;

    fn recipe(changes: &[&str]) -> Recipe {
        let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
        parse("[model]\npreset = \"vit_nano_p8_64\"\n", &changes).unwrap()
    }

    #[test]
    fn a_run_takes_more_epochs_and_other_workers() {
        let changes = allowed(&recipe(&[]), &recipe(&["epochs=40", "workers=3"])).unwrap();
        let said: Vec<_> =
            changes.iter().map(|Change { key, begun, asked }| format!("{key} {begun} {asked}")).collect();
        assert_eq!(said, ["train.epochs 30 40", "train.workers 0 3"]);
        assert!(allowed(&recipe(&[]), &recipe(&[])).unwrap().is_empty());
    }

    #[test]
    fn what_was_learned_from_is_named_with_both_values() {
        let refusal = |change| allowed(&recipe(&["model.depth=2"]), &recipe(&[change])).unwrap_err().to_string();
        let said = refusal("model.width=9");
        assert!(said.contains("model.depth was 2 ") && said.contains("is not set now"), "{said}");
        let refusal = |change| allowed(&recipe(&[]), &recipe(&[change, "epochs=2"])).unwrap_err().to_string();
        let said = refusal("train.lr=0.5");
        assert!(said.starts_with("train.lr was 0.001 when the run began and is 0.5 now"), "{said}");
        assert!(refusal("data.flip=false").starts_with("data.flip was true"));
        assert!(refusal("method.tap=2").starts_with("method.tap was 0"));
    }
}
