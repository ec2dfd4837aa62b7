//! `docs/performance.md`, rendered from the stored numbers. The template beside this file holds the words; every number, and every
//! sentence that depends on one, is computed here.

use super::arithmetic::{Ratio, geometric_mean};
use super::stored::{
    BrowserRow, Conditions, Contender, CorruptionRow, DataRow, NetworkRow, Origin, Performance, ScalingRow, Section,
};
use super::visit;
use std::collections::BTreeSet;
use std::fmt::Write;

const TEMPLATE: &str = include_str!("performance.md");

/// The document.
pub(super) fn render(performance: &Performance) -> String {
    let Performance { processor, scaling, corruptions, data, browser, page } = performance;
    TEMPLATE
        .replace("{{intro}}", &intro(performance))
        .replace("{{processor}}", &section(processor.as_ref(), networks))
        .replace("{{scaling}}", &section(scaling.as_ref(), workers))
        .replace("{{corruptions}}", &section(corruptions.as_ref(), packages))
        .replace("{{data}}", &section(data.as_ref(), large))
        .replace("{{browser}}", &section(browser.as_ref(), engines))
        .replace("{{page}}", &section(page.as_ref(), visit::table))
}

/// A row says when it was measured, and of what.
pub(super) trait Dated {
    fn origin(&self) -> &Origin;
}

impl Dated for NetworkRow {
    fn origin(&self) -> &Origin {
        &self.origin
    }
}

impl Dated for ScalingRow {
    fn origin(&self) -> &Origin {
        &self.origin
    }
}

impl Dated for CorruptionRow {
    fn origin(&self) -> &Origin {
        &self.origin
    }
}

impl Dated for DataRow {
    fn origin(&self) -> &Origin {
        &self.origin
    }
}

impl Dated for BrowserRow {
    fn origin(&self) -> &Origin {
        &self.origin
    }
}

fn intro(performance: &Performance) -> String {
    let conditions = [
        performance.processor.as_ref().map(|section| &section.conditions),
        performance.scaling.as_ref().map(|section| &section.conditions),
        performance.corruptions.as_ref().map(|section| &section.conditions),
        performance.data.as_ref().map(|section| &section.conditions),
        performance.browser.as_ref().map(|section| &section.conditions),
        performance.page.as_ref().map(|section| &section.conditions),
    ];
    let machines: BTreeSet<&str> = conditions.iter().flatten().map(|conditions| conditions.machine.as_str()).collect();
    match machines.into_iter().collect::<Vec<_>>()[..] {
        [] => "Nothing has been measured yet: run `cargo xtask bench compare`.".to_owned(),
        [machine] => format!(
            "Everything here was measured on one machine: {machine}. `cargo xtask bench compare` measures it anew, into \
             `docs/performance.json`, from which this file is rendered."
        ),
        _ => {
            "Each section says on which machine it was measured. `cargo xtask bench compare` measures them anew, into \
              `docs/performance.json`, from which this file is rendered."
                .to_owned()
        }
    }
}

fn section<R: Dated>(section: Option<&Section<R>>, table: impl Fn(&[R]) -> String) -> String {
    let Some(Section { conditions, rows }) = section else { return "Not measured yet.".to_owned() };
    format!("{}\n\n{}", about(conditions, rows), table(rows).trim_end())
}

/// Machine, versions, amount, days and commits.
fn about<R: Dated>(conditions: &Conditions, rows: &[R]) -> String {
    let Conditions { machine, versions, settings } = conditions;
    let versions = versions.iter().map(|(name, version)| format!(", {name} {version}")).collect::<String>();
    let list = |of: fn(&Origin) -> &str| {
        let distinct: BTreeSet<&str> = rows.iter().map(|row| of(row.origin())).collect();
        distinct.into_iter().collect::<Vec<_>>().join(", ")
    };
    let (days, commits) = (list(|origin| &origin.date), list(|origin| &origin.commit));
    format!("{machine}{versions}; {settings}; {days}, commit {commits}.")
}

