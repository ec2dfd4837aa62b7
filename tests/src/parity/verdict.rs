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

    /// The comparisons of a folder of corrupted pictures; errors are in levels, or in allowed distances for statistics.
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
        let tolerance = if name.starts_with("grads.") { self.gradients } else { self.outputs };
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

    /// Fails for every stored result that no comparison looked at.
    pub(super) fn finish(&mut self, fixture: &Fixture) {
        const RESULTS: [&str; 4] = ["out.", "mid.", "grads.", "buffers_after."];
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
