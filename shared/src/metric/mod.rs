//! Metrics: what a model's predictions are worth, in numbers with intervals.
//!
//! [`ALL`] is the registry, and `vitro eval`, `vitro compare` and the report show what it holds. A metric is a file here and
//! one line of the registry. Its file says how it is written and computes it, either image by image from a
//! [`Prediction`], or from a [`Draw`] of all images. [`Outcomes`] keep of every image what the registry asks for, so that
//! [`bootstrap`] can count images anew a thousand times: every metric has an interval without knowing of it.
//!
//! # Examples
//!
//! ```
//! use vitro::metric::{Outcome, Outcomes, top1_error};
//!
//! let logits = [[2.0, 0.5, -1.0], [0.1, 0.3, 0.2]];
//! let seen: Vec<Outcome> = logits.iter().map(|row| Outcome::of(row, 0)).collect();
//! let scores = Outcomes::pack(&seen).scores(&[1, 1]);
//! assert_eq!(scores.of(&top1_error::METRIC), 0.5);
//! ```

pub mod bootstrap;
mod outcome;
mod prediction;

pub use outcome::{Draw, Image, Outcome, Outcomes, Scores};
pub use prediction::Prediction;

/// Declares the file of each metric and lists it, so that neither can be forgotten. `cargo fmt` does not find files that a
/// macro declares: format them with `rustfmt --edition 2024 shared/src/metric/*.rs`.
macro_rules! registry {
    ($($name:ident,)+) => {
        $(pub mod $name;)+

        /// Every metric, in the order of tables.
        pub const ALL: &[Metric] = &[$($name::METRIC),+];
    };
}

registry! {
    top1_error,
    top5_error,
    expected_calibration_error,
    rms_calibration_error,
    negative_log_likelihood,
    brier_score,
}

/// A number that says how good predictions are.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Name in files. The mean over corruptions is called [`Metric::corrupted_key`].
    pub key: &'static str,
    /// Name for people, lower case.
    pub title: &'static str,
    /// What it is, in a sentence or two.
    pub about: &'static str,
    /// The same as a formula, in HTML with `sub` and `sup` alone.
    pub formula: &'static str,
    /// What it is counted in.
    pub unit: Unit,
    /// Which of two values is better.
    pub better: Better,
    /// How it is computed.
    pub of: Of,
}

/// What a metric is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A fraction in 0..1, shown in percent.
    Fraction,
    /// Nats, at least 0: natural logarithms of probabilities.
    Nats,
    /// A number of its own scale, at least 0.
    Plain,
}

/// Which of two values is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// The lower one.
    Lower,
    /// The higher one.
    Higher,
}

