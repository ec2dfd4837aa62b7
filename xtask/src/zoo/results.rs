//! `zoo/results.json`: everything that was measured of the zoo, with its provenance. Tables and headers are rendered from it.
//!
//! The evaluations themselves, with the outcome of every image, lie beside it in `zoo/evaluations/<set>/<row>-<seed>.json`, so
//! that models can be compared image by image again; those in worlds that no training image shows in `unseen` there.

use crate::workspace;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The number of errors in unseen worlds.
pub(super) const UNSEEN: &str = "unseen";

/// The file.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Results {
    /// What was settled on validation images.
    pub choices: Vec<Choice>,
    /// What was trained and measured, set by set, row by row.
    pub runs: Vec<Run>,
    /// Models against each other, image by image.
    pub comparisons: Vec<Comparison>,
    /// How quickly rows train, measured by itself.
    #[serde(default)]
    pub paces: Vec<Pace>,
}

/// How quickly a row trains on a machine that does nothing else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Pace {
    /// Which set.
    pub set: String,
    /// Which row, or which control.
    pub row: String,
    /// Images that a short training takes in in a second, one number for each round.
    pub images_per_second: Vec<f64>,
    /// The machine.
    pub machine: String,
    /// When.
    pub date: String,
    /// Commit of this checkout.
    pub commit: String,
}

impl Pace {
    /// The median of the rounds.
    pub(crate) fn median(&self) -> f64 {
        let mut rounds = self.images_per_second.clone();
        rounds.sort_by(f64::total_cmp);
        rounds.get(rounds.len() / 2).copied().unwrap_or_default()
    }
}

/// A value of a key that was tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Choice {
    /// Which set.
    pub set: String,
    /// Which row it was tried with; the others of its family take the choice over.
    pub row: String,
    /// The key.
    pub key: String,
    /// The value, as the recipe writes it.
    pub value: String,
    /// Epochs of the trial.
    pub epochs: usize,
    /// Accuracy on the validation images at its end.
    pub validation_top1: f64,
    /// Commit of the program.
    pub commit: String,
}

/// A trained model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Run {
    /// Which set.
    pub set: String,
    /// Which row; a control is called after its row, `vit-nullspace-random`.
    pub row: String,
    /// Seed of weights, order and augmentation.
    pub seed: u64,
    /// Name for people.
    pub title: String,
    /// The recipe.
    pub recipe: String,
    /// Trained numbers.
    pub params: u64,
    /// Images seen in training, repetitions counted.
    pub images_seen: u64,
    /// Wall-clock seconds of the training, whatever else the machine did.
    pub seconds: f64,
    /// Where it was trained.
    pub device: String,
    /// CPU workers.
    pub workers: u64,
    /// Commit of the program.
    pub commit: String,
    /// Under which conditions it was measured.
    pub protocol: Value,
    /// Numbers with their intervals over images: errors and calibration in 0..1.
    pub numbers: BTreeMap<String, Number>,
}

/// A number with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Number {
    /// The number.
    pub value: f64,
    /// Low and high end.
    pub interval: Option<[f64; 2]>,
}

/// The models of a set against one of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Comparison {
    /// Which set.
    pub set: String,
    /// The row that the others are compared with.
    pub against: String,
    /// The others.
    pub models: Vec<Paired>,
}

/// A model against another, as `vitro compare --differences` writes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Paired {
    /// The row.
    pub name: String,
    /// Trainings of the other and of this one.
    pub trainings: [usize; 2],
    /// What was compared.
    pub differences: Vec<Difference>,
}

/// A difference of errors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Difference {
    /// Which errors.
    pub number: String,
    /// The same for people.
    pub title: String,
    /// Below 0 where the row errs less.
    pub value: f64,
    /// 95 %.
    pub interval: [f64; 2],
}

