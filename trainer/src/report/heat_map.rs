//! Heat maps: one per model, then what differs from the first model.
//!
//! Colour shows what goes wrong: a cell without errors looks like the paper, a cell without a right prediction is the page's
//! colour for "wrong". Differences run from there over the paper, which is zero, to the colour for "right".

use std::fmt::Write;

use vitro::chart::heat_map::{Hue, Painted, Row, Step, legend, map};
use vitro::chart::series;

use super::cells::{self, Common};
use super::definitions::Term;
use super::entry::Entry;
use super::html::{Section, escape, percent, wide};
use crate::eval::results::Cell;

/// The section.
pub fn section(entries: &[Entry]) -> Section {
    let (rows, severities) = (cells::rows(entries), cells::severities(entries));
    let mut body = String::new();
    if rows.is_empty() {
        body.push_str("<p>No corruption was measured; run <code>vitro eval</code> without <code>--only</code>.</p>\n");
    } else {
        body.push_str(&accuracies(entries, &rows, &severities));
        if entries.len() > 1 {
            body.push_str(&differences(entries, &rows, &severities));
        }
        body.push_str(&tables(entries, &rows, &severities));
    }
    Section { id: "cells", title: "Corruption by severity", body }
}

fn accuracies(entries: &[Entry], rows: &[Row], severities: &[u8]) -> String {
    let mut text = format!(
        "<p>Images that are right, in percent ({}). The stronger the colour, the more are wrong.</p>\n{}<div class=\"maps\">\n",
        Term::Accuracy.link("top-1 accuracy"),
        legend(&[step(Hue::Worse, 0.0, "100 %"), step(Hue::Worse, 0.5, "50 %"), step(Hue::Worse, 1.0, "0 %")]),
    );
    for (i, entry) in entries.iter().enumerate() {
        let paint = |place: &str, accuracy: f64, details: &str| Painted {
            text: format!("{:.0}", accuracy * 100.0),
            title: format!("{place}: {} % right{details}", percent(accuracy)),
            hue: Hue::Worse,
            strength: 1.0 - accuracy,
        };
        let value =
            |row: &Row, severity: u8| cells::cell(entry, &row.name, severity).map(|cell| (cell.top1, details(cell)));
        let label =
            format!("accuracy of {} by corruption and severity; the tables below hold the numbers", entry.label);
        let drawn = map(rows, severities, &label, value, paint);
        let _ = write!(
            text,
            "<figure><figcaption>{}{}</figcaption>\n{drawn}</figure>\n",
            series::key(i),
            escape(&entry.label)
        );
    }
    text + "</div>\n"
}

fn differences(entries: &[Entry], rows: &[Row], severities: &[u8]) -> String {
    let Common { data, .. } = cells::common(entries);
    let first = &entries[0];
    if !data {
        return "<p>There is no map of differences, since the models were measured on different data.</p>\n".into();
    }
    let value = |entry: &Entry, row: &Row, severity: u8| {
        let (own, reference) = (cells::cell(entry, &row.name, severity)?, cells::cell(first, &row.name, severity)?);
        Some((own.top1 - reference.top1, String::new()))
    };
    let all = entries[1..].iter().flat_map(|entry| {
        rows.iter().flat_map(move |row| severities.iter().map(move |severity| value(entry, row, *severity)))
    });
    let largest = all.flatten().map(|(difference, _)| difference.abs()).fold(0.0, f64::max);
    let limit = limit(largest);
    // The text stands below the first model's map, so that each difference stands below its own.
    let mut text = format!(
        "<div class=\"maps\">\n<div>\n<h3>{} from {}</h3>\n<p>Percentage points of accuracy above (+) or below (−) {1}, cell \
         by cell.</p>\n{}</div>\n",
        Term::Difference.link("Difference"),
        escape(&first.label),
        legend(&[
            step(Hue::Worse, 1.0, &signed(-limit)),
            step(Hue::Worse, 0.5, ""),
            step(Hue::Worse, 0.0, "0"),
            step(Hue::Better, 0.5, ""),
            step(Hue::Better, 1.0, &signed(limit)),
        ]),
    );
    for (i, entry) in entries.iter().enumerate().skip(1) {
        let paint = |place: &str, difference: f64, _: &str| Painted {
            text: signed(difference),
            title: format!("{place}: {} {:+.1} points against {}", entry.label, difference * 100.0, first.label),
            hue: if difference < 0.0 { Hue::Worse } else { Hue::Better },
            strength: (difference.abs() / limit).min(1.0),
        };
        let label = format!("accuracy of {} minus that of {}, by corruption and severity", entry.label, first.label);
        let drawn = map(rows, severities, &label, |row, severity| value(entry, row, severity), paint);
        let _ = write!(
            text,
            "<figure><figcaption>{}{} − {}</figcaption>\n{drawn}</figure>\n",
            series::key(i),
            escape(&entry.label),
            escape(&first.label)
        );
    }
    text + "</div>\n"
}

