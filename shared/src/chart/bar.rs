//! A fraction as a bar, under words that say the same.

use super::svg::Length;

/// The bar; it is as wide as its place, and hidden from those who hear the words.
pub fn bar(fraction: f64) -> String {
    let width = Length((fraction.clamp(0.0, 1.0) * 100.0).round());
    format!(
        "<svg class=\"track\" viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         <rect width=\"{width}\" height=\"4\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_fraction_and_never_longer_than_its_track() {
        assert_eq!([0.0, 0.876, 3.0].map(|fraction| bar(fraction).contains("width=\"88\"")), [false, true, false]);
        assert!(bar(3.0).contains("width=\"100\"") && bar(-1.0).contains("width=\"0\""));
    }
}