impl Paired {
    /// Adds how much more it errs in unseen worlds.
    pub(super) fn add_unseen(&mut self, elsewhere: &[Self]) {
        let same = elsewhere.iter().find(|other| (&other.name, other.trainings) == (&self.name, self.trainings));
        let clean = same.and_then(|other| other.differences.iter().find(|difference| difference.number == "clean"));
        let unseen = |clean: &Difference| Difference {
            number: UNSEEN.to_owned(),
            title: "error in unseen worlds".to_owned(),
            ..clean.clone()
        };
        self.differences.extend(clean.map(unseen));
    }
}

impl Results {
    /// Where the file is.
    pub(crate) fn path() -> PathBuf {
        workspace::root().join("zoo").join("results.json")
    }

    /// The file, or nothing measured where there is none.
    pub(crate) fn read() -> Result<Self> {
        let path = Self::path();
        if !path.exists() {
            return Ok(Self::default());
        }
        let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_slice(&text)
            .with_context(|| format!("{} is damaged; take it from the repository", path.display()))
    }

    /// Writes the file in one move.
    pub(crate) fn write(&self) -> Result<()> {
        replace(&Self::path(), (serde_json::to_string_pretty(self)? + "\n").as_bytes())
    }

    /// Whether a row was measured with this seed.
    pub(crate) fn has(&self, set: &str, row: &str, seed: u64) -> bool {
        self.runs.iter().any(|run| run.set == set && run.row == row && run.seed == seed)
    }

    /// Puts a comparison in the place of an earlier one.
    pub(crate) fn compare(&mut self, comparison: Comparison) {
        let same = |other: &Comparison| (&other.set, &other.against) == (&comparison.set, &comparison.against);
        self.comparisons.retain(|other| !same(other));
        self.comparisons.push(comparison);
        self.comparisons.sort_by(|a, b| (&a.set, &a.against).cmp(&(&b.set, &b.against)));
    }

    /// How quickly a row trains, if that was measured.
    pub(crate) fn pace(&self, set: &str, row: &str) -> Option<&Pace> {
        self.paces.iter().find(|pace| pace.set == set && pace.row == row)
    }

    /// Puts a pace in the place of an earlier one. Those of other machines go: nobody could compare them.
    pub(crate) fn time(&mut self, pace: Pace) {
        self.paces.retain(|other| other.set != pace.set || (other.row != pace.row && other.machine == pace.machine));
        self.paces.push(pace);
    }

    /// How much more `row` errs than `against`; none where it was not compared.
    pub(crate) fn difference(
        &self,
        set: &str,
        row: &str,
        against: &str,
        number: &str,
    ) -> Option<(&Difference, [usize; 2])> {
        let comparison = self.comparisons.iter().find(|found| found.set == set && found.against == against)?;
        let paired = comparison.models.iter().find(|paired| paired.name == row)?;
        let difference = paired.differences.iter().find(|difference| difference.number == number)?;
        Some((difference, paired.trainings))
    }

    /// Adds a run, or puts it in the place of an earlier one.
    pub(crate) fn add(&mut self, run: Run) {
        let same = |other: &Run| (&other.set, &other.row, other.seed) == (&run.set, &run.row, run.seed);
        match self.runs.iter_mut().find(|other| same(other)) {
            Some(earlier) => *earlier = run,
            None => self.runs.push(run),
        }
    }
}

/// Where the evaluations of a set lie.
pub(crate) fn evaluations(set: &str) -> PathBuf {
    workspace::root().join("zoo").join("evaluations").join(set)
}

/// Where the evaluations of a set on images from unseen worlds lie.
pub(crate) fn unseen_evaluations(set: &str) -> PathBuf {
    evaluations(set).join("unseen")
}

/// Writes under a temporary name, then renames.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let temporary = path.with_extension("tmp");
    let cannot = || format!("cannot write {}", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(cannot)?;
    }
    fs::write(&temporary, bytes).with_context(cannot)?;
    fs::rename(&temporary, path).with_context(cannot)
}

/// The name of the fraction of cells that are [`extreme`].
pub(super) const EXTREME: &str = "extreme";

/// Accuracy above which a cell is too easy.
const NEARLY_ALL: f64 = 0.99;
/// Distance from chance within which it is too hard.
const BY_CHANCE: f64 = 0.03;

