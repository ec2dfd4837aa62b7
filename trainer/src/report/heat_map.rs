//! Heat maps: a row per corruption, a column per severity; one map per model, then what differs from the first model.
//!
//! Colour shows what goes wrong: a cell without errors looks like the paper, a cell without a right answer is the page's
//! colour for "wrong". Differences run from there over the paper, which is zero, to the colour for "right". Mixing is done
//! by the style sheet in Oklab, so equal steps look equal in light and in dark.

use std::fmt::Write;

use super::cells::{self, Common, Row};
use super::definitions::Term;
use super::entry::Entry;
use super::html::{Section, escape, percent, wide};
use super::series;
use super::svg::Svg;
use crate::eval::results::Cell;

/// Width of the names, width and height of a cell, space between cells.
const NAMES: f64 = 132.0;
const CELL: [f64; 2] = [40.0, 22.0];
const SPACE: f64 = 2.0;
/// More space between groups, and before the means.
const GAP: f64 = 6.0;
/// Room for the heading of the columns, and for that of the corruptions outside the benchmark.
const HEAD: f64 = 22.0;
/// Characters of a name that fit.
const LETTERS: usize = 18;
/// Mixed further than this, a cell is too dark for black letters (light page) or too bright for white ones (dark page).
const FLIP: [f64; 2] = [0.89, 0.64];

/// The section.
pub fn section(entries: &[Entry]) -> Section {
    let (rows, severities) = (cells::rows(entries), cells::severities(entries));
    let mut body = String::new();
    if rows.is_empty() {
        body.push_str("<p>No corruption was measured; run <code>vitro eval</code> without <code>--only</code>.</p>\n");
    } else {
        body.push_str(&accuracies(entries, &rows, &severities));
        if entries.len() > 1 {
            body.push_str(&differences(entries, &rows, &severities));
        }
        body.push_str(&tables(entries, &rows, &severities));
    }
    Section { id: "cells", title: "Corruption by severity", body }
}

fn accuracies(entries: &[Entry], rows: &[Row], severities: &[u8]) -> String {
    let mut text = format!(
        "<p>Images that are right, in percent ({}). The stronger the colour, the more are wrong.</p>\n{}<div class=\"maps\">\n",
        Term::Accuracy.link("top-1"),
        legend(&[("worse", 0.0, "100 %"), ("worse", 0.5, "50 %"), ("worse", 1.0, "0 %")]),
    );
    for (i, entry) in entries.iter().enumerate() {
        let paint = |place: &str, share: f64, details: &str| Painted {
            text: format!("{:.0}", share * 100.0),
            title: format!("{place}: {} % right{details}", percent(share)),
            hue: "worse",
            strength: 1.0 - share,
        };
        let value =
            |row: &Row, severity: u8| cells::cell(entry, &row.name, severity).map(|cell| (cell.top1, details(cell)));
        let label =
            format!("accuracy of {} by corruption and severity; the tables below hold the numbers", entry.label);
        let drawn = map(rows, severities, &label, value, paint);
        let _ = write!(
            text,
            "<figure><figcaption>{}{}</figcaption>\n{drawn}</figure>\n",
            series::key(i),
            escape(&entry.label)
        );
    }
    text + "</div>\n"
}

fn differences(entries: &[Entry], rows: &[Row], severities: &[u8]) -> String {
    let Common { data, .. } = cells::common(entries);
    let first = &entries[0];
    if !data {
        return "<p>There is no map of differences, since the models were measured on different data.</p>\n".into();
    }
    let value = |entry: &Entry, row: &Row, severity: u8| {
        let (own, reference) = (cells::cell(entry, &row.name, severity)?, cells::cell(first, &row.name, severity)?);
        Some((own.top1 - reference.top1, String::new()))
    };
    let all = entries[1..].iter().flat_map(|entry| {
        rows.iter().flat_map(move |row| severities.iter().map(move |severity| value(entry, row, *severity)))
    });
    let largest = all.flatten().map(|(difference, _)| difference.abs()).fold(0.0, f64::max);
    let limit = limit(largest);
    // The text stands below the first model's map, so that each difference stands below its own.
    let mut text = format!(
        "<div class=\"maps\">\n<div>\n<h3>{} from {}</h3>\n<p>Percentage points of accuracy above (+) or below (−) {1}, cell \
         by cell.</p>\n{}</div>\n",
        Term::Difference.link("Difference"),
        escape(&first.label),
        legend(&[
            ("worse", 1.0, &signed(-limit)),
            ("worse", 0.5, ""),
            ("worse", 0.0, "0"),
            ("better", 0.5, ""),
            ("better", 1.0, &signed(limit)),
        ]),
    );
    for (i, entry) in entries.iter().enumerate().skip(1) {
        let paint = |place: &str, difference: f64, _: &str| Painted {
            text: signed(difference),
            title: format!("{place}: {} {:+.1} points against {}", entry.label, difference * 100.0, first.label),
            hue: if difference < 0.0 { "worse" } else { "better" },
            strength: (difference.abs() / limit).min(1.0),
        };
        let label = format!("accuracy of {} minus that of {}, by corruption and severity", entry.label, first.label);
        let drawn = map(rows, severities, &label, |row, severity| value(entry, row, severity), paint);
        let _ = write!(
            text,
            "<figure><figcaption>{}{} − {}</figcaption>\n{drawn}</figure>\n",
            series::key(i),
            escape(&entry.label),
            escape(&first.label)
        );
    }
    text + "</div>\n"
}

