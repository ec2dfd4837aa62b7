//! The report in short: what was measured and who did best, then the section with the numbers.

use std::fmt::Write;

use super::cells::{self, Common};
use super::entry::Entry;
use super::html::{NBSP, Section, escape, grouped, list, percent, wide};
use super::numbers::corruption_error;
use super::{facts, metrics, numbers};
use crate::eval::results::Evaluation;

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
    let body = wide("what was compared", &facts::table(entries))
        + &wide("accuracy and errors", &numbers::table(entries, &common))
        + &numbers::without_interval(entries, &common)
        + &wide("metrics", &metrics::table(entries, &common));
    Section { id: "numbers", title: "Numbers", body }
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
    let sure = |fraction: f64| format!("{}{NBSP}%", percent(fraction));
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

#[cfg(test)]
mod tests {
    use super::super::entry::tests::measured;
    use super::*;
    use crate::eval::results::Normalised;

    #[test]
    fn the_best_is_named() {
        let entries = [measured("a", 0.9, &[("fog", 1, 0.8)]), measured("b", 0.8, &[("fog", 1, 0.9)])];
        let lede = lede(&entries);
        assert!(
            lede.contains("untouched images: <b>a</b> (90.0\u{a0}%); under corruption: <b>b</b> (90.0\u{a0}%)"),
            "{lede}"
        );
    }

    #[test]
    fn different_data_give_no_winner() {
        let mut entries = [measured("a", 0.9, &[("fog", 1, 0.8)]), measured("b", 0.8, &[("fog", 1, 0.9)])];
        entries[1].evaluation.dataset = "other".into();
        assert!(!lede(&entries).contains("most often"));
        assert!(!section(&entries).body.contains("best"));
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
}
