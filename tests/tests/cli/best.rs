//! What validation images decide: which weights are kept, and when a training is over.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;
use vitro_tests::command::{refused, works};

use crate::workplace::{PLAIN, images, names, numbers, train, unpacked, workplace};

/// The small folder of images, half of its training images held out.
const HELD_OUT: &[&str] =
    &["data.source=set", "train_size=0", "test_size=0", "batch=4", "data.validation=0.5", "warmup=0", "min_lr=1e-3"];

fn place() -> TempDir {
    let folder = workplace();
    unpacked(folder.path(), &images());
    folder
}

fn trained(folder: &Path, out: &str, more: &[&str]) -> String {
    let changes: Vec<&str> = HELD_OUT.iter().chain(more).flat_map(|change| ["--set", *change]).collect();
    train(folder, out, &changes)
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The lines of whole epochs.
fn epochs(run: &Path) -> Vec<Value> {
    numbers(run).into_iter().filter(|line| line["validation_top1"].is_f64()).collect()
}

/// Epochs by what the lines say of the validation images, the best first.
fn order(run: &Path) -> Vec<u64> {
    let mut looks: Vec<(f64, f64, u64)> = epochs(run)
        .iter()
        .map(|line| {
            let number = |key: &str| line[key].as_f64().unwrap();
            (-number("validation_top1"), number("validation_loss"), line["epoch"].as_u64().unwrap())
        })
        .collect();
    looks.sort_by(|a, b| a.partial_cmp(b).unwrap());
    looks.into_iter().map(|(_, _, epoch)| epoch).collect()
}

fn bundles(run: &Path) -> Vec<String> {
    names(run).into_iter().filter(|name| name.starts_with("best-")).collect()
}

#[test]
fn the_best_epochs_are_kept_as_bundles_and_chosen_by_name() {
    let folder = place();
    trained(folder.path(), "run", &["train.keep=2", "epochs=4"]);
    let run = folder.path().join("run");
    let best = &order(&run)[..2];
    let list = json(&run.join("best.json"));
    let listed: Vec<u64> = list.as_array().unwrap().iter().map(|kept| kept["epoch"].as_u64().unwrap()).collect();
    assert_eq!(listed, best, "{list}");
    let mut expected: Vec<String> = best.iter().map(|epoch| format!("best-{epoch}.safetensors")).collect();
    expected.sort();
    assert_eq!(bundles(&run), expected);

    // Measured on the images that it was chosen by, each is as good as its line says; a bundle by itself is the same model.
    for (which, epoch) in [("best", best[0]), (&*best[1].to_string(), best[1])] {
        let of = ["eval", "run", "--weights", which, "--clean", "--json", "--split", "validation", "--device", "cpu"];
        let measured: Value = serde_json::from_str(&works(folder.path(), &of)).unwrap();
        let line = &epochs(&run)[epoch as usize - 1];
        let apart = measured["clean_top1"].as_f64().unwrap() - line["validation_top1"].as_f64().unwrap();
        assert!(apart.abs() < 1e-9, "{which}: {} {line}", measured["clean_top1"]);
    }

    // What is measured of them is no result of the run, and goes along with them where it is named.
    let measure = ["eval", "run", "--weights", "best", "--only", "fog", "--severity", "3", "--device", "cpu"];
    works(folder.path(), &[&measure[..], &["--out", "best-numbers.json"]].concat());
    assert!(!run.join("eval.json").exists());
    let export = ["export", "run", "--weights", "best", "-o", "best.safetensors", "--precision", "f32"];
    let said = works(folder.path(), &export);
    assert!(said.contains("without results") && said.contains("--weights best --out FILE"), "{said}");
    let said = works(folder.path(), &[&export[..], &["--results", "best-numbers.json"]].concat());
    assert!(said.contains("with results"), "{said}");
    let arrays = |path: &Path| {
        let bytes = fs::read(path).unwrap();
        let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        let mut all: Vec<_> = file.iter().map(|(name, view)| (name.to_owned(), view.data().to_vec())).collect();
        all.sort();
        all
    };
    let kept = run.join(format!("best-{}.safetensors", best[0]));
    assert!(arrays(&folder.path().join("best.safetensors")) == arrays(&kept), "other weights were exported");
    let image = "set/test/dark/0.jpg";
    let explained = |models: &str, more: &[&str]| -> Value {
        let fixed = ["explain", image, "--json", "--device", "cpu", "--models", models];
        serde_json::from_str(&works(folder.path(), &[&fixed[..], more].concat())).unwrap()
    };
    let by_name = explained("run", &["--weights", "best"]);
    let by_file = explained(&format!("run/best-{}.safetensors", best[0]), &[]);
    assert_eq!(by_name["models"][0]["probabilities"], by_file["models"][0]["probabilities"]);
}

#[test]
fn weights_that_are_not_kept_are_refused() {
    let folder = place();
    trained(folder.path(), "run", &["epochs=1"]);
    let evaluate = |subject: &str, which: &str| {
        refused(folder.path(), &["eval", subject, "--clean", "--device", "cpu", "--weights", which])
    };
    assert!(evaluate("run", "best").contains("train.keep = 1"));
    works(folder.path(), &["export", "run", "-o", "one.safetensors"]);
    assert!(evaluate("one.safetensors", "best").contains("leave --weights out"));
    trained(folder.path(), "keeps", &["epochs=1", "train.keep=1"]);
    assert!(evaluate("keeps", "7").contains("no weights of epoch 7; it keeps those of 1"));
    works(folder.path(), &["eval", "keeps", "--clean", "--device", "cpu", "--weights", "last"]);
    assert!(folder.path().join("keeps/eval.json").is_file());
}

#[test]
fn a_run_that_goes_on_keeps_what_an_uninterrupted_one_keeps() {
    let folder = place();
    trained(folder.path(), "whole", &["train.keep=2", "epochs=4"]);
    trained(folder.path(), "parts", &["train.keep=2", "epochs=2"]);
    let (whole, parts) = (folder.path().join("whole"), folder.path().join("parts"));
    // As after a kill between the bundle of an epoch and its checkpoint.
    fs::copy(parts.join(&bundles(&parts)[0]), parts.join("best-3.safetensors")).unwrap();
    works(folder.path(), &["train", "parts", "--resume", "--device", "cpu", "--set", "epochs=4"]);
    assert_eq!(numbers(&parts), numbers(&whole));
    assert_eq!(bundles(&parts), bundles(&whole));
    assert_eq!(json(&parts.join("best.json")), json(&whole.join("best.json")));
}

#[test]
fn a_training_that_gets_no_better_is_over_and_goes_on_when_it_is_given_more_patience() {
    let folder = place();
    fs::write(folder.path().join("small.toml"), PLAIN).unwrap();
    // Steps too small to move a number of 32 bits, in a network without running statistics: every epoch is the same.
    let still = ["lr=1e-30", "min_lr=1e-30", "ema=0", "epochs=6", "train.patience=2"];
    let said = trained(folder.path(), "run", &still);
    let run = folder.path().join("run");
    let over = "ended after 3 epochs: none was better on the validation images than epoch 1";
    assert!(said.contains(over) && epochs(&run).len() == 3, "{said}");

    // Asked again it says the same, and trains nothing.
    let before = numbers(&run);
    let again = works(folder.path(), &["train", "run", "--resume", "--device", "cpu"]);
    assert!(again.contains(over), "{again}");
    assert_eq!(numbers(&run), before);
    works(folder.path(), &["train", "run", "--resume", "--device", "cpu", "--set", "train.patience=0"]);
    assert_eq!(epochs(&run).len(), 6);
}

#[test]
fn choices_without_validation_images_are_refused() {
    let folder = workplace();
    for change in ["train.keep=1", "train.patience=1", "watch_raw=true"] {
        let said = refused(folder.path(), &["train", "small.toml", "--device", "cpu", "--out", "run", "--set", change]);
        assert!(said.contains("data.validation = 0.1") && said.contains("test images"), "{said}");
    }
    assert!(!folder.path().join("run").exists());
}

#[test]
fn the_weights_themselves_are_measured_beside_their_average_where_asked() {
    let folder = place();
    trained(folder.path(), "both", &["epochs=2", "watch_raw=true"]);
    trained(folder.path(), "plain", &["epochs=2"]);
    trained(folder.path(), "none", &["epochs=2", "ema=0"]);
    let run = |name: &str| folder.path().join(name);
    for ((both, plain), raw) in epochs(&run("both")).iter().zip(epochs(&run("plain"))).zip(epochs(&run("none"))) {
        // Looking changes nothing, and a run without an average is judged by the weights themselves.
        assert_eq!(both["validation_loss"], plain["validation_loss"]);
        assert_eq!(both["raw_validation_loss"], raw["validation_loss"]);
        assert_eq!(both["raw_validation_top1"], raw["validation_top1"]);
        assert_ne!(both["raw_validation_loss"], both["validation_loss"]);
        assert!(plain.get("raw_validation_loss").is_none(), "{plain}");
    }
    let text = |name: &str, file: &str| fs::read_to_string(run(name).join(file)).unwrap();
    assert!(text("both", "curves.svg").contains("weights not averaged"));
    assert!(!text("plain", "curves.svg").contains("weights not averaged"));
    assert!(text("both", "metrics.csv").lines().next().unwrap().contains("raw_validation_top1"));
    assert!(!text("plain", "metrics.csv").contains("raw_"));
}