/// The end of the scale of differences: a round number that no difference exceeds.
fn limit(largest: f64) -> f64 {
    [0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8].into_iter().find(|limit| largest <= *limit).unwrap_or(1.0)
}

/// Percentage points with their sign.
fn signed(difference: f64) -> String {
    match (difference * 100.0).round() {
        points if points > 0.0 => format!("+{points}"),
        points if points < 0.0 => format!("−{}", -points),
        _ => "0".into(),
    }
}

/// What else is known of a cell: ` (90.1 to 95.2) of 300 images`.
fn details(cell: &Cell) -> String {
    let bounds = cell.top1_interval.map(|[low, high]| format!(" ({} to {})", percent(low), percent(high)));
    format!("{} of {} images", bounds.unwrap_or_default(), cell.n)
}

/// How a cell looks.
struct Painted {
    text: String,
    title: String,
    hue: &'static str,
    strength: f64,
}

/// Draws a map. `value` gives a cell and what else there is to say about it; means are plain means of the cells.
fn map(
    rows: &[Row],
    severities: &[u8],
    label: &str,
    value: impl Fn(&Row, u8) -> Option<(f64, String)>,
    paint: impl Fn(&str, f64, &str) -> Painted,
) -> String {
    let column = |i: usize| NAMES + i as f64 * (CELL[0] + SPACE) + if i == severities.len() { GAP } else { 0.0 };
    let places = places(rows);
    let height = places.iter().map(|(_, y)| *y).fold(HEAD, f64::max) + CELL[1];
    let mut svg = Svg::new(column(severities.len()) + CELL[0] + 1.0, height + 1.0);

    for (i, severity) in severities.iter().enumerate() {
        svg.text("tick middle", column(i) + CELL[0] / 2.0, HEAD - 8.0, &severity.to_string());
    }
    svg.text("tick middle", column(severities.len()) + CELL[0] / 2.0, HEAD - 8.0, "mean");
    svg.text("tick end", NAMES - 8.0, HEAD - 8.0, "severity");

    let draw = |svg: &mut Svg, i: usize, y: f64, place: &str, data: &str, found: Option<(f64, String)>| {
        let square = [column(i), y, CELL[0], CELL[1]];
        let painted = found.map(|(value, details)| paint(place, value, &details));
        let title = painted.as_ref().map_or_else(|| format!("{place}: not measured"), |painted| painted.title.clone());
        svg.titled(&format!(" class=\"cell\"{data}"), &title, |svg| match painted {
            Some(Painted { text, hue, strength, .. }) => {
                svg.rect(hue, square, &format!("--e:{:.0}%", strength * 100.0));
                svg.text(letters(strength), square[0] + CELL[0] / 2.0, y + 15.5, &text);
            }
            None => {
                svg.rect("missing", square, "");
                svg.text("tick middle", square[0] + CELL[0] / 2.0, y + 15.5, "–");
            }
        });
    };
    let mean = |cells: Vec<(f64, String)>| {
        (!cells.is_empty()).then(|| (vitro::metric::mean(cells.into_iter().map(|(value, _)| value)), String::new()))
    };
    for (part, y) in &places {
        match part {
            Part::Row(row) => {
                svg.text("name", NAMES - 8.0, y + 15.5, &shortened(&row.title));
                for (i, severity) in severities.iter().enumerate() {
                    let data = format!(" data-cell=\"{} {severity}\"", escape(&row.name));
                    draw(&mut svg, i, *y, &format!("{}, severity {severity}", row.title), &data, value(row, *severity));
                }
                let own = severities.iter().filter_map(|severity| value(row, *severity)).collect();
                draw(&mut svg, severities.len(), *y, &format!("{}, mean", row.title), "", mean(own));
            }
            Part::Mean => {
                svg.text("name strong", NAMES - 8.0, y + 15.5, "benchmark mean");
                let of = |severity: u8| {
                    rows.iter().filter(|row| row.benchmark).filter_map(|row| value(row, severity)).collect::<Vec<_>>()
                };
                for (i, severity) in severities.iter().enumerate() {
                    let place = format!("mean of the benchmark, severity {severity}");
                    draw(&mut svg, i, *y, &place, "", mean(of(*severity)));
                }
                let all = severities.iter().flat_map(|severity| of(*severity)).collect();
                draw(&mut svg, severities.len(), *y, "mean of the benchmark", "", mean(all));
            }
            Part::Aside => svg.text("tick end", NAMES - 8.0, y + 15.5, "not in the mean"),
        }
    }
    svg.finish("map", label)
}