/// The numbers of an evaluation that tables show: errors and fractions in 0..1.
pub(super) fn numbers(evaluation: &Value) -> BTreeMap<String, Number> {
    let mut numbers = BTreeMap::new();
    let interval = |value: &Value| Some([value.get(0)?.as_f64()?, value.get(1)?.as_f64()?]);
    let mut put = |key: String, value: &Value, ends: &Value| {
        if let Some(value) = value.as_f64() {
            numbers.insert(key, Number { value, interval: interval(ends) });
        }
    };
    let named = [
        ("clean", "top1_error"),
        ("corrupted", "corruption_error_mean"),
        ("added", "added_error"),
        ("calibration", "ece"),
        ("calibration_corrupted", "ece_corrupted"),
    ];
    for (key, name) in named {
        put(key.to_owned(), &evaluation[name], &evaluation["intervals"][name]);
    }
    for group in evaluation["per_group"].as_array().into_iter().flatten() {
        put(group["group"].as_str().unwrap_or_default().to_owned(), &group["error"], &group["interval"]);
    }
    for row in evaluation["per_corruption"].as_array().into_iter().flatten() {
        put(row["corruption"].as_str().unwrap_or_default().to_owned(), &row["error"], &row["interval"]);
    }
    for attacked in evaluation["attacks"].as_array().into_iter().flatten() {
        let error = attacked["top1"].as_f64().map(|top1| 1.0 - top1);
        let ends = interval(&attacked["interval"]).map(|[low, high]| [1.0 - high, 1.0 - low]);
        put(attacked["attack"].as_str().unwrap_or_default().to_owned(), &error.into(), &serde_json::json!(ends));
    }
    put(EXTREME.to_owned(), &extreme(evaluation).into(), &Value::Null);
    numbers
}

/// The fraction of the benchmark's cells that tell models apart badly: nearly every image right, or hardly more than by chance.
fn extreme(evaluation: &Value) -> Option<f64> {
    let chance = 1.0 / evaluation["per_class"].as_array().filter(|classes| !classes.is_empty())?.len() as f64;
    let cells = evaluation["per_cell"].as_array()?.iter().filter(|cell| cell["benchmark"] == true);
    let top1: Vec<f64> = cells.filter_map(|cell| cell["top1"].as_f64()).collect();
    let is_extreme = |top1: &&f64| **top1 > NEARLY_ALL || (**top1 - chance).abs() <= BY_CHANCE;
    (!top1.is_empty()).then(|| top1.iter().filter(is_extreme).count() as f64 / top1.len() as f64)
}

