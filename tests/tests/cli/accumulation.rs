//! Steps over several batches.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;
use vitro_tests::command::{refused, works};

use crate::workplace::{PLAIN, numbers, numbers_so_far, started, train, workplace};

fn number(line: &Value, key: &str) -> f64 {
    line[key].as_f64().unwrap_or_else(|| panic!("no {key} in {line}"))
}

#[test]
fn two_batches_of_eight_learn_what_one_of_sixteen_learns() {
    let folder = workplace();
    fs::write(folder.path().join("small.toml"), PLAIN).unwrap();
    train(folder.path(), "one", &["--set", "batch=16"]);
    train(folder.path(), "two", &["--set", "batch=8", "--set", "accumulation=2"]);
    let (one, two) = (numbers(&folder.path().join("one")), numbers(&folder.path().join("two")));
    assert_eq!(one.len(), two.len());
    assert_eq!(one.last().unwrap()["step"], 6);
    for (one, two) in one.iter().zip(&two) {
        assert_eq!((&one["step"], &one["learning_rate"]), (&two["step"], &two["learning_rate"]));
        // Sums in another order move weights of next to no gradient, which a norm shows and a loss does not.
        for (key, near) in [("train_loss", 1e-5), ("test_loss", 1e-5), ("gradient_norm", 1e-3)] {
            if one[key].is_f64() {
                let apart = (number(one, key) - number(two, key)).abs() / number(one, key);
                assert!(apart < near, "{key}: {one} {two}");
            }
        }
    }
    // Without it, the same batches are steps of their own.
    train(folder.path(), "small", &["--set", "batch=8"]);
    assert_eq!(numbers(&folder.path().join("small")).last().unwrap()["step"], 12);
}

#[test]
fn what_is_left_of_an_epoch_is_dropped_and_a_step_larger_than_an_epoch_is_refused() {
    let folder = workplace();
    fs::write(folder.path().join("small.toml"), PLAIN).unwrap();
    // Of 48 images, four batches of ten: two steps of two batches, or one step of three and a batch that is left.
    train(folder.path(), "two", &["--set", "batch=10", "--set", "accumulation=2", "--set", "epochs=1"]);
    assert_eq!(numbers(&folder.path().join("two")).last().unwrap()["step"], 2);
    train(folder.path(), "three", &["--set", "batch=10", "--set", "accumulation=3", "--set", "epochs=1"]);
    assert_eq!(numbers(&folder.path().join("three")).last().unwrap()["step"], 1);
    let changes = ["--set", "batch=10", "--set", "accumulation=5", "--out", "none"];
    let said = refused(folder.path(), &[&["train", "small.toml", "--device", "cpu"], &changes[..]].concat());
    assert!(said.contains("5 batches of 10 images") && said.contains("train.accumulation"), "{said}");
    assert!(!folder.path().join("none").exists());
}

/// Checkpoints lie between steps, so that none has half a gradient in it. This network has running statistics and drop-path.
#[test]
fn a_killed_run_of_several_batches_a_step_goes_on_to_the_same_numbers() {
    let folder = workplace();
    let options = ["batch=6", "accumulation=2", "model.drop_path=0.5", "model.depth=2", "workers=1"];
    let options: Vec<&str> = options.iter().flat_map(|change| ["--set", *change]).collect();
    train(folder.path(), "whole", &options);

    let often = ["--out", "killed", "--set", "train.checkpoint_minutes=1e-9"];
    let mut child = started(folder.path(), &[&often[..], &options].concat());
    let killed = folder.path().join("killed");
    let deadline = Instant::now() + Duration::from_secs(300);
    while numbers_so_far(&killed) < 1 {
        assert!(Instant::now() < deadline && child.try_wait().unwrap().is_none(), "no epoch to interrupt");
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    works(folder.path(), &["train", "killed", "--resume", "--device", "cpu"]);
    assert_eq!(numbers(&killed), numbers(&folder.path().join("whole")));
    let weights = |run: &Path| {
        let bytes = fs::read(run.join("checkpoint.safetensors")).unwrap();
        let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        let mut all: Vec<_> = file.iter().map(|(name, view)| (name.to_owned(), view.data().to_vec())).collect();
        all.sort();
        all
    };
    assert!(weights(&killed) == weights(&folder.path().join("whole")), "the weights differ");
}
