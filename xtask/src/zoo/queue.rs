//! The queue: train, evaluate, export, write down; one row and seed after the other, going on wherever it was stopped.
//!
//! A run lies in `<runs>/<set>/<row>-<seed>`. Its training goes on from its last checkpoint; its evaluation starts again when it
//! was not finished; what is in `zoo/results.json` is done.

use super::program::Program;
use super::results::{self, Comparison, Paired, Results, Run};
use super::rows::{Row, SHIPPED, Set};
use super::{choices, claims};
use crate::{step, workspace};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

/// What a model of the zoo is measured on: the benchmark's corruptions at all severities and the attacks, on all test images.
const EVALUATION: &[&str] = &["--set", "common", "--attack", "fgsm,pgd"];

/// Prints what is done and what is missing.
pub(super) fn list(set: &Set, asked: &[(&Row, u64)]) -> Result<()> {
    let results = Results::read()?;
    for (row, seed) in asked {
        let done = if results.has(set.name, row.name, *seed) { "done" } else { "missing" };
        println!("{:<12} {:<20} seed {seed}  {done}", set.name, row.name);
    }
    Ok(())
}

/// Does everything that is missing.
pub(super) fn run(set: &Set, asked: &[(&Row, u64)], runs: &Path, program: &Program) -> Result<()> {
    let folder = folder(runs, set)?;
    let _lock = lock(&folder)?;
    let missing: Vec<_> = {
        let results = Results::read()?;
        asked.iter().filter(|(row, seed)| !results.has(set.name, row.name, *seed)).collect()
    };
    let rows: Vec<_> = missing.iter().map(|(row, _)| *row).collect();
    choices::run(set, &rows, &folder, program)?;
    for (place, (row, seed)) in missing.iter().enumerate() {
        let what =
            format!("{} on {}, seed {seed} ({} of {} that are missing)", row.name, set.name, place + 1, missing.len());
        step::timed(&what, set.takes, || one(set, row, *seed, &folder, program))?;
    }
    // Once more: a queue that was killed may have written a row down and compared nothing.
    compare(set, program)?;
    println!("nothing is missing of what was asked for");
    Ok(())
}

/// The folder of a set's runs.
pub(super) fn folder(runs: &Path, set: &Set) -> Result<PathBuf> {
    let folder = std::path::absolute(runs)?.join(set.name);
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}

/// Keeps other queues out of the folder for as long as it lives.
pub(super) fn lock(folder: &Path) -> Result<File> {
    let path = folder.join("queue.lock");
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            bail!("another queue works in {}; wait for it, or name another folder with --runs", folder.display())
        }
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {}", path.display())),
    }
}

/// One row with one seed, from wherever it is to the end.
fn one(set: &Set, row: &Row, seed: u64, folder: &Path, program: &Program) -> Result<()> {
    let run = place(folder, row.name, seed);
    let mut changes = vec![format!("train.seed={seed}")];
    changes.extend(foundation_of(set, row, seed, folder)?);
    train(&set.recipe(row), row.name, &changes, &run, program)?;
    // The row itself last: when it is written down, all of it is done.
    for control in row.controls {
        let name = format!("{}-{control}", row.name);
        measure(&Model { set, row, name, seed, run: run.join(control) }, program)?;
    }
    measure(&Model { set, row, name: row.name.to_owned(), seed, run }, program)?;
    compare(set, program)
}

/// The change of a row's recipe that names the trained model it builds on; none where it builds on none.
pub(super) fn foundation_of(set: &Set, row: &Row, seed: u64, folder: &Path) -> Result<Option<String>> {
    let Some((key, other)) = row.needs else { return Ok(None) };
    let needed = foundation(set, other, seed, folder)
        .with_context(|| format!("{} builds on {other} with seed {seed}: add it to --rows", row.name))?;
    Ok(Some(format!("{key}={}", needed.display())))
}

/// The trained model that others build on: its bundle where it is shipped, as everybody has it, its run otherwise.
fn foundation(set: &Set, row: &str, seed: u64, folder: &Path) -> Result<PathBuf> {
    let (needed, mark) = if seed == SHIPPED {
        let bundle = shipped(set, row);
        (bundle.clone(), bundle)
    } else {
        let run = place(folder, row, seed);
        (run.clone(), run.join("checkpoint.safetensors"))
    };
    ensure!(mark.is_file(), "{} is not there", mark.display());
    Ok(needed)
}

/// The bundle of a row with the shipped seed.
fn shipped(set: &Set, name: &str) -> PathBuf {
    workspace::root().join("zoo").join(set.bundle(name))
}

/// The folder of a run.
fn place(folder: &Path, row: &str, seed: u64) -> PathBuf {
    folder.join(format!("{row}-{seed}"))
}

