//! The way of a stranger: from a folder of photographs to a bundle for the page.

use std::fs;

use serde_json::Value;
use vitro_tests::command::{refused, works};

use crate::workplace::{images, unpacked, workplace};

#[test]
fn a_folder_becomes_a_recipe_a_run_an_evaluation_a_report_and_a_bundle() {
    let folder = workplace();
    unpacked(folder.path(), &images());
    let said = works(folder.path(), &["new", "set", "--minutes", "0.05", "--device", "cpu"]);
    assert!(said.contains("vitro train set.toml"), "{said}");
    let recipe = fs::read_to_string(folder.path().join("set.toml")).unwrap();
    // 36 pixels on the shorter side, ten training images of each of two classes.
    for choice in
        ["image_size = 32 ", "preset = \"fan_nano_p4_32\"", "validation = 0 ", "batch = 2 ", "randaugment = 9 "]
    {
        assert!(recipe.contains(choice), "{choice} is not in {recipe}");
    }

    works(folder.path(), &["train", "set.toml", "--out", "run", "--device", "cpu", "--set", "epochs=1"]);
    works(folder.path(), &["eval", "run", "--only", "fog", "--severity", "3", "--device", "cpu"]);
    let card = fs::read_to_string(folder.path().join("run/card.md")).unwrap();
    for part in ["2 classes apart: bright, dark.", "32 × 32 pixels", "preset = \"fan_nano_p4_32\"", "| fog "] {
        assert!(card.contains(part), "{part} is not in {card}");
    }
    works(folder.path(), &["compare", "run", "--html", "report.html", "--images", "1", "--device", "cpu"]);
    assert!(fs::read_to_string(folder.path().join("report.html")).unwrap().contains("<h1>set</h1>"));
    works(folder.path(), &["export", "run", "-o", "set.safetensors"]);
    let arguments = ["eval", "set.safetensors", "--data", "set", "--clean", "--json", "--device", "cpu"];
    let said: Value = serde_json::from_str(&works(folder.path(), &arguments)).unwrap();
    assert_eq!((&said["name"], &said["n_images"]), (&"set".into(), &4.into()));
}

#[test]
fn what_no_recipe_can_be_written_for_is_refused_and_nothing_is_overwritten() {
    let folder = workplace();
    assert!(refused(folder.path(), &["new", "nowhere", "--device", "cpu"]).contains("nowhere"));
    unpacked(folder.path(), &images());
    assert!(refused(folder.path(), &["new", "set", "--minutes", "0", "--device", "cpu"]).contains("--minutes"));
    assert!(refused(folder.path(), &["new", "set", "-o", "set.txt", "--device", "cpu"]).contains(".toml"));
    fs::write(folder.path().join("set.toml"), "mine").unwrap();
    assert!(refused(folder.path(), &["new", "set", "--device", "cpu"]).contains("--out"));
    assert_eq!(fs::read_to_string(folder.path().join("set.toml")).unwrap(), "mine");
}
