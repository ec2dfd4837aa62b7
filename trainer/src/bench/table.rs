//! The rows as a table for people. Every number comes from the document that `--json` writes.

use std::fmt::Write;

use super::corruptions::Corruptions;
use super::row::{Input, Report, Row, Work};
use super::scaling::Scaling;

/// What the numbers are about: machine, program, processor.
pub fn heading(report: &Report) -> String {
    let Report { machine, build, device, precision, .. } = report;
    let commit = build.commit.as_deref().map_or_else(String::new, |commit| format!(", commit {commit}"));
    format!(
        "{}, {} cores ({}), {}\nvitro {} on burn {}, profile {}{commit}; computes on {device} in {precision}",
        machine.processor,
        machine.cores,
        machine.features.join(" "),
        machine.system,
        build.version,
        build.engine,
        build.profile,
    )
}

/// Names of the columns.
pub fn columns() -> String {
    format!(
        "{:<28} {:<8} {:>5} {:<6} {:>7} {:>10} {:>10} {:>21} {:>10} {:>8} {:>7}",
        "model",
        "work",
        "batch",
        "input",
        "workers",
        "median ms",
        "min ms",
        "quartiles ms",
        "images/s",
        "MiB",
        "waiting"
    )
}

/// One row.
pub fn line(row: &Row) -> String {
    let times = &row.times;
    let quartiles = format!("{:.2} to {:.2}", times.lower_quartile_ms, times.upper_quartile_ms);
    let memory = row.peak_memory_mib.map_or_else(|| "-".to_owned(), |peak| format!("{peak:.0}"));
    // A number that was measured, or one that holds by construction.
    let waiting = match (row.work, row.input) {
        (Work::Train, Input::Scenes) => format!("{:.1} %", 100.0 * row.waiting),
        _ => "none".to_owned(),
    };
    let traffic = match (row.sent_mib, row.received_mib) {
        (Some(sent), Some(received)) => format!("  {sent:.2} MiB sent and {received:.2} MiB received"),
        _ => String::new(),
    };
    format!(
        "{:<28} {:<8} {:>5} {:<6} {:>7} {:>10.2} {:>10.2} {quartiles:>21} {:>10.1} {memory:>8} {waiting:>7}{traffic}",
        row.model,
        row.work.to_string(),
        row.batch,
        row.input.to_string(),
        row.workers,
        times.median_ms,
        times.min_ms,
        row.images_per_second
    )
}

/// What was computed from the rows, and how to read them.
pub fn footer(report: &Report) -> String {
    let mut text = String::new();
    for Scaling { model, work, batch, input, workers, speedup, serial_fraction, cores, images_per_second } in
        &report.scaling
    {
        let _ = writeln!(
            text,
            "{model} {work} {batch} {input}: {speedup:.2} times as fast with {workers} workers; computed by Amdahl's law: serial \
             fraction {:.0} %, {images_per_second:.0} images/s on {cores} cores",
            100.0 * serial_fraction
        );
    }
    for note in &report.notes {
        let _ = writeln!(text, "{note}");
    }
    text
}

/// The times of the corruptions.
pub fn corruptions(report: &Corruptions) -> String {
    let mut text = format!(
        "{}, one thread, severity {}, {} × {} pixels, {} images, milliseconds\n{:<28} {:>9} {:>9} {:>9}\n",
        report.machine.processor,
        report.severity,
        report.side,
        report.side,
        report.images,
        "corruption",
        "median",
        "min",
        "max"
    );
    for row in &report.rows {
        let times = &row.times;
        let _ = writeln!(
            text,
            "{:<28} {:>9.3} {:>9.3} {:>9.3}",
            row.corruption, times.median_ms, times.min_ms, times.max_ms
        );
    }
    let _ = writeln!(text, "{:<28} {:>9.3}", "sum of the medians", report.sum_ms);
    text
}

/// Rows as comma-separated values, under their names.
pub fn csv(rows: &[Row]) -> String {
    let mut text = "preset,work,batch,input,workers,median_ms,min_ms,images_per_s,peak_memory_mib,waiting\n".to_owned();
    for row in rows {
        let Row { model, work, batch, input, workers, times, images_per_second, peak_memory_mib, waiting, .. } = row;
        let memory = peak_memory_mib.map_or_else(String::new, |peak| format!("{peak:.0}"));
        let (median, min) = (times.median_ms, times.min_ms);
        let _ = writeln!(
            text,
            "{model},{work},{batch},{input},{workers},{median:.2},{min:.2},{images_per_second:.1},{memory},{waiting:.3}"
        );
    }
    text
}
