//! `docs/evidence.md` and the zoo's tables, rendered from `zoo/results.json`. The template beside this file holds the words;
//! every measured number, and every sentence that depends on one, is computed here.

use super::figures::{grouped, points};
use super::results::{Difference, EXTREME, Pace, Results, UNSEEN};
use super::rows::{Row, SETS, SHIPPED, Set};
use super::trained::{NOTHING, Trained, rows};
use super::{choices, claims};
use std::fmt::Write;

const TEMPLATE: &str = include_str!("evidence.md");

/// Numbers with intervals, in the order of columns; [`BARE`] follow without.
const COLUMNS: &[(&str, &str)] =
    &[("clean", "clean error, %"), ("corrupted", "mean corruption error, %"), ("added", "added error, points")];

const BARE: &[(&str, &str)] = &[
    ("noise", "noise"),
    ("blur", "blur"),
    ("weather", "weather"),
    ("digital", "digital"),
    ("fgsm", "FGSM"),
    ("pgd", "PGD"),
    ("calibration", "calibration"),
    (UNSEEN, "unseen worlds"),
];

/// The columns of differences to the first row.
const DIFFERENCES: &[&str] = &["clean", "corrupted", "added", "noise", "blur", "weather", "digital", "pgd", UNSEEN];

/// The fraction of cells that may be nearly all right or nearly by chance: they tell no models apart.
const AT_THE_ENDS: f64 = 0.1;

/// The document.
pub(crate) fn evidence(results: &Results) -> String {
    let sets: Vec<String> = SETS.iter().map(|set| section(set, results)).collect();
    TEMPLATE
        .replace("{{choices}}", choices::table(results).trim_end())
        .replace("{{sets}}", sets.join("\n").trim_end())
        .replace("{{claims}}", verdicts(results).trim_end())
}

/// The tables of the README: what was measured of each set.
pub(crate) fn readme(results: &Results) -> String {
    let mut text = String::new();
    for set in SETS {
        let rows = rows(set, results);
        if rows.is_empty() {
            continue;
        }
        let first = set.rows.first().map_or("", |row| row.name);
        let _ = writeln!(text, "{}\n", about(set, &rows));
        text.push_str(
            "| model | weights | clean error, % | mean corruption error, % | difference to the first, points |\n\
             |---|---|---|---|---|\n",
        );
        for row in &rows {
            let difference = results.difference(set.name, row.name, first, "corrupted");
            let difference = difference.map_or(NOTHING.to_owned(), |(difference, _)| points(difference));
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {difference} |",
                row.title(),
                grouped(row.params()),
                row.number("clean", true),
                row.number("corrupted", true)
            );
        }
        text.push('\n');
    }
    if text.is_empty() {
        return "`cargo xtask zoo --set scenes` trains the models of the zoo; nothing is measured yet\n\
                ([docs/evidence.md](docs/evidence.md)).\n"
            .to_owned();
    }
    format!(
        "What our models do; [docs/evidence.md](docs/evidence.md) has all numbers, the conditions, and what holds of the papers' claims.\n\n{text}"
    )
}

/// The lines of a recipe's header that say what came of it.
pub(crate) fn header(set: &Set, row: &str, results: &Results) -> String {
    let Some(found) = rows(set, results).into_iter().find(|found| found.name == row) else {
        return "# Not trained to its end yet.\n".to_owned();
    };
    let run = found.runs[0];
    let seeds: Vec<String> = found.runs.iter().map(|run| run.seed.to_string()).collect();
    format!(
        "# Trained on    {}, {} workers, {} images seen, seed {}\n\
         # Clean error   {} %\n\
         # Corrupted     {} % mean corruption error\n\
         # Commit        {}\n",
        run.device,
        run.workers,
        grouped(run.images_seen),
        seeds.join(", "),
        found.number("clean", true),
        found.number("corrupted", true),
        run.commit
    )
}