fn step(hue: Hue, strength: f64, words: &str) -> Step<'_> {
    Step { hue, strength, words }
}

/// The end of the scale of differences: a round number that no difference exceeds.
fn limit(largest: f64) -> f64 {
    [0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8].into_iter().find(|limit| largest <= *limit).unwrap_or(1.0)
}

/// Percentage points with their sign.
fn signed(difference: f64) -> String {
    match (difference * 100.0).round() {
        points if points > 0.0 => format!("+{points}"),
        points if points < 0.0 => format!("−{}", -points),
        _ => "0".into(),
    }
}

/// What else is known of a cell: ` (90.1 to 95.2) of 300 images`.
fn details(cell: &Cell) -> String {
    let bounds = cell.top1_interval.map(|[low, high]| format!(" ({} to {})", percent(low), percent(high)));
    format!("{} of {} images", bounds.unwrap_or_default(), cell.n)
}

/// The same numbers for those who do not see the maps, or want to copy them.
fn tables(entries: &[Entry], rows: &[Row], severities: &[u8]) -> String {
    let mut text = String::from("<details><summary>The same numbers as tables</summary>\n<div class=\"tables\">\n");
    for entry in entries {
        let mut table = format!(
            "<table>\n<caption>{}: top-1 accuracy in percent by corruption and severity</caption>\n<thead><tr><th scope=\"col\">corruption</th>",
            escape(&entry.label)
        );
        for severity in severities {
            let _ = write!(table, "<th scope=\"col\" class=\"number\">{severity}</th>");
        }
        table.push_str("</tr></thead>\n<tbody>\n");
        for row in rows {
            let _ = write!(table, "<tr><th scope=\"row\">{}</th>", escape(&row.title));
            for severity in severities {
                let value = cells::cell(entry, &row.name, *severity).map_or("–".into(), |cell| percent(cell.top1));
                let _ = write!(table, "<td class=\"number\">{value}</td>");
            }
            table.push_str("</tr>\n");
        }
        text.push_str(&wide(&format!("accuracies of {}", entry.label), &(table + "</tbody>\n</table>\n")));
    }
    text + "</div>\n</details>\n"
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::measured;
    use super::*;

    #[test]
    fn every_cell_is_drawn_once_per_map_and_missing_ones_say_so() {
        let entries = [
            measured("a", 1.0, &[("fog", 1, 0.5), ("fog", 3, 0.25), ("snow", 1, 1.0)]),
            measured("b", 1.0, &[("fog", 1, 0.75), ("fog", 3, 0.25), ("snow", 1, 1.0), ("snow", 3, 0.0)]),
        ];
        let body = section(&entries).body;
        for place in ["fog 1", "fog 3", "snow 1", "snow 3"] {
            assert_eq!(
                body.matches(&format!("data-cell=\"{place}\"")).count(),
                3,
                "two maps and a difference: {place}"
            );
        }
        assert!(body.contains("Snow, severity 3: not measured"));
        assert!(body.contains("Fog, severity 1: b +25.0 points against a"), "{body}");
        assert!(body.contains("mean of the benchmark, severity 1: 75.0 % right"), "{body}");
    }

    #[test]
    fn there_is_no_difference_between_different_data() {
        let mut entries = ["a", "b"].map(|name| measured(name, 1.0, &[("fog", 1, 0.5)]));
        entries[1].evaluation.dataset = "other".into();
        let body = section(&entries).body;
        assert!(body.contains("no map of differences"));
        assert_eq!(body.matches("data-cell=\"fog 1\"").count(), 2);
    }

    #[test]
    fn the_scale_of_differences_ends_at_a_round_number() {
        assert_eq!([0.0, 0.05, 0.11, 0.3, 0.9].map(limit), [0.05, 0.05, 0.2, 0.3, 1.0]);
        assert_eq!([0.123, -0.456, 0.001, -0.001].map(signed), ["+12", "−46", "0", "0"]);
    }
}
