//! What training scripts put around a state dict: dictionaries that also hold optimisers and counters, an averaged copy
//! of the weights beside the plain one, and the prefixes of data-parallel, compiled and composed models.
//!
//! Where both copies exist, the averaged one (EMA, a teacher) is taken: it is what the papers' numbers were measured with.

use std::collections::{BTreeMap, BTreeSet};

use super::CheckpointError;

/// Keys of dictionaries that hold a state dict, the one to prefer first: averaged weights before plain ones.
const NESTS: &[&str] = &[
    "state_dict_ema",
    "model_state_dict_ema",
    "ema_state_dict",
    "model_ema",
    "ema_model",
    "params_ema",
    "ema",
    "teacher",
    "state_dict",
    "model_state_dict",
    "model",
    "network",
    "net",
    "student",
    "params",
];

/// Prefixes of the keys of a model inside another: data-parallel, compiled, and a trunk beside its head.
const PREFIXES: &[&str] = &["module", "_orig_mod", "_forward_module", "backbone", "encoder"];

/// A state dict out of its wrapping.
pub(super) struct Unwrapped<T> {
    /// Entries under their bare keys.
    pub(super) entries: BTreeMap<String, T>,
    /// The path that led there (`state_dict_ema`); empty for a bare state dict.
    pub(super) taken_from: String,
    /// What was left behind, by the first part of its keys, with the number of entries.
    pub(super) left: BTreeMap<String, usize>,
}

/// Takes the state dict out of what surrounds it. Entries outside the chosen dictionary are left behind, unless they are
/// of a part in `own`: the first names of the model's own parts, which are no wrappings.
///
/// # Errors
/// When two entries have the same bare key.
pub(super) fn unwrapped<T>(
    mut entries: BTreeMap<String, T>,
    own: &BTreeSet<String>,
) -> Result<Unwrapped<T>, CheckpointError> {
    let (mut path, mut left): (Vec<&str>, BTreeMap<String, usize>) = (Vec::new(), BTreeMap::new());
    loop {
        let wraps = |name: &&&str| !own.contains(**name) && held(&entries, name) > 0;
        // A dictionary with a fraction of what another holds is no copy of the weights.
        let most = NESTS.iter().filter(wraps).map(|nest| held(&entries, nest)).max().unwrap_or(0);
        if let Some(nest) = NESTS.iter().filter(wraps).find(|nest| 2 * held(&entries, nest) >= most) {
            let (inner, outer): (Vec<_>, Vec<_>) =
                entries.into_iter().partition(|(key, _)| inside(key, nest).is_some());
            let (beside, others): (Vec<_>, Vec<_>) = outer.into_iter().partition(|(key, _)| own.contains(first(key)));
            for (key, _) in others {
                *left.entry(first(&key).to_owned()).or_default() += 1;
            }
            let bare = inner.into_iter().map(|(key, entry)| (inside(&key, nest).unwrap_or_default().to_owned(), entry));
            entries = beside.into_iter().chain(bare).collect();
            path.push(nest);
        } else if let Some(prefix) = PREFIXES.iter().find(wraps) {
            let mut bare = BTreeMap::new();
            for (key, entry) in entries {
                let key = inside(&key, prefix).map(str::to_owned).unwrap_or(key);
                if bare.contains_key(&key) {
                    return Err(CheckpointError::Twice(key));
                }
                bare.insert(key, entry);
            }
            entries = bare;
        } else {
            return Ok(Unwrapped { entries, taken_from: path.join("."), left });
        }
    }
}

/// `key` without `name` and a dot in front.
fn inside<'a>(key: &'a str, name: &str) -> Option<&'a str> {
    key.strip_prefix(name)?.strip_prefix('.')
}

/// How many entries stand under `name`.
fn held<T>(entries: &BTreeMap<String, T>, name: &str) -> usize {
    entries.keys().filter(|key| inside(key, name).is_some()).count()
}

fn first(key: &str) -> &str {
    key.split('.').next().unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unwrap_for(keys: &[&str], own: &[&str]) -> Result<(Vec<String>, String), CheckpointError> {
        let own = own.iter().map(|name| (*name).to_owned()).collect();
        let found = unwrapped(keys.iter().map(|key| ((*key).to_owned(), ())).collect(), &own)?;
        Ok((found.entries.into_keys().collect(), found.taken_from))
    }

    fn unwrap(keys: &[&str]) -> (Vec<String>, String) {
        unwrap_for(keys, &["blocks", "head", "norm"]).unwrap()
    }

    #[test]
    fn a_bare_state_dict_stays_as_it_is() {
        assert_eq!(unwrap(&["head.bias", "norm.weight"]).0, ["head.bias", "norm.weight"]);
        assert_eq!(unwrap(&["head.bias"]).1, "");
    }

    #[test]
    fn averaged_weights_are_preferred_and_named() {
        let (keys, path) = unwrap(&["optimizer.state.0", "state_dict.head.bias", "state_dict_ema.module.head.bias"]);
        assert_eq!((keys, path.as_str()), (vec!["head.bias".to_owned()], "state_dict_ema"));
        assert_eq!(unwrap(&["student.backbone.head.bias", "teacher.backbone.head.bias"]).1, "teacher");
    }

    #[test]
    fn what_is_left_behind_is_counted() {
        let keys = ["optimizer.state.0", "optimizer.state.1", "model.head.bias", "ema.head.bias", "epoch"];
        let found =
            unwrapped(keys.map(|key| (key.to_owned(), ())).into(), &BTreeSet::from(["head".to_owned()])).unwrap();
        let left: Vec<(&str, usize)> = found.left.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        assert_eq!((found.taken_from.as_str(), left), ("ema", vec![("epoch", 1), ("model", 1), ("optimizer", 2)]));
    }

    #[test]
    fn a_few_numbers_about_an_average_are_not_taken_for_it() {
        let plain = ["model.head.bias", "model.head.weight", "model.norm.bias", "model_ema.decay"];
        assert_eq!(unwrap(&plain).1, "model");
    }

    #[test]
    fn every_wrapping_comes_off_in_every_order() {
        let names = [NESTS, PREFIXES].concat();
        for outer in &names {
            for middle in &names {
                for inner in ["", "module.", "_orig_mod.", "model.", "backbone."] {
                    let wrapped = |key: &str| format!("{outer}.{middle}.{inner}{key}");
                    let keys = [wrapped("blocks.0.norm1.weight"), wrapped("head.bias"), "epoch".to_owned()];
                    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
                    let (mut bare, _) = unwrap(&keys);
                    bare.retain(|key| key != "epoch");
                    assert_eq!(bare, ["blocks.0.norm1.weight", "head.bias"], "{keys:?}");
                }
            }
        }
    }

    #[test]
    fn a_head_beside_its_trunk_is_kept() {
        for trunk in ["backbone", "encoder", "model", "net"] {
            let keys = [&format!("{trunk}.blocks.0.norm1.bias"), "head.bias"];
            assert_eq!(unwrap(&keys).0, ["blocks.0.norm1.bias", "head.bias"], "{trunk}");
        }
    }

    #[test]
    fn a_part_of_the_model_is_no_wrapping() {
        let keys = ["backbone.stem.0.weight", "proj.bias"];
        assert_eq!(unwrap_for(&keys, &["backbone", "proj"]).unwrap().0, keys);
    }

    #[test]
    fn two_entries_with_one_bare_name_are_refused() {
        let twice = unwrap_for(&["module.head.bias", "head.bias"], &["head"]);
        assert_eq!(twice, Err(CheckpointError::Twice("head.bias".to_owned())));
    }
}
