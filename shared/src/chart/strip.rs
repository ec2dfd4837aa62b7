//! A model's accuracy as a line from under corruption (open marker) to clean (filled marker), in a row of a table.

use super::series;
use super::svg::{Svg, line};
use crate::metric::Unit;

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

/// From the accuracy under corruption, where there is one, to that of the untouched images. `index` is the model's.
pub fn strip(index: usize, corrupted: Option<f64>, clean: f64) -> String {
    let (middle, percent) = (SIZE[1] / 2.0, |fraction| Unit::Fraction.show(fraction));
    let class = series::class(index);
    let mut svg = Svg::new(SIZE[0], SIZE[1]);
    svg.path("axis", &line(&[(at(0.0), middle), (at(1.0), middle)]));
    let mut words = format!("clean {} %", percent(clean));
    if let Some(corrupted) = corrupted {
        svg.path(&format!("line solid {class}"), &line(&[(at(corrupted), middle), (at(clean), middle)]));
        svg.path(&format!("dot open {class}"), &series::marker(index, at(corrupted), middle));
        words = format!("corrupted {} %, {words}", percent(corrupted));
    }
    svg.path(&format!("dot {class}"), &series::marker(index, at(clean), middle));
    svg.finish("strip", &words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_without_corrupted_images_has_one_marker() {
        assert_eq!(strip(0, None, 0.5).matches("dot").count(), 1);
        let both = strip(0, Some(0.25), 0.5);
        assert!(both.matches("dot").count() == 2 && both.contains("corrupted 25.0 %, clean 50.0 %"), "{both}");
    }
}
