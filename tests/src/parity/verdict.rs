//! How near ours came: every stored array is compared within the fixture's own tolerances.

use std::collections::BTreeSet;
use std::fmt;

use burn::tensor::TensorData;
use vitro::bundle::Array;

use super::Fixture;
use crate::corruptions::Outcome;

/// |ours − stored| ≤ absolute + relative · |stored|.
#[derive(Clone, Copy)]
struct Tolerance {
    absolute: f64,
    relative: f64,
}

/// The comparisons of one fixture.
pub struct Verdict {
    /// Its case.
    pub case: String,
    /// Largest |ours − stored| over all arrays.
    pub max_error: f64,
    /// Name of the array with the largest error.
    pub worst: String,
    /// Number of arrays compared.
    pub compared: usize,
    /// One sentence for each array that is out of tolerance or was not compared.
    pub failures: Vec<String>,
    outputs: Tolerance,
    gradients: Tolerance,
    seen: BTreeSet<String>,
}

impl Verdict {
    pub(super) fn new(fixture: &Fixture) -> Self {
        let number = |key: &str, default: f64| fixture.json["tolerances"][key].as_f64().unwrap_or(default);
        let outputs = Tolerance { absolute: number("atol", 0.0), relative: number("rtol", 0.0) };
        let gradients = Tolerance {
            absolute: number("grad_atol", outputs.absolute),
            relative: number("grad_rtol", outputs.relative),
        };
        Self {
            case: fixture.case.clone(),
            max_error: 0.0,
            worst: String::new(),
            compared: 0,
            failures: Vec::new(),
            outputs,
            gradients,
            seen: BTreeSet::new(),
        }
    }

    /// The comparisons of a folder of corrupted images; errors are in levels, or in allowed distances for statistics.
    pub(super) fn of_outcomes(case: &str, outcomes: &[Outcome]) -> Self {
        let none = Tolerance { absolute: 0.0, relative: 0.0 };
        let worst = outcomes.iter().max_by(|a, b| a.max_error.total_cmp(&b.max_error));
        let failed = outcomes.iter().filter(|outcome| !outcome.passed).map(
            |Outcome { file, name, differing, total, note, .. }| {
                format!("{file} {name}: {differing} of {total} differ {note}")
            },
        );
        Self {
            case: case.to_owned(),
            max_error: worst.map_or(0.0, |outcome| outcome.max_error),
            worst: worst.map_or_else(String::new, |outcome| outcome.name.clone()),
            compared: outcomes.len(),
            failures: failed.collect(),
            outputs: none,
            gradients: none,
            seen: BTreeSet::new(),
        }
    }

    /// Compares `ours` with the stored array `name`.
    pub(super) fn compare(&mut self, name: &str, stored: &Array, ours: &TensorData) {
        let is_gradient = ["grads.", "grad.", "train.grad."].iter().any(|prefix| name.starts_with(prefix));
        let tolerance = if is_gradient { self.gradients } else { self.outputs };
        self.compare_within(name, stored, ours, (tolerance.absolute, tolerance.relative));
    }

    /// [`Self::compare`] with a tolerance (absolute, relative) of its own.
    pub(super) fn compare_within(
        &mut self,
        name: &str,
        stored: &Array,
        ours: &TensorData,
        (absolute, relative): (f64, f64),
    ) {
        let tolerance = Tolerance { absolute, relative };
        self.seen.insert(name.to_owned());
        self.compared += 1;
        let ours = match ours.clone().convert::<f32>().try_to_vec::<f32>() {
            Ok(values) => values,
            Err(error) => return self.failures.push(format!("{name}: {error:?}")),
        };
        if ours.len() != stored.values.len() {
            let (a, b) = (ours.len(), stored.values.len());
            return self.failures.push(format!("{name}: {a} values, {b} stored"));
        }
        let mut outside = 0;
        for (a, b) in ours.iter().zip(&stored.values) {
            let error = f64::from((a - b).abs());
            let allowed = tolerance.absolute + tolerance.relative * f64::from(b.abs());
            if (error.is_nan() || error > allowed) && a.to_bits() != b.to_bits() {
                outside += 1;
            }
            if error.is_nan() || error > self.max_error {
                self.max_error = error;
                self.worst = name.to_owned();
            }
        }
        if outside > 0 {
            let count = ours.len();
            let (error, place) = (self.max_error, &self.worst);
            self.failures
                .push(format!("{name}: {outside} of {count} values out of tolerance (worst {error:.2e} in {place})"));
        }
    }

