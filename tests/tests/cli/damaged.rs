//! Images that cannot be read: what they do to a training by `data.damaged`, and to the start of one.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use vitro_tests::command::{refused, works};

use crate::workplace::{images, numbers, numbers_so_far, started, train, unpacked, workplace};

/// A folder `set` in which an image of each split and the first of all cannot be read, each for another reason.
fn damaged() -> TempDir {
    let folder = workplace();
    let mut files = images();
    for (path, bytes) in &mut files {
        match path.as_str() {
            "set/train/bright/0.jpg" => bytes.clear(),
            "set/train/dark/4.jpg" => bytes.truncate(bytes.len() / 2),
            "set/test/dark/1.jpg" => *bytes = b"no image at all".to_vec(),
            _ => {}
        }
    }
    unpacked(folder.path(), &files);
    folder
}

fn onto<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let fixed = ["data.source=set", "data.damaged=skip", "batch=10", "epochs=6"];
    fixed.iter().chain(more).flat_map(|change| ["--set", *change]).collect()
}

#[test]
fn a_training_that_skips_damaged_images_counts_and_names_them() {
    let folder = damaged();
    let said = train(folder.path(), "run", &onto(&[]));
    assert!(said.contains("3 images are damaged"), "{said}");
    for name in ["train/bright/0.jpg", "train/dark/4.jpg", "test/dark/1.jpg"] {
        assert!(said.contains(name), "{name}: {said}");
    }
    let lines = numbers(&folder.path().join("run"));
    // Three test images are left, so that accuracy comes in thirds.
    let last = lines.iter().rev().find_map(|line| line["test_top1"].as_f64()).unwrap();
    assert!((last * 3.0 - (last * 3.0).round()).abs() < 1e-9, "{last}");
}

#[test]
fn a_training_that_refuses_them_names_the_first_one() {
    let folder = damaged();
    let more = onto(&["data.damaged=refuse"]);
    let said =
        refused(folder.path(), &[&["train", "small.toml", "--device", "cpu", "--out", "run"], &more[..]].concat());
    assert!(said.contains("train/bright/0.jpg") || said.contains("train/dark/4.jpg"), "{said}");
}

#[test]
fn a_resumed_training_learns_from_the_same_stand_ins() {
    let folder = damaged();
    let (whole, killed) = (folder.path().join("whole"), folder.path().join("killed"));
    train(folder.path(), "whole", &onto(&[]));
    let mut child =
        started(folder.path(), &[&["--out", "killed"], &onto(&["train.checkpoint_minutes=1e-9"])[..]].concat());
    while numbers_so_far(&killed) == 0 && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    works(folder.path(), &["train", "killed", "--resume", "--device", "cpu"]);
    assert_eq!(numbers(&killed), numbers(&whole));
}

#[test]
fn damaged_rows_and_samples_do_not_end_a_training_either() {
    let folder = workplace();
    for source in ["hub/damaged", "shards/damaged"] {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sources").join(source);
        let source = format!("data.source={}", source.display());
        let changes = ["data.damaged=skip", &source, "batch=2", "epochs=1"];
        let more: Vec<&str> = changes.iter().flat_map(|change| ["--set", *change]).collect();
        let said = train(folder.path(), "run", &more);
        assert!(said.contains("damaged"), "{said}");
        fs::remove_dir_all(folder.path().join("run")).unwrap();
    }
}
