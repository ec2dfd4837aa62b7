//! What training scripts put around a state dict: dictionaries that also hold optimisers and counters, an averaged copy
//! of the weights beside the plain one, and the `module.` of data-parallel training.
//!
//! Where both copies exist, the averaged one (EMA) is taken: it is what the papers' numbers were measured with.

use std::collections::BTreeMap;

/// Keys of dictionaries that hold a state dict, the one to prefer first.
const NESTS: &[&str] = &["state_dict_ema", "model_ema", "state_dict", "model"];

/// Prefix of every key of a data-parallel model.
const PARALLEL: &str = "module.";

/// Takes the state dict out of what surrounds it: entries under their bare keys, and the path that led there
/// (`state_dict_ema`; empty for a bare state dict). Entries outside the chosen dictionary are left behind.
pub(super) fn unwrapped<T>(mut entries: BTreeMap<String, T>) -> (BTreeMap<String, T>, String) {
    let mut path: Vec<&str> = Vec::new();
    loop {
        let inside = |key: &str, nest: &str| key.strip_prefix(nest)?.strip_prefix('.').map(str::to_owned);
        let nest = NESTS.iter().find(|nest| entries.keys().any(|key| inside(key, nest).is_some()));
        if let Some(nest) = nest {
            let kept = entries.into_iter().filter_map(|(key, entry)| Some((inside(&key, nest)?, entry)));
            entries = kept.collect();
            path.push(nest);
        } else if entries.keys().any(|key| key.starts_with(PARALLEL)) {
            let bare = |key: String| key.strip_prefix(PARALLEL).map_or(key.clone(), str::to_owned);
            entries = entries.into_iter().map(|(key, entry)| (bare(key), entry)).collect();
        } else {
            return (entries, path.join("."));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unwrap(keys: &[&str]) -> (Vec<String>, String) {
        let (entries, path) = unwrapped(keys.iter().map(|key| ((*key).to_owned(), ())).collect());
        (entries.into_keys().collect(), path)
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
    }

    #[test]
    fn nested_wrappers_all_come_off() {
        let (keys, path) = unwrap(&["module.model.state_dict.module.head.bias", "epoch"]);
        assert_eq!((keys, path.as_str()), (vec!["head.bias".to_owned()], "model.state_dict"));
    }
}
