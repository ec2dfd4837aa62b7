//! Accuracy over severity: a line per model.
//!
//! A model is told by its line's dash and its marker as well as by its colour. Severity 0 is the untouched image. Every chart
//! has the same scale, 0 to 100 %.

use super::series;
use super::spread::spread;
use super::svg::{Svg, line};
use crate::metric::Unit;

/// A model's line.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Name of the model.
    pub name: String,
    /// Severity and accuracy, by severity; those that were not measured are left out.
    pub points: Vec<(u8, f64)>,
}

/// How large a chart is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// One of many.
    Small,
    /// With names at the ends of the lines.
    Large,
}

/// The chart. `curves` are in the order of the models, measured or not.
pub fn curves(size: Size, title: &str, curves: &[Curve]) -> String {
    match size {
        Size::Small => small(title, curves),
        Size::Large => large(title, curves),
    }
}

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

    fn y(&self, fraction: f64) -> f64 {
        self.top + (self.height - self.top - self.bottom) * (1.0 - fraction)
    }
}

fn small(title: &str, curves: &[Curve]) -> String {
    let mut svg = axes(&SMALL, &[0.0, 0.5, 1.0]);
    draw(&mut svg, &SMALL, title, curves);
    svg.finish("chart", &in_words(title, curves))
}

fn large(title: &str, curves: &[Curve]) -> String {
    let frame = &LARGE;
    let mut svg = axes(frame, &[0.0, 0.25, 0.5, 0.75, 1.0]);
    svg.text("tick middle", (frame.x(0) + frame.x(STRONGEST)) / 2.0, frame.height - 4.0, "severity");
    draw(&mut svg, frame, title, curves);
    let ends = curves.iter().filter_map(|curve| curve.points.last()).map(|(_, accuracy)| frame.y(*accuracy));
    let heights = spread(&ends.collect::<Vec<_>>(), 16.0, frame.top, frame.height - frame.bottom);
    let measured = curves.iter().enumerate().filter_map(|(i, curve)| Some((i, curve, curve.points.last()?)));
    for ((i, curve, (severity, accuracy)), height) in measured.zip(heights) {
        let end = frame.x(*severity);
        // A hair from the last point to its label, wherever that found room.
        svg.path("hair", &line(&[(end + 7.0, frame.y(*accuracy)), (frame.x(STRONGEST) + 18.0, height)]));
        let class = series::class(i);
        svg.path(&format!("dot {class}"), &series::marker(i, frame.x(STRONGEST) + 24.0, height));
        let name: String = curve.name.chars().take(18).collect();
        svg.text("label", frame.x(STRONGEST) + 33.0, height + 4.0, &format!("{name} {}", percent(*accuracy)));
    }
    svg.finish("chart", &in_words(title, curves))
}

fn axes(frame: &Frame, fractions: &[f64]) -> Svg {
    let mut svg = Svg::new(frame.width, frame.height);
    for fraction in fractions {
        let y = frame.y(*fraction);
        svg.path("axis", &line(&[(frame.left, y), (frame.width - frame.right, y)]));
        svg.text("tick end", frame.left - 6.0, y + 4.0, &format!("{:.0}", fraction * 100.0));
    }
    for severity in 0..=STRONGEST {
        svg.text("tick middle", frame.x(severity), frame.height - frame.bottom + 16.0, &severity.to_string());
    }
    svg
}

/// The lines; over them a column per severity that reads the values out.
fn draw(svg: &mut Svg, frame: &Frame, title: &str, curves: &[Curve]) {
    for (i, curve) in curves.iter().enumerate() {
        let class = series::class(i);
        let points: Vec<(f64, f64)> =
            curve.points.iter().map(|(severity, accuracy)| (frame.x(*severity), frame.y(*accuracy))).collect();
        svg.path(&format!("line {class}"), &line(&points));
        for (x, y) in points {
            svg.path(&format!("dot {class}"), &series::marker(i, x, y));
        }
    }
    let half = (frame.x(1) - frame.x(0)) / 2.0;
    for severity in 0..=STRONGEST {
        let read = |curve: &Curve| {
            let (_, accuracy) = curve.points.iter().find(|(measured, _)| *measured == severity)?;
            Some(format!("{} {} %", curve.name, percent(*accuracy)))
        };
        let read: Vec<String> = curves.iter().filter_map(read).collect();
        if !read.is_empty() {
            let place = if severity == 0 { "untouched".to_owned() } else { format!("{title}, severity {severity}") };
            svg.titled(" class=\"read\"", &format!("{place}: {}", read.join(", ")), |svg| {
                let height = frame.height - frame.top - frame.bottom;
                svg.rect("band", [frame.x(severity) - half, frame.top, 2.0 * half, height]);
            });
        }
    }
}

fn in_words(title: &str, curves: &[Curve]) -> String {
    let of = |curve: &Curve| {
        let value = |(severity, accuracy): &(u8, f64)| format!("{} at {severity}", percent(*accuracy));
        format!("{}: {}", curve.name, curve.points.iter().map(value).collect::<Vec<_>>().join(", "))
    };
    format!("{title}, percent right by severity. {}", curves.iter().map(of).collect::<Vec<_>>().join("; "))
}

fn percent(fraction: f64) -> String {
    Unit::Fraction.show(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_that_was_not_measured_leaves_the_others_their_labels() {
        let of = |name: &str, points: &[(u8, f64)]| Curve { name: name.into(), points: points.to_vec() };
        let drawn = curves(Size::Large, "fog", &[of("none", &[]), of("some", &[(0, 0.5), (1, 0.25)])]);
        assert!(drawn.contains(">some 25.0<") && !drawn.contains("none 2"), "{drawn}");
        assert!(drawn.contains("fog, severity 1: some 25.0 %"), "{drawn}");
    }

    #[test]
    fn lines_stay_inside_their_charts() {
        for frame in [&LARGE, &SMALL] {
            for (severity, accuracy) in [(0, 0.0), (0, 1.0), (5, 0.0), (5, 1.0)] {
                let (x, y) = (frame.x(severity), frame.y(accuracy));
                // Room for half a marker on every side.
                assert!(x >= 5.0 && x <= frame.width - 5.0 && y >= 5.0 && y <= frame.height - 5.0);
            }
        }
    }
}
