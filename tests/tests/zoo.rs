//! The bundles that ship: whole, small enough for a page, and listed as they are.

use std::path::{Path, PathBuf};

use burn::prelude::Device;
use serde_json::Value;
use vitro::bundle;

fn zoo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../zoo")
}

fn listed() -> Vec<Value> {
    let text =
        std::fs::read_to_string(zoo().join("index.json")).expect("zoo/index.json; write it with `cargo xtask zoo`");
    serde_json::from_str(&text).expect("a list of bundles")
}

#[test]
fn every_bundle_reads_back_and_fits_a_page() {
    let in_folder =
        |folder: PathBuf| std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = in_folder(zoo())
        .flat_map(|path| if path.is_dir() { in_folder(path).collect() } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|ending| ending == "safetensors"))
        .collect();
    files.sort();
    assert_eq!(files.len(), listed().len(), "the list and the folder differ; run `cargo xtask zoo`");
    for file in files {
        let bytes = std::fs::read(&file).expect("a bundle");
        let (manifest, _) = bundle::read(&bytes, &Device::flex()).expect("a whole bundle");
        // Twice as much where 16 bits would make another model.
        let most = if manifest.model.attention().jumps() { 4_000_000 } else { 2_000_000 };
        assert!(bytes.len() <= most, "{} has {} bytes", file.display(), bytes.len());
        assert_eq!(file.file_stem().and_then(|name| name.to_str()), Some(manifest.name.as_str()));
    }
}

#[test]
fn the_list_says_what_the_manifests_say() {
    for entry in listed() {
        let file = zoo().join(entry["file"].as_str().expect("a file name"));
        let bytes = std::fs::read(&file).expect("a bundle");
        let manifest = bundle::read_manifest(&bytes).expect("a manifest");
        let name = match entry["set"].as_str() {
            Some("scenes") => manifest.name.clone(),
            set => format!("{}/{}", set.expect("a set"), manifest.name),
        };
        assert_eq!(entry["name"], name.as_str());
        assert_eq!(entry["dataset"], manifest.dataset.as_str());
        assert_eq!(entry["bytes"], bytes.len() as u64, "{}: run `cargo xtask zoo`", manifest.name);
        assert_eq!(
            entry["weights_sha256"],
            manifest.weights_sha256.as_str(),
            "{}: run `cargo xtask zoo`",
            manifest.name
        );
        assert_eq!(entry["params"], manifest.params);
        assert_eq!(entry["clean_top1"].as_f64(), manifest.results.map(|results| results.clean_top1));
    }
}
