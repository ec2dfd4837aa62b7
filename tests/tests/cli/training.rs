//! `vitro train`: what a run folder holds, how a run goes on, and what is refused.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use vitro::image::encode_png;
use vitro_tests::command::{program, refused, text, works};

use crate::workplace::{RECIPE, image, images, names, numbers, numbers_so_far, started, train, unpacked, workplace};

#[test]
fn a_run_folder_holds_what_it_takes_to_do_it_again() {
    let folder = workplace();
    let said = train(folder.path(), "run", &["--set", "epochs=2", "--name", "tiny"]);
    assert!(said.contains("epoch 2/2") && said.contains("images/s") && said.contains("left"), "{said}");
    let run = folder.path().join("run");
    let files = ["checkpoint.safetensors", "curves.svg", "metrics.csv", "metrics.jsonl", "recipe.toml", "run.json"];
    assert_eq!(names(&run), files);
    let recipe = fs::read_to_string(run.join("recipe.toml")).unwrap();
    assert!(recipe.contains("epochs = 2") && recipe.contains("weight_decay = 0.05"), "{recipe}");
    let facts: Value = serde_json::from_slice(&fs::read(run.join("run.json")).unwrap()).unwrap();
    assert_eq!((&facts["name"], &facts["seed"], &facts["workers"]), (&"tiny".into(), &0.into(), &2.into()));
    assert!(facts["versions"]["burn"].is_string() && facts["device"].is_string());
    assert_eq!(fs::read_to_string(run.join("metrics.csv")).unwrap().lines().count(), 3);
}

#[test]
fn the_same_recipe_gives_the_same_numbers() {
    let folder = workplace();
    train(folder.path(), "a", &["--set", "epochs=1"]);
    train(folder.path(), "b", &["--set", "epochs=1"]);
    assert_eq!(numbers(&folder.path().join("a")), numbers(&folder.path().join("b")));
    train(folder.path(), "c", &["--set", "epochs=1", "--set", "train.seed=1"]);
    assert_ne!(numbers(&folder.path().join("a")), numbers(&folder.path().join("c")));
}

#[test]
fn a_list_of_two_cores_trains_and_evaluates_as_two_workers_do() {
    let folder = workplace();
    let run = |name: &str| folder.path().join(name);
    let said = train(folder.path(), "workers", &["--set", "epochs=2"]);
    assert!(said.contains("2 workers"), "{said}");
    // One worker by the recipe: the list says how many share a batch.
    let said = train(folder.path(), "list", &["--set", "epochs=2", "--set", "workers=1", "--devices", "cpu,cpu"]);
    assert!(said.contains("cpu (flex), 2 workers"), "{said}");
    assert_eq!(numbers(&run("list")), numbers(&run("workers")));
    let weights = |name: &str| fs::read(run(name).join("checkpoint.safetensors")).unwrap();
    assert_eq!(weights_alone(&weights("list")), weights_alone(&weights("workers")));

    let eval = ["eval", "list", "--device", "cpu", "--clean", "--json", "--devices"];
    let scores = |list: &str| {
        let report: Value = serde_json::from_str(&works(folder.path(), &[&eval[..], &[list]].concat())).unwrap();
        report["clean_top1"].as_f64().unwrap()
    };
    assert!((scores("cpu,cpu,cpu") - scores("cpu")).abs() < 1e-9);
}

/// A checkpoint without its header, which has the seconds that it took.
fn weights_alone(checkpoint: &[u8]) -> &[u8] {
    let header = u64::from_le_bytes(checkpoint[..8].try_into().unwrap()) as usize;
    &checkpoint[8 + header..]
}

#[test]
fn devices_that_are_not_there_are_refused_with_what_to_do() {
    let folder = workplace();
    let train = ["train", "small.toml", "--out", "run"];
    let said = refused(folder.path(), &[&train[..], &["--device", "cpu", "--devices", "0"]].concat());
    assert!(said.contains("--device gpu or cuda"), "{said}");
    let said = refused(folder.path(), &[&train[..], &["--devices", "cpu,third"]].concat());
    assert!(said.contains("`third`") && said.contains("`cpu` for a core"), "{said}");
    if !cfg!(feature = "remote") {
        let said = refused(folder.path(), &[&train[..], &["--workers-at", "127.0.0.1:1"]].concat());
        assert!(said.contains("--features remote"), "{said}");
        let said = refused(folder.path(), &["worker", "--listen", "127.0.0.1:0", "--device", "cpu"]);
        assert!(said.contains("--features remote"), "{said}");
    }
    assert!(!folder.path().join("run").exists());
}

