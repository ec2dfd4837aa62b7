//! Steps that multiply in bfloat16.

use std::fs;

use safetensors::{Dtype, SafeTensors};
use serde_json::Value;
use vitro_tests::command::{refused, works};

use crate::workplace::{fails, numbers, remains, saved_steps, train, workplace};

/// On a network with both token mixers of FAN, TAP, ADL, an average of the weights and running statistics.
#[test]
fn a_training_in_bf16_learns_nearly_the_same_and_keeps_its_weights_in_32_bits() {
    let folder = workplace();
    train(folder.path(), "exact", &[]);
    train(folder.path(), "narrow", &["--set", "precision=bf16"]);
    let [exact, narrow] = ["exact", "narrow"].map(|run| numbers(&folder.path().join(run)));
    assert_eq!(exact.len(), narrow.len());
    let mut compared = 0;
    for (exact, narrow) in exact.iter().zip(&narrow) {
        for key in ["train_loss", "test_loss"].into_iter().filter(|key| exact[key].is_f64()) {
            let [a, b] = [exact, narrow].map(|line: &Value| line[key].as_f64().unwrap());
            assert!(a != b && (a - b).abs() < 0.02 * a, "{key}: {a} and {b}");
            compared += 1;
        }
    }
    assert!(compared >= 6, "{compared} numbers");
    let checkpoint = fs::read(folder.path().join("narrow/checkpoint.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&checkpoint).unwrap();
    assert!(file.iter().all(|(_, array)| array.dtype() == Dtype::F32), "not all arrays have 32 bits");
}

#[test]
fn a_training_in_bf16_goes_on_to_the_same_bits_and_only_in_bf16() {
    let folder = workplace();
    let narrow = ["--set", "precision=bf16"];
    train(folder.path(), "whole", &narrow);
    let begin = ["train", "small.toml", "--device", "cpu", "--out", "parts"];
    fails(folder.path(), "panic 9", &[&begin[..], &narrow].concat());
    let parts = folder.path().join("parts");
    assert_eq!(saved_steps(&parts), Some(4));
    let said = refused(folder.path(), &["train", "parts", "--resume", "--device", "cpu", "--set", "precision=f32"]);
    assert!(said.contains("train.precision was \"bf16\" when the run began"), "{said}");
    works(folder.path(), &["train", "parts", "--resume", "--device", "cpu"]);
    assert!(remains(&parts) == remains(&folder.path().join("whole")), "they differ");
}

#[test]
fn a_precision_that_does_not_exist_is_refused_with_those_that_do() {
    let folder = workplace();
    let said =
        refused(folder.path(), &["train", "small.toml", "--device", "cpu", "--set", "precision=f16", "--out", "run"]);
    assert!(said.contains("train.precision") && said.contains("f32") && said.contains("bf16"), "{said}");
    assert!(!folder.path().join("run").exists());
}