/// Trains a recipe into a folder, or goes on with it.
pub(super) fn train(recipe: &str, name: &str, changes: &[String], run: &Path, program: &Program) -> Result<()> {
    let shown = run.display().to_string();
    let mut args = vec!["train", recipe, "--out", &shown, "--name", name, "--plain"];
    for change in changes {
        args.extend(["--set", change]);
    }
    // With the recipe as it is now: a run that began with another one is refused, in words, rather than counted for this one.
    if run.join("run.json").is_file() {
        args.push("--resume");
    }
    program.compute(args)?;
    // A training that is asked to stop does so without an error.
    let (epoch, recipe) = (last_epoch(run)?["epoch"].as_u64(), recipe_of(run)?);
    let epochs = entry(&recipe, "epochs").and_then(|value| value.parse().ok());
    ensure!(epoch.is_some() && epoch >= epochs, "{name} was stopped before its end; start the queue again to go on");
    Ok(())
}

/// The recipe of a run, every key in a line.
fn recipe_of(run: &Path) -> Result<String> {
    let path = run.join("recipe.toml");
    fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
}

/// A trained model of the zoo.
struct Model<'a> {
    set: &'a Set,
    row: &'a Row,
    /// The row's name, or that of its control.
    name: String,
    seed: u64,
    run: PathBuf,
}

/// Evaluates a model, ships it if it is of the right seed, and writes its numbers down.
fn measure(model: &Model<'_>, program: &Program) -> Result<()> {
    let Model { set, name, seed, run, .. } = model;
    let shown = run.display().to_string();
    let file = format!("{name}-{seed}.json");
    // First: what is measured last is what the run is exported with.
    let unseen = match set.unseen {
        Some(data) => {
            let measured = run.join("unseen.json");
            let out = measured.display().to_string();
            program.compute(["eval", &shown, "--data", data, "--clean", "--out", &out])?;
            Some(kept(&measured, &results::unseen_evaluations(set.name).join(&file))?)
        }
        None => None,
    };
    program.compute([&["eval", shown.as_str()], EVALUATION].concat())?;
    let evaluation = kept(&run.join("eval.json"), &results::evaluations(set.name).join(&file))?;
    if *seed == SHIPPED {
        let bundle = shipped(set, name);
        let folder = bundle.parent().unwrap_or(&bundle);
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        program.run(["export", &shown, "--out", &bundle.display().to_string()])?;
    }
    let mut results = Results::read()?;
    let mut run = written_down(model, &evaluation)?;
    run.numbers.extend(unseen.as_ref().and_then(results::unseen_number));
    results.add(run);
    results.write()
}

/// An evaluation, which is copied to where it is kept.
fn kept(evaluation: &Path, place: &Path) -> Result<Value> {
    let evaluation = read(evaluation)?;
    // One line: nobody reads the bits, and indentation would double the file.
    results::replace(place, (serde_json::to_string(&evaluation)? + "\n").as_bytes())?;
    Ok(evaluation)
}

/// What is kept of a model.
fn written_down(model: &Model<'_>, evaluation: &Value) -> Result<Run> {
    let Model { set, row, name, seed, run } = model;
    let (facts, last, recipe) = (read(&run.join("run.json"))?, last_epoch(run)?, recipe_of(run)?);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let number = |key| entry(&recipe, key).and_then(|value| value.parse::<u64>().ok());
    let batch = number("batch").context("the recipe has no batch")?;
    // Recipes of earlier runs take a batch for every step, and do not say so.
    let per_step = batch * number("accumulation").unwrap_or(1);
    let title = entry(&recipe, "title").map(|title| title.trim_matches('"')).filter(|title| !title.is_empty());
    Ok(Run {
        set: set.name.to_owned(),
        row: name.clone(),
        seed: *seed,
        title: title.unwrap_or(name).to_owned(),
        recipe: set.recipe(row),
        params: facts["params"].as_u64().unwrap_or_default(),
        images_seen: last["step"].as_u64().unwrap_or_default() * per_step,
        seconds: last["seconds"].as_f64().unwrap_or_default(),
        device: text(&facts["device"]),
        workers: facts["workers"].as_u64().unwrap_or_default(),
        commit: text(&facts["git"]),
        protocol: evaluation["protocol"].clone(),
        numbers: results::numbers(evaluation),
    })
}

/// The last line of a run's metrics that is a whole epoch.
pub(super) fn last_epoch(run: &Path) -> Result<Value> {
    epochs(run)?.pop().with_context(|| format!("{} has no whole epoch", run.display()))
}

/// The lines of a run's metrics that are whole epochs.
fn epochs(run: &Path) -> Result<Vec<Value>> {
    let path = run.join("metrics.jsonl");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    Ok(lines.filter(|line| line["gradient_norm"].is_number()).collect())
}

/// A key of a recipe as `vitro` writes it, one in a line.
fn entry<'a>(recipe: &'a str, key: &str) -> Option<&'a str> {
    recipe.lines().filter_map(|line| line.split_once(" = ")).find(|(name, _)| *name == key).map(|(_, value)| value)
}

