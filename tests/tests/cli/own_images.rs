//! The way of a stranger: from a folder of photographs to a bundle for the page.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use safetensors::SafeTensors;
use serde_json::Value;
use vitro::bundle;
use vitro_tests::command::{command, refusal, refused, text, works};

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
    works(folder.path(), &["eval", "run", "--device", "cpu"]);
    let card = fs::read_to_string(folder.path().join("run/card.md")).unwrap();
    for part in ["2 classes apart: bright, dark.", "32 × 32 pixels", "preset = \"fan_nano_p4_32\"", "| fog "] {
        assert!(card.contains(part), "{part} is not in {card}");
    }
    works(folder.path(), &["compare", "run", "--html", "report.html", "--images", "1", "--device", "cpu"]);
    assert!(fs::read_to_string(folder.path().join("report.html")).unwrap().contains("<h1>set</h1>"));
    works(folder.path(), &["export", "run", "-o", "set.safetensors"]);
    // The page takes what this reads, and shows what was measured.
    let (manifest, _) =
        bundle::read(&fs::read(folder.path().join("set.safetensors")).unwrap(), &Device::flex()).unwrap();
    assert_eq!((manifest.name.as_str(), manifest.classes), ("set", vec!["bright".to_owned(), "dark".to_owned()]));
    assert_eq!(manifest.results.map(|results| results.n_images), Some(4));
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

fn zoo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../zoo")
}

/// The lines of a recipe without spaces and comments.
fn said(recipe: &Path) -> Vec<String> {
    let text = fs::read_to_string(recipe).unwrap();
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim().to_owned());
    lines.filter(|line| !line.is_empty()).collect()
}

#[test]
fn a_recipe_starts_from_a_bundle_of_the_zoo_with_its_network_and_a_fresh_head() {
    let folder = workplace();
    unpacked(folder.path(), &images());
    let with_zoo = |arguments: &[&str]| {
        let output = command(folder.path(), arguments).env("VITRO_ZOO", zoo()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    };
    with_zoo(&["new", "set", "--start", "zoo:fan-tap-adl", "--minutes", "0.05", "--device", "cpu"]);
    let recipe = said(&folder.path().join("set.toml"));
    let lines =
        ["image_size = 64", "preset = \"fan_nano_p8_64\"", "tap = 4", "adl = 1.0", "start = \"zoo:fan-tap-adl\""];
    for line in lines {
        assert!(recipe.iter().any(|said| said == line), "{line} is not in {recipe:?}");
    }
    let hardly = ["--set", "epochs=1", "--set", "lr=1e-9", "--set", "min_lr=0"];
    with_zoo(&[&["train", "set.toml", "--out", "run", "--device", "cpu"][..], &hardly].concat());
    for (of, out) in [("run", "ours.safetensors"), ("zoo:fan-tap-adl", "theirs.safetensors")] {
        with_zoo(&["export", of, "-o", out, "--precision", "f32"]);
    }

    // At such a rate the trunk is still that of the zoo; the head has the classes of the images.
    let (ours, theirs) =
        (arrays(&folder.path().join("ours.safetensors")), arrays(&folder.path().join("theirs.safetensors")));
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    for (name, ours) in &ours {
        let theirs = &theirs[name];
        if name.contains("head") {
            assert_eq!(12 * ours.len(), theirs.len(), "{name}: two classes instead of 24");
        } else if !name.contains("running") {
            let apart = ours.iter().zip(theirs).map(|(ours, theirs)| (ours - theirs).abs()).fold(0.0, f32::max);
            assert!(ours.len() == theirs.len() && apart < 1e-6, "{name}: {apart}");
        }
    }
}

/// The 32-bit arrays of a bundle by name.
fn arrays(bundle: &Path) -> BTreeMap<String, Vec<f32>> {
    let bytes = fs::read(bundle).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let numbers = |data: &[u8]| data.as_chunks().0.iter().map(|number| f32::from_le_bytes(*number)).collect();
    file.iter().map(|(name, view)| (name.to_owned(), numbers(view.data()))).collect()
}

#[test]
fn what_nothing_can_start_from_is_refused_with_what_there_is() {
    let folder = workplace();
    unpacked(folder.path(), &images());
    let refusal = |start: &str| {
        let arguments = ["new", "set", "--start", start, "--device", "cpu"];
        let said = refusal(&arguments, &command(folder.path(), &arguments).env("VITRO_ZOO", zoo()).output().unwrap());
        assert!(!folder.path().join("set.toml").exists(), "{said}");
        said
    };
    assert!(refusal("zoo:fan-tap-adll").contains("did you mean `fan-tap-adl`?"));
    assert!(refusal("nowhere").contains("nowhere"));
}

#[test]
fn a_network_that_no_preset_has_is_written_down_as_the_nearest_and_what_is_different() {
    let folder = workplace();
    unpacked(folder.path(), &images());
    works(folder.path(), &["train", "small.toml", "--out", "small", "--device", "cpu", "--set", "epochs=1"]);
    works(folder.path(), &["new", "set", "--start", "small", "--minutes", "0.05", "--device", "cpu"]);
    let recipe = said(&folder.path().join("set.toml"));
    // Patches of eight pixels are those of this preset.
    for line in ["image_size = 32", "preset = \"fan_nano_p8_64\"", "width = 16", "depth = 1", "heads = 2", "tap = 2"] {
        assert!(recipe.iter().any(|said| said == line), "{line} is not in {recipe:?}");
    }
    works(folder.path(), &["train", "set.toml", "--out", "run", "--device", "cpu", "--set", "epochs=1"]);
}

#[test]
fn the_recipes_for_own_images_train_on_them() {
    let folder = workplace();
    unpacked(folder.path(), &images());
    for name in ["anew", "fine-tune"] {
        let recipe = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../recipes/images/{name}.toml"));
        let changes = ["data.source=set", "validation=0", "epochs=1", "batch=10", "workers=2"];
        let changes: Vec<&str> = changes.iter().flat_map(|change| ["--set", *change]).collect();
        let fixed = ["train", recipe.to_str().unwrap(), "--device", "cpu", "--out", name];
        let arguments = [&fixed[..], &changes].concat();
        let output = command(folder.path(), &arguments).env("VITRO_ZOO", zoo()).output().unwrap();
        assert!(output.status.success(), "{name}: {}", text(&output.stderr));
        assert!(text(&output.stdout).contains("trained 2 steps"), "{name}: {}", text(&output.stdout));
    }
}