/// What a line of a map shows.
enum Part<'a> {
    Row(&'a Row),
    /// The mean of the benchmark.
    Mean,
    /// The heading of what is not part of it.
    Aside,
}

/// The lines of a map and how far down they are: groups are set apart, the mean follows the benchmark.
fn places(rows: &[Row]) -> Vec<(Part<'_>, f64)> {
    let mut places = Vec::new();
    let mut y = HEAD;
    let step = CELL[1] + SPACE;
    let (benchmark, others): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.benchmark);
    for (i, row) in benchmark.iter().enumerate() {
        if i > 0 && row.group != benchmark[i - 1].group {
            y += GAP;
        }
        places.push((Part::Row(row), y));
        y += step;
    }
    if benchmark.len() > 1 {
        places.push((Part::Mean, y + GAP));
        y += step + GAP;
    }
    if !others.is_empty() && !benchmark.is_empty() {
        places.push((Part::Aside, y));
        y += step;
    }
    for row in others {
        places.push((Part::Row(row), y));
        y += step;
    }
    places
}

/// Letters that can be read on a cell of this strength, on a light page and on a dark one.
fn letters(strength: f64) -> &'static str {
    // As it is written into the page.
    let strength = (strength * 100.0).round() / 100.0;
    match FLIP.map(|flip| strength > flip) {
        [false, false] => "value",
        [false, true] => "value amid",
        _ => "value over",
    }
}

fn shortened(title: &str) -> String {
    if title.chars().count() <= LETTERS {
        return title.to_owned();
    }
    title.chars().take(LETTERS - 1).chain(['…']).collect()
}

/// A bar of samples of the scale: hue, strength and what it stands for.
fn legend(steps: &[(&str, f64, &str)]) -> String {
    let mut svg = Svg::new(steps.len() as f64 * (CELL[0] + SPACE) + SPACE, CELL[1] + SPACE);
    for (i, (hue, strength, words)) in steps.iter().enumerate() {
        let x = SPACE / 2.0 + i as f64 * (CELL[0] + SPACE);
        svg.titled(" class=\"cell\"", words, |svg| {
            svg.rect(hue, [x, SPACE / 2.0, CELL[0], CELL[1]], &format!("--e:{:.0}%", strength * 100.0));
            svg.text(letters(*strength), x + CELL[0] / 2.0, 16.5, words);
        });
    }
    let marks: Vec<&str> = steps.iter().map(|(_, _, words)| *words).filter(|words| !words.is_empty()).collect();
    svg.finish("legend", &format!("scale: {}", marks.join(", ")))
}

