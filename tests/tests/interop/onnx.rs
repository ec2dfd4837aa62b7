//! `vitro export --to onnx`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use burn::prelude::Device;
use prost::Message;
use vitro::bundle;
use vitro_cli::onnx::message::Model as File;
use vitro_tests::command::{refused, text, vitro, works};

use crate::proof::{assert_confirmed, folder, write_bundle, write_reference};

const KIND: &str = "onnx";

/// The small models that can be written.
const WRITTEN: &[&str] = &["vit", "vit_tap", "fan", "tap_fan", "fan_token", "rvt", "rvt_plus", "tap_rvt"];

fn exported(name: &str) -> File {
    let out = format!("{name}.onnx");
    let said = works(&folder(KIND), &["export", &format!("{name}.safetensors"), "--to", "onnx", "-o", &out]);
    assert!(said.contains("`images` in 0..1 to `logits`"), "{said}");
    File::decode(fs::read(folder(KIND).join(out)).unwrap().as_slice()).unwrap()
}

/// Whether a network is one that is not written, which is said in a sentence.
fn refuses(name: &str) -> bool {
    let output = vitro(&folder(KIND), &["export", &format!("{name}.safetensors"), "--to", "onnx", "-o", "none.onnx"]);
    let said = text(&output.stderr);
    assert!(output.status.success() || said.contains("ONNX"), "{said}");
    !output.status.success()
}

/// Every operation uses only what is there before it, and every array is used.
fn assert_well_formed(name: &str, file: &File) {
    let graph = file.graph.as_ref().unwrap();
    let mut there: BTreeSet<&str> = graph.input.iter().map(|value| value.name.as_str()).collect();
    for array in &graph.initializer {
        let places: i64 = array.dims.iter().product();
        let bytes = if array.data_type == vitro_cli::onnx::message::FLOAT { 4 } else { 8 };
        assert_eq!(array.raw_data.len() as i64, places * bytes, "{name}: {}", array.name);
        assert!(there.insert(&array.name), "{name}: {} stands there twice", array.name);
    }
    let mut used = BTreeSet::new();
    for node in &graph.node {
        for input in &node.input {
            assert!(there.contains(input.as_str()), "{name}: {} needs {input}", node.name);
            used.insert(input.as_str());
        }
        for output in &node.output {
            assert!(there.insert(output), "{name}: {output} is computed twice");
        }
    }
    let idle: Vec<&&str> = there.iter().filter(|wire| !used.contains(**wire)).collect();
    assert_eq!(idle, [&"logits"], "{name}");
}

#[test]
fn networks_of_three_families_are_written_as_onnxruntime_confirmed_them() {
    for name in WRITTEN {
        let (manifest, model) = write_bundle(KIND, name);
        write_reference(KIND, name, &manifest, &model);
        let mut file = exported(name);
        assert_well_formed(name, &file);
        // Sines of another libm, and sums of another processor, may differ in the last bit.
        for array in file.graph.iter_mut().flat_map(|graph| &mut graph.initializer) {
            if array.name == "positions" {
                array.raw_data.clear();
            }
        }
        assert_confirmed(KIND, name, &file.encode_to_vec());
    }
}

#[test]
fn the_zoo_is_written_with_what_a_program_needs_to_use_it() {
    let zoo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../zoo");
    for entry in vitro_cli::zoo::read(&zoo).unwrap() {
        let name = format!("zoo-{}", entry.name.replace('/', "-"));
        let bytes = fs::read(zoo.join(&entry.file)).unwrap();
        fs::write(folder(KIND).join(format!("{name}.safetensors")), &bytes).unwrap();
        let (manifest, model) = bundle::read(&bytes, &Device::flex()).unwrap();
        write_reference(KIND, &name, &manifest, &model);
        // What no other program knows is not written, and is among those that the page does not open with.
        if entry.aside && refuses(&name) {
            continue;
        }
        let file = exported(&name);
        assert_well_formed(&name, &file);
        let fact = |key: &str| file.metadata_props.iter().find(|entry| entry.key == key).unwrap().value.clone();
        assert_eq!(serde_json::from_str::<Vec<String>>(&fact("classes")).unwrap(), manifest.classes);
        assert_eq!(fact("weights_sha256"), manifest.weights_sha256);
    }
}

#[test]
fn other_networks_are_refused_with_those_that_can_be_written() {
    for (name, what) in
        [("fan_hybrid", "this FAN"), ("fan_swin", "this FAN-Swin"), ("vit_performer", "this ViT with performer")]
    {
        write_bundle(KIND, name);
        let bundle = format!("{name}.safetensors");
        let said = refused(&folder(KIND), &["export", &bundle, "--to", "onnx", "-o", "refused.onnx"]);
        assert!(said.contains(what) && said.contains("supported are the plain ViT, FAN"), "{said}");
        assert!(!folder(KIND).join("refused.onnx").exists());
    }
}