/// Compares the models of a set anew, image by image, with each row that something is claimed against.
fn compare(set: &Set, program: &Program) -> Result<()> {
    let folder = results::evaluations(set.name);
    let mut results = Results::read()?;
    let of_set: Vec<&Run> = results.runs.iter().filter(|run| run.set == set.name).collect();
    let mut found = Vec::new();
    for against in claims::baselines(set) {
        let mut runs: Vec<(bool, &str, u64)> =
            of_set.iter().map(|run| (run.row != against, run.row.as_str(), run.seed)).collect();
        runs.sort_unstable();
        if runs.first().is_none_or(|(other, ..)| *other) || runs.iter().all(|(other, ..)| !other) {
            continue;
        }
        let mut models = differences(&folder, &runs, program)?;
        if set.unseen.is_some() {
            let elsewhere = differences(&results::unseen_evaluations(set.name), &runs, program)?;
            models.iter_mut().for_each(|model| model.add_unseen(&elsewhere));
        }
        found.push(Comparison { set: set.name.to_owned(), against: against.to_owned(), models });
    }
    found.into_iter().for_each(|comparison| results.compare(comparison));
    draw(set, &results, program)?;
    results.write()
}

/// How much more the other runs err than those that come first and are marked so.
fn differences(folder: &Path, runs: &[(bool, &str, u64)], program: &Program) -> Result<Vec<Paired>> {
    let out = folder.join("differences.tmp");
    let mut args = vec!["compare".to_owned(), "--differences".to_owned(), out.display().to_string()];
    args.extend(runs.iter().map(|(_, row, seed)| folder.join(format!("{row}-{seed}.json")).display().to_string()));
    program.run(args)?;
    let models = serde_json::from_value(read(&out)?).context("`vitro compare` wrote something else")?;
    fs::remove_file(&out)?;
    Ok(models)
}

/// Draws accuracy over severity of the rows that are drawn, as far as they were measured with the seed that is shipped.
fn draw(set: &Set, results: &Results, program: &Program) -> Result<()> {
    let measured: Vec<&&str> = set.drawn.iter().filter(|row| results.has(set.name, row, SHIPPED)).collect();
    if measured.is_empty() {
        return Ok(());
    }
    let file = workspace::root().join("docs").join(set.curves());
    fs::create_dir_all(file.parent().unwrap_or(&file)).with_context(|| format!("cannot create {}", file.display()))?;
    let mut args = vec!["compare".to_owned(), "--curves".to_owned(), file.display().to_string()];
    let folder = results::evaluations(set.name);
    args.extend(measured.iter().map(|row| folder.join(format!("{row}-{SHIPPED}.json")).display().to_string()));
    program.run(args)
}

/// A JSON file of `vitro`.
fn read(path: &Path) -> Result<Value> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} is no JSON", path.display()))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    /// A program that writes down how it was called and leaves a run of `epochs` epochs, of the two that its recipe asks for.
    fn program(folder: &Path, epochs: u64) -> Program {
        let file = folder.join(format!("vitro-{epochs}"));
        let (called, run) = (folder.join("called"), folder.join("run"));
        let script = format!(
            "#!/bin/sh\necho \"$@\" >> '{called}'\nmkdir -p '{run}'\necho '{{}}' > '{run}/run.json'\n\
             printf 'title = \"\"\\n[train]\\nepochs = 2\\n' > '{run}/recipe.toml'\n\
             echo '{{\"epoch\":{epochs},\"gradient_norm\":1.0}}' > '{run}/metrics.jsonl'\n",
            called = called.display(),
            run = run.display()
        );
        fs::write(&file, script).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        Program::find(Some(&file), "cpu").unwrap()
    }

    #[test]
    fn a_training_that_was_stopped_goes_on_with_the_recipe_as_it_is_now() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("run");
        let go = |program: &Program| train("recipes/a.toml", "a", &["train.seed=1".to_owned()], &run, program);
        let stopped = go(&program(folder.path(), 1)).unwrap_err().to_string();
        assert!(stopped.contains("start the queue again"), "{stopped}");
        go(&program(folder.path(), 2)).unwrap();
        let called = fs::read_to_string(folder.path().join("called")).unwrap();
        let (first, second) = called.trim().split_once('\n').unwrap();
        assert!(first.starts_with("train recipes/a.toml --out") && !first.contains("--resume"), "{first}");
        assert_eq!(second, first.replace(" --device", " --resume --device"));
    }

    #[test]
    fn a_row_builds_on_what_is_shipped_or_on_the_run_of_its_seed() {
        let folder = tempfile::tempdir().unwrap();
        let set = &crate::zoo::rows::SETS[0];
        assert_eq!(foundation(set, "vit", SHIPPED, folder.path()).unwrap(), shipped(set, "vit"));
        let missing = foundation(set, "vit", 1, folder.path()).unwrap_err().to_string();
        assert!(missing.contains("vit-1"), "{missing}");
        let run = place(folder.path(), "vit", 1);
        fs::create_dir(&run).unwrap();
        fs::write(run.join("checkpoint.safetensors"), []).unwrap();
        assert_eq!(foundation(set, "vit", 1, folder.path()).unwrap(), run);
    }

    #[test]
    fn a_second_queue_is_kept_out_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let held = lock(folder.path()).unwrap();
        assert!(lock(folder.path()).unwrap_err().to_string().contains("--runs"));
        drop(held);
        lock(folder.path()).unwrap();
    }
}
