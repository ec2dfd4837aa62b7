//! When something goes wrong, nothing that was saved is lost, and a sentence says what to do.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use tempfile::TempDir;
use vitro_tests::command::{command, refused, text, works};

use crate::resume::spoil;
use crate::workplace::{fails, names, numbers, remains, saved_steps, train, workplace};

/// Three epochs of three steps, saved after each step.
const FIXED: [&str; 6] = ["train", "small.toml", "--device", "cpu", "--set", "train.checkpoint_minutes=1e-9"];
const RESUME: [&str; 5] = ["train", "run", "--resume", "--device", "cpu"];

/// Whether a folder holds no half of anything.
fn is_clean(folder: &Path) -> bool {
    !names(folder).iter().any(|name| name.contains("unfinished") || name == "train.lock")
}

/// A run that nothing happened to, in `whole`.
fn undisturbed(more: &[&str]) -> TempDir {
    let folder = workplace();
    works(folder.path(), &[&FIXED[..], &["--out", "whole"], more].concat());
    folder
}

#[test]
fn a_disk_that_is_full_at_any_file_of_a_training_costs_no_number() {
    let events = ["--set", "tensorboard=true"];
    let folder = undisturbed(&events);
    let whole = remains(&folder.path().join("whole"));
    // Each in the second epoch.
    let writes = [
        ("checkpoint.safetensors", 5),
        ("metrics.jsonl", 6),
        ("metrics.csv", 3),
        ("curves.svg", 2),
        ("events.out.*", 7),
    ];
    for (file, write) in writes {
        let arguments = [&FIXED[..], &["--out", "run"], &events].concat();
        let said = fails(folder.path(), &format!("full {file} {write}"), &arguments);
        let run = folder.path().join("run");
        assert!(said.contains(file.trim_end_matches('*')) && said.contains("free some space"), "{file}: {said}");
        assert!(said.contains("run keeps its last checkpoint, and --resume goes on"), "{file}: {said}");
        let saved = saved_steps(&run).unwrap();
        assert!((3..=6).contains(&saved) && is_clean(&run), "{file}: step {saved}, {:?}", names(&run));
        works(folder.path(), &RESUME);
        assert!(remains(&run) == whole, "{file}");
        fs::remove_dir_all(run).unwrap();
    }
}

#[test]
fn a_disk_that_is_full_from_the_start_leaves_nothing() {
    let folder = workplace();
    for (file, write) in
        [("run.json", 1), ("recipe.toml", 1), ("metrics.jsonl", 3), ("curves.svg", 1), ("checkpoint.safetensors", 1)]
    {
        let arguments = ["train", "small.toml", "--device", "cpu", "--out", "runs/a", "--set", "tensorboard=true"];
        let said = fails(folder.path(), &format!("full {file} {write}"), &arguments);
        assert!(said.contains(file) && said.contains("free some space"), "{file}: {said}");
        assert!(!folder.path().join("runs").exists(), "{file}");
    }
}

#[test]
fn a_checkpoint_that_cannot_be_read_back_does_not_replace_the_one_before() {
    let folder = undisturbed(&[]);
    let said = fails(folder.path(), "rotten checkpoint.safetensors 3", &[&FIXED[..], &["--out", "run"]].concat());
    let run = folder.path().join("run");
    assert!(said.contains("what was read back is not what was written") && said.contains("--resume"), "{said}");
    assert!(saved_steps(&run) == Some(2) && is_clean(&run), "{:?}", names(&run));
    works(folder.path(), &RESUME);
    assert!(remains(&run) == remains(&folder.path().join("whole")));
}

#[test]
fn a_worker_that_panics_ends_a_training_after_the_steps_before_are_saved() {
    let folder = workplace();
    train(folder.path(), "whole", &[]);
    // Nine shards are four steps of two workers, and one: the second epoch, long before the next checkpoint is due.
    let said = fails(folder.path(), "panic 9", &["train", "small.toml", "--device", "cpu", "--out", "run"]);
    let run = folder.path().join("run");
    assert!(said.contains("fault of the program") && said.contains("arranged to panic"), "{said}");
    assert!(said.contains("run is saved as of step 4, and --resume goes on"), "{said}");
    assert!(saved_steps(&run) == Some(4) && is_clean(&run), "{:?}", names(&run));
    works(folder.path(), &RESUME);
    assert!(remains(&run) == remains(&folder.path().join("whole")));

    // Before the first checkpoint there is nothing to keep.
    fails(folder.path(), "panic 3", &["train", "small.toml", "--device", "cpu", "--out", "runs/a"]);
    assert!(!folder.path().join("runs").exists());
}

/// Batch norms move with every batch, the weights with every third.
#[test]
fn a_worker_that_panics_between_two_batches_of_a_step_leaves_whole_steps() {
    let more = ["--set", "accumulation=3"];
    let folder = undisturbed(&more);
    let said = fails(folder.path(), "panic 9", &[&FIXED[..], &["--out", "run"], &more].concat());
    let run = folder.path().join("run");
    assert!(said.contains("run is saved as of step 1,") && saved_steps(&run) == Some(1), "{said}");
    works(folder.path(), &RESUME);
    assert!(remains(&run) == remains(&folder.path().join("whole")));
}

