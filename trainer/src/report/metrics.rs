//! Every metric of the registry, a row each for untouched and for corrupted images, a column per model.

use std::fmt::Write;

use vitro::chart::series;
use vitro::metric;

use super::cells::Common;
use super::definitions;
use super::entry::Entry;
use super::html::escape;
use super::numbers::best;
use crate::eval::results::On;

/// The table.
pub fn table(entries: &[Entry], common: &Common<'_>) -> String {
    let judged = entries.len() > 1 && common.data;
    let mut text = String::from("<table class=\"numbers metrics\">\n<caption>Metrics");
    if judged {
        text.push_str("; the best of a row is bold");
    }
    text.push_str("</caption>\n<thead><tr><th scope=\"col\">metric</th><th scope=\"col\">images</th>");
    for (i, entry) in entries.iter().enumerate() {
        let _ = write!(text, "<th scope=\"col\" class=\"number\">{}{}</th>", series::key(i), escape(&entry.label));
    }
    text.push_str("</tr></thead>\n<tbody>\n");
    for (metric, on) in metric::ALL.iter().flat_map(|metric| [(metric, On::Clean), (metric, On::Corrupted)]) {
        let values: Vec<Option<f64>> = entries.iter().map(|entry| entry.evaluation.score(metric, on)).collect();
        if values.iter().all(Option::is_none) {
            continue;
        }
        // Means over other cells say nothing about the models.
        let best = best(metric.better, &values).filter(|_| judged && (on == On::Clean || common.all));
        let head = definitions::link(metric);
        let _ = write!(text, "<tr><th scope=\"row\">{head}</th><td>{}</td>", on.images());
        for (entry, value) in entries.iter().zip(values) {
            let class = if value.is_some() && value == best { "number best" } else { "number" };
            let bounds = entry.evaluation.score_interval(metric, on).map(|ends| ends.map(|end| metric.unit.show(end)));
            let bounds = bounds.map_or_else(String::new, |[low, high]| format!("<small>{low} to {high}</small>"));
            let value = value.map_or("–".into(), |value| metric.unit.show(value));
            let _ = write!(text, "<td class=\"{class}\">{value}{bounds}</td>");
        }
        text.push_str("</tr>\n");
    }
    text + "</tbody>\n</table>\n"
}

#[cfg(test)]
mod tests {
    use super::super::cells;
    use super::super::entry::tests::measured;
    use super::*;

    #[test]
    fn every_metric_is_a_row_that_says_which_model_is_best() {
        let mut entries = ["a", "b"].map(|name| measured(name, 0.5, &[]));
        for metric in metric::ALL {
            for (entry, value) in entries.iter_mut().zip([0.25, 0.75]) {
                entry.evaluation.scores.insert(On::Clean.key(metric), Some(value));
            }
            entries[0].evaluation.intervals.insert(On::Clean.key(metric), [0.125, 0.5]);
        }
        let text = table(&entries, &cells::common(&entries));
        for metric in metric::ALL {
            let row = text.lines().find(|line| line.contains(metric.title)).expect(metric.title);
            let [low, high, end, other] = [0.125, 0.5, 0.25, 0.75].map(|value| metric.unit.show(value));
            let (first, second) = match metric.better.best([0.25, 0.75]) {
                Some(0.25) => ("number best", "number"),
                _ => ("number", "number best"),
            };
            assert!(row.contains(&format!("<td class=\"{first}\">{end}<small>{low} to {high}</small></td>")), "{row}");
            assert!(row.contains(&format!("<td class=\"{second}\">{other}</td>")), "{row}");
        }
        assert_eq!(text.matches("<tr>").count(), 1 + metric::ALL.len(), "nothing was corrupted: {text}");
    }
}
