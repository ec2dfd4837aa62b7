//! Learning curves: loss and accuracy over the epochs of a training, on the training images and on those it is watched by.
//!
//! A third curve is of the weights themselves on the watched images, where they were looked at beside their average.
//!
//! The curves of a panel are told apart by dash and marker as well as by colour. Training images are augmented and seen while
//! the weights move, so their curve is no bound of the other one.

use super::series;
use super::svg::{Svg, line};

/// What is known after an epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Counted from 1.
    pub epoch: usize,
    /// Loss on the training images and on the watched ones.
    pub loss: [f64; 2],
    /// Accuracy on the training images and on the watched ones, in 0..1.
    pub accuracy: [f64; 2],
    /// Loss and accuracy of the weights themselves on the watched images, if those above are of their average and both are known.
    pub raw: Option<[f64; 2]>,
}

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 236.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 38.0;
/// Left end and width of the panels.
const PANELS: [[f64; 2]; 2] = [[36.0, 264.0], [362.0, 264.0]];
/// Epochs up to which every one has a marker.
const MARKED: usize = 30;

/// The drawing. `watched` says which images the second curve is of: `validation` or `test`.
pub fn learning(watched: &str, points: &[Point]) -> String {
    let mut svg = Svg::new(WIDTH, HEIGHT);
    let mut names = vec!["training".to_owned(), watched.to_owned()];
    if points.iter().any(|point| point.raw.is_some()) {
        names.push(format!("{watched}, weights not averaged"));
    }
    for (i, name) in names.iter().enumerate() {
        let x = PANELS[0][0] + 130.0 * i as f64;
        svg.path(&format!("line {}", series::class(i)), &line(&[(x, 10.0), (x + 28.0, 10.0)]));
        svg.path(&format!("dot {}", series::class(i)), &series::marker(i, x + 14.0, 10.0));
        svg.text("label", x + 36.0, 14.0, name);
    }
    // What is not known is no number, and not drawn.
    let [losses, accuracies] = [0usize, 1].map(|which| {
        let values = |point: &Point| {
            let [training, watched] = [point.loss, point.accuracy][which];
            [training, watched, point.raw.map_or(f64::NAN, |raw| raw[which])][..names.len()].to_vec()
        };
        points.iter().map(values).collect::<Vec<_>>()
    });
    let highest = losses.iter().flatten().copied().filter(|loss| loss.is_finite()).fold(0.0, f64::max);
    let (step, most) = scale(highest);
    panel(&mut svg, PANELS[0], "loss", points, &losses, (step, most), |value| format!("{value}"));
    panel(&mut svg, PANELS[1], "accuracy, %", points, &accuracies, (0.25, 1.0), |value| {
        format!("{:.0}", value * 100.0)
    });
    svg.finish("chart", &in_words(watched, points))
}

/// One panel: axes from 0 to `most` with a line every `step`, then the curves.
fn panel(
    svg: &mut Svg,
    [left, width]: [f64; 2],
    title: &str,
    points: &[Point],
    values: &[Vec<f64>],
    (step, most): (f64, f64),
    tick: impl Fn(f64) -> String,
) {
    let last = points.last().map_or(1, |point| point.epoch).max(2);
    let x = |epoch: usize| left + width * (epoch - 1) as f64 / (last - 1) as f64;
    let y = |value: f64| TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - value / most);
    for index in 0..=(most / step).round() as usize {
        let value = index as f64 * step;
        svg.path("axis", &line(&[(left, y(value)), (left + width, y(value))]));
        svg.text("tick end", left - 6.0, y(value) + 4.0, &tick(value));
    }
    for epoch in [1, last.div_ceil(2), last] {
        svg.text("tick middle", x(epoch), HEIGHT - BOTTOM + 16.0, &epoch.to_string());
    }
    svg.text("tick middle", left + width / 2.0, HEIGHT - 4.0, &format!("{title}, by epoch"));
    for curve in 0..values.first().map_or(2, Vec::len) {
        let class = series::class(curve);
        let seen = points.iter().zip(values).filter(|(_, values)| values[curve].is_finite());
        let drawn: Vec<(f64, f64)> = seen.map(|(point, values)| (x(point.epoch), y(values[curve].min(most)))).collect();
        svg.path(&format!("line {class}"), &line(&drawn));
        let marked =
            if points.len() <= MARKED { &drawn[..] } else { drawn.last().map_or(&[][..], std::slice::from_ref) };
        for (x, y) in marked {
            svg.path(&format!("dot {class}"), &series::marker(curve, *x, *y));
        }
    }
}

