//! A model's accuracy as a line from under corruption (open marker) to clean (filled marker), in a row of a table.

use super::entry::Entry;
use super::html::percent;
use super::series;
use super::svg::{Svg, line};

/// Width and height of the drawing.
const SIZE: [f64; 2] = [232.0, 24.0];
/// Room at its ends for a marker.
const MARGIN: f64 = 10.0;

fn at(fraction: f64) -> f64 {
    MARGIN + fraction * (SIZE[0] - 2.0 * MARGIN)
}

/// The scale above the strips.
pub fn scale() -> String {
    let mut svg = Svg::new(SIZE[0], 14.0);
    for (fraction, words) in [(0.0, "0"), (0.5, "50"), (1.0, "100 %")] {
        svg.text(
            if fraction == 1.0 { "tick end" } else { "tick middle" },
            at(fraction) + if fraction == 1.0 { MARGIN } else { 0.0 },
            11.0,
            words,
        );
    }
    svg.finish("scale", "0 to 100 percent")
}

/// From the accuracy under corruption (open) to the clean one (filled).
pub fn strip(index: usize, entry: &Entry, error: Option<f64>) -> String {
    let (clean, middle) = (entry.evaluation.clean_top1, SIZE[1] / 2.0);
    let class = series::class(index);
    let mut svg = Svg::new(SIZE[0], SIZE[1]);
    svg.path("axis", &line(&[(at(0.0), middle), (at(1.0), middle)]));
    let mut words = format!("clean {} %", percent(clean));
    if let Some(error) = error {
        let corrupted = 1.0 - error;
        svg.path(&format!("line solid {class}"), &line(&[(at(corrupted), middle), (at(clean), middle)]));
        svg.path(&format!("dot open {class}"), &series::marker(index, at(corrupted), middle));
        words = format!("corrupted {} %, {words}", percent(corrupted));
    }
    svg.path(&format!("dot {class}"), &series::marker(index, at(clean), middle));
    svg.finish("strip", &words)
}
