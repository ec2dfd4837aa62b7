//! Accuracy over severity: the mean of the benchmark, large, then a small chart for each corruption, all on one scale.
//!
//! A model is told by its line's dash and its marker as well as by its colour. Severity 0 is the untouched image.

use std::fmt::Write;

use super::cells::{self, Common, Row};
use super::entry::Entry;
use super::html::{Section, escape, percent, wide};
use super::series;
use super::svg::{Svg, line, spread};

/// The strongest severity.
const STRONGEST: u8 = 5;

/// Sizes of a chart, pixels.
struct Frame {
    width: f64,
    height: f64,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

const LARGE: Frame = Frame { width: 600.0, height: 304.0, left: 30.0, right: 166.0, top: 10.0, bottom: 38.0 };
const SMALL: Frame = Frame { width: 190.0, height: 128.0, left: 28.0, right: 10.0, top: 10.0, bottom: 20.0 };

impl Frame {
    fn x(&self, severity: u8) -> f64 {
        self.left + (self.width - self.left - self.right) * f64::from(severity) / f64::from(STRONGEST)
    }

    fn y(&self, share: f64) -> f64 {
        self.top + (self.height - self.top - self.bottom) * (1.0 - share)
    }
}

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
        let curves: Vec<Curve> = entries.iter().map(|entry| of_benchmark(entry, &common)).collect();
        let drawn = wide("mean of the benchmark", &large(entries, &curves));
        let _ =
            writeln!(body, "<figure class=\"large\"><figcaption>Mean of the benchmark</figcaption>\n{drawn}</figure>");
    }
    let chart = |row: &Row| {
        let curves: Vec<Curve> = entries.iter().map(|entry| of_row(entry, row)).collect();
        let drawn = small(entries, &row.title, &curves);
        format!("<figure><figcaption>{}</figcaption>\n{drawn}</figure>\n", escape(&row.title))
    };
    body.extend(benchmark.into_iter().map(chart));
    if !others.is_empty() {
        body.push_str("</div>\n<h3>Not in the mean</h3>\n<div class=\"curves\">\n");
        body.extend(others.into_iter().map(chart));
    }
    Section { id, title, body: body + "</div>\n" }
}

fn keys(entries: &[Entry]) -> String {
    let item = |(i, entry): (usize, &Entry)| format!("<li>{}{}</li>\n", series::key(i), escape(&entry.label));
    entries.iter().enumerate().map(item).collect()
}

/// Accuracies by severity, ascending; the first is the clean one.
type Curve = Vec<(u8, f64)>;

fn of_row(entry: &Entry, row: &Row) -> Curve {
    let measured = |severity| Some((severity, cells::cell(entry, &row.name, severity)?.top1));
    [(0, entry.evaluation.clean_top1)].into_iter().chain((1..=STRONGEST).filter_map(measured)).collect()
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
    [(0, entry.evaluation.clean_top1)].into_iter().chain((1..=STRONGEST).filter_map(measured)).collect()
}

fn small(entries: &[Entry], title: &str, curves: &[Curve]) -> String {
    let mut svg = axes(&SMALL, &[0.0, 0.5, 1.0]);
    draw(&mut svg, &SMALL, entries, title, curves);
    svg.finish("chart", &in_words(entries, title, curves))
}

fn large(entries: &[Entry], curves: &[Curve]) -> String {
    let frame = &LARGE;
    let title = "mean of the benchmark";
    let mut svg = axes(frame, &[0.0, 0.25, 0.5, 0.75, 1.0]);
    svg.text("tick middle", (frame.x(0) + frame.x(STRONGEST)) / 2.0, frame.height - 4.0, "severity");
    draw(&mut svg, frame, entries, title, curves);
    let ends: Vec<f64> = curves.iter().filter_map(|curve| curve.last()).map(|(_, share)| frame.y(*share)).collect();
    let heights = spread(&ends, 16.0, frame.top, frame.height - frame.bottom);
    for (i, ((entry, curve), height)) in entries.iter().zip(curves).zip(heights).enumerate() {
        let Some((severity, share)) = curve.last() else { continue };
        let end = frame.x(*severity);
        // A hair from the last point to its label, wherever that found room.
        svg.path("hair", &line(&[(end + 7.0, frame.y(*share)), (frame.x(STRONGEST) + 18.0, height)]));
        let class = series::class(i);
        svg.path(&format!("dot {class}"), &series::marker(i, frame.x(STRONGEST) + 24.0, height));
        let name: String = entry.label.chars().take(18).collect();
        svg.text("label", frame.x(STRONGEST) + 33.0, height + 4.0, &format!("{name} {}", percent(*share)));
    }
    svg.finish("chart", &in_words(entries, title, curves))
}

