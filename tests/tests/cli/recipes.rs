//! What a recipe says, and how it is told that it cannot be.

use std::fs;

use serde_json::Value;
use vitro_tests::command::{refused, works};

use crate::workplace::{RECIPE, images, numbers, train, unpacked, workplace};

#[test]
fn a_value_of_the_wrong_type_is_refused_with_its_key_in_a_file_and_on_the_command_line() {
    let folder = workplace();
    fs::write(folder.path().join("bad.toml"), RECIPE.replace("batch = 16", "batch = \"many\"")).unwrap();
    let said = refused(folder.path(), &["train", "bad.toml", "--out", "run"]);
    assert!(said.contains("train.batch is \"many\"; it must be a whole number"), "{said}");
    for (change, named) in [("lr=fast", "train.lr"), ("flip=3", "data.flip"), ("model.depth=deep", "model.depth")] {
        let said = refused(folder.path(), &["train", "small.toml", "--set", change, "--out", "run"]);
        assert!(said.contains(&format!("{named} is ")) && said.contains("it must be"), "{said}");
    }
    assert!(!folder.path().join("run").exists());
}

#[test]
fn images_of_ones_own_are_not_called_by_the_name_of_the_recipes() {
    let folder = workplace();
    unpacked(folder.path(), &images());
    let named = RECIPE.replace("[data]", "[data]\ntitle = \"The other set\"\nsource = \"other.zip\"");
    fs::write(folder.path().join("small.toml"), named).unwrap();
    train(
        folder.path(),
        "run",
        &["--set", "data.source=set", "--set", "epochs=1", "--set", "train_size=0", "--set", "batch=10"],
    );
    let facts: Value = serde_json::from_slice(&fs::read(folder.path().join("run/run.json")).unwrap()).unwrap();
    assert_eq!(facts["dataset"], "set");
}

/// Without batch normalisation, workers change nothing but the order of a sum.
#[test]
fn mixing_is_across_the_batch_whatever_the_number_of_workers() {
    let folder = workplace();
    // A plain ViT: batch normalisation, as in FAN's stem, has statistics of its own in each worker.
    let plain = RECIPE.replace("fan_nano_p4_32", "vit_nano_p4_32").replace("class_depth = 1\n", "");
    fs::write(folder.path().join("small.toml"), plain).unwrap();
    let loss = |workers: usize, changes: &[&str]| {
        let out = format!("{workers}-{}", changes.join("-"));
        let workers = format!("workers={workers}");
        let fixed = ["epochs=1", "batch=4", "train_size=16", "tap=0", "adl=0", "lr=1e-6", "min_lr=0", workers.as_str()];
        let changes: Vec<&str> = fixed.iter().chain(changes).flat_map(|change| ["--set", *change]).collect();
        train(folder.path(), &out, &changes);
        let lines = numbers(&folder.path().join(out));
        lines.last().unwrap()["train_loss"].as_f64().unwrap()
    };
    let plain = loss(1, &[]);
    for mix in [&["mixup=0.8"][..], &["cutmix=1"], &["mixup=0.8", "cutmix=1"]] {
        let alone = loss(1, mix);
        assert!((alone - plain).abs() > 1e-5, "{mix:?} changes nothing: {plain}");
        for workers in [3, 4] {
            let shared = loss(workers, mix);
            assert!((shared - alone).abs() < 1e-5, "{mix:?} with {workers} workers: {shared}, alone {alone}");
        }
    }
    let odd = ["--set", "batch=1", "--set", "mixup=0.8"];
    let said = refused(folder.path(), &[&["train", "small.toml", "--out", "odd"], &odd[..]].concat());
    assert!(said.contains("data.mixup") && said.contains("train.batch is 1"), "{said}");
}

#[test]
fn a_student_learns_from_a_teacher_of_the_same_classes() {
    let folder = workplace();
    train(folder.path(), "teacher", &["--set", "epochs=1"]);
    let loss = |out: &str, more: &[&str]| {
        let more: Vec<&str> =
            ["epochs=1", "train.seed=1"].iter().chain(more).flat_map(|change| ["--set", *change]).collect();
        train(folder.path(), out, &more);
        numbers(&folder.path().join(out)).last().unwrap()["train_loss"].as_f64().unwrap()
    };
    let plain = loss("plain", &[]);
    let soft = loss("soft", &["distillation=soft", "teacher=teacher"]);
    let hard = loss("hard", &["distillation=hard", "teacher=teacher", "distillation_alpha=0.9"]);
    // The soft term is divided by the number of classes as well, so nearly half of the loss goes.
    assert!(soft < 0.75 * plain && hard != plain && hard != soft, "{plain} {soft} {hard}");
    // One command trains a teacher that is a recipe.
    let chain = ["distillation=soft", "teacher=small.toml", "teacher.train.epochs=1"];
    loss("chain", &chain);
    assert!(folder.path().join("chain/teacher/checkpoint.safetensors").exists());

    let refusal = |changes: &[&str]| {
        let changes: Vec<&str> = changes.iter().flat_map(|change| ["--set", *change]).collect();
        refused(folder.path(), &[&["train", "small.toml", "--device", "cpu", "--out", "bad"], &changes[..]].concat())
    };
    assert!(refusal(&["distillation=soft"]).contains("method.teacher"));
    assert!(refusal(&["teacher=teacher"]).contains("method.distillation"));
    let said = refusal(&["distillation=soft", "teacher=teacher", "image_size=64"]);
    assert!(said.contains("teacher: sees images of another size") && said.contains("data.image_size"), "{said}");
    unpacked(folder.path(), &images());
    let said = refusal(&["distillation=soft", "teacher=teacher", "data.source=set", "batch=2"]);
    assert!(said.contains("other classes"), "{said}");
}

#[test]
fn the_published_schedules_and_repeats_are_what_a_recipe_can_ask_for() {
    let folder = workplace();
    let rates = |out: &str, schedule: &str| {
        let schedule = format!("schedule={schedule}");
        let changes = ["epochs=3", "warmup=0.34", "train_size=16", schedule.as_str()];
        train(folder.path(), out, &changes.iter().flat_map(|change| ["--set", *change]).collect::<Vec<_>>());
        let lines = numbers(&folder.path().join(out));
        let whole = lines.iter().filter(|line| line["test_top1"].is_f64());
        whole.map(|line| line["learning_rate"].as_f64().unwrap()).collect::<Vec<_>>()
    };
    let (epoch, lagging) = (rates("epoch", "epoch"), rates("lagging", "lagging"));
    assert_eq!((epoch[0], epoch.len()), (1e-6, 3));
    assert_eq!(lagging, [epoch[0], epoch[0], epoch[1]]);
    let refusal = |change: &str, more: &str| {
        refused(folder.path(), &["train", "small.toml", "--out", "bad", "--set", change, "--set", more])
    };
    assert!(refusal("schedule=epoch", "minutes=1").contains("train.minutes"));
    assert!(refusal("repeats=3", "epochs=1").contains("256 images"));

    let said = works(
        folder.path(),
        &[
            "train",
            "small.toml",
            "--device",
            "cpu",
            "--out",
            "repeats",
            "--set",
            "repeats=3",
            "--set",
            "train_size=300",
            "--set",
            "epochs=1",
            "--set",
            "batch=64",
        ],
    );
    assert!(said.contains("trained 4 steps"), "{said}");
}