fn networks(rows: &[NetworkRow]) -> String {
    let with_compiled = rows.iter().any(|row| row.compiled.is_some());
    let (title, rule) = if with_compiled { (" compiled |", "---|") } else { ("", "") };
    let mut text = verdict(rows);
    let _ = write!(
        text,
        "\n\n| model | work | vitro, ms | PyTorch, ms | ratio | images a second | memory, MiB |{title}\n\
         |---|---|---|---|---|---|---|{rule}\n"
    );
    for row in rows {
        let NetworkRow { model, work, batch, ours, torch, compiled, .. } = row;
        let memory = |of: &Contender| of.peak_memory_mib().map_or_else(|| "-".to_owned(), |peak| format!("{peak:.0}"));
        let _ = write!(
            text,
            "| {model} | {work}, batch {batch} | {} | {} | {} | {} | {} against {} |",
            spread(ours),
            spread(torch),
            ratio(ours.ratio(torch)),
            three_digits(*batch as f64 / ours.median() * 1e3),
            memory(ours),
            memory(torch)
        );
        if with_compiled {
            let shown = compiled.as_ref().map_or_else(|| "-".to_owned(), spread);
            let _ = write!(text, " {shown} |");
        }
        text.push('\n');
    }
    text
}

/// How many rows are at least as quick as PyTorch, the means, and the row that is furthest behind.
fn verdict(rows: &[NetworkRow]) -> String {
    let value = |row: &NetworkRow| row.ours.ratio(&row.torch).value;
    let quick = rows.iter().filter(|row| value(row) <= 1.0).count();
    let mut text = format!("{quick} of {} rows take no longer than in PyTorch.", rows.len());
    for (work, title) in [("forward", "forward passes"), ("train", "training steps")] {
        let of_work = rows.iter().filter(|row| row.work == work);
        if of_work.clone().next().is_some() {
            let _ =
                write!(text, " Geometric mean of the ratios of {title}: {:.2}.", geometric_mean(of_work.map(value)));
        }
    }
    if let Some(row) = rows.iter().max_by(|a, b| value(a).total_cmp(&value(b))) {
        let _ = write!(text, " The largest: {:.2} ({}, {}, batch {}).", value(row), row.model, row.work, row.batch);
    }
    text
}

fn workers(rows: &[ScalingRow]) -> String {
    let mut text = String::new();
    if let Some(worst) = rows.iter().flat_map(|row| &row.measured).map(|row| row.waiting).reduce(f64::max) {
        let _ = writeln!(text, "At most {:.1} % of a step waits for images.\n", 100.0 * worst);
    }
    let cores = rows.iter().find_map(|row| row.computed.as_ref()).map_or(0, |computed| computed.cores);
    let computed =
        if cores > 0 { format!("computed for {cores} cores, images a second") } else { "computed".to_owned() };
    let _ = writeln!(
        text,
        "| model | work | workers | images a second | memory, MiB | waiting | speed-up | serial fraction, computed | {computed} |\n\
         |---|---|---|---|---|---|---|---|---|"
    );
    for row in rows {
        let join = |of: &dyn Fn(&super::stored::Measured) -> String| {
            row.measured.iter().map(of).collect::<Vec<_>>().join(", ")
        };
        let memory = |peak: Option<f64>| peak.map_or_else(|| "-".to_owned(), |peak| format!("{peak:.0}"));
        let waiting = if row.input == "scenes" {
            join(&|row| format!("{:.1} %", 100.0 * row.waiting))
        } else {
            "none".to_owned()
        };
        let computed = row.computed.as_ref().map_or_else(
            || "- | - | -".to_owned(),
            |computed| {
                format!(
                    "{:.2} | {:.0} % | {}",
                    computed.speedup,
                    100.0 * computed.serial_fraction,
                    three_digits(computed.images_per_second)
                )
            },
        );
        let _ = writeln!(
            text,
            "| {} | {}, batch {}, {} | {} | {} | {} | {waiting} | {computed} |",
            row.model,
            row.work,
            row.batch,
            row.input,
            join(&|row| row.workers.to_string()),
            join(&|row| three_digits(row.images_per_second)),
            join(&|row| memory(row.round.peak_memory_mib)),
        );
    }
    text
}

