//! The numbers that people quote, a row per model: accuracy, errors, and what was asked for besides.

use std::fmt::Write;

use vitro::attack;
use vitro::chart::{series, strip};
use vitro::metric::Better;

use super::cells::{self, Common};
use super::definitions::Term;
use super::entry::Entry;
use super::html::{escape, list, percent};
use crate::eval::normalised::Reference;
use crate::eval::results::{Attacked, Evaluation};

/// The mean corruption error that may be set against those of the others: over the shared cells, if there are any.
pub fn corruption_error(entry: &Entry, common: &Common<'_>) -> Option<f64> {
    if common.all || common.cells.is_empty() {
        return entry.evaluation.corruption_error_mean;
    }
    cells::mean_top1(entry, |cell| common.cells.contains(&(cell.corruption.as_str(), cell.severity)))
        .map(|accuracy| 1.0 - accuracy)
}

/// An evaluation with nothing but the cells that all models share.
fn shared(entry: &Entry, common: &Common<'_>) -> Evaluation {
    let mut evaluation = entry.evaluation.clone();
    evaluation.per_cell.retain(|cell| common.cells.contains(&(cell.corruption.as_str(), cell.severity)));
    evaluation
}

/// A column of the table of numbers.
struct Column {
    /// HTML.
    head: String,
    /// Text.
    note: String,
    values: Vec<Option<f64>>,
    bounds: Vec<Option<[f64; 2]>>,
    better: Better,
}

impl Column {
    /// `term` is the definition that the heading leads to.
    fn of(entries: &[Entry], (term, head): (Term, &str), note: &str, value: impl Fn(&Entry) -> Option<f64>) -> Self {
        Self {
            head: term.link(head),
            note: note.to_owned(),
            values: entries.iter().map(value).collect(),
            bounds: vec![None; entries.len()],
            better: Better::Lower,
        }
    }

    fn bounded(mut self, entries: &[Entry], name: &str) -> Self {
        self.bounds = entries.iter().map(|entry| entry.evaluation.interval(name)).collect();
        self
    }

    /// For bounds that come in percent.
    fn in_percent(mut self) -> Self {
        self.bounds.iter_mut().flatten().flatten().for_each(|bound| *bound /= 100.0);
        self
    }

    fn higher_is_better(mut self) -> Self {
        self.better = Better::Higher;
        self
    }

    /// The best value, if every model has one and they differ.
    fn best(&self) -> Option<f64> {
        best(self.better, &self.values)
    }
}

/// The best of some values, if none is missing and they differ.
pub fn best(better: Better, values: &[Option<f64>]) -> Option<f64> {
    let values = values.iter().copied().collect::<Option<Vec<f64>>>()?;
    let differ = values.windows(2).any(|pair| pair[0] != pair[1]);
    better.best(values).filter(|_| differ)
}

fn columns(entries: &[Entry], common: &Common<'_>) -> Vec<Column> {
    let mut columns = vec![
        Column::of(entries, (Term::Accuracy, "clean top-1 accuracy"), "%", |entry| Some(entry.evaluation.clean_top1))
            .higher_is_better()
            .bounded(entries, "clean_top1"),
    ];
    let over = match common.cells.len() {
        0 => "%".into(),
        1 => "%, over 1 cell".into(),
        many => format!("%, over {many} cells"),
    };
    let title = (Term::CorruptionError, "mean corruption error");
    let error = Column::of(entries, title, &over, |entry| corruption_error(entry, common));
    // The intervals belong to each model's own cells.
    let own = common.all || common.cells.is_empty();
    columns.push(if own { error.bounded(entries, "corruption_error_mean") } else { error });
    columns.extend(relative(entries, common));
    columns.push(
        Column::of(entries, (Term::AlexNet, "mCE"), "AlexNet = 100 %", |entry| {
            entry.evaluation.mce_alexnet.map(|mce| mce / 100.0)
        })
        .bounded(entries, "mce_alexnet")
        .in_percent(),
    );
    columns.push(
        Column::of(entries, (Term::Flips, "flip probability"), "%", |entry| entry.evaluation.mean_flip_probability)
            .bounded(entries, "mean_flip_probability"),
    );
    for Attacked { attack, eps, steps, .. } in attacks(entries) {
        let note = format!("radius {:.2}, {steps} step{}, accuracy %", eps * 255.0, if *steps == 1 { "" } else { "s" });
        let title = attack::ALL.iter().find(|known| known.name == attack).map_or(attack.as_str(), |known| known.title);
        let found = |entry: &Entry| {
            let same = |other: &&Attacked| other.attack == *attack && other.eps == *eps && other.steps == *steps;
            entry.evaluation.attacks.iter().find(same).cloned()
        };
        let mut column = Column::of(entries, (Term::Attack, title), &note, |entry| Some(found(entry)?.top1));
        column.bounds = entries.iter().map(|entry| found(entry)?.interval).collect();
        columns.push(column.higher_is_better());
    }
    columns.retain(|column| column.values.iter().any(Option::is_some));
    columns
}

