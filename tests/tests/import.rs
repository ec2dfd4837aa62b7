//! `vitro import`: an official checkpoint becomes a bundle that every other command reads, or is refused by name.

use std::collections::HashMap;
use std::path::Path;
use std::process::Output;

use burn::module::{Module, ModuleVisitor, Param};
use burn::prelude::*;
use safetensors::tensor::{Dtype, TensorView};
use tempfile::TempDir;
use vitro::model::{Model, preset};
use vitro_tests::command::{command, text};
use vitro_tests::examine::values;

/// A preset whose names here are timm's.
const PRESET: &str = "vit_nano_p4_32";

fn import(folder: &Path, more: &[&str]) -> Output {
    let arguments = ["import", "official.safetensors", "--model", PRESET, "--out", "bundle.safetensors"];
    command(folder, &arguments).args(more).output().expect("the command")
}

/// Every array in the layout of PyTorch, where a linear layer's weights are `[outputs, inputs]`.
#[derive(Default)]
struct Official {
    path: Vec<String>,
    arrays: HashMap<String, (Vec<usize>, Vec<u8>)>,
}

impl ModuleVisitor for Official {
    fn enter_module(&mut self, name: &str, container: &str) {
        // What an enum holds has no name in a checkpoint.
        let nameless = container.starts_with("Enum");
        self.path.push(if nameless { String::new() } else { format!("{name}.") });
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val();
        let tensor = if D == 2 { tensor.transpose() } else { tensor };
        let shape = tensor.dims().to_vec();
        let bytes = values(tensor).into_iter().flat_map(f32::to_le_bytes).collect();
        let name = self.path.concat();
        // Scale and shift of a norm are called weight and bias there.
        let name = name.trim_end_matches('.').replace(".gamma", ".weight").replace(".beta", ".bias");
        self.arrays.insert(format!("model.module.{name}"), (shape, bytes));
    }
}

/// Writes the weights of `model` as a training script would, with a counter beside them.
fn write_official(folder: &Path, model: &Model, without: &str) {
    let mut official = Official::default();
    model.visit(&mut official);
    official.arrays.retain(|name, _| !name.ends_with(without));
    official.arrays.insert("model.module.norm.num_batches_tracked".into(), (vec![1], 7f32.to_le_bytes().to_vec()));
    let views = official.arrays.iter().map(|(name, (shape, bytes))| {
        (name, TensorView::new(Dtype::F32, shape.clone(), bytes).expect("as many values as the shape says"))
    });
    let bytes = safetensors::serialize(views, None).expect("a file");
    std::fs::write(folder.join("official.safetensors"), bytes).expect("a disk");
}

#[test]
fn an_official_checkpoint_becomes_a_bundle_that_explains_a_scene() {
    let folder = TempDir::new().expect("a folder");
    let model = preset(PRESET).expect("a preset").config(3).init(&Device::flex()).expect("a model");
    write_official(folder.path(), &model, "nothing");
    std::fs::write(folder.path().join("names.txt"), "cat\ndog\nowl\n").expect("a disk");

    let output = import(folder.path(), &["--classes", "names.txt", "--precision", "f32", "--list"]);
    let said = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(said.contains("applied      patch_embed.proj.weight"), "{said}");
    assert!(said.contains("passed over  norm.num_batches_tracked"), "{said}");
    assert!(said.contains("applied from model, 0 missing, 0 unused, 1 passed over"), "{said}");

    let bytes = std::fs::read(folder.path().join("bundle.safetensors")).expect("a bundle");
    let (manifest, again) = vitro::bundle::read(&bytes, &Device::flex()).expect("a bundle");
    assert_eq!(manifest.classes, ["cat", "dog", "owl"]);
    let x = Tensor::ones([1, 3, 32, 32], &Device::flex());
    assert_eq!(values(model.forward(x.clone())), values(again.forward(x)));
}

#[test]
fn a_checkpoint_of_another_model_is_refused_with_the_names_and_nothing_is_written() {
    let folder = TempDir::new().expect("a folder");
    let model = preset(PRESET).expect("a preset").config(3).init(&Device::flex()).expect("a model");
    write_official(folder.path(), &model, "blocks.5.norm2.bias");

    let output = import(folder.path(), &["--list"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("1 missing: blocks.5.norm2.beta"), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("missing      blocks.5.norm2.beta"), "{}", text(&output.stdout));
    assert!(!folder.path().join("bundle.safetensors").exists());
}