    /// Compares arrays in which isolated entries may differ: at least `fraction` of them must be within `absolute`.
    pub(super) fn compare_most(&mut self, name: &str, stored: &Array, ours: &TensorData, absolute: f64, fraction: f64) {
        self.seen.insert(name.to_owned());
        self.compared += 1;
        let ours: Vec<f32> = ours.clone().convert::<f32>().iter::<f32>().collect();
        let count = stored.values.len();
        let near = |(a, b): &(&f32, &f32)| f64::from((**a - **b).abs()) <= absolute;
        let equal = ours.iter().zip(&stored.values).filter(near).count();
        if ours.len() != count || (equal as f64) < fraction * count as f64 {
            self.failures.push(format!("{name}: {equal} of {count} values agree, {fraction} of them must"));
        }
    }

    /// Compares choices (indices) one by one; at least `fraction` of them must be equal.
    pub(super) fn compare_choices(&mut self, name: &str, stored: &[i64], ours: &[i64], fraction: f64) {
        self.seen.insert(name.to_owned());
        self.compared += 1;
        let equal = stored.iter().zip(ours).filter(|(a, b)| a == b).count();
        if stored.len() != ours.len() || (equal as f64) < fraction * stored.len() as f64 {
            self.failures.push(format!("{name}: {equal} of {} choices equal, {} given", stored.len(), ours.len()));
        }
    }

    /// Fails for every stored array that no comparison looked at and whose name begins with none of `inputs`: for
    /// fixtures whose results have no common prefix.
    pub(super) fn expect_all_but(&mut self, fixture: &Fixture, inputs: &[&str]) {
        self.expect_all_but_where(fixture, |name| inputs.iter().any(|input| name.starts_with(input)));
    }

    /// [`Self::expect_all_but`] for inputs that a prefix cannot name.
    pub(super) fn expect_all_but_where(&mut self, fixture: &Fixture, is_input: impl Fn(&str) -> bool) {
        let floats = fixture.arrays.iter().chain(fixture.bytes.iter()).map(|(name, _)| name);
        for name in floats.chain(fixture.integers.keys().map(String::as_str)) {
            if !is_input(name) && !self.seen.contains(name) {
                self.failures.push(format!("{name}: stored, but not compared"));
            }
        }
    }

    /// Fails when a number that the JSON gives is not ours, to `relative` of it; NaN, which stands for one that is not there,
    /// always does.
    pub(super) fn compare_number(&mut self, name: &str, stored: f64, ours: f64, relative: f64) {
        self.compared += 1;
        let error = (ours - stored).abs();
        if error > self.max_error {
            self.max_error = error;
            self.worst = name.to_owned();
        }
        if error.is_nan() || error > relative * stored.abs() {
            self.failures.push(format!("{name}: {ours}, {stored} stored"));
        }
    }

    /// Fails with `complaint` unless `claim` holds.
    pub(super) fn check(&mut self, claim: bool, complaint: impl FnOnce() -> String) {
        self.compared += 1;
        if !claim {
            self.failures.push(complaint());
        }
    }

    /// Fails for every stored result that no comparison looked at.
    pub(super) fn finish(&mut self, fixture: &Fixture) {
        const RESULTS: [&str; 8] =
            ["out.", "out_biased.", "out_mixed.", "mid.", "mid_biased.", "mid_mixed.", "grads.", "buffers_after."];
        for (name, _) in fixture.arrays.iter() {
            if RESULTS.iter().any(|prefix| name.starts_with(prefix)) && !self.seen.contains(name) {
                self.failures.push(format!("{name}: stored, but not compared"));
            }
        }
        if self.compared == 0 {
            self.failures.push("nothing was compared".to_owned());
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} arrays, max error {:.2e} ({})", self.case, self.compared, self.max_error, self.worst)?;
        for failure in &self.failures {
            write!(f, "\n    {failure}")?;
        }
        Ok(())
    }
}
