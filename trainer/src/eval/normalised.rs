//! Errors in units of another model's errors: the mean corruption error (mCE) and its relative form.
//!
//! "Benchmarking Neural Network Robustness to Common Corruptions and Perturbations" (Hendrycks and Dietterich 2019), section
//! 4.1. The reference is AlexNet there; any evaluation of the same cells can stand in its place, and then the number is named
//! after it. A corruption counts by the ratio of sums over severities, not by the mean of ratios.

use vitro::metric::mean;

use super::alexnet;
use super::results::Evaluation;

/// The model whose errors are the unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// Its name.
    pub name: String,
    /// Its error on the untouched images.
    clean: f64,
    /// Its mean error over severities, by corruption of the benchmark.
    errors: Vec<(String, f64)>,
}

impl Reference {
    /// The published one.
    pub fn alexnet() -> Self {
        let errors = alexnet::MEAN_ERROR.iter().map(|(name, error)| ((*name).to_owned(), *error)).collect();
        Self { name: "AlexNet".to_owned(), clean: alexnet::CLEAN_ERROR, errors }
    }

    /// Another evaluation, by the benchmark's cells in it.
    pub fn of(evaluation: &Evaluation) -> Self {
        let mut errors: Vec<(String, f64)> = Vec::new();
        for cell in evaluation.per_cell.iter().filter(|cell| cell.benchmark) {
            if !errors.iter().any(|(name, _)| *name == cell.corruption) {
                let error = evaluation.error_of(&cell.corruption).unwrap_or_default();
                errors.push((cell.corruption.clone(), error));
            }
        }
        Self { name: evaluation.name.clone(), clean: 1.0 - evaluation.clean_top1, errors }
    }

    /// The mCE in percent: 100 for the reference itself. `error` gives a corruption's mean error over the same severities.
    ///
    /// `None` without any of the reference's corruptions, and where the reference makes no errors.
    pub fn mce(&self, error: impl Fn(&str) -> Option<f64>) -> Option<f64> {
        self.mean(|name, own| Some(error(name)? / own))
    }

    /// The relative mCE in percent: how much of the error corruptions add, in units of what they add to the reference's.
    ///
    /// `None` as [`Self::mce`], and where a corruption does the reference no harm.
    pub fn relative_mce(&self, clean: f64, error: impl Fn(&str) -> Option<f64>) -> Option<f64> {
        let added = |own: f64| Some(own - self.clean).filter(|added| *added > 0.0);
        self.mean(|name, own| Some((error(name)? - clean) / added(own)?))
    }

    /// The first corruption that leaves the reference without an error, or, for the relative form, without a further error.
    pub fn unharmed_by(&self, relative: Relative) -> Option<&str> {
        let floor = if relative == Relative::Yes { self.clean } else { 0.0 };
        self.errors.iter().find(|(_, error)| *error <= floor).map(|(name, _)| name.as_str())
    }

    fn mean(&self, ratio: impl Fn(&str, f64) -> Option<f64>) -> Option<f64> {
        let ratio = |(name, own): &(String, f64)| if *own > 0.0 { ratio(name, *own) } else { None };
        let ratios = self.errors.iter().map(ratio).collect::<Option<Vec<f64>>>()?;
        (!ratios.is_empty()).then(|| 100.0 * mean(ratios))
    }
}

/// Which of the two forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relative {
    /// Errors over the clean error.
    Yes,
    /// Errors.
    No,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference() -> Reference {
        Reference { name: "base".into(), clean: 0.1, errors: vec![("fog".into(), 0.4), ("snow".into(), 0.2)] }
    }

    #[test]
    fn the_reference_has_a_hundred_of_both() {
        let own = |name: &str| Some(if name == "fog" { 0.4 } else { 0.2 });
        assert!((reference().mce(own).unwrap() - 100.0).abs() < 1e-12);
        assert!((reference().relative_mce(0.1, own).unwrap() - 100.0).abs() < 1e-12);
    }

    #[test]
    fn ratios_are_taken_by_corruption_before_the_mean() {
        // 0.2 / 0.4 and 0.3 / 0.2; (0.2 - 0.05) / 0.3 and (0.3 - 0.05) / 0.1.
        let error = |name: &str| Some(if name == "fog" { 0.2 } else { 0.3 });
        assert!((reference().mce(error).unwrap() - 100.0).abs() < 1e-9);
        assert!((reference().relative_mce(0.05, error).unwrap() - 150.0).abs() < 1e-9);
    }

    #[test]
    fn what_cannot_be_divided_by_leaves_nothing_and_is_named() {
        let harmless = Reference { errors: vec![("fog".into(), 0.1), ("snow".into(), 0.0)], ..reference() };
        assert_eq!((harmless.mce(|_| Some(0.5)), harmless.relative_mce(0.1, |_| Some(0.5))), (None, None));
        assert_eq!(harmless.unharmed_by(Relative::Yes), Some("fog"));
        assert_eq!(harmless.unharmed_by(Relative::No), Some("snow"));
        assert_eq!(reference().mce(|name| (name == "fog").then_some(0.5)), None);
        assert_eq!(reference().unharmed_by(Relative::Yes), None);
    }

    #[test]
    fn alexnet_in_units_of_itself_is_a_hundred() {
        let alexnet = Reference::alexnet();
        let own = |name: &str| alexnet::MEAN_ERROR.iter().find(|(known, _)| *known == name).map(|(_, error)| *error);
        assert!((alexnet.mce(own).unwrap() - 100.0).abs() < 1e-9);
        assert!((alexnet.relative_mce(alexnet::CLEAN_ERROR, own).unwrap() - 100.0).abs() < 1e-9);
    }
}