fn section(set: &'static Set, results: &Results) -> String {
    let rows = rows(set, results);
    let mut text = format!("## {}\n\n", set.title);
    if rows.is_empty() {
        let _ = writeln!(text, "Not measured yet: `cargo xtask zoo --set {}`.", set.name);
        return text;
    }
    let missing: Vec<String> = set.rows.iter().filter_map(|row| missing(set, row, results)).collect();
    let _ = writeln!(text, "{}\n", about(set, &rows));
    if let Some(difficulty) = set.difficulty {
        let _ = writeln!(text, "{}\n", hardness(difficulty, &rows));
    }
    if !missing.is_empty() {
        let _ = writeln!(text, "Still to be trained: {}.\n", missing.join(", "));
    }
    if set.drawn.iter().any(|row| results.has(set.name, row, SHIPPED)) {
        let _ = writeln!(text, "![Accuracy over severity on {}]({})\n", set.title, set.curves());
    }
    text.push_str(&absolute(&rows));
    text.push('\n');
    text.push_str(&relative(set, &rows, results));
    text
}

/// A row and the seeds that it was not trained with yet; none where nothing is missing.
fn missing(set: &'static Set, row: &Row, results: &Results) -> Option<String> {
    let asked = set.order().into_iter().filter(|(other, _)| other.name == row.name);
    let seeds = asked.filter(|(_, seed)| !results.has(set.name, row.name, *seed)).map(|(_, seed)| seed.to_string());
    let seeds: Vec<String> = seeds.collect();
    let word = if seeds.len() == 1 { "seed" } else { "seeds" };
    (!seeds.is_empty()).then(|| format!("{} ({word} {})", row.name, seeds.join(", ")))
}

/// How hard the images were to be, and how hard they are.
fn hardness([of_first, of_best]: [[u8; 2]; 2], rows: &[Trained<'_>]) -> String {
    let accuracy = |row: &Trained<'_>| {
        let found: Vec<f64> =
            row.runs.iter().filter_map(|run| Some(100.0 - 100.0 * run.numbers.get("clean")?.value)).collect();
        found.iter().sum::<f64>() / found.len().max(1) as f64
    };
    let Some(first) = rows.first() else { return String::new() };
    let best = rows.iter().map(accuracy).fold(0.0, f64::max);
    let said = |[low, high]: [u8; 2], found: f64| {
        let inside = (f64::from(low)..=f64::from(high)).contains(&found);
        format!("{found:.1} % ({low} to {high} were aimed at{})", if inside { "" } else { ", and missed" })
    };
    let runs = rows.iter().flat_map(|row| &row.runs);
    let extreme = runs.filter_map(|run| Some(run.numbers.get(EXTREME)?.value)).fold(0.0, f64::max);
    let missed = if extreme > AT_THE_ENDS { ", and is passed" } else { "" };
    format!(
        "Difficulty: on clean test images {} is right on {}, the best row on {}. Of the cells of a model, at most {:.1} % lie \
         above 99 % accuracy or within 3 points of chance ({:.0} % was the limit{missed}).",
        first.title(),
        said(of_first, accuracy(first)),
        said(of_best, best),
        100.0 * extreme,
        100.0 * AT_THE_ENDS
    )
}