/// The same numbers for those who do not see the maps, or want to copy them.
fn tables(entries: &[Entry], rows: &[Row], severities: &[u8]) -> String {
    let mut text = String::from("<details><summary>The same numbers as tables</summary>\n<div class=\"tables\">\n");
    for entry in entries {
        let mut table = format!(
            "<table>\n<caption>{}: top-1 in percent by corruption and severity</caption>\n<thead><tr><th scope=\"col\">corruption</th>",
            escape(&entry.label)
        );
        for severity in severities {
            let _ = write!(table, "<th scope=\"col\" class=\"number\">{severity}</th>");
        }
        table.push_str("</tr></thead>\n<tbody>\n");
        for row in rows {
            let _ = write!(table, "<tr><th scope=\"row\">{}</th>", escape(&row.title));
            for severity in severities {
                let value = cells::cell(entry, &row.name, *severity).map_or("–".into(), |cell| percent(cell.top1));
                let _ = write!(table, "<td class=\"number\">{value}</td>");
            }
            table.push_str("</tr>\n");
        }
        text.push_str(&wide(&format!("accuracies of {}", entry.label), &(table + "</tbody>\n</table>\n")));
    }
    text + "</div>\n</details>\n"
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::measured;
    use super::*;

    #[test]
    fn every_cell_is_drawn_once_per_map_and_missing_ones_say_so() {
        let entries = [
            measured("a", 1.0, &[("fog", 1, 0.5), ("fog", 3, 0.25), ("snow", 1, 1.0)]),
            measured("b", 1.0, &[("fog", 1, 0.75), ("fog", 3, 0.25), ("snow", 1, 1.0), ("snow", 3, 0.0)]),
        ];
        let body = section(&entries).body;
        for place in ["fog 1", "fog 3", "snow 1", "snow 3"] {
            assert_eq!(
                body.matches(&format!("data-cell=\"{place}\"")).count(),
                3,
                "two maps and a difference: {place}"
            );
        }
        assert!(body.contains("Snow, severity 3: not measured"));
        assert!(body.contains("Fog, severity 1: b +25.0 points against a"), "{body}");
        assert!(body.contains("mean of the benchmark, severity 1: 75.0 % right"), "{body}");
    }

    #[test]
    fn there_is_no_difference_between_different_data() {
        let mut entries = ["a", "b"].map(|name| measured(name, 1.0, &[("fog", 1, 0.5)]));
        entries[1].evaluation.dataset = "other".into();
        let body = section(&entries).body;
        assert!(body.contains("no map of differences"));
        assert_eq!(body.matches("data-cell=\"fog 1\"").count(), 2);
    }

    #[test]
    fn the_scale_of_differences_ends_at_a_round_number() {
        assert_eq!([0.0, 0.05, 0.11, 0.3, 0.9].map(limit), [0.05, 0.05, 0.2, 0.3, 1.0]);
        assert_eq!([0.123, -0.456, 0.001, -0.001].map(signed), ["+12", "−46", "0", "0"]);
    }

    #[test]
    fn the_extra_corruptions_stand_below_the_mean() {
        let rows =
            cells::rows(&[measured("a", 1.0, &[("fog", 1, 0.5), ("spatter", 1, 0.5), ("gaussian_noise", 1, 0.5)])]);
        let lines = places(&rows);
        let kinds: Vec<&str> = lines
            .iter()
            .map(|(part, _)| match part {
                Part::Row(row) => row.name.as_str(),
                Part::Mean => "mean",
                Part::Aside => "aside",
            })
            .collect();
        assert_eq!(kinds, ["gaussian_noise", "fog", "mean", "aside", "spatter"]);
        assert!(lines.windows(2).all(|pair| pair[1].1 - pair[0].1 >= CELL[1] + SPACE), "no line covers another");
    }

    /// The style sheet's colours on a light and on a dark page.
    fn inks(name: &str) -> [[f64; 3]; 2] {
        let sheet = include_str!("style.css");
        let rule = sheet.split(&format!("--{name}: light-dark(")).nth(1).unwrap().split(')').next().unwrap();
        let colour = |hex: &str| {
            let hex = hex.trim().trim_start_matches('#');
            let digits = if hex.len() == 3 { hex.chars().flat_map(|c| [c, c]).collect() } else { hex.to_owned() };
            std::array::from_fn(|i| {
                let level = f64::from(u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).unwrap()) / 255.0;
                if level <= 0.04045 { level / 12.92 } else { ((level + 0.055) / 1.055).powf(2.4) }
            })
        };
        let mut both = rule.split(',');
        [(); 2].map(|()| colour(both.next().unwrap()))
    }

    /// Oklab, as CSS Color 4 defines it, of linear light, and back.
    fn oklab([r, g, b]: [f64; 3]) -> [f64; 3] {
        let l = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b).cbrt();
        let m = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b).cbrt();
        let s = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b).cbrt();
        [
            0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
            1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
        ]
    }

    fn light([l, a, b]: [f64; 3]) -> [f64; 3] {
        let [l, m, s] = [
            l + 0.3963377774 * a + 0.2158037573 * b,
            l - 0.1055613458 * a - 0.0638541728 * b,
            l - 0.0894841775 * a - 1.2914855480 * b,
        ]
        .map(|root| root.powi(3));
        [
            4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
            -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
            -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
        ]
    }

    #[test]
    fn numbers_can_be_read_on_every_colour_of_both_scales_in_light_and_in_dark() {
        let paper = inks("paper");
        for hue in ["worse", "better"] {
            for (theme, full) in inks(hue).into_iter().enumerate() {
                for step in 0..=100 {
                    let part = f64::from(step) / 100.0;
                    let (from, to) = (oklab(paper[theme]), oklab(full));
                    let [r, g, b] = light(std::array::from_fn(|i| from[i] + (to[i] - from[i]) * part));
                    let luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
                    // Light page: black letters, then white; dark page the other way round.
                    let black = (part > FLIP[theme]) == (theme == 1);
                    let contrast = if black { (luminance + 0.05) / 0.05 } else { 1.05 / (luminance + 0.05) };
                    assert!(contrast >= 4.5, "{hue} at {step} %, theme {theme}: {contrast:.2}");
                }
            }
        }
    }
}
