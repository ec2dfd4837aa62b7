//! Charts as SVG: pure functions from numbers to text, so that a report and a page draw the same thing.
//!
//! A drawing carries classes and no `style` attributes; what they look like is in [`style`], in light and in dark. Every
//! drawing says in words what it shows.

pub mod bar;
pub mod curves;
pub mod heat_map;
pub mod learning;
pub mod series;
mod spread;
pub mod strip;
mod svg;
pub mod viridis;

pub use svg::{Length, Svg, escape, line};

use std::fmt::Write;

/// A drawing as a file of its own, with the style that it needs.
pub fn file(drawing: &str) -> String {
    let Some((tag, rest)) = drawing.split_once('>') else { return drawing.to_owned() };
    let tag = tag.replacen("<svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"", 1);
    // Where it is shown as an image, nothing else says that it may be dark.
    format!("{tag}>\n<style>\n:root {{ color-scheme: light dark; }}\n{}</style>{rest}", style())
}

/// The style sheet of all charts.
pub fn style() -> String {
    let mut sheet = include_str!("chart.css").to_owned();
    // How far a cell of a heat map is mixed. Classes, since an attribute cannot carry a number for the sheet to mix with.
    for step in 0..=100 {
        let _ = writeln!(sheet, ".e{step} {{ --e: {step}%; }}");
    }
    sheet
}
