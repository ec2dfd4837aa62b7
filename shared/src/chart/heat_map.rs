//! Heat maps: a row per corruption, a column per severity, then the means.
//!
//! Differences from the middle of a scale, which looks like the paper, run to the page's colour for "wrong" on one side and to
//! that for "right" on the other. Mixing is done by the style sheet in Oklab, so equal steps look equal in light and in dark.

use super::svg::{Svg, escape};

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

/// How a cell looks.
#[derive(Clone, Debug, PartialEq)]
pub struct Painted {
    /// What stands in it.
    pub text: String,
    /// What is read out.
    pub title: String,
    /// Which end of the scale it leans to.
    pub hue: Hue,
    /// How far, 0..1.
    pub strength: f64,
}

/// An end of a scale whose middle is the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hue {
    /// What goes wrong.
    Worse,
    /// What goes better.
    Better,
}

impl Hue {
    fn class(self) -> &'static str {
        match self {
            Self::Worse => "worse",
            Self::Better => "better",
        }
    }
}

/// A step of a legend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step<'a> {
    /// Which end of the scale it leans to.
    pub hue: Hue,
    /// How far, 0..1.
    pub strength: f64,
    /// What it stands for.
    pub words: &'a str,
}

/// A line of a map.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Name in files.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Lines of one group stand together.
    pub group: String,
    /// Whether it counts in the mean.
    pub benchmark: bool,
}

/// Draws a map. The benchmark's rows come first. `value` gives a cell and what else there is to say about it; means are plain means of the cells.
pub fn map(
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
                svg.rect(&class(hue, strength), square);
                svg.text(letters(strength), square[0] + CELL[0] / 2.0, y + 15.5, &text);
            }
            None => {
                svg.rect("missing", square);
                svg.text("tick middle", square[0] + CELL[0] / 2.0, y + 15.5, "–");
            }
        });
    };
    let mean = |cells: Vec<(f64, String)>| {
        (!cells.is_empty()).then(|| (crate::metric::mean(cells.into_iter().map(|(value, _)| value)), String::new()))
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

/// The class of a cell: its hue, and a step of [`super::style`].
fn class(hue: Hue, strength: f64) -> String {
    format!("{} e{:.0}", hue.class(), strength.clamp(0.0, 1.0) * 100.0 + 0.0)
}

/// A bar of samples of the scale.
pub fn legend(steps: &[Step<'_>]) -> String {
    let mut svg = Svg::new(steps.len() as f64 * (CELL[0] + SPACE) + SPACE, CELL[1] + SPACE);
    for (i, Step { hue, strength, words }) in steps.iter().enumerate() {
        let x = SPACE / 2.0 + i as f64 * (CELL[0] + SPACE);
        svg.titled(" class=\"cell\"", words, |svg| {
            svg.rect(&class(*hue, *strength), [x, SPACE / 2.0, CELL[0], CELL[1]]);
            svg.text(letters(*strength), x + CELL[0] / 2.0, 16.5, words);
        });
    }
    let marks: Vec<&str> = steps.iter().map(|step| step.words).filter(|words| !words.is_empty()).collect();
    svg.finish("legend", &format!("scale: {}", marks.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_strength_has_its_step_in_the_style_sheet() {
        let sheet = super::super::style();
        for strength in [-1.0, 0.0, 0.004, 0.005, 0.375, 0.996, 1.0, 2.0] {
            let class = class(Hue::Worse, strength);
            let step = class.split(' ').nth(1).unwrap();
            assert!(sheet.contains(&format!(".{step} {{")), "{step}");
        }
    }

    #[test]
    fn the_extra_corruptions_stand_below_the_mean() {
        let row = |name: &str, group: &str, benchmark| Row {
            name: name.into(),
            title: name.into(),
            group: group.into(),
            benchmark,
        };
        let rows =
            [row("gaussian_noise", "Noise", true), row("fog", "Weather", true), row("spatter", "Weather", false)];
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
        let sheet = include_str!("chart.css");
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
