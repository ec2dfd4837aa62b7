//! What was compared, and the numbers that people quote.

use std::fmt::Write;

use vitro::attack;

use super::cells::{self, Common};
use super::definitions::Term;
use super::entry::Entry;
use super::html::{NBSP, Section, escape, grouped, list, percent, wide};
use super::series;
use super::svg::{Svg, line};
use crate::eval::normalised::Reference;
use crate::eval::results::{Attacked, Evaluation};

/// Width and height of the drawing from clean to corrupted accuracy.
const STRIP: [f64; 2] = [232.0, 24.0];
/// Room at its ends for a marker.
const MARGIN: f64 = 10.0;

/// The sentences under the title, HTML.
pub fn lede(entries: &[Entry]) -> String {
    let common = cells::common(entries);
    let mut text = format!("<p class=\"lede\">{} {}</p>\n", scope(entries), finding(entries, &common));
    for notice in &common.notices {
        let _ = writeln!(text, "<p class=\"notice\">{notice}</p>");
    }
    text
}

/// The section.
pub fn section(entries: &[Entry]) -> Section {
    let common = cells::common(entries);
    let body = wide("what was compared", &facts(entries))
        + &wide("accuracy and calibration", &numbers(entries, &common))
        + &without_interval(entries, &common);
    Section { id: "numbers", title: "Numbers", body }
}

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

fn scope(entries: &[Entry]) -> String {
    let models = if entries.len() == 1 { "One model".to_owned() } else { format!("{} models", entries.len()) };
    let mut data: Vec<String> = Vec::new();
    for Evaluation { dataset, n_images, .. } in entries.iter().map(|entry| &entry.evaluation) {
        let words = format!("{} images of {}", grouped(*n_images as u64), escape(dataset));
        if !data.contains(&words) {
            data.push(words);
        }
    }
    let severities = cells::severities(entries);
    let strengths = match severities.as_slice() {
        [one] => format!("severity {one}"),
        [low, .., high] if usize::from(high - low) == severities.len() - 1 => format!("severities {low} to {high}"),
        several => format!("severities {}", list(&several.iter().map(ToString::to_string).collect::<Vec<_>>())),
    };
    let under = match cells::rows(entries).len() {
        0 => String::new(),
        1 => format!(", untouched and under one corruption at {strengths}"),
        many => format!(", untouched and under {many} corruptions at {strengths}"),
    };
    format!("{models} on {}{under}.", list(&data))
}

/// Who is right most often, where that can be said.
fn finding(entries: &[Entry], common: &Common<'_>) -> String {
    let sure = |share: f64| format!("{}{NBSP}%", percent(share));
    let clean: Vec<Option<f64>> = entries.iter().map(|entry| Some(entry.evaluation.clean_top1)).collect();
    let corrupted: Vec<Option<f64>> =
        entries.iter().map(|entry| corruption_error(entry, common).map(|error| 1.0 - error)).collect();
    if let ([Some(clean)], [Some(corrupted)]) = (&clean[..], &corrupted[..]) {
        let (clean, corrupted) = (sure(*clean), sure(*corrupted));
        return format!("It is right on {clean} of the untouched images and on {corrupted} under corruption.");
    }
    if !common.data || (!common.all && common.cells.is_empty()) {
        return String::new();
    }
    let (Some((on_clean, clean)), Some((under, corrupted))) = (highest(entries, &clean), highest(entries, &corrupted))
    else {
        return String::new();
    };
    let (clean, corrupted) = (sure(clean), sure(corrupted));
    if on_clean == under {
        return format!("Right most often, on untouched images ({clean}) and under corruption ({corrupted}): {under}.");
    }
    format!("Right most often on untouched images: {on_clean} ({clean}); under corruption: {under} ({corrupted}).")
}

/// The names of those with the highest number, HTML, and the number; nothing unless every model has one.
fn highest(entries: &[Entry], numbers: &[Option<f64>]) -> Option<(String, f64)> {
    let numbers = numbers.iter().copied().collect::<Option<Vec<f64>>>()?;
    let most = numbers.iter().copied().reduce(f64::max)?;
    let best = entries.iter().zip(&numbers).filter(|(_, number)| **number == most);
    let names: Vec<String> = best.map(|(entry, _)| format!("<b>{}</b>", escape(&entry.label))).collect();
    Some((list(&names), most))
}

