//! How much more each model errs than the first, image by image, and which of it can be told from chance.

use std::fmt::Write;

use vitro::chart::series;

use super::entry::Entry;
use super::html::{Section, escape, wide};
use crate::eval::markdown::points;
use crate::eval::paired::{self, Difference, Paired, Verdict};
use crate::eval::results::Evaluation;

/// The section; none where no model was measured on the first one's images.
pub fn section(entries: &[Entry]) -> Option<Section> {
    let evaluations: Vec<Evaluation> = entries.iter().map(|entry| entry.evaluation.clone()).collect();
    let all = paired::against_the_first(&evaluations);
    let first = evaluations.first().filter(|_| !all.is_empty())?;
    let body = introduction(&first.name, &all) + &wide("differences to the first model", &table(&evaluations, &all));
    Some(Section { id: "differences", title: "Differences", body })
}

fn introduction(first: &str, all: &[Paired]) -> String {
    let several = all.iter().any(|paired| paired.trainings.iter().any(|count| *count > 1));
    let over = if several { "images and trainings" } else { "images" };
    format!(
        "<p>Error of each model minus that of {}, in percentage points, on the same images; below, the 95 % interval of the \
         bootstrap over {over}. A difference counts as seen where its interval leaves out 0.</p>\n",
        escape(first)
    )
}

fn table(evaluations: &[Evaluation], all: &[Paired]) -> String {
    let mut text = String::from("<table class=\"numbers\">\n<thead><tr><th scope=\"col\">errors</th>");
    for Paired { name, .. } in all {
        let place = evaluations.iter().position(|evaluation| evaluation.name == *name).unwrap_or_default();
        let _ = write!(text, "<th scope=\"col\" class=\"number\">{}{}</th>", series::key(place), escape(name));
    }
    text.push_str("</tr></thead>\n<tbody>\n");
    let rows = all.iter().max_by_key(|paired| paired.differences.len()).map_or(&[][..], |paired| &paired.differences);
    for Difference { number, title, .. } in rows {
        let _ = write!(text, "<tr><th scope=\"row\">{}</th>", escape(title));
        for paired in all {
            let found = paired.differences.iter().find(|difference| difference.number == *number);
            text.push_str(&found.map_or("<td class=\"number\">–</td>".into(), cell));
        }
        text.push_str("</tr>\n");
    }
    text + "</tbody>\n</table>\n"
}

fn cell(difference: &Difference) -> String {
    let shown = points(difference.value, difference.interval);
    let (value, interval) = shown.split_once(' ').unwrap_or((&shown, ""));
    let class = if difference.verdict() == Verdict::Fewer { "number best" } else { "number" };
    format!("<td class=\"{class}\">{value}<small>{interval}, {}</small></td>", difference.verdict().words())
}

#[cfg(test)]
mod tests {
    use vitro::image::Preprocess;
    use vitro::protocol::{Protocol, Split};

    use super::super::entry::tests::measured;
    use super::*;
    use crate::eval::outcomes::{Right, UNTOUCHED};

    fn entry(name: &str, right: impl Fn(usize) -> bool) -> Entry {
        let mut entry = measured(name, 0.5, &[]);
        let bits: Vec<bool> = (0..200).map(right).collect();
        entry.evaluation.outcomes.insert(UNTOUCHED.into(), Right::from(&bits[..]));
        entry.evaluation.protocol = Some(Protocol {
            dataset: "set".into(),
            split: Split::Test,
            images: 200,
            preprocess: Preprocess::imagenet(32),
            corruption: None,
        });
        entry
    }

    #[test]
    fn a_difference_stands_with_its_interval_and_what_can_be_said_of_it() {
        let entries = [entry("<a>", |i| i % 2 == 0), entry("b", |i| i % 4 != 0), entry("c", |i| i % 2 == 1)];
        let body = section(&entries).unwrap().body;
        assert!(body.contains("&lt;a&gt;") && !body.contains("<a>"), "{body}");
        assert!(body.contains("−25.0<small>[−"), "{body}");
        assert_eq!(
            (body.matches("fewer errors").count(), body.matches("no difference seen").count()),
            (1, 1),
            "{body}"
        );
    }

    #[test]
    fn without_outcomes_of_the_same_images_there_is_no_section() {
        assert!(section(&[measured("a", 0.5, &[]), measured("b", 0.5, &[])]).is_none());
    }
}
