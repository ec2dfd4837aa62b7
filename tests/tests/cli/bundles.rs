//! What a run becomes: an evaluation, a bundle, an explanation.

use std::fs;

use serde_json::Value;
use vitro::bundle;
use vitro::image::encode_png;
use vitro::protocol::Split;
use vitro_tests::command::{refused, works};

use crate::workplace::{image, train, workplace};

#[test]
fn a_run_is_evaluated_exported_and_explained() {
    let folder = workplace();
    train(folder.path(), "run", &["--set", "epochs=1", "--set", "data.test_size=24"]);
    let table =
        works(folder.path(), &["eval", "run", "--only", "fog,contrast", "--severity", "1,5", "--device", "cpu"]);
    assert!(table.contains("| fog ") && table.contains("top-1 error, %"), "{table}");
    let found: Value = serde_json::from_slice(&fs::read(folder.path().join("run/eval.json")).unwrap()).unwrap();
    assert_eq!(found["per_cell"].as_array().unwrap().len(), 4);
    assert_eq!(found["method"], "fan+tap+adl");
    assert!(found["mce_alexnet"].is_null() && found["corruption_error_mean"].is_f64());
    assert_eq!(fs::read_to_string(folder.path().join("run/cells.csv")).unwrap().lines().count(), 5);

    works(folder.path(), &["export", "run", "-o", "tiny.safetensors", "--precision", "f32"]);
    let of_bundle = ["eval", "tiny.safetensors", "--only", "fog,contrast", "--severity", "1,5", "--device", "cpu"];
    let again = works(folder.path(), &[&of_bundle[..], &["--json", "--limit", "24"]].concat());
    let again: Value = serde_json::from_str(&again).unwrap();
    assert_eq!(again["clean_top1"], found["clean_top1"]);

    // A bundle that was measured later can carry the numbers, another model's not.
    works(folder.path(), &[&of_bundle[..], &["--limit", "10", "--out", "later.json"]].concat());
    let export = ["export", "tiny.safetensors", "-o", "measured.safetensors", "--results"];
    works(folder.path(), &[&export[..], &["later.json"]].concat());
    let manifest = bundle::read_manifest(&fs::read(folder.path().join("measured.safetensors")).unwrap()).unwrap();
    assert_eq!(manifest.results.unwrap().n_images, 10);
    let later = fs::read_to_string(folder.path().join("later.json")).unwrap();
    let other = later.replace("\"name\": \"", "\"name\": \"not-");
    fs::write(folder.path().join("other.json"), other).unwrap();
    let said = refused(folder.path(), &[&export[..], &["other.json"]].concat());
    assert!(said.contains("measures not-"), "{said}");

    fs::write(folder.path().join("image.png"), encode_png(&image(1))).unwrap();
    let explain = ["explain", "image.png", "--models", "tiny.safetensors", "--corruption", "fog", "--severity", "4"];
    let said: Value =
        serde_json::from_str(&works(folder.path(), &[&explain[..], &["--json", "--class-map"]].concat())).unwrap();
    let probabilities = said["models"][0]["probabilities"].as_array().unwrap();
    assert_eq!((probabilities.len(), &said["corruption"]), (24, &"fog".into()));
    assert!((probabilities.iter().map(|probability| probability.as_f64().unwrap()).sum::<f64>() - 1.0).abs() < 1e-5);
    let map: Vec<f64> = serde_json::from_value(said["models"][0]["class_map"].clone()).unwrap();
    let patches: u64 =
        said["models"][0]["grid"].as_array().unwrap().iter().map(|side| side.as_u64().unwrap()).product();
    assert_eq!(map.len() as u64, patches);
    assert!(map.iter().all(|value| *value >= 0.0) && (map.iter().sum::<f64>() - 1.0).abs() < 1e-4, "{map:?}");

    let compared = works(folder.path(), &["compare", "run", "run"]);
    assert!(compared.contains("| fog ") && compared.contains("100.0"), "{compared}");
}

#[test]
fn a_damaged_bundle_is_refused_by_its_hash() {
    let folder = workplace();
    train(folder.path(), "run", &["--set", "epochs=1"]);
    works(folder.path(), &["export", "run", "-o", "tiny.safetensors"]);
    let path = folder.path().join("tiny.safetensors");
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert!(refused(folder.path(), &["eval", "tiny.safetensors", "--device", "cpu"]).contains("hash"));
}

#[test]
fn an_evaluation_of_earlier_weights_is_neither_exported_nor_compared() {
    let folder = workplace();
    let place = folder.path();
    train(place, "run", &["--set", "epochs=1"]);
    train(place, "longer", &["--set", "epochs=2"]);
    let eval = ["eval", "run", "--only", "fog", "--severity", "1", "--limit", "10", "--device", "cpu"];
    let export = ["export", "run", "-o", "tiny.safetensors"];
    let carries = || {
        let manifest = bundle::read_manifest(&fs::read(place.join("tiny.safetensors")).unwrap()).unwrap();
        manifest.results
    };
    works(place, &eval);
    assert!(works(place, &export).contains("with results"));
    let protocol = carries().unwrap().protocol.unwrap();
    assert_eq!((protocol.images, protocol.split), (10, Split::PartOfTest));

    // What training on leaves behind: later weights beside the same eval.json.
    let checkpoint = |run: &str| place.join(run).join("checkpoint.safetensors");
    fs::copy(checkpoint("longer"), checkpoint("run")).unwrap();
    let said = works(place, &export);
    assert!(said.contains("without results") && said.contains("vitro eval run"), "{said}");
    assert!(carries().is_none());
    let named = refused(place, &[&export[..], &["--results", "run/eval.json"]].concat());
    assert!(named.contains("measures other weights"), "{named}");
    assert!(refused(place, &["compare", "run"]).contains("run was trained further"));
    let baseline = refused(place, &["eval", "longer", "--clean", "--device", "cpu", "--baseline", "run"]);
    assert!(baseline.contains("run was trained further"), "{baseline}");
    works(place, &eval);
    assert!(works(place, &export).contains("with results"));
    assert!(!works(place, &["compare", "run"]).contains("not recorded"));

    // Files of earlier releases do not say what they measured, and how.
    let file = place.join("run/eval.json");
    let mut found: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    for key in ["weights", "protocol"] {
        assert!(found.as_object_mut().unwrap().remove(key).is_some(), "{key}");
    }
    fs::write(&file, found.to_string()).unwrap();
    let said = works(place, &export);
    assert!(said.contains("does not say which weights") && carries().is_none(), "{said}");
    assert!(works(place, &["compare", "run"]).contains("is not recorded"));
}
