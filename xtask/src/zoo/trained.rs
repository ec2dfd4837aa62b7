//! Rows as the tables show them: what was measured of each, of one training or of several.

use super::results::{Number, Pace, Results, Run};
use super::rows::Set;

/// What stands where nothing was measured.
pub(super) const NOTHING: &str = "–";

/// A row with its trainings.
pub(super) struct Trained<'a> {
    pub(super) name: &'a str,
    /// One for each seed.
    pub(super) runs: Vec<&'a Run>,
    pub(super) pace: Option<&'a Pace>,
}

impl Trained<'_> {
    pub(super) fn title(&self) -> &str {
        self.runs.first().map_or(self.name, |run| run.title.as_str())
    }

    pub(super) fn params(&self) -> u64 {
        self.runs.first().map_or(0, |run| run.params)
    }

    /// In percent: of one training with its interval, of several the mean with the lowest and the highest.
    pub(super) fn number(&self, key: &str, with_interval: bool) -> String {
        let found: Vec<Number> = self.runs.iter().filter_map(|run| run.numbers.get(key).copied()).collect();
        let percent = |value: f64| format!("{:.1}", 100.0 * value);
        match &found[..] {
            [] => NOTHING.to_owned(),
            [Number { value, interval: Some([low, high]) }] if with_interval => {
                format!("{} [{}, {}]", percent(*value), percent(*low), percent(*high))
            }
            [only] => percent(only.value),
            several => {
                let values = || several.iter().map(|number| number.value);
                let mean = values().sum::<f64>() / several.len() as f64;
                let (low, high) = (values().fold(f64::MAX, f64::min), values().fold(f64::MIN, f64::max));
                let range = format!(" ({} to {})", percent(low), percent(high));
                percent(mean) + if with_interval { range.as_str() } else { "" }
            }
        }
    }
}

/// The rows of a set that were measured, in its order, each control after its row.
pub(super) fn rows<'a>(set: &'a Set, results: &'a Results) -> Vec<Trained<'a>> {
    let mut names: Vec<&str> = Vec::new();
    for row in set.rows {
        names.push(row.name);
        let of_set = results.runs.iter().filter(|run| run.set == set.name && run.row != row.name);
        let controls =
            of_set.filter(|run| row.controls.iter().any(|control| run.row == format!("{}-{control}", row.name)));
        for run in controls {
            if !names.contains(&run.row.as_str()) {
                names.push(&run.row);
            }
        }
    }
    let of = |name: &'a str| {
        let runs: Vec<&Run> = results.runs.iter().filter(|run| run.set == set.name && run.row == name).collect();
        (!runs.is_empty()).then_some(Trained { name, runs, pace: results.pace(set.name, name) })
    };
    names.into_iter().filter_map(of).collect()
}
