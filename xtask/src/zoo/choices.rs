//! Learning rates, settled on the validation images before anything is tested: a short training with each, with one row of each
//! family.

use super::program::Program;
use super::queue;
use super::results::{Choice, Results};
use super::rows::{Family, Row, Set};
use crate::{step, workspace};
use anyhow::{Context, Result, ensure};
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// The key that is tried.
const KEY: &str = "train.lr";

/// Tries what was not tried yet for the families of these rows, and makes sure that the recipes follow.
///
/// # Errors
/// A recipe has another rate than the best one of its family.
pub(super) fn run(set: &Set, asked: &[&Row], folder: &Path, program: &Program) -> Result<()> {
    for family in Family::TRIED.iter().filter(|family| asked.iter().any(|row| row.family == **family)) {
        let rows = || set.rows.iter().filter(|row| row.family == *family);
        let Some(first) = rows().next() else { continue };
        for rate in set.rates {
            let tried = |choice: &Choice| choice.set == set.name && choice.row == first.name && choice.value == *rate;
            if Results::read()?.choices.iter().any(tried) {
                continue;
            }
            let what = format!("{} on {} with {KEY} = {rate}, on the validation images", first.name, set.name);
            step::timed(&what, "minutes on two cores", || trial(set, first, rate, folder, program))?;
        }
        let results = Results::read()?;
        let Some(best) = best(set, first.name, &results) else { continue };
        for row in rows() {
            let path = workspace::root().join(set.recipe(row));
            let recipe = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let own = rate_of(&recipe);
            ensure!(
                own == best,
                "{} has lr = {own}, but {best} was best on the validation images, tried with {}; write that",
                set.recipe(row),
                first.name
            );
        }
    }
    Ok(())
}

/// What a recipe says of the key, as it is written.
fn rate_of(recipe: &str) -> &str {
    let value = recipe.lines().find_map(|line| line.strip_prefix("lr = ")).unwrap_or_default();
    value.split('#').next().unwrap_or_default().trim()
}

fn trial(set: &Set, row: &Row, rate: &str, folder: &Path, program: &Program) -> Result<()> {
    let run = folder.join(format!("trial-{}-{rate}", row.name));
    let epochs = set.trial_epochs;
    let changes = [format!("{KEY}={rate}"), format!("train.epochs={epochs}")];
    let recipe = set.recipe(row);
    queue::train(&recipe, row.name, &changes, &run, program)?;
    let validation_top1 = queue::last_epoch(&run)?["validation_top1"].as_f64();
    let validation_top1 = validation_top1.with_context(|| format!("{recipe} holds out no validation images"))?;
    let facts: serde_json::Value = serde_json::from_slice(&fs::read(run.join("run.json"))?)?;
    let mut results = Results::read()?;
    results.choices.push(Choice {
        set: set.name.to_owned(),
        row: row.name.to_owned(),
        key: KEY.to_owned(),
        value: rate.to_owned(),
        epochs,
        validation_top1,
        commit: facts["git"].as_str().unwrap_or_default().to_owned(),
    });
    results.write()
}

/// The value with the highest accuracy on the validation images; none before all were tried.
fn best<'a>(set: &Set, row: &str, results: &'a Results) -> Option<&'a str> {
    let tried = || results.choices.iter().filter(|choice| choice.set == set.name && choice.row == row);
    let whole = set.rates.iter().all(|rate| tried().any(|choice| choice.value == *rate));
    let best = tried().max_by(|a, b| a.validation_top1.total_cmp(&b.validation_top1))?;
    whole.then_some(best.value.as_str())
}

/// What was tried, and what was taken, as a table.
pub(super) fn table(results: &Results) -> String {
    if results.choices.is_empty() {
        return "None was made yet.".to_owned();
    }
    let mut text = "Accuracy on the validation images after a short training; the highest of a row was taken for its family.\n\n\
                    | set | row | key | value | epochs | validation top-1, % | commit |\n|---|---|---|---|---|---|---|\n"
        .to_owned();
    for choice in &results.choices {
        let same = |other: &&Choice| (&other.set, &other.row) == (&choice.set, &choice.row);
        let best = results.choices.iter().filter(same).all(|other| other.validation_top1 <= choice.validation_top1);
        let value = if best { format!("**{}**", choice.value) } else { choice.value.clone() };
        let _ = writeln!(
            text,
            "| {} | {} | `{}` | {value} | {} | {:.1} | {} |",
            choice.set,
            choice.row,
            choice.key,
            choice.epochs,
            100.0 * choice.validation_top1,
            choice.commit
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::rows::SETS;
    use super::*;

    /// What was tried and what the recipes say may not drift apart.
    #[test]
    fn the_recipes_follow_what_was_best() {
        let results = Results::read().unwrap();
        for set in SETS {
            for family in Family::TRIED {
                let rows = || set.rows.iter().filter(|row| row.family == *family);
                let Some(best) = best(set, rows().next().unwrap().name, &results) else { continue };
                for row in rows() {
                    let recipe = fs::read_to_string(workspace::root().join(set.recipe(row))).unwrap();
                    assert_eq!(rate_of(&recipe), best, "{}", set.recipe(row));
                }
            }
        }
    }

    #[test]
    fn the_best_is_known_when_all_were_tried() {
        let set = &SETS[0];
        let choice = |(place, rate): (usize, &&str)| Choice {
            set: set.name.into(),
            row: "vit".into(),
            key: KEY.into(),
            value: (*rate).into(),
            epochs: 1,
            validation_top1: [0.25, 0.5, 0.375][place % 3],
            commit: String::new(),
        };
        let mut results = Results { choices: set.rates.iter().enumerate().map(choice).collect(), ..Results::default() };
        assert_eq!(best(set, "vit", &results), Some(set.rates[1]));
        assert_eq!(best(set, "fan", &results), None);
        results.choices.remove(0);
        assert_eq!(best(set, "vit", &results), None);
    }
}