/// Data, images and where it was measured.
fn about(set: &Set, rows: &[Trained<'_>]) -> String {
    let Some(run) = rows.first().and_then(|row| row.runs.first()) else { return String::new() };
    let images = run.protocol["images"].as_u64().unwrap_or_default();
    let corruption = &run.protocol["corruption"];
    let (side, variant) =
        (corruption["side"].as_u64().unwrap_or_default(), corruption["variant"].as_str().unwrap_or("?"));
    format!(
        "{}: {} test images, {} images seen in each training, corrupted in memory at {side} × {side} with the constants \
         `{variant}`.",
        set.title,
        grouped(images),
        grouped(run.images_seen)
    )
}

fn absolute(rows: &[Trained<'_>]) -> String {
    let measured = |(key, _): &&(&str, &str)| rows.iter().any(|row| row.number(key, false) != NOTHING);
    let bare: Vec<_> = BARE.iter().filter(measured).collect();
    let heads: Vec<&str> = COLUMNS.iter().chain(bare.iter().copied()).map(|(_, title)| *title).collect();
    let mut text = format!(
        "| model | seeds | weights | images seen | a second | {} |\n|---|---|---|---|---|{}\n",
        heads.join(" | "),
        "---|".repeat(heads.len())
    );
    for row in rows {
        let seen = row.runs.first().map_or(0, |run| run.images_seen);
        let (title, seeds, weights) = (row.title(), row.runs.len(), grouped(row.params()));
        let pace = row.pace.map_or(NOTHING.to_owned(), |pace| format!("{:.0}", pace.median()));
        let _ = write!(text, "| {title} | {seeds} | {weights} | {} | {pace} |", grouped(seen));
        for (key, _) in COLUMNS {
            let _ = write!(text, " {} |", row.number(key, true));
        }
        for (key, _) in &bare {
            let _ = write!(text, " {} |", row.number(key, false));
        }
        text.push('\n');
    }
    if let Some(Pace { machine, date, .. }) = rows.iter().find_map(|row| row.pace) {
        let _ = writeln!(text, "\n*A second* was measured on {machine}; {date}.");
    }
    text
}

/// Differences to the first row, and what can be said of them.
fn relative(set: &Set, rows: &[Trained<'_>], results: &Results) -> String {
    let Some((first, others)) = rows.split_first() else { return String::new() };
    let of = |row: &Trained<'_>, number: &str| results.difference(set.name, row.name, first.name, number);
    let shown: Vec<&&str> =
        DIFFERENCES.iter().filter(|number| others.iter().any(|row| of(row, number).is_some())).collect();
    if shown.is_empty() {
        return String::new();
    }
    let mut text = format!("Error minus that of {}, in points, on the same images:\n\n| model |", first.title());
    shown.iter().for_each(|number| {
        let _ = write!(text, " {number} |");
    });
    let _ = write!(text, "\n|---|{}\n", "---|".repeat(shown.len()));
    for row in others {
        let _ = write!(text, "| {} |", row.title());
        for number in &shown {
            let _ = write!(text, " {} |", of(row, number).map_or(NOTHING.to_owned(), |(found, _)| points(found)));
        }
        text.push('\n');
    }
    let named = |wanted: fn(&Difference) -> bool| {
        let found = others.iter().filter(|row| of(row, "corrupted").is_some_and(|(found, _)| wanted(found)));
        let names: Vec<&str> = found.map(Trained::title).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    let _ = writeln!(
        text,
        "\nUnder corruption, compared with {}: fewer errors {}; more errors {}; no difference seen {}.",
        first.title(),
        named(|found| found.interval[1] < 0.0),
        named(|found| found.interval[0] > 0.0),
        named(|found| found.interval[0] <= 0.0 && found.interval[1] >= 0.0)
    );
    text
}

fn verdicts(results: &Results) -> String {
    let mut text = "| paper | claim | set | compared | difference, points | trainings | verdict |\n\
                    |---|---|---|---|---|---|---|\n"
        .to_owned();
    let empty = text.len();
    for claim in claims::ALL {
        for set in SETS {
            let Some((found, [of_other, of_row])) =
                results.difference(set.name, claim.row, claim.against, claim.number)
            else {
                continue;
            };
            let verdict = match found.interval {
                [_, high] if high < 0.0 => "holds",
                [low, _] if low > 0.0 => "reversed",
                _ => "no difference seen",
            };
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} − {}, {} | {} | {of_row}, {of_other} | {verdict} |",
                claim.paper,
                claim.words,
                set.name,
                claim.row,
                claim.against,
                claim.number,
                points(found)
            );
        }
    }
    if text.len() == empty { "None was measured yet.".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::super::results::{Comparison, Number, Paired, Run};
    use super::*;
    use serde_json::json;

    fn run(row: &str, seed: u64, clean: f64) -> Run {
        Run {
            set: SETS[0].name.into(),
            row: row.into(),
            seed,
            title: row.to_uppercase(),
            recipe: String::new(),
            params: 808_906,
            images_seen: 630_000,
            seconds: 4300.0,
            device: "cpu (flex)".into(),
            workers: 2,
            commit: "abc".into(),
            protocol: json!({"images": 5000, "corruption": {"side": 32, "variant": "cifar"}}),
            numbers: [("clean".to_owned(), Number { value: clean, interval: Some([clean - 0.01, clean + 0.01]) })]
                .into(),
        }
    }

    fn results() -> Results {
        let difference = |number: &str, value: f64| Difference {
            number: number.into(),
            title: String::new(),
            value,
            interval: [value - 0.02, value + 0.02],
        };
        let paired = |name: &str, value| Paired {
            name: name.into(),
            trainings: [2, 1],
            differences: vec![difference("corrupted", value), difference("clean", 0.0)],
        };
        Results {
            runs: vec![run("vit", 0, 0.34), run("fan", 0, 0.24), run("vit", 1, 0.36), run("rvt", 0, 0.3)],
            comparisons: vec![Comparison {
                set: SETS[0].name.into(),
                against: "vit".into(),
                models: vec![paired("fan", -0.1), paired("rvt", 0.01)],
            }],
            paces: vec![Pace {
                set: SETS[0].name.into(),
                row: "fan".into(),
                images_per_second: vec![240.0, 250.0, 260.0],
                machine: "a machine".into(),
                date: "2026-11-30".into(),
                commit: "abc".into(),
            }],
            ..Results::default()
        }
    }

    #[test]
    fn one_training_stands_with_its_interval_and_several_with_their_range() {
        let text = evidence(&results());
        assert!(text.contains("| VIT | 2 | 808 906 | 630 000 | – | 35.0 (34.0 to 36.0) |"), "{text}");
        assert!(text.contains("| FAN | 1 | 808 906 | 630 000 | 250 | 24.0 [23.0, 25.0] |"), "{text}");
    }

    #[test]
    fn a_set_that_is_too_hard_or_too_easy_says_so() {
        let mut results = results();
        results.runs[1].numbers.insert(EXTREME.to_owned(), Number { value: 0.12, interval: None });
        let said = hardness([[60, 70], [88, 97]], &rows(&SETS[0], &results));
        let expected = "Difficulty: on clean test images VIT is right on 65.0 % (60 to 70 were aimed at), the best row on 76.0 % \
                        (88 to 97 were aimed at, and missed). Of the cells of a model, at most 12.0 % lie above 99 % accuracy \
                        or within 3 points of chance (10 % was the limit, and is passed).";
        assert_eq!(said, expected);
    }

    #[test]
    fn a_column_that_nobody_has_is_left_out() {
        let mut results = results();
        assert!(!evidence(&results).contains("unseen worlds |"));
        results.runs[1].numbers.insert(UNSEEN.to_owned(), Number { value: 0.5, interval: None });
        assert!(evidence(&results).contains("unseen worlds |"));
    }

    #[test]
    fn what_can_be_told_from_chance_is_bold_and_said_in_words() {
        let text = evidence(&results());
        assert!(text.contains("| FAN | +0.0 [−2.0, +2.0] | **−10.0 [−12.0, −8.0]** |"), "{text}");
        assert!(text.contains("fewer errors FAN; more errors none; no difference seen RVT."), "{text}");
        assert!(text.contains("fan − vit, corrupted | **−10.0 [−12.0, −8.0]** | 1, 2 | holds |"), "{text}");
        assert!(
            text.contains("Still to be trained: vit (seed 2), fan (seeds 1, 2), fan-tap-adl (seeds 0, 1, 2)"),
            "{text}"
        );
    }

    #[test]
    fn a_recipe_says_what_came_of_it() {
        let found = header(&SETS[0], "fan", &results());
        assert!(found.contains("630 000 images seen, seed 0") && found.contains("24.0 [23.0, 25.0] %"), "{found}");
        assert_eq!(header(&SETS[0], "vit-pgd", &results()), "# Not trained to its end yet.\n");
    }
}