/// A round step, and the end of an axis that holds `highest`: at most five steps.
fn scale(highest: f64) -> (f64, f64) {
    let mut step = 0.01;
    let mut factors = [2.5, 2.0, 2.0].iter().cycle();
    // 0.01, 0.025, 0.05, 0.1, 0.25, …
    while highest > 5.0 * step {
        step *= factors.next().copied().unwrap_or(2.0);
    }
    let step = (step * 1000.0).round() / 1000.0;
    (step, step * (highest / step).ceil().max(1.0))
}

fn in_words(watched: &str, points: &[Point]) -> String {
    match points.last() {
        None => "Learning curves without an epoch.".to_owned(),
        Some(Point { epoch, loss, accuracy, raw }) => format!(
            "Learning curves. After epoch {epoch}: loss {:.3} in training and {:.3} on {watched} images, accuracy {:.1} and \
             {:.1} percent{}.",
            loss[0],
            loss[1],
            accuracy[0] * 100.0,
            accuracy[1] * 100.0,
            raw.map_or(String::new(), |[_, accuracy]| format!(", without averaging {:.1}", accuracy * 100.0))
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(epochs: usize) -> Vec<Point> {
        let point = |epoch: usize| {
            let loss = [2.3 / epoch as f64, 2.0 / epoch as f64];
            Point { epoch, loss, accuracy: [0.5, 0.25], raw: None }
        };
        (1..=epochs).map(point).collect()
    }

    #[test]
    fn weights_beside_their_average_have_a_curve_of_their_own_from_the_first_epoch_that_knows_them() {
        let mut points = points(4);
        for point in &mut points[1..] {
            point.raw = Some([1.5, 0.125]);
        }
        let drawn = learning("validation", &points);
        assert!(drawn.contains(">validation, weights not averaged<"), "{drawn}");
        assert_eq!(drawn.matches("class=\"line m2\"").count(), 3, "{drawn}");
        assert_eq!(drawn.matches("class=\"dot m2\"").count(), 1 + 2 * 3, "{drawn}");
        assert!(drawn.contains("accuracy 50.0 and 25.0 percent, without averaging 12.5."), "{drawn}");
    }

    #[test]
    fn both_panels_have_both_curves_and_say_what_they_end_with() {
        let drawn = learning("validation", &points(4));
        assert_eq!(drawn.matches("class=\"line m0\"").count(), 3, "the key and a curve in each panel: {drawn}");
        assert_eq!(drawn.matches("class=\"dot m1\"").count(), 1 + 2 * 4, "{drawn}");
        assert!(drawn.contains("accuracy 50.0 and 25.0 percent") && drawn.contains(">validation<"), "{drawn}");
        let long = learning("test", &points(200));
        assert_eq!(long.matches("class=\"dot m1\"").count(), 3, "a marker for each of 200 epochs hides the curve");
    }

    #[test]
    fn nothing_measured_and_numbers_that_are_none_are_drawn_without_harm() {
        assert!(learning("test", &[]).contains("without an epoch"));
        let broken = [Point { epoch: 1, loss: [f64::NAN, f64::INFINITY], accuracy: [0.0, 1.0], raw: None }];
        let drawn = learning("test", &broken);
        assert!(!drawn.contains("NaN") || drawn.matches("NaN").count() == 1, "only in the words: {drawn}");
        assert!(!drawn.contains("inf\""), "{drawn}");
    }

    #[test]
    fn an_axis_holds_the_highest_value_in_few_round_steps() {
        for (highest, step, most) in [(2.3, 0.5, 2.5), (0.04, 0.01, 0.04), (11.0, 2.5, 12.5), (0.0, 0.01, 0.01)] {
            let (found, end) = scale(highest);
            assert!((found - step).abs() < 1e-9 && (end - most).abs() < 1e-9, "{highest}: {found} {end}");
        }
    }
}
