//! Which cells, pairs of corruption and severity, there are to compare, and what the models have in common.

use std::collections::BTreeSet;

pub use vitro::chart::heat_map::Row;
use vitro::corruption::{self, Corruption};
use vitro::metric::mean;
use vitro::protocol::CorruptionSource;

use super::entry::Entry;
use super::html::{escape, list};
use crate::eval::results::{Cell, Evaluation};

/// Every corruption that was measured, in the official order: the benchmark's first, those we do not know last.
pub fn rows(entries: &[Entry]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for cell in entries.iter().flat_map(|entry| &entry.evaluation.per_cell) {
        if rows.iter().any(|row| row.name == cell.corruption) {
            continue;
        }
        let known = known(&cell.corruption);
        rows.push(Row {
            name: cell.corruption.clone(),
            title: known.map_or_else(|| cell.corruption.clone(), |corruption| corruption.title.to_owned()),
            group: known.map_or_else(String::new, |corruption| format!("{:?}", corruption.group)),
            benchmark: cell.benchmark,
        });
    }
    let place = |row: &Row| corruption::ALL.iter().position(|known| known.name == row.name).unwrap_or(usize::MAX);
    rows.sort_by_key(|row| (!row.benchmark, place(row)));
    rows
}

/// The registry's row of a corruption, if it is one of ours.
pub fn known(name: &str) -> Option<&'static Corruption> {
    corruption::ALL.iter().find(|corruption| corruption.name == name)
}

/// Every severity that was measured, ascending.
pub fn severities(entries: &[Entry]) -> Vec<u8> {
    let all = entries.iter().flat_map(|entry| &entry.evaluation.per_cell).map(|cell| cell.severity);
    all.collect::<BTreeSet<_>>().into_iter().collect()
}

/// One cell of a model, if it was measured.
pub fn cell<'a>(entry: &'a Entry, corruption: &str, severity: u8) -> Option<&'a Cell> {
    entry.evaluation.per_cell.iter().find(|cell| cell.corruption == corruption && cell.severity == severity)
}

/// A model's mean accuracy over those of its cells that `wanted` takes.
pub fn mean_top1(entry: &Entry, wanted: impl Fn(&Cell) -> bool) -> Option<f64> {
    let accuracies: Vec<f64> =
        entry.evaluation.per_cell.iter().filter(|cell| wanted(cell)).map(|cell| cell.top1).collect();
    (!accuracies.is_empty()).then(|| mean(accuracies))
}

/// A corruption and a severity.
pub type Place<'a> = (&'a str, u8);

fn benchmark(entry: &Entry) -> BTreeSet<Place<'_>> {
    let cells = entry.evaluation.per_cell.iter().filter(|cell| cell.benchmark);
    cells.map(|cell| (cell.corruption.as_str(), cell.severity)).collect()
}

/// What may be set against what.
#[derive(Clone, Debug, PartialEq)]
pub struct Common<'a> {
    /// The benchmark's cells that every model has.
    pub cells: BTreeSet<Place<'a>>,
    /// Whether no model has others.
    pub all: bool,
    /// Whether every model was measured on the same data; otherwise differences say nothing about the models.
    pub data: bool,
    /// What differs between the measurements, as sentences, HTML.
    pub notices: Vec<String>,
}

/// Finds out what the models have in common.
pub fn common(entries: &[Entry]) -> Common<'_> {
    let sets: Vec<BTreeSet<Place<'_>>> = entries.iter().map(benchmark).collect();
    let first = sets.first().cloned().unwrap_or_default();
    let cells = sets.iter().fold(first.clone(), |shared, set| shared.intersection(set).copied().collect());
    let all = sets.iter().all(|set| *set == first);
    let (data, mut notices) = differences(entries);
    if !all {
        notices.push(match cells.len() {
            0 => "The models have no cell of the benchmark in common; each mean is over its own.".to_owned(),
            1 => "The models were measured under different corruptions; means are over the one cell that all have.".into(),
            many => {
                format!("The models were measured under different corruptions; means are over the {many} cells that all have.")
            }
        });
    }
    Common { cells, all, data, notices }
}

/// What corrupted a model's images.
#[derive(Clone, Copy)]
enum Source<'a> {
    /// As its protocol says.
    Recorded(&'a CorruptionSource),
    /// As an earlier release said it, which kept no protocol.
    Said(&'a str),
}

impl<'a> Source<'a> {
    /// None where no image was corrupted.
    fn of(evaluation: &'a Evaluation) -> Option<Self> {
        match (&evaluation.protocol, evaluation.corruption_source.as_str()) {
            (Some(protocol), _) => protocol.corruption.as_ref().map(Self::Recorded),
            (None, "") => None,
            (None, said) => Some(Self::Said(said)),
        }
    }

    fn words(self) -> String {
        match self {
            Self::Recorded(source) => source.to_string(),
            Self::Said(said) => said.to_owned(),
        }
    }
}

impl PartialEq for Source<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Recorded(ours), Self::Recorded(theirs)) => ours == theirs,
            _ => self.words() == other.words(),
        }
    }
}