fn packages(rows: &[CorruptionRow]) -> String {
    let names: BTreeSet<&str> = rows.iter().flat_map(|row| row.packages.keys()).map(String::as_str).collect();
    let ours: f64 = rows.iter().map(|row| row.ours.median()).sum();
    let bound: f64 = rows.iter().filter_map(|row| Some(row.quickest()?.median())).sum();
    let behind: Vec<&str> = rows
        .iter()
        .filter(|row| row.quickest().is_some_and(|quickest| row.ours.median() > quickest.median()))
        .map(|row| row.corruption.as_str())
        .collect();
    let behind = if behind.is_empty() { "none".to_owned() } else { behind.join(", ") };
    let mut text = format!(
        "All {} together take {} ms; the quicker package of each, {} ms. Slower than that: {behind}.\n\n| corruption | vitro |",
        rows.len(),
        three_digits(ours),
        three_digits(bound)
    );
    for name in &names {
        let _ = write!(text, " {name} |");
    }
    let _ = write!(text, " ratio to the quicker |\n|---|---|{}---|\n", "---|".repeat(names.len()));
    for row in rows {
        let _ = write!(text, "| {} | {} |", row.corruption, spread(&row.ours));
        for name in &names {
            let shown = row.packages.get(*name).map_or_else(|| "-".to_owned(), spread);
            let _ = write!(text, " {shown} |");
        }
        let shown = row.quickest().map_or_else(|| "-".to_owned(), |quickest| ratio(row.ours.ratio(quickest)));
        let _ = writeln!(text, " {shown} |");
    }
    text
}

fn large(rows: &[DataRow]) -> String {
    let mut text =
        "| training | images | seconds | images a second | memory, MiB | decoded, all images would be, MiB |\n\
                    |---|---|---|---|---|---|\n"
            .to_owned();
    for DataRow { work, images, seconds, peak_memory_mib, decoded_mib, .. } in rows {
        let peak = peak_memory_mib.map_or_else(|| "-".to_owned(), |peak| format!("{peak:.0}"));
        // A start takes a step, so its images are not all seen.
        let (title, pace) = match work.as_str() {
            "first_start" => ("a folder, first start", "-".to_owned()),
            "next_start" => ("a folder, next start", "-".to_owned()),
            "epoch" => ("shards, an epoch", three_digits(*images as f64 / seconds)),
            other => (other, "-".to_owned()),
        };
        let _ = writeln!(text, "| {title} | {images} | {seconds:.2} | {pace} | {peak} | {decoded_mib:.0} |");
    }
    text
}

fn engines(rows: &[BrowserRow]) -> String {
    let mut text =
        "| model | engine | vitro, ms | quickest | onnxruntime-web, ms | quickest | ratio | images a second |\n\
                    |---|---|---|---|---|---|---|---|\n"
            .to_owned();
    for BrowserRow { model, engine, workers, ours, theirs, .. } in rows {
        let engine = workers.map_or_else(|| engine.clone(), |workers| format!("{engine}, sweep, workers: {workers}"));
        let (shown, min, against) = theirs.as_ref().map_or_else(
            || ["-"; 3].map(str::to_owned).into(),
            |theirs| (spread(theirs), three_digits(theirs.min()), ratio(ours.ratio(theirs))),
        );
        let _ = writeln!(
            text,
            "| {model} | {engine} | {} | {} | {shown} | {min} | {against} | {} |",
            spread(ours),
            three_digits(ours.min()),
            three_digits(1e3 / ours.median())
        );
    }
    text
}

/// The median, with the rounds around it: `4.52 (4.40 to 4.61)`.
fn spread(contender: &Contender) -> String {
    let (lowest, highest) = contender.spread();
    format!("{} ({} to {})", three_digits(contender.median()), three_digits(lowest), three_digits(highest))
}

