//! How quickly the rows of a set train: a short training of each, one after the other and all of them again, on a machine that
//! does nothing else. The trainings of the queue lie days apart, on machines that are not alike, and tell nothing of that.

use super::program::Program;
use super::queue;
use super::results::{Pace, Results};
use super::rows::{Family, Row, SHIPPED, Set};
use crate::bench::ours;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;

/// Images of such a training.
const IMAGES: usize = 6400;
/// How often each row is trained.
const ROUNDS: usize = 3;

/// Measures those rows that were trained, and writes it down.
pub(super) fn run(set: &Set, rows: &[&Row], runs: &Path, program: &Program) -> Result<()> {
    let folder = queue::folder(runs, set)?;
    let _lock = queue::lock(&folder)?;
    let trained = |name: &str| Results::read().map(|results| results.has(set.name, name, SHIPPED));
    let mut asked = Vec::new();
    for subject in subjects(rows) {
        if trained(&subject.name)? {
            asked.push(subject);
        }
    }
    ensure!(!asked.is_empty(), "none of these rows was trained yet: leave --pace out to train them");
    let paces = measure(set, &asked, &folder, program)?;
    let mut results = Results::read()?;
    paces.into_iter().for_each(|pace| results.time(pace));
    results.write()
}

/// A row, or one of its controls.
struct Subject<'a> {
    row: &'a Row,
    name: String,
    control: Option<&'a str>,
}

/// The rows, each control after its row.
fn subjects<'a>(rows: &[&'a Row]) -> Vec<Subject<'a>> {
    let of = |row: &'a Row| {
        let control = move |control: &&'static str| Subject {
            row,
            name: format!("{}-{control}", row.name),
            control: Some(control),
        };
        let own = Subject { row, name: row.name.to_owned(), control: None };
        std::iter::once(own).chain(row.controls.iter().map(control))
    };
    rows.iter().flat_map(|row| of(row)).collect()
}

/// One round after the other, so that whatever the machine does meanwhile falls on all rows alike.
fn measure(set: &Set, asked: &[Subject<'_>], folder: &Path, program: &Program) -> Result<Vec<Pace>> {
    let mut paces: Vec<Vec<f64>> = vec![Vec::new(); asked.len()];
    for round in 1..=ROUNDS {
        for (subject, paces) in asked.iter().zip(&mut paces) {
            let found = one(set, subject, folder, program)?;
            println!("round {round} of {ROUNDS}: {} {found:.0} images a second", subject.name);
            paces.push(found);
        }
    }
    let pace = |(subject, images_per_second): (&Subject<'_>, Vec<f64>)| Pace {
        set: set.name.to_owned(),
        row: subject.name.clone(),
        images_per_second,
        machine: ours::machine(),
        date: ours::today(),
        commit: ours::commit(),
    };
    Ok(asked.iter().zip(paces).map(pace).collect())
}

/// A training of one short epoch, with images enough for one test.
fn one(set: &Set, subject: &Subject<'_>, folder: &Path, program: &Program) -> Result<f64> {
    let Subject { row, name, control } = subject;
    let run = folder.join("pace");
    if run.exists() {
        fs::remove_dir_all(&run).with_context(|| format!("cannot empty {}", run.display()))?;
    }
    let short = ["train.epochs=1", "data.validation=0", "data.test_size=100"];
    let mut changes: Vec<String> = short.map(str::to_owned).into();
    changes.extend(queue::foundation_of(set, row, SHIPPED, folder)?);
    // The noise of a fine-tuning is searched for before every epoch, so a short one would be all search.
    if row.family != Family::Tuned {
        changes.push(format!("data.train_size={IMAGES}"));
    }
    if !row.controls.is_empty() {
        changes.push("method.controls=false".to_owned());
    }
    changes.extend(control.map(|control| format!("method.nullspace={control}")));
    queue::train(&set.recipe(row), name, &changes, &run, program)?;
    let pace = queue::last_epoch(&run)?["images_per_second"].as_f64();
    pace.with_context(|| format!("{name} has no images a second"))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::zoo::rows::SETS;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn rows_are_trained_in_turn_and_controls_as_rows() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("vitro");
        // A program that writes down how it was called, and trains quicker from call to call.
        let script = "#!/bin/sh\nhere=$(dirname \"$0\")\necho \"$@\" >> \"$here/called\"\nmkdir -p \"$4\"\n\
                      printf 'epochs = 1\\n' > \"$4/recipe.toml\"\n\
                      echo \"{\\\"epoch\\\":1,\\\"gradient_norm\\\":1.0,\\\"images_per_second\\\":$(wc -l < \"$here/called\")}\" > \"$4/metrics.jsonl\"\n";
        fs::write(&file, script).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        let program = Program::find(Some(&file), "cpu").unwrap();
        let set = &SETS[0];
        let rows: Vec<&Row> =
            ["fan", "vit-nullspace"].iter().filter_map(|name| set.rows.iter().find(|row| row.name == *name)).collect();
        let paces = measure(set, &subjects(&rows), folder.path(), &program).unwrap();
        let found: Vec<_> = paces.iter().map(|pace| (pace.row.as_str(), pace.images_per_second.clone())).collect();
        let expected = [
            ("fan", vec![1.0, 5.0, 9.0]),
            ("vit-nullspace", vec![2.0, 6.0, 10.0]),
            ("vit-nullspace-none", vec![3.0, 7.0, 11.0]),
            ("vit-nullspace-random", vec![4.0, 8.0, 12.0]),
        ];
        assert_eq!(found, expected);
        let called = fs::read_to_string(folder.path().join("called")).unwrap();
        let calls: Vec<&str> = called.lines().collect();
        assert!(calls[0].contains("data.train_size=6400") && !calls[0].contains("--resume"), "{}", calls[0]);
        assert!(
            calls[2].contains("method.controls=false") && calls[2].contains("method.nullspace=none"),
            "{}",
            calls[2]
        );
        assert!(calls[2].contains("train.start=") && !calls[2].contains("train_size"), "{}", calls[2]);
    }
}