/// What an evaluation in unseen worlds adds to them.
pub(super) fn unseen_number(evaluation: &Value) -> Option<(String, Number)> {
    let clean = numbers(evaluation).get("clean").copied()?;
    Some((UNSEEN.to_owned(), clean))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn errors_are_taken_from_an_evaluation_with_their_intervals() {
        let found = numbers(&json!({
            "top1_error": 0.25, "corruption_error_mean": null, "added_error": 0.125, "ece": 0.0625,
            "intervals": {"top1_error": [0.125, 0.5]},
            "per_group": [{"group": "noise", "error": 0.5, "interval": [0.25, 0.75]}],
            "attacks": [{"attack": "pgd", "top1": 0.25, "interval": [0.125, 0.5]}],
            "per_class": [{}, {}, {}, {}],
            "per_cell": [
                {"benchmark": true, "top1": 0.995}, {"benchmark": true, "top1": 0.26},
                {"benchmark": true, "top1": 0.9}, {"benchmark": true, "top1": 0.5}, {"benchmark": false, "top1": 1.0},
            ],
        }));
        assert_eq!(found["clean"], Number { value: 0.25, interval: Some([0.125, 0.5]) });
        assert_eq!(found["added"], Number { value: 0.125, interval: None });
        assert_eq!(found["calibration"].value, 0.0625);
        assert_eq!(found["pgd"], Number { value: 0.75, interval: Some([0.5, 0.875]) });
        assert_eq!(found["noise"].value, 0.5);
        assert_eq!(found[EXTREME].value, 0.5);
        assert!(!found.contains_key("corrupted"));
    }

    /// No number is typed, and what is looked for is there.
    #[test]
    fn the_numbers_of_the_stored_runs_are_those_of_their_evaluations() {
        for run in Results::read().unwrap().runs {
            let file = evaluations(&run.set).join(format!("{}-{}.json", run.row, run.seed));
            let read = |file: &Path| -> Value { serde_json::from_slice(&fs::read(file).unwrap()).unwrap() };
            let mut found = numbers(&read(&file));
            if run.numbers.contains_key(UNSEEN) {
                found.extend(unseen_number(&read(&unseen_evaluations(&run.set).join(file.file_name().unwrap()))));
            }
            // A parser may be off by the last bit.
            let rounded = |numbers: &BTreeMap<String, Number>| -> Vec<String> {
                let digits = |value: f64| format!("{value:.9}");
                let shown = |(key, Number { value, interval }): (&String, &Number)| {
                    format!("{key} {} {:?}", digits(*value), interval.map(|ends| ends.map(digits)))
                };
                numbers.iter().map(shown).collect()
            };
            assert_eq!(rounded(&found), rounded(&run.numbers), "{}", file.display());
            for key in ["clean", "corrupted", "added", "calibration", "noise", "fog", "fgsm", "pgd"] {
                assert!(found.contains_key(key), "{} has no {key}", file.display());
            }
        }
    }

    #[test]
    fn errors_in_unseen_worlds_are_those_of_the_same_model() {
        let difference = |value| Difference { number: "clean".into(), title: String::new(), value, interval: [0.0; 2] };
        let paired =
            |name: &str, value| Paired { name: name.into(), trainings: [1, 1], differences: vec![difference(value)] };
        let mut models = [paired("fan", 0.1), paired("rvt", 0.2)];
        // One was not measured there.
        models.iter_mut().for_each(|model| model.add_unseen(&[paired("rvt", 0.3)]));
        let found =
            models.map(|model| model.differences.into_iter().map(|one| (one.number, one.value)).collect::<Vec<_>>());
        let own = |value| ("clean".to_owned(), value);
        assert_eq!(found, [vec![own(0.1)], vec![own(0.2), (UNSEEN.to_owned(), 0.3)]]);
    }

    #[test]
    fn paces_of_one_machine_stand_beside_each_other() {
        let pace = |row: &str, machine: &str, images_per_second: &[f64]| Pace {
            set: "s".into(),
            row: row.into(),
            images_per_second: images_per_second.to_vec(),
            machine: machine.into(),
            date: String::new(),
            commit: String::new(),
        };
        let mut results = Results::default();
        results.time(pace("vit", "old", &[300.0]));
        results.time(pace("fan", "old", &[200.0]));
        results.time(pace("fan", "old", &[220.0, 100.0, 210.0]));
        assert_eq!(results.pace("s", "fan").map(Pace::median), Some(210.0));
        assert_eq!(results.pace("s", "vit").map(Pace::median), Some(300.0));
        results.time(pace("fan", "new", &[400.0]));
        assert_eq!(results.pace("s", "vit"), None, "another machine");
    }

    #[test]
    fn a_run_that_was_measured_again_takes_the_place_of_the_earlier_one() {
        let run = |seed, params| Run {
            set: "s".into(),
            row: "r".into(),
            seed,
            title: String::new(),
            recipe: String::new(),
            params,
            images_seen: 0,
            seconds: 0.0,
            device: String::new(),
            workers: 0,
            commit: String::new(),
            protocol: Value::Null,
            numbers: BTreeMap::new(),
        };
        let mut results = Results::default();
        [run(0, 1), run(1, 2), run(0, 3)].into_iter().for_each(|run| results.add(run));
        assert_eq!(results.runs.iter().map(|run| run.params).collect::<Vec<_>>(), [3, 2]);
        assert!(results.has("s", "r", 1) && !results.has("s", "r", 2));
    }
}
