//! `vitro eval` on a bundle of the zoo: by name, image by image, and going on after it was stopped.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use vitro_tests::command::{command, refusal, text};

/// `vitro eval zoo:NAME` in `folder` on the processor.
fn eval(folder: &Path, name: &str, more: &[&str]) -> Command {
    let mut eval = command(folder, &[&["eval", &format!("zoo:{name}"), "--device", "cpu"], more].concat());
    eval.env("VITRO_ZOO", Path::new(env!("CARGO_MANIFEST_DIR")).join("../zoo"));
    eval
}

fn works(mut eval: Command) -> String {
    let output = eval.output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stderr)
}

fn read(file: &Path) -> Value {
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

#[test]
fn a_bundle_of_the_zoo_is_named_and_a_misspelt_one_suggests_the_nearest() {
    let folder = TempDir::new().unwrap();
    let refused =
        |name: &str| refusal(&[name], &eval(folder.path(), name, &["--clean", "--limit", "4"]).output().unwrap());
    assert!(refused("fan-tap-adll").contains("did you mean `fan-tap-adl`?"));
    assert!(refused("resnet50").contains("known: vit, fan"));
    let nowhere = eval(folder.path(), "vit", &["--clean"]).env("VITRO_ZOO", "nowhere").output().unwrap();
    assert!(refusal(&["vit"], &nowhere).contains("there is no zoo in nowhere"));
}

/// How many of twenty images a fraction is.
fn images(fraction: &Value) -> usize {
    (fraction.as_f64().unwrap() * 24.0).round() as usize
}

#[test]
fn every_image_has_a_line_for_every_condition_and_classes_are_counted() {
    let folder = TempDir::new().unwrap();
    let more = ["--limit", "24", "--only", "fog", "--severity", "1,5", "--attack", "fgsm", "--out", "eval.json"];
    works(eval(folder.path(), "vit", &[&more[..], &["--predictions", "said.csv"]].concat()));
    let (found, said) =
        (read(&folder.path().join("eval.json")), fs::read_to_string(folder.path().join("said.csv")).unwrap());
    let lines: Vec<Vec<&str>> = said.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(lines[0], ["condition", "image", "label", "predicted", "probability", "right"]);
    for (condition, top1) in [
        ("untouched", &found["clean_top1"]),
        ("fog 1", &found["per_cell"][0]["top1"]),
        ("fog 5", &found["per_cell"][1]["top1"]),
        ("fgsm", &found["attacks"][0]["top1"]),
    ] {
        let rows: Vec<_> = lines.iter().filter(|line| line[0] == condition).collect();
        let right = rows.iter().filter(|line| line[5] == "yes").count();
        assert_eq!((rows.len(), right), (24, images(top1)), "{condition}");
        assert!(rows.iter().all(|line| (line[2] == line[3]) == (line[5] == "yes")), "{rows:?}");
        assert!(
            rows.iter().all(|line| (1.0 / 24.0..=1.0).contains(&line[4].parse::<f64>().unwrap())),
            "the best of 24"
        );
    }
    assert_eq!(lines.len(), 1 + 4 * 24);
    let classes = found["per_class"].as_array().unwrap();
    let right: f64 = classes.iter().map(|class| class["top1"].as_f64().unwrap() * class["n"].as_f64().unwrap()).sum();
    assert_eq!((classes.len(), right.round() as usize), (24, images(&found["clean_top1"])));
}

#[test]
fn an_evaluation_that_was_stopped_goes_on_with_the_cells_that_are_missing() {
    let folder = TempDir::new().unwrap();
    let plan = ["--limit", "200", "--only", "contrast,brightness"];
    works(eval(folder.path(), "vit", &[&plan[..], &["--out", "whole.json"]].concat()));
    let stopped = [&plan[..], &["--out", "stopped.json"]].concat();
    let journal = folder.path().join("stopped.json.journal");
    let lines = || fs::read_to_string(&journal).map_or(0, |text| text.lines().count());
    let mut child = eval(folder.path(), "vit", &stopped).stdout(Stdio::null()).spawn().unwrap();
    while lines() < 4 && child.try_wait().unwrap().is_none() {
        sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(lines() >= 4 && !folder.path().join("stopped.json").exists(), "it was not stopped in the middle");

    let other =
        refusal(&stopped, &eval(folder.path(), "vit", &[&stopped[..], &["--seed", "1"]].concat()).output().unwrap());
    assert!(other.contains("of another seed") && other.contains("delete it to begin anew"), "{other}");
    let other = refusal(&stopped, &eval(folder.path(), "fan", &stopped).output().unwrap());
    assert!(other.contains("of another model"), "{other}");

    let said = works(eval(folder.path(), "vit", &stopped));
    assert!(said.contains("conditions were measured before this evaluation was stopped"), "{said}");
    assert_eq!(read(&folder.path().join("stopped.json")), read(&folder.path().join("whole.json")));
    assert!(!journal.exists());
}