fn ratio(ratio: Ratio) -> String {
    format!("**{:.2}** ({:.2} to {:.2})", ratio.value, ratio.lowest, ratio.highest)
}

/// Three digits that count, without an exponent: `0.452`, `4.52`, `45.2`, `452`, `4520`.
pub(super) fn three_digits(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let decimals = (2.0 - value.abs().max(1e-3).log10().floor()).clamp(0.0, 4.0) as usize;
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::stored::{self, Round};

    fn contender(medians: &[f64]) -> Contender {
        let round = |&median_ms: &f64| Round {
            runs: 5,
            median_ms,
            min_ms: median_ms - 1.0,
            lower_quartile_ms: median_ms,
            upper_quartile_ms: median_ms,
            peak_memory_mib: Some(100.0),
        };
        Contender { rounds: medians.iter().map(round).collect() }
    }

    fn measured(model: &str, ours: &[f64], torch: &[f64]) -> Performance {
        let origin = Origin { date: "2026-01-02".to_owned(), commit: "abc".to_owned() };
        let row = NetworkRow {
            model: model.to_owned(),
            work: "train".to_owned(),
            batch: 32,
            origin,
            ours: contender(ours),
            torch: contender(torch),
            compiled: None,
        };
        let conditions = Conditions {
            machine: "a machine".to_owned(),
            versions: [("torch".to_owned(), "2.0".to_owned())].into(),
            settings: "3 rounds".to_owned(),
        };
        Performance { processor: Some(Section { conditions, rows: vec![row] }), ..Performance::default() }
    }

    #[test]
    fn sentences_follow_the_numbers() {
        let text = render(&measured("vit", &[50.0, 80.0, 60.0], &[100.0, 120.0, 120.0]));
        assert!(text.contains("1 of 1 rows take no longer than in PyTorch."), "{text}");
        assert!(
            text.contains(
                "| vit | train, batch 32 | 60.0 (50.0 to 80.0) | 120 (100 to 120) | **0.50** (0.50 to 0.67) | 533 |"
            ),
            "{text}"
        );
        assert!(text.contains("a machine, torch 2.0; 3 rounds; 2026-01-02, commit abc."), "{text}");
        let text = render(&measured("vit", &[120.0], &[60.0]));
        assert!(text.contains("0 of 1 rows") && text.contains("The largest: 2.00 (vit, train, batch 32)."), "{text}");
    }

    #[test]
    fn what_was_not_measured_is_said_and_no_place_is_left_open() {
        let text = render(&Performance::default());
        assert_eq!(text.matches("Not measured yet.").count(), 6);
        assert!(text.contains("Nothing has been measured yet") && !text.contains("{{"), "{text}");
    }

    #[test]
    fn a_start_has_no_pace_and_an_epoch_has_one() {
        let row = |work: &str| DataRow {
            work: work.to_owned(),
            images: 1000,
            origin: Origin::default(),
            seconds: 2.0,
            peak_memory_mib: Some(900.4),
            decoded_mib: 9375.0,
        };
        let text = large(&[row("first_start"), row("epoch")]);
        assert!(text.contains("| a folder, first start | 1000 | 2.00 | - | 900 | 9375 |"), "{text}");
        assert!(text.contains("| shards, an epoch | 1000 | 2.00 | 500 | 900 | 9375 |"), "{text}");
    }

    #[test]
    fn three_digits_count() {
        for (value, shown) in
            [(0.0, "0"), (0.04523, "0.0452"), (0.4523, "0.452"), (4.523, "4.52"), (45.23, "45.2"), (4523.4, "4523")]
        {
            assert_eq!(three_digits(value), shown);
        }
    }

    #[test]
    fn the_document_in_the_repository_is_rendered_from_the_numbers_beside_it() {
        let file = stored::default_file();
        let performance = stored::load(&file).unwrap();
        let text = std::fs::read_to_string(file.with_extension("md")).unwrap();
        assert!(text == render(&performance), "docs/performance.md is out of date: run `cargo xtask bench render`");
    }
}
