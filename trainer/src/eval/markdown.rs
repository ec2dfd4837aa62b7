//! Tables and numbers in Markdown, which a terminal shows as they are.

use std::fmt::Write;

use vitro::metric::bootstrap::Interval;
use vitro::metric::{Metric, Unit};

/// What stands where nothing was measured.
pub const NOTHING: &str = "–";

/// A Markdown table whose columns also line up where Markdown is not drawn; the first row is its head.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(text, "| {cell:width$} ");
        }
        text.push_str("|\n");
        if index == 0 {
            widths.iter().for_each(|width| text.push_str(&format!("|{}", "-".repeat(width + 2))));
            text.push_str("|\n");
        }
    }
    text.push('\n');
    text
}

/// A fraction in percent: `94.8 [93.4, 96.1]`.
pub fn percent(fraction: f64, interval: Option<Interval>) -> String {
    number(fraction * 100.0, interval.map(|ends| ends.map(|end| end * 100.0)))
}

/// A number that is in percent already.
pub fn number(value: f64, interval: Option<Interval>) -> String {
    interval.map_or(format!("{value:.1}"), |[low, high]| format!("{value:.1} [{low:.1}, {high:.1}]"))
}

/// A difference of fractions in percentage points, with its sign: `−3.1 [−4.0, −2.2]`.
pub fn points(difference: f64, [low, high]: Interval) -> String {
    let sign = |value: f64| format!("{:+.1}", value * 100.0).replace('-', "−");
    format!("{} [{}, {}]", sign(difference), sign(low), sign(high))
}

/// A number on a scale of its own.
pub fn fine(value: f64, interval: Option<Interval>) -> String {
    interval.map_or(format!("{value:.3}"), |[low, high]| format!("{value:.3} [{low:.3}, {high:.3}]"))
}

/// A value of a metric, if there is one: `12.3 [10.1, 14.6]`.
pub fn score(metric: &Metric, value: Option<f64>, interval: Option<Interval>) -> String {
    let show = match metric.unit {
        Unit::Fraction => percent,
        Unit::Nats | Unit::Plain => fine,
    };
    value.map_or(NOTHING.into(), |value| show(value, interval))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_with_their_intervals() {
        assert_eq!(percent(0.948, Some([0.934, 0.961])), "94.8 [93.4, 96.1]");
        assert_eq!(fine(0.25, None), "0.250");
    }

    #[test]
    fn columns_line_up() {
        let rows = [vec!["a".to_owned(), "bcd".to_owned()], vec!["×××".to_owned(), "–".to_owned()]];
        assert_eq!(table(&rows), "| a   | bcd |\n|-----|-----|\n| ××× | –   |\n\n");
    }
}
