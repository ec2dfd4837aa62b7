//! Classes: how many of the untouched images of each were right, and what the others were taken for.

use std::fmt::Write;

use vitro::chart::series;

use super::entry::Entry;
use super::html::{Section, escape, percent, wide};
use crate::eval::results::ByClass;

/// So many classes have a row; of more, those that the first model gets wrong most often.
const MOST_ROWS: usize = 30;

/// So many classes have a confusion matrix.
const MOST_COLUMNS: usize = 24;

/// The section; none where no evaluation counted classes.
pub fn section(entries: &[Entry]) -> Option<Section> {
    let counted: Vec<(usize, &Entry)> =
        entries.iter().enumerate().filter(|(_, entry)| !entry.evaluation.per_class.is_empty()).collect();
    let (_, first) = counted.first()?;
    let mut body = accuracies(&first.evaluation.per_class, &counted);
    for (i, entry) in &counted {
        if entry.evaluation.per_class.len() <= MOST_COLUMNS {
            body.push_str(&confusion(*i, entry));
        }
    }
    Some(Section { id: "classes", title: "Classes", body })
}

/// A row for each class of the first model, a column for each model.
fn accuracies(first: &[ByClass], counted: &[(usize, &Entry)]) -> String {
    let mut rows: Vec<&ByClass> = first.iter().filter(|row| row.n > 0).collect();
    let all = rows.len();
    if all > MOST_ROWS {
        rows.sort_by(|a, b| a.top1.total_cmp(&b.top1));
        rows.truncate(MOST_ROWS);
    }
    let which =
        if all > MOST_ROWS { format!("; the {MOST_ROWS} of {all} that are wrong most often") } else { String::new() };
    let mut text = format!(
        "<table class=\"numbers\">\n<caption>Untouched images that are right, by class, %{which}</caption>\n<thead><tr><th scope=\"col\">class</th>"
    );
    for (i, entry) in counted {
        let _ = write!(text, "<th scope=\"col\" class=\"number\">{}{}</th>", series::key(*i), escape(&entry.label));
    }
    text.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        let _ = write!(text, "<tr><th scope=\"row\">{}</th>", escape(&row.class));
        for (_, entry) in counted {
            let own = entry.evaluation.per_class.iter().find(|own| own.class == row.class && own.n > 0);
            let shown = own.map_or_else(|| "–".into(), |own| percent(own.top1));
            let _ = write!(text, "<td class=\"number\">{shown}</td>");
        }
        text.push_str("</tr>\n");
    }
    wide("accuracy by class", &(text + "</tbody>\n</table>\n"))
}

/// Images by class (rows) and prediction (columns).
fn confusion(i: usize, entry: &Entry) -> String {
    let classes = &entry.evaluation.per_class;
    let mut text = format!(
        "<table class=\"numbers\">\n<caption>{}{}: images by class (rows) and prediction (columns)</caption>\n<thead><tr><th scope=\"col\">class</th>",
        series::key(i),
        escape(&entry.label)
    );
    for class in classes {
        let _ = write!(text, "<th scope=\"col\" class=\"number\">{}</th>", escape(&class.class));
    }
    text.push_str("</tr></thead>\n<tbody>\n");
    for (label, row) in classes.iter().enumerate() {
        let _ = write!(text, "<tr><th scope=\"row\">{}</th>", escape(&row.class));
        for predicted in 0..classes.len() {
            let images = row.predicted.iter().find(|(class, _)| *class == predicted).map_or(0, |(_, images)| *images);
            let class = if predicted == label { "number best" } else { "number" };
            let shown = if images == 0 { String::new() } else { images.to_string() };
            let _ = write!(text, "<td class=\"{class}\">{shown}</td>");
        }
        text.push_str("</tr>\n");
    }
    wide(&format!("confusion matrix of {}", entry.label), &(text + "</tbody>\n</table>\n"))
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::measured;
    use super::*;

    fn class(name: &str, predicted: &[(usize, usize)], top1: f64) -> ByClass {
        let n = predicted.iter().map(|(_, images)| images).sum();
        ByClass { class: name.into(), n, top1, predicted: predicted.to_vec() }
    }

    #[test]
    fn every_class_is_a_row_and_its_images_stand_under_what_they_were_taken_for() {
        let mut entries = ["a", "b"].map(|name| measured(name, 0.5, &[]));
        assert!(section(&entries).is_none(), "an earlier release counted no classes");
        entries[1].evaluation.per_class = vec![class("x & y", &[(0, 3), (1, 1)], 0.75), class("z", &[(1, 2)], 1.0)];
        let body = section(&entries).unwrap().body;
        let row = "<tr><th scope=\"row\">x &amp; y</th><td class=\"number\">75.0</td></tr>";
        assert!(body.contains(row), "{body}");
        let row = "<th scope=\"row\">x &amp; y</th><td class=\"number best\">3</td><td class=\"number\">1</td>";
        assert!(body.contains(row), "{body}");
        assert!(
            body.contains("<th scope=\"row\">z</th><td class=\"number\"></td><td class=\"number best\">2</td>"),
            "{body}"
        );
    }

    #[test]
    fn of_a_thousand_classes_the_worst_are_shown() {
        let mut entry = measured("a", 0.5, &[]);
        entry.evaluation.per_class =
            (0..1000).map(|i| class(&format!("class {i}"), &[(i, 1)], f64::from(i as u32) / 1000.0)).collect();
        let body = section(&[entry]).unwrap().body;
        assert_eq!(body.matches("<tr>").count(), 1 + MOST_ROWS);
        assert!(body.contains("class 29<") && !body.contains("class 30<"), "{body}");
    }
}