/// A question about a measurement and its answer, text; an empty answer is none.
type Fact = (&'static str, fn(&Evaluation) -> String);

const FACTS: &[Fact] = &[
    ("method", |evaluation| evaluation.method.clone()),
    ("model", |evaluation| evaluation.model.clone()),
    ("weights", |evaluation| grouped(evaluation.params)),
    ("trained on", |evaluation| evaluation.train_data.clone()),
    ("measured on", |evaluation| evaluation.dataset.clone()),
    ("classes", |evaluation| evaluation.classes.clone().unwrap_or_default()),
    ("images", |evaluation| grouped(evaluation.n_images as u64)),
    ("input", |evaluation| {
        let preprocess = &evaluation.preprocess;
        let crop = if preprocess.crop_pct < 1.0 { format!(", crop {}", preprocess.crop_pct) } else { String::new() };
        format!("{0} × {0} pixels, {1}{crop}", evaluation.image_size, format!("{:?}", preprocess.filter).to_lowercase())
    }),
    ("corrupted images", |evaluation| evaluation.corruption_source.clone()),
    ("to be noted", |evaluation| evaluation.remarks.join(" ")),
    ("processor", |evaluation| evaluation.device.clone()),
    ("versions", |evaluation| {
        let versions = evaluation.versions.iter().map(|(name, version)| format!("{name} {version}"));
        versions.collect::<Vec<_>>().join(", ")
    }),
    ("source commit", |evaluation| evaluation.git.clone().unwrap_or_default()),
];

/// A row per question, a column per model; an answer that all share is written once.
fn facts(entries: &[Entry]) -> String {
    let mut text = String::from("<table class=\"facts\">\n<caption>What was compared</caption>\n<thead><tr><td></td>");
    for (i, entry) in entries.iter().enumerate() {
        let _ = write!(text, "<th scope=\"col\">{}{}</th>", series::key(i), escape(&entry.label));
    }
    text.push_str("</tr></thead>\n<tbody>\n");
    for (question, answer) in FACTS {
        let answers: Vec<String> = entries.iter().map(|entry| escape(&answer(&entry.evaluation))).collect();
        if answers.iter().all(String::is_empty) {
            continue;
        }
        let _ = write!(text, "<tr><th scope=\"row\">{question}</th>");
        if answers.len() > 1 && answers.iter().all(|answer| *answer == answers[0]) {
            let _ = write!(text, "<td class=\"same\" colspan=\"{}\">{}</td>", answers.len(), answers[0]);
        } else {
            for answer in answers {
                let _ = write!(text, "<td>{}</td>", if answer.is_empty() { "–" } else { &answer });
            }
        }
        text.push_str("</tr>\n");
    }
    text + "</tbody>\n</table>\n"
}

/// A column of the table of numbers.
struct Column {
    /// HTML.
    head: String,
    /// Text.
    note: String,
    values: Vec<Option<f64>>,
    bounds: Vec<Option<[f64; 2]>>,
    higher_is_better: bool,
}

impl Column {
    /// `term` is the definition that the heading leads to.
    fn of(entries: &[Entry], (term, head): (Term, &str), note: &str, value: impl Fn(&Entry) -> Option<f64>) -> Self {
        Self {
            head: term.link(head),
            note: note.to_owned(),
            values: entries.iter().map(value).collect(),
            bounds: vec![None; entries.len()],
            higher_is_better: false,
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
        self.higher_is_better = true;
        self
    }

    /// The best value, if every model has one and they differ.
    fn best(&self) -> Option<f64> {
        let values = self.values.iter().copied().collect::<Option<Vec<f64>>>()?;
        let (low, high) = (values.iter().copied().reduce(f64::min)?, values.iter().copied().reduce(f64::max)?);
        let best = if self.higher_is_better { high } else { low };
        (low < high).then_some(best)
    }
}

fn columns(entries: &[Entry], common: &Common<'_>) -> Vec<Column> {
    let mut columns = vec![
        Column::of(entries, (Term::Accuracy, "clean top-1"), "%", |entry| Some(entry.evaluation.clean_top1))
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
        Column::of(entries, (Term::Calibration, "calibration error"), "clean, %", |entry| Some(entry.evaluation.ece))
            .bounded(entries, "ece"),
    );
    columns.push(
        Column::of(entries, (Term::Calibration, "calibration error"), "corrupted, %", |entry| {
            entry.evaluation.ece_corrupted
        })
        .bounded(entries, "ece_corrupted"),
    );
    columns.push(
        Column::of(entries, (Term::Flips, "flip probability"), "%", |entry| entry.evaluation.mean_flip_probability)
            .bounded(entries, "mean_flip_probability"),
    );
    for Attacked { attack, eps, steps, .. } in attacks(entries) {
        let note = format!("radius {:.2}, {steps} step{}, top-1 %", eps * 255.0, if *steps == 1 { "" } else { "s" });
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
fn without_interval(entries: &[Entry], common: &Common<'_>) -> String {
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

fn numbers(entries: &[Entry], common: &Common<'_>) -> String {
    let columns = columns(entries, common);
    let judged = entries.len() > 1 && common.data;
    let mut text = String::from("<table class=\"numbers\">\n<caption>Accuracy, errors and calibration");
    if judged {
        text.push_str("; the best of a column is bold");
    }
    text.push_str("</caption>\n<thead><tr><th scope=\"col\">model</th><th scope=\"col\" class=\"strip\">");
    let _ = write!(text, "accuracy, from corrupted to clean{}</th>", scale());
    for Column { head, note, .. } in &columns {
        let _ = write!(text, "<th scope=\"col\" class=\"number\">{head}<small>{}</small></th>", escape(note));
    }
    text.push_str("</tr></thead>\n<tbody>\n");
    for (i, entry) in entries.iter().enumerate() {
        let _ = write!(
            text,
            "<tr><th scope=\"row\">{}{}</th><td class=\"strip\">{}</td>",
            series::key(i),
            escape(&entry.label),
            strip(i, entry, corruption_error(entry, common))
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

fn at(share: f64) -> f64 {
    MARGIN + share * (STRIP[0] - 2.0 * MARGIN)
}

/// The scale above the strips.
fn scale() -> String {
    let mut svg = Svg::new(STRIP[0], 14.0);
    for (share, words) in [(0.0, "0"), (0.5, "50"), (1.0, "100 %")] {
        svg.text(
            if share == 1.0 { "tick end" } else { "tick middle" },
            at(share) + if share == 1.0 { MARGIN } else { 0.0 },
            11.0,
            words,
        );
    }
    svg.finish("scale", "0 to 100 percent")
}

/// From the accuracy under corruption (open) to the clean one (filled).
fn strip(index: usize, entry: &Entry, error: Option<f64>) -> String {
    let (clean, middle) = (entry.evaluation.clean_top1, STRIP[1] / 2.0);
    let class = series::class(index);
    let mut svg = Svg::new(STRIP[0], STRIP[1]);
    svg.path("axis", &line(&[(at(0.0), middle), (at(1.0), middle)]));
    let mut words = format!("clean {} %", percent(clean));
    if let Some(error) = error {
        let corrupted = 1.0 - error;
        svg.path(&format!("line solid {class}"), &line(&[(at(corrupted), middle), (at(clean), middle)]));
        svg.path(&format!("dot open {class}"), &series::marker(index, at(corrupted), middle));
        words = format!("corrupted {} %, {words}", percent(corrupted));
    }
    svg.path(&format!("dot {class}"), &series::marker(index, at(clean), middle));
    svg.finish("strip", &words)
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::measured;
    use super::*;
    use crate::eval::results::Normalised;

    #[test]
    fn the_best_is_named_and_the_ratio_is_to_the_first() {
        let entries = [measured("a", 0.9, &[("fog", 1, 0.8)]), measured("b", 0.8, &[("fog", 1, 0.9)])];
        let lede = lede(&entries);
        assert!(
            lede.contains("untouched images: <b>a</b> (90.0\u{a0}%); under corruption: <b>b</b> (90.0\u{a0}%)"),
            "{lede}"
        );
        let common = cells::common(&entries);
        let relative = columns(&entries, &common).remove(2);
        assert!(relative.head.contains("relative"));
        assert!(relative.values[1].is_some_and(|ratio| (ratio - 0.5).abs() < 1e-9), "{:?}", relative.values);
    }

    #[test]
    fn different_data_give_no_winner() {
        let mut entries = [measured("a", 0.9, &[("fog", 1, 0.8)]), measured("b", 0.8, &[("fog", 1, 0.9)])];
        entries[1].evaluation.dataset = "other".into();
        assert!(!lede(&entries).contains("most often"));
        assert!(!numbers(&entries, &cells::common(&entries)).contains("best"));
    }

    #[test]
    fn models_with_other_cells_are_compared_on_the_shared_ones() {
        let entries =
            [measured("a", 1.0, &[("fog", 1, 0.8), ("snow", 1, 0.0)]), measured("b", 1.0, &[("fog", 1, 0.6)])];
        let common = cells::common(&entries);
        assert!(corruption_error(&entries[0], &common).is_some_and(|error| (error - 0.2).abs() < 1e-9));
    }

    #[test]
    fn a_fact_that_all_share_is_written_once() {
        let entries = ["a", "b"].map(|name| measured(name, 1.0, &[]));
        let text = facts(&entries);
        assert_eq!(text.matches("64 × 64 pixels").count(), 1);
        assert!(!text.contains("processor"), "nobody knows it: {text}");
    }

    #[test]
    fn the_ratio_has_the_interval_of_an_evaluation_against_the_first() {
        let mut entries = [measured("a", 0.9, &[("fog", 1, 0.8)]), measured("b", 0.8, &[("fog", 1, 0.9)])];
        let advice = |entries: &[Entry]| section(entries).body.contains("--baseline FIRST");
        assert!(advice(&entries));
        let evaluation = &mut entries[1].evaluation;
        evaluation.mce_vs_baseline = Some(Normalised { name: "a".into(), value: 50.0 });
        evaluation.intervals.insert("mce_vs_baseline".into(), [41.0, 62.0]);
        assert!(section(&entries).body.contains("50.0<small>41.0 to 62.0</small>"));
        assert!(!advice(&entries), "nothing is missing");
        entries[0].evaluation.name = "another a".into();
        assert!(!section(&entries).body.contains("41.0 to 62.0") && advice(&entries));
    }

    #[test]
    fn intervals_stand_under_their_numbers() {
        let mut entries = [measured("a", 0.9, &[])];
        entries[0].evaluation.intervals.insert("clean_top1".into(), [0.85, 0.94]);
        assert!(numbers(&entries, &cells::common(&entries)).contains("90.0<small>85.0 to 94.0</small>"));
    }
}
