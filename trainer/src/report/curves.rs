//! Accuracy over severity: the mean of the benchmark, large, then a small chart for each corruption, all on one scale.

use std::fmt::Write;

use vitro::chart;
use vitro::chart::curves::{self, Curve, Size};
use vitro::chart::series;
use vitro::corruption::Severity;

use super::cells::{self, Common, Row};
use super::entry::Entry;
use super::html::{Section, escape, wide};

/// The section.
pub fn section(entries: &[Entry]) -> Section {
    let (rows, common) = (cells::rows(entries), cells::common(entries));
    let (id, title) = ("curves", "Accuracy over severity");
    if rows.is_empty() {
        return Section { id, title, body: "<p>No corruption was measured.</p>\n".into() };
    }
    let mut body = format!(
        "<p>Images that are right, in percent, from the untouched image (0) to severity 5. Every chart has the same \
         scale.</p>\n<ul class=\"keys\" aria-label=\"models\">\n{}</ul>\n<div class=\"curves\">\n",
        keys(entries)
    );
    let (benchmark, others): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.benchmark);
    if benchmark.len() > 1 {
        let lines: Vec<Curve> = entries.iter().map(|entry| of_benchmark(entry, &common)).collect();
        let drawn = wide("mean of the benchmark", &curves::curves(Size::Large, "mean of the benchmark", &lines));
        let _ =
            writeln!(body, "<figure class=\"large\"><figcaption>Mean of the benchmark</figcaption>\n{drawn}</figure>");
    }
    let chart = |row: &Row| {
        let lines: Vec<Curve> = entries.iter().map(|entry| of_row(entry, row)).collect();
        let drawn = curves::curves(Size::Small, &row.title, &lines);
        format!("<figure><figcaption>{}</figcaption>\n{drawn}</figure>\n", escape(&row.title))
    };
    body.extend(benchmark.into_iter().map(chart));
    if !others.is_empty() {
        body.push_str("</div>\n<h3>Not in the mean</h3>\n<div class=\"curves\">\n");
        body.extend(others.into_iter().map(chart));
    }
    Section { id, title, body: body + "</div>\n" }
}

/// The mean of the benchmark as an SVG file of its own, with the style that it needs; none where less than two severities were
/// measured.
pub fn alone(entries: &[Entry]) -> Option<String> {
    let common = cells::common(entries);
    let lines: Vec<Curve> = entries.iter().map(|entry| of_benchmark(entry, &common)).collect();
    if lines.iter().all(|line| line.points.len() < 3) {
        return None;
    }
    let drawn = curves::curves(Size::Large, "mean of the benchmark", &lines);
    Some(chart::file(&drawn))
}

fn keys(entries: &[Entry]) -> String {
    let item = |(i, entry): (usize, &Entry)| format!("<li>{}{}</li>\n", series::key(i), escape(&entry.label));
    entries.iter().enumerate().map(item).collect()
}

fn of_row(entry: &Entry, row: &Row) -> Curve {
    let measured = |severity| Some((severity, cells::cell(entry, &row.name, severity)?.top1));
    curve(entry, measured)
}

fn of_benchmark(entry: &Entry, common: &Common<'_>) -> Curve {
    let own = common.all || common.cells.is_empty();
    let measured = |severity: u8| {
        let mean = cells::mean_top1(entry, |cell| {
            let shared = own || common.cells.contains(&(cell.corruption.as_str(), severity));
            cell.severity == severity && cell.benchmark && shared
        });
        Some((severity, mean?))
    };
    curve(entry, measured)
}

/// From the untouched image on, as far as it was measured.
fn curve(entry: &Entry, measured: impl Fn(u8) -> Option<(u8, f64)>) -> Curve {
    let clean = (0, entry.evaluation.clean_top1);
    let corrupted = Severity::ALL.iter().filter_map(|severity| measured(severity.get()));
    Curve { name: entry.label.clone(), points: [clean].into_iter().chain(corrupted).collect() }
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::measured;
    use super::*;

    #[test]
    fn a_curve_starts_clean_and_leaves_out_what_was_not_measured() {
        let entries = [measured("a", 0.9, &[("fog", 1, 0.8), ("fog", 5, 0.2), ("snow", 5, 0.4), ("spatter", 5, 0.0)])];
        let common = cells::common(&entries);
        assert_eq!(of_row(&entries[0], &cells::rows(&entries)[1]).points, [(0, 0.9), (1, 0.8), (5, 0.2)]);
        let mean = of_benchmark(&entries[0], &common).points;
        assert_eq!(mean.iter().map(|(severity, _)| *severity).collect::<Vec<_>>(), [0, 1, 5]);
        assert!((mean[2].1 - 0.3).abs() < 1e-9, "without spatter: {mean:?}");
    }

    #[test]
    fn a_file_of_its_own_brings_namespace_and_style() {
        let entries = [measured("a", 0.9, &[("fog", 1, 0.8), ("fog", 5, 0.2)])];
        let file = alone(&entries).unwrap();
        assert!(file.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"") && file.contains(".m0 {"), "{file}");
        assert_eq!(alone(&[measured("a", 0.9, &[("fog", 1, 0.8)])]), None);
    }

    #[test]
    fn a_chart_per_corruption_and_one_for_the_mean() {
        let entries =
            [measured("a", 0.9, &[("fog", 1, 0.8), ("snow", 1, 0.4)]), measured("b", 0.5, &[("fog", 1, 0.5)])];
        let body = section(&entries).body;
        assert_eq!(body.matches("<svg class=\"chart\"").count(), 3);
        assert!(body.contains("Fog, severity 1: a 80.0 %, b 50.0 %"), "{body}");
        assert!(body.contains("Snow, severity 1: a 40.0 %<"), "{body}");
    }
}
