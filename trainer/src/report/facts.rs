//! What was compared: the models, their data and how they were measured.

use std::fmt::Write;

use vitro::chart::series;

use super::entry::Entry;
use super::html::{escape, grouped};
use crate::eval::results::Evaluation;

/// What is said of a measurement, and its words, text; empty words say nothing.
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
    ("remarks", |evaluation| evaluation.remarks.join(" ")),
    ("processor", |evaluation| evaluation.device.clone()),
    ("versions", |evaluation| {
        let versions = evaluation.versions.iter().map(|(name, version)| format!("{name} {version}"));
        versions.collect::<Vec<_>>().join(", ")
    }),
    ("source commit", |evaluation| evaluation.git.clone().unwrap_or_default()),
];

/// A row per fact, a column per model; what all have in common is written once.
pub fn table(entries: &[Entry]) -> String {
    let mut text = String::from("<table class=\"facts\">\n<caption>What was compared</caption>\n<thead><tr><td></td>");
    for (i, entry) in entries.iter().enumerate() {
        let _ = write!(text, "<th scope=\"col\">{}{}</th>", series::key(i), escape(&entry.label));
    }
    text.push_str("</tr></thead>\n<tbody>\n");
    for (title, words) in FACTS {
        let found: Vec<String> = entries.iter().map(|entry| escape(&words(&entry.evaluation))).collect();
        if found.iter().all(String::is_empty) {
            continue;
        }
        let _ = write!(text, "<tr><th scope=\"row\">{title}</th>");
        if found.len() > 1 && found.iter().all(|words| *words == found[0]) {
            let _ = write!(text, "<td class=\"same\" colspan=\"{}\">{}</td>", found.len(), found[0]);
        } else {
            for words in found {
                let _ = write!(text, "<td>{}</td>", if words.is_empty() { "–" } else { &words });
            }
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
    fn a_fact_that_all_have_is_written_once() {
        let entries = ["a", "b"].map(|name| measured(name, 1.0, &[]));
        let text = table(&entries);
        assert_eq!(text.matches("64 × 64 pixels").count(), 1);
        assert!(!text.contains("processor"), "nobody knows it: {text}");
    }
}