fn axes(frame: &Frame, shares: &[f64]) -> Svg {
    let mut svg = Svg::new(frame.width, frame.height);
    for share in shares {
        let y = frame.y(*share);
        svg.path("axis", &line(&[(frame.left, y), (frame.width - frame.right, y)]));
        svg.text("tick end", frame.left - 6.0, y + 4.0, &format!("{:.0}", share * 100.0));
    }
    for severity in 0..=STRONGEST {
        svg.text("tick middle", frame.x(severity), frame.height - frame.bottom + 16.0, &severity.to_string());
    }
    svg
}

/// The lines; over them a column per severity that reads the values out.
fn draw(svg: &mut Svg, frame: &Frame, entries: &[Entry], title: &str, curves: &[Curve]) {
    for (i, curve) in curves.iter().enumerate() {
        let class = series::class(i);
        let points: Vec<(f64, f64)> =
            curve.iter().map(|(severity, share)| (frame.x(*severity), frame.y(*share))).collect();
        svg.path(&format!("line {class}"), &line(&points));
        for (x, y) in points {
            svg.path(&format!("dot {class}"), &series::marker(i, x, y));
        }
    }
    let half = (frame.x(1) - frame.x(0)) / 2.0;
    for severity in 0..=STRONGEST {
        let read: Vec<String> = entries
            .iter()
            .zip(curves)
            .filter_map(|(entry, curve)| {
                let (_, share) = curve.iter().find(|(measured, _)| *measured == severity)?;
                Some(format!("{} {} %", entry.label, percent(*share)))
            })
            .collect();
        if !read.is_empty() {
            let place = if severity == 0 { "untouched".to_owned() } else { format!("{title}, severity {severity}") };
            svg.titled(" class=\"read\"", &format!("{place}: {}", read.join(", ")), |svg| {
                let height = frame.height - frame.top - frame.bottom;
                svg.rect("band", [frame.x(severity) - half, frame.top, 2.0 * half, height], "");
            });
        }
    }
}

fn in_words(entries: &[Entry], title: &str, curves: &[Curve]) -> String {
    let of = |(entry, curve): (&Entry, &Curve)| {
        let values: Vec<String> =
            curve.iter().map(|(severity, share)| format!("{} at {severity}", percent(*share))).collect();
        format!("{}: {}", entry.label, values.join(", "))
    };
    format!("{title}, percent right by severity. {}", entries.iter().zip(curves).map(of).collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::measured;
    use super::*;

    #[test]
    fn a_curve_starts_clean_and_leaves_out_what_was_not_measured() {
        let entries = [measured("a", 0.9, &[("fog", 1, 0.8), ("fog", 5, 0.2), ("snow", 5, 0.4), ("spatter", 5, 0.0)])];
        let common = cells::common(&entries);
        assert_eq!(of_row(&entries[0], &cells::rows(&entries)[1]), [(0, 0.9), (1, 0.8), (5, 0.2)]);
        let mean = of_benchmark(&entries[0], &common);
        assert_eq!(mean.iter().map(|(severity, _)| *severity).collect::<Vec<_>>(), [0, 1, 5]);
        assert!((mean[2].1 - 0.3).abs() < 1e-9, "without spatter: {mean:?}");
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

    #[test]
    fn lines_stay_inside_their_charts() {
        for frame in [&LARGE, &SMALL] {
            for (severity, share) in [(0, 0.0), (0, 1.0), (5, 0.0), (5, 1.0)] {
                let (x, y) = (frame.x(severity), frame.y(share));
                // Room for half a marker on every side.
                assert!(x >= 5.0 && x <= frame.width - 5.0 && y >= 5.0 && y <= frame.height - 5.0);
            }
        }
    }
}
