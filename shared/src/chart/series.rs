//! What tells models apart in every chart: a colour, a dash and a marker, so that any one of the three is enough.
//!
//! The colours differ in lightness as well as in hue and are read by people with any colour vision; they are in
//! `chart.css` under the same classes.

use super::svg::{Length, line};

/// Colours and dashes in the style sheet.
pub const STYLES: usize = 6;

/// Class of a model's line and marker. After six models, colours and dashes come again, with other markers.
pub fn class(index: usize) -> String {
    format!("m{}", index % STYLES)
}

/// A model's marker around a point, as a path.
pub fn marker(index: usize, x: f64, y: f64) -> String {
    let polygon = |points: &[(f64, f64)]| {
        let points: Vec<(f64, f64)> = points.iter().map(|(dx, dy)| (x + dx, y + dy)).collect();
        line(&points) + "Z"
    };
    match index % 7 {
        0 => {
            let (left, y) = (Length(x - 3.5), Length(y));
            format!("M{left} {y}a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0Z")
        }
        1 => polygon(&[(-3.2, -3.2), (3.2, -3.2), (3.2, 3.2), (-3.2, 3.2)]),
        2 => polygon(&[(0.0, -4.4), (4.2, 3.2), (-4.2, 3.2)]),
        3 => polygon(&[(0.0, -4.6), (4.6, 0.0), (0.0, 4.6), (-4.6, 0.0)]),
        4 => polygon(&[(0.0, 4.4), (4.2, -3.2), (-4.2, -3.2)]),
        5 => polygon(&[(-4.6, -2.0), (4.6, -2.0), (4.6, 2.0), (-4.6, 2.0)]),
        _ => polygon(&[(-2.0, -4.6), (2.0, -4.6), (2.0, 4.6), (-2.0, 4.6)]),
    }
}

/// A sample of a model's line, to stand before its name.
pub fn key(index: usize) -> String {
    let class = class(index);
    format!(
        "<svg class=\"key\" viewBox=\"0 0 32 12\" width=\"32\" height=\"12\" aria-hidden=\"true\">\
         <path class=\"line {class}\" d=\"M0 6L32 6\"/><path class=\"dot {class}\" d=\"{}\"/></svg>",
        marker(index, 16.0, 6.0)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dozen_models_differ_without_their_colour() {
        // Colour and dash come again after six, the marker after seven.
        let looks: std::collections::BTreeSet<_> = (0..12).map(|i| (class(i), marker(i, 0.0, 0.0))).collect();
        assert_eq!(looks.len(), 12);
        let markers: std::collections::BTreeSet<_> = (0..STYLES).map(|i| marker(i, 0.0, 0.0)).collect();
        assert_eq!(markers.len(), STYLES);
    }

    #[test]
    fn every_style_is_in_the_style_sheet_with_a_dash_of_its_own() {
        let sheet = include_str!("chart.css");
        let dashes: std::collections::BTreeSet<_> = (0..STYLES)
            .map(|i| {
                let rule = sheet.split(&format!(".{} {{", class(i))).nth(1).and_then(|rest| rest.split('}').next());
                rule.and_then(|rule| rule.split("--dash: ").nth(1))
                    .map(|dash| dash.split(';').next().map(str::to_owned))
            })
            .collect();
        assert_eq!(dashes.len(), STYLES);
        assert!(!dashes.contains(&None));
    }
}