/// The values that the evaluations have, each once, in their order.
fn distinct<'a, T: PartialEq>(entries: &'a [Entry], of: impl Fn(&'a Evaluation) -> Option<T>) -> Vec<T> {
    let mut values = Vec::new();
    for value in entries.iter().filter_map(|entry| of(&entry.evaluation)) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

fn differences(entries: &[Entry]) -> (bool, Vec<String>) {
    let mut notices = Vec::new();
    let data = distinct(entries, |evaluation| Some(&evaluation.dataset).filter(|name| !name.is_empty()));
    if data.len() > 1 {
        let names: Vec<_> = data.iter().map(|name| escape(name)).collect();
        notices.push(format!(
            "The models were measured on different data ({}); they stand side by side here, but their differences say \
             nothing about the models.",
            list(&names)
        ));
    }
    let images = distinct(entries, |evaluation| Some(evaluation.n_images));
    if images.len() > 1 {
        let counts: Vec<_> = images.iter().map(usize::to_string).collect();
        notices.push(format!("The models were measured on different numbers of images ({}).", list(&counts)));
    }
    let choices = distinct(entries, |evaluation| Some(&evaluation.images).filter(|hash| !hash.is_empty()));
    if data.len() <= 1 && images.len() <= 1 && choices.len() > 1 {
        notices.push("The models were measured on different images of these data.".into());
    }
    let sources = distinct(entries, Source::of);
    if sources.len() > 1 {
        let words: Vec<_> = sources.iter().map(|source| escape(&source.words())).collect();
        notices.push(format!("The corrupted images were made in different ways: {}.", words.join("; ")));
    }
    (data.len() <= 1, notices)
}

#[cfg(test)]
mod tests {
    use vitro::corruption::Variant;
    use vitro::protocol::{Protocol, Split};

    use super::super::entry::tests::measured;
    use super::*;

    #[test]
    fn the_benchmark_comes_first_and_unknown_corruptions_keep_their_names() {
        let entries = [
            measured("a", 1.0, &[("spatter", 1, 0.5), ("haze", 1, 0.5), ("fog", 1, 0.5)]),
            measured("b", 1.0, &[("gaussian_noise", 3, 0.5)]),
        ];
        let titles: Vec<_> = rows(&entries).into_iter().map(|row| row.title).collect();
        assert_eq!(titles, ["Gaussian noise", "Fog", "Spatter", "haze"]);
        assert_eq!(severities(&entries), [1, 3]);
    }

    #[test]
    fn what_all_models_have_is_shared_and_what_differs_is_said() {
        let mut entries = [
            measured("a", 1.0, &[("fog", 1, 0.5), ("fog", 3, 0.5), ("spatter", 1, 0.1)]),
            measured("b", 1.0, &[("fog", 3, 0.5), ("snow", 3, 0.5)]),
        ];
        let found = common(&entries);
        assert_eq!(found.cells.iter().collect::<Vec<_>>(), [&("fog", 3)]);
        assert!(found.data && !found.all);
        assert_eq!(found.notices.len(), 1, "{:?}", found.notices);
        entries[1].evaluation.dataset = "<b>".into();
        entries[1].evaluation.n_images = 7;
        let found = common(&entries);
        assert!(!found.data);
        assert!(found.notices[0].contains("&lt;b&gt;") && found.notices[1].contains("50 and 7"), "{:?}", found.notices);
    }

    #[test]
    fn what_corrupted_the_images_is_compared_by_its_facts_and_not_by_its_sentence() {
        let source = |seed| CorruptionSource::Memory { side: 64, variant: Variant::Tiny, seed, photographs: 0 };
        let with = |seeds: [u64; 2], said: [&str; 2]| {
            let mut entries = ["a", "b"].map(|name| measured(name, 1.0, &[("fog", 1, 0.5)]));
            for ((entry, seed), said) in entries.iter_mut().zip(seeds).zip(said) {
                let Evaluation { dataset, n_images: images, preprocess, .. } = entry.evaluation.clone();
                let protocol =
                    Protocol { dataset, split: Split::Test, images, preprocess, corruption: Some(source(seed)) };
                entry.evaluation.protocol = Some(protocol);
                entry.evaluation.corruption_source = said.into();
            }
            common(&entries).notices
        };
        assert!(with([0, 0], ["as one release says it", "as another does"]).is_empty());
        let notices = with([0, 1], ["in words", "in words"]);
        assert!(notices.len() == 1 && notices[0].contains("different ways"), "{notices:?}");
    }

    #[test]
    fn equal_measurements_need_no_word() {
        let entries = ["a", "b"].map(|name| measured(name, 1.0, &[("fog", 1, 0.5)]));
        let found = common(&entries);
        assert!(found.all && found.data && found.notices.is_empty());
        assert_eq!(mean_top1(&entries[0], |cell| cell.benchmark), Some(0.5));
        assert_eq!(mean_top1(&entries[0], |cell| cell.corruption == "snow"), None);
    }
}