#[test]
fn a_step_that_is_no_number_is_named_and_neither_taken_nor_saved() {
    let folder = workplace();
    for run in ["whole", "run"] {
        train(folder.path(), run, &["--set", "epochs=1"]);
    }
    let more = ["--set", "epochs=2"];
    works(folder.path(), &[&["train", "whole", "--resume", "--device", "cpu"][..], &more].concat());
    let run = folder.path().join("run");
    let checkpoint = run.join("checkpoint.safetensors");
    let (good, lines) = (fs::read(&checkpoint).unwrap(), numbers(&run));
    // Weights so large that the fourth step has an infinite loss.
    spoil(&checkpoint, "model/", 1e30);
    let spoilt = fs::read(&checkpoint).unwrap();
    let said = refused(folder.path(), &[&RESUME[..], &more].concat());
    assert!(said.contains("step 4 has a loss of") && said.contains("not taken"), "{said}");
    assert!(fs::read(&checkpoint).unwrap() == spoilt && is_clean(&run), "{:?}", names(&run));
    assert_eq!(numbers(&run), lines);

    fs::write(&checkpoint, good).unwrap();
    works(folder.path(), &[&RESUME[..], &more].concat());
    assert!(remains(&run) == remains(&folder.path().join("whole")));
}

#[test]
fn weights_whose_logits_are_no_numbers_are_not_measured() {
    let folder = workplace();
    train(folder.path(), "run", &["--set", "epochs=1"]);
    let run = folder.path().join("run");
    spoil(&run.join("checkpoint.safetensors"), "ema/", 1e30);
    for conditions in [&["--clean"][..], &["--only", "fog", "--severity", "1"], &["--clean", "--attack", "fgsm"]] {
        let said = refused(folder.path(), &[&["eval", "run", "--device", "cpu"], conditions].concat());
        assert!(said.contains("logits of `small` for") && said.contains("not finite"), "{said}");
        assert!(!names(&run).iter().any(|name| name.starts_with("eval") || name == "card.md"), "{:?}", names(&run));
    }
}

#[test]
fn a_disk_that_is_full_at_any_file_of_an_evaluation_costs_no_number() {
    const FILES: [&str; 4] = ["card.md", "cells.csv", "eval.json", "eval.md"];
    let folder = workplace();
    train(folder.path(), "run", &["--set", "epochs=1"]);
    let run = folder.path().join("run");
    let eval = ["eval", "run", "--device", "cpu", "--limit", "10", "--only", "fog,contrast", "--severity", "1,2"];
    let result =
        || -> BTreeMap<&str, Vec<u8>> { FILES.iter().map(|file| (*file, fs::read(run.join(file)).unwrap())).collect() };
    works(folder.path(), &eval);
    let whole = result();
    for (file, write) in FILES.iter().map(|file| (*file, 1)).chain([("eval.json.journal", 3)]) {
        FILES.iter().for_each(|file| fs::remove_file(run.join(file)).unwrap());
        let said = fails(folder.path(), &format!("full {file} {write}"), &eval);
        assert!(said.contains(file) && said.contains("free some space") && is_clean(&run), "{file}: {said}");
        // What was measured is not measured again.
        assert!(run.join("eval.json.journal").exists(), "{file}");
        works(folder.path(), &eval);
        assert!(result() == whole && !run.join("eval.json.journal").exists(), "{file}");
    }
}

#[test]
fn a_bundle_that_does_not_fit_leaves_the_one_before() {
    let folder = workplace();
    train(folder.path(), "run", &["--set", "epochs=1"]);
    let export = ["export", "run", "-o", "small.safetensors"];
    works(folder.path(), &export);
    let path = folder.path().join("small.safetensors");
    let before = fs::read(&path).unwrap();
    let said = fails(folder.path(), "full small.safetensors 1", &[&export[..], &["--title", "Another"]].concat());
    assert!(said.contains("small.safetensors") && said.contains("free some space"), "{said}");
    assert!(fs::read(&path).unwrap() == before && is_clean(folder.path()), "{:?}", names(folder.path()));
}

#[test]
fn a_training_goes_on_when_nobody_reads_what_it_prints() {
    let folder = undisturbed(&[]);
    let arguments = [&FIXED[..], &["--out", "run", "--plain"]].concat();
    let mut child = command(folder.path(), &arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let end = child.wait_with_output().unwrap();
    assert!(end.status.success(), "{}", text(&end.stderr));
    assert!(remains(&folder.path().join("run")) == remains(&folder.path().join("whole")));
}

#[test]
fn a_run_that_goes_on_elsewhere_says_so() {
    let folder = workplace();
    train(folder.path(), "run", &["--set", "epochs=1"]);
    let facts = folder.path().join("run/run.json");
    let text = fs::read_to_string(&facts).unwrap();
    let elsewhere = text.replace("cpu (flex)", "gpu (wgpu, discrete)").replace("\"burn\": \"0.", "\"burn\": \"9.");
    fs::write(&facts, elsewhere).unwrap();
    let resume = [&RESUME[..], &["--set", "epochs=2"]].concat();
    let said = works(folder.path(), &resume);
    assert!(said.contains("computes on cpu (flex) from here on, instead of gpu (wgpu, discrete)"), "{said}");
    assert!(said.contains("computes with burn 0.") && said.contains("instead of 9."), "{said}");
    assert!(!works(folder.path(), &resume).contains("from here on"));
}
