//! How much is learned from what: rates by layer and by epoch, and images by their class.

use std::fs;
use std::path::Path;

use safetensors::SafeTensors;
use vitro_tests::command::works;

use crate::workplace::{images, numbers, train, unpacked, workplace};

/// The weights of a run, by name.
fn weights(run: &Path) -> Vec<(String, Vec<f32>)> {
    let bytes = fs::read(run.join("checkpoint.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let numbers = |data: &[u8]| data.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let mut all: Vec<(String, Vec<f32>)> =
        file.iter().map(|(name, view)| (name.to_owned(), numbers(view.data()))).collect();
    all.retain(|(name, _)| name.starts_with("model/"));
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

/// One step: each weight moves by about its learning rate, whatever its gradient.
const ONE_STEP: &[&str] =
    &["epochs=1", "batch=48", "warmup=0", "min_lr=1e-3", "weight_decay=0", "ema=0", "method.adl=0.0"];

#[test]
fn a_layer_moves_as_far_as_its_distance_from_the_head_allows() {
    let folder = workplace();
    let run = |out: &str, more: &[&str]| {
        let changes: Vec<&str> = ONE_STEP.iter().chain(more).flat_map(|change| ["--set", *change]).collect();
        train(folder.path(), out, &changes);
        weights(&folder.path().join(out))
    };
    // The same start: a rate of nearly nothing shows it.
    let still = run("still", &["lr=1e-12", "min_lr=1e-12"]);
    let (plain, layered) = (run("plain", &[]), run("layered", &["layer_decay=0.5"]));
    assert!(run("one", &["layer_decay=1.0"]) == plain, "1 changes nothing");
    let largest = |from: &[f32], to: &[f32]| from.iter().zip(to).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    // Embedding, one block, one class-attention block, heads: three layers before the last.
    let factor = |name: &str| match name {
        _ if name.contains("patch_embed") || name.contains("pos_embed") => 0.125,
        _ if name.contains("/blocks.") => 0.25,
        _ if name.contains("cls_") => 0.5,
        _ => 1.0,
    };
    let mut seen = Vec::new();
    for (((name, still), (_, plain)), (_, layered)) in still.iter().zip(&plain).zip(&layered) {
        if name.contains("running_") {
            continue;
        }
        let (full, part) = (largest(still, plain), largest(still, layered));
        // A weight of about one is known to six decimals, and moves by 1e-3 at most.
        if full > 5e-4 {
            let expected = factor(name);
            assert!((part / full - expected).abs() < 0.02, "{name}: {part} of {full} instead of {expected}");
            seen.push((expected * 8.0) as u32);
        }
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen, [1, 2, 4, 8], "every layer was looked at");
}

#[test]
fn a_cool_down_adds_epochs_at_the_end_of_the_schedule() {
    let folder = workplace();
    let rates = |out: &str| -> Vec<f64> {
        let lines = numbers(&folder.path().join(out));
        let whole = lines.iter().filter(|line| line["test_top1"].is_f64());
        whole.map(|line| line["learning_rate"].as_f64().unwrap()).collect()
    };
    let said = train(folder.path(), "cooled", &["--set", "epochs=2", "--set", "cooldown=2"]);
    assert!(said.contains("epoch 4/4"), "{said}");
    train(folder.path(), "plain", &["--set", "epochs=2"]);
    assert_eq!(rates("cooled")[..2], rates("plain"));
    assert_eq!(rates("cooled")[1..], [1e-5, 1e-5, 1e-5]);
    // A run that ended can be cooled down still, and is then the same.
    works(folder.path(), &["train", "plain", "--resume", "--device", "cpu", "--set", "cooldown=2"]);
    assert_eq!(numbers(&folder.path().join("plain")), numbers(&folder.path().join("cooled")));
}

#[test]
fn classes_of_unequal_size_are_made_up_for_and_equal_ones_are_left_alone() {
    let folder = workplace();
    unpacked(folder.path(), &images());
    let run = |out: &str, class_weights: &str| {
        let changes = ["data.source=set", "train_size=0", "test_size=0", "batch=5", "epochs=1", "smoothing=0"];
        let class_weights = format!("class_weights={class_weights}");
        let changes = changes.into_iter().chain([class_weights.as_str()]);
        train(folder.path(), out, &changes.flat_map(|change| ["--set", change]).collect::<Vec<_>>());
        numbers(&folder.path().join(out))
    };
    assert_eq!(run("equal", "none"), run("equal-balanced", "balanced"));
    for index in 0..5 {
        fs::remove_file(folder.path().join(format!("set/train/dark/{index}.jpg"))).unwrap();
    }
    let (plain, balanced) = (run("plain", "none"), run("balanced", "balanced"));
    assert_ne!(plain[0]["train_loss"], balanced[0]["train_loss"]);
}
