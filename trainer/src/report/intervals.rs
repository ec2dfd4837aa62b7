//! The 95 % intervals of an evaluation, where it has any: `intervals` of `eval.json`, the name of a number and its bounds.

use std::collections::BTreeMap;

use serde_json::Value;

/// Bounds by the name of the number that they belong to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Intervals(BTreeMap<String, [f64; 2]>);

impl Intervals {
    /// Takes what reads as bounds from the `intervals` of an evaluation: `[low, high]`, or an object with `low` and `high`.
    pub fn of(evaluation: &Value) -> Self {
        let fields = evaluation.get("intervals").and_then(Value::as_object);
        let bounds = |value: &Value| {
            let at = |name: &str, place: usize| value.get(name).or_else(|| value.get(place)).and_then(Value::as_f64);
            Some([at("low", 0)?, at("high", 1)?]).filter(|[low, high]| low <= high)
        };
        let found = fields.into_iter().flatten();
        Self(found.filter_map(|(name, value)| Some((name.clone(), bounds(value)?))).collect())
    }

    /// The bounds of a number, if they are known.
    pub fn get(&self, name: &str) -> Option<[f64; 2]> {
        self.0.get(name).copied()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_read_where_there_are_some() {
        let text = r#"{"intervals": {"clean_top1": {"low": 0.5, "high": 0.7}, "ece": [0.1, 0.2], "broken": [2, 1], "mce_alexnet": null}}"#;
        let intervals = Intervals::of(&serde_json::from_str(text).unwrap());
        assert_eq!(intervals.get("clean_top1"), Some([0.5, 0.7]));
        assert_eq!(intervals.get("ece"), Some([0.1, 0.2]));
        assert_eq!((intervals.get("broken"), intervals.get("mce_alexnet")), (None, None));
        assert!(Intervals::of(&Value::Null).is_empty());
    }
}
