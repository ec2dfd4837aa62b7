//! Validation images, and models compared image by image.

use std::fs;
use std::path::Path;

use serde_json::Value;
use vitro_tests::command::{refused, works};

use crate::workplace::{images, numbers, train, unpacked, workplace};

/// A run in `out` on the small folder of images.
fn trained(folder: &Path, out: &str, more: &[&str]) {
    let fixed = ["--set", "data.source=set", "--set", "epochs=1", "--set", "batch=4"];
    let sizes = ["--set", "train_size=0", "--set", "test_size=0"];
    train(folder, out, &[&fixed[..], &sizes[..], more].concat());
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn choices_are_made_on_images_that_are_neither_trained_on_nor_tested_on() {
    let folder = workplace();
    unpacked(folder.path(), &images());
    trained(folder.path(), "run", &["--set", "data.validation=0.5"]);
    let lines = numbers(&folder.path().join("run"));
    let epoch = lines.last().unwrap();
    assert!(epoch["validation_top1"].is_f64() && epoch["test_top1"].is_null(), "{epoch}");

    let tested = json(&works(folder.path(), &["eval", "run", "--clean", "--json", "--device", "cpu"]));
    let arguments = ["eval", "run", "--clean", "--json", "--device", "cpu", "--split", "validation"];
    let validated = json(&works(folder.path(), &arguments));
    assert_eq!((&tested["protocol"]["split"], &validated["protocol"]["split"]), (&"test".into(), &"validation".into()));
    assert_eq!(tested["n_images"], 4);
    let facts = json(&fs::read_to_string(folder.path().join("run/run.json")).unwrap());
    let (kept, held) = (facts["images"]["train"]["images"].as_u64(), facts["images"]["validation"]["images"].as_u64());
    assert_eq!(held, validated["n_images"].as_u64());
    assert_eq!(kept.unwrap() + held.unwrap(), 20);
    let stored = json(&fs::read_to_string(folder.path().join("run/eval.json")).unwrap());
    assert_eq!(stored["protocol"]["split"], "test", "a look at the validation images is not the result of a run");
}

#[test]
fn validation_images_that_are_not_there_are_refused() {
    let folder = workplace();
    let said = refused(folder.path(), &["train", "small.toml", "--set", "data.validation=0.001", "--device", "cpu"]);
    assert!(said.contains("data.validation") && said.contains("scenes"), "{said}");
    let said = refused(folder.path(), &["train", "small.toml", "--set", "data.validation=0.9", "--device", "cpu"]);
    assert!(said.contains("0.5"), "{said}");
    unpacked(folder.path(), &images());
    trained(folder.path(), "run", &[]);
    let said = refused(folder.path(), &["eval", "run", "--clean", "--split", "validation", "--device", "cpu"]);
    assert!(said.contains("data.validation"), "{said}");
}

#[test]
fn models_are_compared_image_by_image_and_namesakes_are_trainings_of_one() {
    let folder = workplace();
    unpacked(folder.path(), &images());
    for (out, name, seed) in [("a", "plain", "0"), ("b", "other", "0"), ("c", "other", "1")] {
        trained(folder.path(), out, &["--name", name, "--set", &format!("train.seed={seed}")]);
        works(folder.path(), &["eval", out, "--only", "fog", "--severity", "1,5", "--device", "cpu"]);
    }
    let text = works(folder.path(), &["compare", "a", "b", "c", "--differences", "found.json"]);
    assert!(text.contains("error minus that of plain, points") && text.contains("images and trainings"), "{text}");
    let found = json(&fs::read_to_string(folder.path().join("found.json")).unwrap());
    assert_eq!((found.as_array().unwrap().len(), &found[0]["trainings"]), (1, &serde_json::json!([1, 2])));

    // The differences are those of the errors that the evaluations tell.
    let error = |run: &str| {
        let evaluation = json(&fs::read_to_string(folder.path().join(run).join("eval.json")).unwrap());
        evaluation["corruption_error_mean"].as_f64().unwrap()
    };
    let differences = found[0]["differences"].as_array().unwrap();
    let corrupted = differences.iter().find(|difference| difference["number"] == "corrupted").unwrap();
    let expected = (error("b") + error("c")) / 2.0 - error("a");
    assert!((corrupted["value"].as_f64().unwrap() - expected).abs() < 1e-9, "{corrupted} {expected}");
    let report = folder.path().join("report.html");
    works(folder.path(), &["compare", "a", "b", "--html", &report.display().to_string(), "--images", "0"]);
    assert!(fs::read_to_string(report).unwrap().contains("id=\"differences\""));
}