/// How a metric is computed.
#[derive(Clone, Copy, Debug)]
pub enum Of {
    /// The mean over images of this.
    Mean(fn(&Prediction<'_>) -> f64),
    /// A number of all images together.
    All(fn(&Draw<'_>) -> f64),
    /// A distance of all images together from what they should be. Chance alone can only raise it, so its interval is moved
    /// back by what the draws add to it on average.
    Distance(fn(&Draw<'_>) -> f64),
}

/// The metric called `key` in files.
pub fn find(key: &str) -> Option<&'static Metric> {
    ALL.iter().find(|metric| metric.key == key)
}

/// Plain mean; 0 of nothing.
pub fn mean(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, count) = numbers.into_iter().fold((0.0, 0usize), |(sum, count), number| (sum + number, count + 1));
    if count == 0 { 0.0 } else { sum / count as f64 }
}

impl Metric {
    /// Name in files of its mean over corruptions.
    pub fn corrupted_key(&self) -> String {
        format!("{}_corrupted", self.key)
    }

    /// Title and unit, as the head of a column: `top-1 error, %`.
    pub fn heading(&self) -> String {
        match self.unit.symbol() {
            "" => self.title.to_owned(),
            symbol => format!("{}, {symbol}", self.title),
        }
    }
}

impl Unit {
    /// What stands behind a value; nothing for plain numbers.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Fraction => "%",
            Self::Nats => "nats",
            Self::Plain => "",
        }
    }

    /// A value without its symbol: `12.3` for 0.123 of a fraction, else `0.123`.
    pub fn show(self, value: f64) -> String {
        match self {
            Self::Fraction => format!("{:.1}", value * 100.0),
            Self::Nats | Self::Plain => format!("{value:.3}"),
        }
    }

    /// Whether a metric of this unit can have this value.
    pub fn holds(self, value: f64) -> bool {
        match self {
            Self::Fraction => (0.0..=1.0).contains(&value),
            Self::Nats | Self::Plain => value.is_finite() && value >= 0.0,
        }
    }
}

impl Better {
    /// The best of some values.
    pub fn best(self, values: impl IntoIterator<Item = f64>) -> Option<f64> {
        values.into_iter().reduce(match self {
            Self::Lower => f64::min,
            Self::Higher => f64::max,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores of images that are each predicted with `(confidence, right)`, between two classes.
    pub(super) fn scores(images: &[(f64, bool)]) -> Scores {
        Outcomes::pack(&images.iter().map(|image| predicted(*image)).collect::<Vec<_>>()).scores(&vec![1; images.len()])
    }

    /// An image whose best class of three has this probability; the rest is split evenly.
    pub(super) fn predicted((confidence, right): (f64, bool)) -> Outcome {
        let rest = ((1.0 - confidence) / 2.0).ln().max(-200.0) as f32;
        Outcome::of(&[confidence.ln() as f32, rest, rest], usize::from(!right))
    }

    #[test]
    fn keys_and_titles_are_all_different_and_read_as_names() {
        for (place, metric) in ALL.iter().enumerate() {
            let earlier = &ALL[..place];
            assert!(
                earlier.iter().all(|other| other.key != metric.key && other.title != metric.title),
                "{}",
                metric.key
            );
            assert!(
                metric.key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'),
                "{}",
                metric.key
            );
            assert!(metric.about.ends_with('.') && !metric.formula.is_empty(), "{}", metric.key);
            assert!(!metric.key.ends_with("_corrupted"), "{}: that is the name of a mean", metric.key);
            assert_eq!(find(metric.key).map(|found| found.title), Some(metric.title));
        }
    }

    #[test]
    fn every_metric_of_good_and_bad_predictions_is_a_value_of_its_unit_and_tells_them_apart() {
        let (good, bad) = (scores(&[(0.999, true); 150]), scores(&[(0.999, false); 150]));
        for metric in ALL {
            let (good, bad) = (good.of(metric), bad.of(metric));
            assert!(metric.unit.holds(good) && metric.unit.holds(bad), "{}: {good} {bad}", metric.key);
            assert_eq!(metric.better.best([bad, good]), Some(good), "{}: {good} {bad}", metric.key);
        }
        // Label 1 of three is among the best five either way.
        assert_eq!(good.of(&top5_error::METRIC), bad.of(&top5_error::METRIC));
    }

    #[test]
    fn an_image_that_counts_twice_is_as_good_as_two() {
        let image = |i: usize| predicted((0.34 + 0.002 * i as f64, i.is_multiple_of(3)));
        let weights: Vec<u16> = (0..300).map(|i| (i % 4) as u16).collect();
        let whole: Vec<Outcome> = (0..300).map(image).collect();
        let copies: Vec<Outcome> = (0..300).flat_map(|i| (0..i % 4).map(move |_| image(i))).collect();
        let weighted = Outcomes::pack(&whole).scores(&weights);
        let plain = Outcomes::pack(&copies).scores(&vec![1; copies.len()]);
        for metric in ALL {
            let (weighted, plain) = (weighted.of(metric), plain.of(metric));
            assert!((weighted - plain).abs() < 1e-9, "{}: {weighted} {plain}", metric.key);
        }
    }

    #[test]
    fn values_are_shown_in_their_unit() {
        assert_eq!((Unit::Fraction.show(0.1234), Unit::Plain.show(0.1234)), ("12.3".into(), "0.123".into()));
        assert_eq!(top1_error::METRIC.heading(), "top-1 error, %");
        assert!(!Unit::Fraction.holds(1.5) && !Unit::Nats.holds(f64::NAN) && !Unit::Plain.holds(-0.1));
    }
}