#[test]
fn a_killed_run_goes_on_to_the_same_numbers() {
    let folder = workplace();
    let whole = folder.path().join("whole");
    train(folder.path(), "whole", &[]);

    // A checkpoint after every step, and no mercy as soon as there is one inside the second epoch.
    let every_step = "train.checkpoint_minutes=1e-9";
    let mut child = started(folder.path(), &["--out", "killed", "--set", every_step]);
    let killed = folder.path().join("killed");
    let deadline = Instant::now() + Duration::from_secs(300);
    while numbers_so_far(&killed) < 1 {
        assert!(Instant::now() < deadline && child.try_wait().unwrap().is_none(), "no first epoch to interrupt after");
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();

    works(folder.path(), &["train", "killed", "--resume", "--device", "cpu"]);
    assert_eq!(numbers(&killed), numbers(&whole));
    let weights = |run: &Path| {
        let bytes = fs::read(run.join("checkpoint.safetensors")).unwrap();
        let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        let mut all: Vec<_> = file.iter().map(|(name, view)| (name.to_owned(), view.data().to_vec())).collect();
        all.sort();
        all
    };
    assert!(weights(&killed) == weights(&whole), "the weights differ");
}

#[test]
fn a_half_written_line_of_metrics_is_dropped_on_resuming() {
    let folder = workplace();
    train(folder.path(), "run", &["--set", "epochs=1"]);
    let lines = folder.path().join("run/metrics.jsonl");
    let before = numbers(&folder.path().join("run"));
    fs::OpenOptions::new().append(true).open(&lines).unwrap().write_all(b"{\"epoch\":2,\"st").unwrap();
    works(folder.path(), &["train", "run", "--resume", "--device", "cpu"]);
    assert_eq!(numbers(&folder.path().join("run")), before);
}

#[test]
fn a_run_that_fails_before_its_first_checkpoint_leaves_nothing() {
    let folder = workplace();
    let mut files = images();
    files.retain(|(path, _)| path != "set/train/dark/4.jpg");
    unpacked(folder.path(), &files);
    let whole = encode_png(&image(4));
    let damaged = folder.path().join("set/train/dark/4.png");
    fs::write(&damaged, &whole[..whole.len() / 2]).unwrap();
    fs::create_dir(folder.path().join("mine")).unwrap();
    fs::write(folder.path().join("mine/notes.txt"), "mine").unwrap();

    // Two batches of ten are every image that there is.
    let onto = ["--set", "data.source=set", "--set", "epochs=1", "--set", "batch=10"];
    let first = ["--set", "start.data.source=set", "--set", "start.epochs=1", "--set", "start.batch=10"];
    let chain = [&onto[..], &first, &["--set", "train.start=small.toml"]].concat();
    for (out, more) in [("runs/a", &onto[..]), ("runs/a", &chain[..]), ("mine", &onto[..]), ("mine", &chain[..])] {
        let fixed = ["train", "small.toml", "--device", "cpu", "--out", out];
        let said = refused(folder.path(), &[&fixed[..], more].concat());
        assert!(said.contains("train/dark/4.png"), "{said}");
        assert!(!folder.path().join("runs").exists(), "{out} {more:?}");
        assert_eq!(names(&folder.path().join("mine")), ["notes.txt"]);
    }

    fs::write(&damaged, whole).unwrap();
    train(folder.path(), "runs/a", &onto);
    train(folder.path(), "mine", &chain);
    for run in ["runs/a", "mine", "mine/start"] {
        assert!(folder.path().join(run).join("checkpoint.safetensors").is_file(), "{run}");
    }
}

/// A start that is trained already is worth keeping when what follows it fails.
#[test]
fn a_run_that_fails_after_a_checkpoint_stays_and_goes_on() {
    let folder = workplace();
    unpacked(folder.path(), &images());
    let last = folder.path().join("set/train/dark/last.png");
    let whole = encode_png(&image(9));
    // Of the same size: another one would be another image.
    let damaged: Vec<u8> =
        whole.iter().enumerate().map(|(at, byte)| if at < whole.len() / 2 { *byte } else { 0 }).collect();
    fs::write(&last, damaged).unwrap();
    // The start learns from two images of each class, the first and one of the middle: never the damaged one.
    let first = ["start.data.source=set", "start.train_size=4", "start.batch=4", "start.epochs=1"];
    let then = ["data.source=set", "train.start=small.toml", "epochs=1", "batch=21"];
    let changes: Vec<&str> = first.iter().chain(&then).flat_map(|change| ["--set", *change]).collect();
    let fixed = ["train", "small.toml", "--device", "cpu", "--out", "run"];
    assert!(refused(folder.path(), &[&fixed[..], &changes[..]].concat()).contains("train/dark/last.png"));

    fs::write(&last, whole).unwrap();
    works(folder.path(), &["train", "run", "--resume", "--device", "cpu"]);
    assert_eq!(numbers(&folder.path().join("run")).iter().filter(|line| line["test_top1"].is_f64()).count(), 1);
}

#[test]
fn a_second_run_does_not_overwrite_the_first() {
    let folder = workplace();
    train(folder.path(), "run", &["--set", "epochs=1"]);
    let said = refused(folder.path(), &["train", "small.toml", "--out", "run"]);
    assert!(said.contains("--resume"), "{said}");
    assert!(refused(folder.path(), &["train", "elsewhere", "--resume"]).contains("elsewhere"));
}

/// A file-size limit stands for a full disk: the write fails half-way.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_last_good_checkpoint() {
    let folder = workplace();
    train(folder.path(), "run", &["--set", "epochs=1"]);
    let checkpoint = folder.path().join("run/checkpoint.safetensors");
    let recipe = folder.path().join("run/recipe.toml");
    let more = fs::read_to_string(&recipe).unwrap().replace("epochs = 1", "epochs = 2");
    fs::write(&recipe, more).unwrap();
    // The finished run goes on when its recipe asks for more, as far as the disk lets it.
    let good = fs::read(&checkpoint).unwrap();
    let program = program();
    let script = format!("trap '' XFSZ; ulimit -f 8; exec {} train run --resume --device cpu", program.display());
    let output = Command::new("bash").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("checkpoint.safetensors") && said.contains("free some space"), "{said}");
    assert!(fs::read(&checkpoint).unwrap() == good, "the checkpoint changed");
    assert_eq!(names(&folder.path().join("run")).iter().filter(|name| name.contains("unfinished")).count(), 0);
}

