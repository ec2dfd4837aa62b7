//! What was measured of each idea, in the article on the page: a sentence for every place that names a row and what it is compared with.

use super::figures::grouped;
use super::results::{Difference, Results, Run};
use super::rows::{SETS, Set};

/// How such a place begins: a line of its own.
const PLACE: &str = "<p class=\"measured\" ";
const UNMEASURED: &str = "Not measured here yet.";

/// The page with its places filled.
pub(crate) fn with_measured(page: &str, results: &Results) -> String {
    page.split_inclusive('\n').map(|line| filled(line, results).unwrap_or_else(|| line.to_owned())).collect()
}

/// A line with a place, filled. None for all others.
fn filled(line: &str, results: &Results) -> Option<String> {
    let (indent, rest) = line.split_once(PLACE)?;
    let (attributes, _) = rest.split_once('>')?;
    let value = |name: &str| attributes.split_once(&format!("{name}=\""))?.1.split('"').next();
    let (row, others) = (value("data-row")?, value("data-against")?);
    let text = sentence(results, row, others).unwrap_or_else(|| UNMEASURED.to_owned());
    Some(format!("{indent}{PLACE}{attributes}>{}</p>\n", text.replace('&', "&amp;").replace('<', "&lt;")))
}

/// What came of `row` beside each of `others`, in the first set in which it was compared with any.
fn sentence(results: &Results, row: &str, others: &str) -> Option<String> {
    let others: Vec<&str> = others.split(' ').collect();
    let compared = |set: &&Set, other: &str| results.difference(set.name, row, other, "corrupted").is_some();
    let set = SETS.iter().find(|set| others.iter().any(|other| compared(set, other)))?;
    let run = |name: &str| results.runs.iter().find(|run| run.set == set.name && run.row == name);
    let row = run(row)?;
    let compared: Vec<&str> = others.into_iter().filter(|other| compared(&set, other)).collect();
    let of = |other: &str, number: &str| results.difference(set.name, &row.row, other, number);
    let once = compared.iter().all(|other| of(other, "corrupted").is_some_and(|(_, trainings)| trainings == [1, 1]));
    let clauses = compared.iter().map(|other| {
        let (corrupted, [of_other, of_row]) = of(other, "corrupted")?;
        let clean = of(other, "clean").map(|(clean, _)| format!(", {}", amount(clean, "on clean images")));
        let trained = if once { String::new() } else { format!(" ({of_row} and {of_other} trainings)") };
        let corrupted = amount(corrupted, "under corruption");
        Some(format!(
            "compared with {}, {corrupted}{}{trained}",
            called(run(other)?, &row.row),
            clean.unwrap_or_default()
        ))
    });
    let clauses = clauses.collect::<Option<Vec<_>>>()?.join("; ");
    let trained = if once { "; one training each" } else { "" };
    let images = grouped(row.protocol["images"].as_u64()?);
    Some(format!("{} on {images} images of {}: {clauses}{trained}.", row.title, set.title))
}

/// A model as a sentence calls it; a control of `row` by what is different there.
fn called(run: &Run, row: &str) -> String {
    match run.row.strip_prefix(row) {
        Some("-none") => "the same training without noise".to_owned(),
        Some("-random") => "the same training with random noise".to_owned(),
        _ => run.title.clone(),
    }
}

/// How many errors more or fewer on these images, in points.
fn amount(difference: &Difference, images: &str) -> String {
    let [low, high] = difference.interval;
    let size = |value: f64| format!("{:.1}", 100.0 * value.abs());
    let value = size(difference.value);
    if high < 0.0 {
        format!("{value} points fewer errors {images} [{}, {}]", size(high), size(low))
    } else if low > 0.0 {
        format!("{value} points more errors {images} [{}, {}]", size(low), size(high))
    } else {
        let signed = |value: f64| format!("{:+.1}", 100.0 * value).replace('-', "−");
        format!("no difference seen {images} [{}, {}]", signed(low), signed(high))
    }
}

#[cfg(test)]
mod tests {
    use super::super::results::{Comparison, Number, Paired};
    use super::*;
    use serde_json::json;

    fn results(value: f64) -> Results {
        let set = SETS[0].name;
        let run = |row: &str| Run {
            set: set.into(),
            row: row.into(),
            seed: 0,
            title: row.to_uppercase(),
            recipe: String::new(),
            params: 1,
            images_seen: 1,
            seconds: 1.0,
            device: String::new(),
            workers: 1,
            commit: String::new(),
            protocol: json!({"images": 5000}),
            numbers: std::iter::empty::<(String, Number)>().collect(),
        };
        let difference = Difference {
            number: "corrupted".into(),
            title: String::new(),
            value,
            interval: [value - 0.02, value + 0.02],
        };
        Results {
            runs: vec![run("fan"), run("vit")],
            comparisons: vec![Comparison {
                set: set.into(),
                against: "vit".into(),
                models: vec![Paired { name: "fan".into(), trainings: [1, 1], differences: vec![difference] }],
            }],
            ..Results::default()
        }
    }

    const LINE: &str = "  <p class=\"measured\" data-row=\"fan\" data-against=\"vit\">old</p>\n";

    #[test]
    fn a_place_says_what_was_measured_and_nothing_else_changes() {
        let page = format!("<p>a</p>\n{LINE}<p>b</p>\n");
        let found = with_measured(&page, &results(-0.1));
        let said = "FAN on 5 000 images of CIFAR-10 (JPEG mirror): compared with VIT, 10.0 points fewer errors under corruption \
                    [8.0, 12.0]; one training each.";
        assert_eq!(found, page.replace("old", said));
        assert_eq!(with_measured(&found, &results(-0.1)), found, "twice is as once");
    }

    #[test]
    fn what_does_not_hold_is_said_as_well() {
        let of = |value| with_measured(LINE, &results(value));
        assert!(of(0.1).contains("10.0 points more errors under corruption [8.0, 12.0]"));
        assert!(of(0.01).contains("no difference seen under corruption [−1.0, +3.0]"));
        assert!(with_measured(LINE, &Results::default()).contains(UNMEASURED));
    }

    #[test]
    fn controls_are_called_by_what_is_different() {
        let mut run = results(0.0).runs.remove(0);
        assert_eq!(called(&run, "vit"), "FAN");
        run.row = "fan-none".into();
        assert_eq!(called(&run, "fan"), "the same training without noise");
    }
}
