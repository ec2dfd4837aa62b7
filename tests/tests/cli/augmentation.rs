//! Augmentation as a recipe asks for it: what a training learns, what its run says, and what is refused.

use std::fs;
use std::path::Path;

use serde_json::Value;
use vitro_tests::command::{refused, works};

use crate::workplace::{RECIPE, numbers, train, workplace};

/// `--set` before each change.
fn set<'a>(changes: &[&'a str]) -> Vec<&'a str> {
    changes.iter().flat_map(|change| ["--set", *change]).collect()
}

fn facts(run: &Path) -> Value {
    serde_json::from_slice(&fs::read(run.join("run.json")).unwrap()).unwrap()
}

/// The loss of a first epoch whose steps move nothing, by a network without batch normalisation that is wide enough for its
/// fresh weights to see something.
fn first_loss(folder: &Path, workers: usize, changes: &[&str]) -> f64 {
    let plain = RECIPE.replace("fan_nano_p4_32", "vit_nano_p4_32").replace("class_depth = 1\n", "");
    let plain = plain.replace("width = 16", "width = 64").replace("depth = 1", "depth = 2");
    fs::write(folder.join("small.toml"), plain).unwrap();
    let (out, workers) = (format!("{workers}-{}", changes.join("-")), format!("workers={workers}"));
    let still = ["epochs=1", "batch=4", "train_size=16", "tap=0", "adl=0", "lr=1e-12", "min_lr=0", workers.as_str()];
    train(folder, &out, &set(&[&still[..], changes].concat()));
    numbers(&folder.join(out)).last().unwrap()["train_loss"].as_f64().unwrap()
}

#[test]
fn what_versions_of_an_image_disagree_on_is_added_to_its_loss_whatever_the_number_of_workers() {
    let folder = workplace();
    let loss = |workers, changes: &[&str]| first_loss(folder.path(), workers, changes);
    let (plain, replaced) = (loss(1, &[]), loss(1, &["augmix=10"]));
    assert!((replaced - plain).abs() > 1e-5, "AugMix changes nothing: {plain} {replaced}");
    let compared = loss(1, &["augmix=10", "consistency=12"]);
    // The image itself is classified as ever; a divergence is not negative.
    assert!(compared > plain + 1e-5, "{plain} {compared}");
    let twice = loss(1, &["augmix=10", "consistency=24"]);
    assert!((twice - plain - 2.0 * (compared - plain)).abs() < 1e-5, "{plain} {compared} {twice}");
    for workers in [3, 4] {
        let shared = loss(workers, &["augmix=10", "consistency=12"]);
        assert!((shared - compared).abs() < 1e-5, "with {workers} workers {shared}, alone {compared}");
    }
}

#[test]
fn every_augmentation_changes_what_is_learned_and_none_what_is_off() {
    let folder = workplace();
    let loss = |changes: &[&str]| first_loss(folder.path(), 2, changes);
    let plain = loss(&[]);
    assert_eq!(loss(&["interpolation=bicubic", "augmix_width=5", "corruptions=fog"]), plain);
    for change in ["interpolation=bilinear", "jitter=0.4", "corrupt=1"] {
        assert_ne!(loss(&[change]), plain, "{change}");
    }
}

/// Every stream is named by the image's place in the training, so where a run stopped does not matter.
#[test]
fn an_augmented_run_goes_on_to_the_same_numbers() {
    let folder = workplace();
    let all = ["jitter=0.4", "corrupt=0.5", "augmix=3", "consistency=12", "interpolation=random", "erasing=0.5"];
    // Only the lengths differ, so the rate must not depend on them.
    let flat = ["min_lr=1e-3", "warmup=0", "train_size=32"];
    let changes = set(&[&all[..], &flat].concat());
    train(folder.path(), "long", &[&changes[..], &["--set", "epochs=2"]].concat());
    train(folder.path(), "short", &[&changes[..], &["--set", "epochs=1"]].concat());
    works(folder.path(), &["train", "short", "--resume", "--device", "cpu", "--set", "epochs=2"]);
    assert_eq!(numbers(&folder.path().join("short")), numbers(&folder.path().join("long")));
    let resume = ["train", "short", "--resume", "--device", "cpu", "--set", "augmix=1"];
    assert!(refused(folder.path(), &resume).contains("data.augmix was 3"));
}

#[test]
fn a_run_says_which_corruptions_it_saw_and_warns_where_the_benchmark_has_them() {
    let folder = workplace();
    let said = train(folder.path(), "unseen", &set(&["epochs=1", "corrupt=0.5"]));
    assert!(!said.contains("of the benchmark"), "{said}");
    let unseen = facts(&folder.path().join("unseen"));
    let names = unseen["seen_corruptions"].as_array().unwrap();
    assert!(names.contains(&"ripple".into()) && !names.contains(&"fog".into()), "{names:?}");
    assert!(unseen["train_data"].as_str().unwrap().ends_with("(of the benchmark's fifteen: none)"));

    let said = train(folder.path(), "seen", &set(&["epochs=1", "corrupt=0.5", "corruptions=\"fog,spatter\""]));
    assert!(said.contains("trains on fog of the benchmark; results on these are not on unseen ones"), "{said}");
    assert_eq!(facts(&folder.path().join("seen"))["seen_corruptions"], serde_json::json!(["fog", "spatter"]));
    let arguments = ["eval", "seen", "--only", "fog", "--severity", "1", "--limit", "10", "--device", "cpu"];
    works(folder.path(), &arguments);
    let card = fs::read_to_string(folder.path().join("seen/card.md")).unwrap();
    let line = card.lines().find(|line| line.starts_with("| The fifteen of the benchmark")).unwrap();
    assert!(line.split_whitespace().any(|word| word == "fog"), "{line}");
    assert!(card.contains("What training saw is not unseen"), "{card}");

    // Weights remember what they started from; a training that was never corrupted has nothing to say.
    train(folder.path(), "after", &set(&["epochs=1", "train.start=seen"]));
    assert_eq!(facts(&folder.path().join("after"))["seen_corruptions"], serde_json::json!(["fog", "spatter"]));
    train(folder.path(), "chain", &set(&["epochs=1", "train.start=small.toml", "start.corrupt=0.5", "start.epochs=1"]));
    assert_eq!(facts(&folder.path().join("chain"))["seen_corruptions"], unseen["seen_corruptions"]);
    train(folder.path(), "plain", &set(&["epochs=1"]));
    assert_eq!(facts(&folder.path().join("plain"))["seen_corruptions"], serde_json::json!([]));
}

#[test]
fn what_rules_each_other_out_or_does_not_exist_is_refused_before_anything_is_written() {
    let folder = workplace();
    let refusal = |changes: &[&str]| {
        let said = refused(folder.path(), &[&["train", "small.toml", "--out", "bad"], &set(changes)[..]].concat());
        assert!(!folder.path().join("bad").exists(), "{said}");
        said
    };
    assert!(refusal(&["corrupt=0.5", "corruptions=gausian_noise"]).contains("did you mean `gaussian_noise`?"));
    assert!(refusal(&["jitter=0.4", "randaugment=9"]).contains("data.jitter"));
    assert!(refusal(&["augmix=3", "mixup=0.8"]).contains("data.augmix"));
    assert!(refusal(&["consistency=12"]).contains("data.augmix"));
    assert!(refusal(&["interpolation=nearest"]).contains("one of `auto`, `bicubic`, `bilinear`, `random`"));
    assert!(refusal(&["augmix=11"]).contains("data.augmix is 11; take 0 to 10"));
}