#[test]
fn a_recipe_with_an_unknown_key_is_refused_with_the_nearest() {
    let folder = workplace();
    fs::write(folder.path().join("bad.toml"), RECIPE.replace("epochs", "epohcs")).unwrap();
    let said = refused(folder.path(), &["train", "bad.toml", "--out", "run"]);
    assert!(said.contains("`epohcs`") && said.contains("`epochs`"), "{said}");
    let said = refused(folder.path(), &["train", "small.toml", "--set", "model.detph=2", "--out", "run"]);
    assert!(said.contains("`detph`") && said.contains("`depth`"), "{said}");
    fs::write(folder.path().join("bad.toml"), RECIPE.replace("preset =", "presett =")).unwrap();
    let said = refused(folder.path(), &["train", "bad.toml", "--out", "run"]);
    assert!(said.contains("`presett`") && said.contains("`preset`"), "{said}");
    fs::write(folder.path().join("bad.toml"), format!("epochs = 3\n{RECIPE}")).unwrap();
    let said = refused(folder.path(), &["train", "bad.toml", "--out", "run"]);
    assert!(said.contains("`epochs`") && said.contains("belongs to [train]"), "{said}");
    assert!(!folder.path().join("run").exists());
}

#[test]
fn numbers_are_written_for_tensorboard_where_the_recipe_asks_for_them() {
    let folder = workplace();
    let events = |run: &str| -> Vec<u64> {
        let run = folder.path().join(run);
        let found = names(&run).into_iter().filter(|name| name.starts_with("events.out.tfevents."));
        found.map(|name| fs::metadata(run.join(name)).unwrap().len()).collect()
    };
    train(folder.path(), "without", &["--set", "epochs=1"]);
    assert!(events("without").is_empty());
    train(folder.path(), "with", &["--set", "epochs=1", "--set", "tensorboard=true"]);
    let first = events("with");
    assert!(matches!(first[..], [length] if length > 300), "{first:?}");
    // A training that goes on writes a file of its own and leaves the first as it is.
    works(folder.path(), &["train", "with", "--resume", "--device", "cpu", "--set", "epochs=2"]);
    let both = events("with");
    assert!(both.len() == 2 && both.contains(&first[0]), "{both:?}");
}