/// The mCE in units of the first model's errors, where the models have cells of the same data in common.
fn relative(entries: &[Entry], common: &Common<'_>) -> Option<Column> {
    if entries.len() < 2 || !common.data || (!common.all && common.cells.is_empty()) {
        return None;
    }
    let first = entries.first()?;
    let reference = Reference::of(&shared(first, common));
    let mce = |entry: &Entry| {
        let own = shared(entry, common);
        reference.mce(|name| own.error_of(name))
    };
    let title = (Term::Relative, "mCE relative to the first");
    let note = format!("{} = 100 %", first.label);
    let mut column = Column::of(entries, title, &note, |entry| Some(mce(entry)? / 100.0));
    // The intervals belong to each model's own cells.
    if common.all {
        let interval = |entry: &Entry| entry.evaluation.interval_relative_to(&first.evaluation, mce(entry)?);
        column.bounds = entries.iter().map(interval).collect();
    }
    Some(column.in_percent())
}

/// How to get the intervals that are missing from the mCE relative to the first, HTML; nothing if none is.
pub fn without_interval(entries: &[Entry], common: &Common<'_>) -> String {
    let (Some(first), Some(column)) = (entries.first(), relative(entries, common)) else { return String::new() };
    let numbers = entries.iter().zip(column.values.iter().zip(&column.bounds)).skip(1);
    let bare = numbers.filter(|(_, (value, bounds))| value.is_some() && bounds.is_none());
    let names: Vec<String> = bare.map(|(entry, _)| format!("<b>{}</b>", escape(&entry.label))).collect();
    // On other cells than the first's, measuring again the same way would not help.
    if names.is_empty() || !common.all {
        return String::new();
    }
    format!(
        "<p>No interval of the mCE relative to the first for {}: <code>vitro eval RUN --baseline FIRST</code> measures \
         it, FIRST being the run folder or JSON file of <b>{}</b>.</p>\n",
        list(&names),
        escape(&first.label)
    )
}

/// Every attack with its budget, once, in the order of the evaluations.
fn attacks(entries: &[Entry]) -> Vec<&Attacked> {
    let mut found: Vec<&Attacked> = Vec::new();
    for attacked in entries.iter().flat_map(|entry| &entry.evaluation.attacks) {
        let same = |other: &&Attacked| {
            other.attack == attacked.attack && other.eps == attacked.eps && other.steps == attacked.steps
        };
        if !found.iter().any(same) {
            found.push(attacked);
        }
    }
    found
}

pub fn table(entries: &[Entry], common: &Common<'_>) -> String {
    let columns = columns(entries, common);
    let judged = entries.len() > 1 && common.data;
    let mut text = String::from("<table class=\"numbers\">\n<caption>Accuracy and errors");
    if judged {
        text.push_str("; the best of a column is bold");
    }
    text.push_str("</caption>\n<thead><tr><th scope=\"col\">model</th><th scope=\"col\" class=\"strip\">");
    let _ = write!(text, "accuracy, from corrupted to clean{}</th>", strip::scale());
    for Column { head, note, .. } in &columns {
        let _ = write!(text, "<th scope=\"col\" class=\"number\">{head}<small>{}</small></th>", escape(note));
    }
    text.push_str("</tr></thead>\n<tbody>\n");
    for (i, entry) in entries.iter().enumerate() {
        let corrupted = corruption_error(entry, common).map(|error| 1.0 - error);
        let _ = write!(
            text,
            "<tr><th scope=\"row\">{}{}</th><td class=\"strip\">{}</td>",
            series::key(i),
            escape(&entry.label),
            strip::strip(i, corrupted, entry.evaluation.clean_top1)
        );
        for column in &columns {
            let best = judged && column.values[i].is_some() && column.values[i] == column.best();
            let value = column.values[i].map_or("–".into(), percent);
            let bounds =
                column.bounds[i].map(|[low, high]| format!("<small>{} to {}</small>", percent(low), percent(high)));
            let class = if best { "number best" } else { "number" };
            let _ = write!(text, "<td class=\"{class}\">{value}{}</td>", bounds.unwrap_or_default());
        }
        text.push_str("</tr>\n");
    }
    text + "</tbody>\n</table>\n"
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::measured;
    use super::*;

    #[test]
    fn the_ratio_is_to_the_first() {
        let entries = [measured("a", 0.9, &[("fog", 1, 0.8)]), measured("b", 0.8, &[("fog", 1, 0.9)])];
        let relative = columns(&entries, &cells::common(&entries)).remove(2);
        assert!(relative.head.contains("relative"));
        assert!(relative.values[1].is_some_and(|ratio| (ratio - 0.5).abs() < 1e-9), "{:?}", relative.values);
    }

    #[test]
    fn models_with_other_cells_are_compared_on_the_shared_ones() {
        let entries =
            [measured("a", 1.0, &[("fog", 1, 0.8), ("snow", 1, 0.0)]), measured("b", 1.0, &[("fog", 1, 0.6)])];
        let common = cells::common(&entries);
        assert!(corruption_error(&entries[0], &common).is_some_and(|error| (error - 0.2).abs() < 1e-9));
    }

    #[test]
    fn intervals_stand_under_their_numbers() {
        let mut entries = [measured("a", 0.9, &[])];
        entries[0].evaluation.intervals.insert("clean_top1".into(), [0.85, 0.94]);
        assert!(table(&entries, &cells::common(&entries)).contains("90.0<small>85.0 to 94.0</small>"));
    }
}
