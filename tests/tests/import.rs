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
    /// What stands before every name.
    wrapping: String,
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
        self.arrays.insert(format!("{}{name}", self.wrapping), (shape, bytes));
    }
}

/// Writes the weights of `model` as a training script would, with a counter beside them.
fn write_official(folder: &Path, model: &Model, without: &str) {
    write_wrapped(folder, model, "model.module.", without);
}

/// [`write_official`] with `wrapping` before every name, and an optimiser's moment beside it.
fn write_wrapped(folder: &Path, model: &Model, wrapping: &str, without: &str) {
    let mut official = Official { wrapping: wrapping.to_owned(), ..Official::default() };
    model.visit(&mut official);
    official.arrays.retain(|name, _| !name.ends_with(without));
    let number = || (vec![1], 7f32.to_le_bytes().to_vec());
    official.arrays.insert(format!("{wrapping}norm.num_batches_tracked"), number());
    if wrapping.split('.').next().is_some_and(|first| !["", "module", "_orig_mod", "_forward_module"].contains(&first))
    {
        official.arrays.insert("optimizer_states.0.exp_avg".into(), number());
    }
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

fn fresh() -> Model {
    preset(PRESET).expect("a preset").config(3).init(&Device::flex()).expect("a model")
}

fn imported(folder: &Path) -> (vitro::bundle::Manifest, Model) {
    let bytes = std::fs::read(folder.join("bundle.safetensors")).expect("a bundle");
    vitro::bundle::read(&bytes, &Device::flex()).expect("a bundle")
}

#[test]
fn what_training_scripts_put_around_weights_comes_off_and_what_stays_behind_is_said() {
    let folder = TempDir::new().expect("a folder");
    let model = fresh();
    let x = Tensor::ones([1, 3, 32, 32], &Device::flex());
    let logits = values(model.forward(x.clone()));
    for (wrapping, from) in [
        ("", ""),
        ("module.", ""),
        ("_orig_mod.module.", ""),
        ("_forward_module.", ""),
        ("model.", "model"),
        ("model_state_dict.", "model_state_dict"),
        ("state_dict.model.", "state_dict.model"),
        ("state_dict._orig_mod.", "state_dict"),
        ("model_ema.module.", "model_ema"),
        ("ema_state_dict.", "ema_state_dict"),
        ("params_ema.", "params_ema"),
    ] {
        write_wrapped(folder.path(), &model, wrapping, "nothing");
        let output = import(folder.path(), &["--precision", "f32"]);
        let said = text(&output.stdout);
        assert!(output.status.success(), "{wrapping}: {}", text(&output.stderr));
        assert_eq!(said.contains(&format!("arrays applied from {from}, ")), !from.is_empty(), "{wrapping}: {said}");
        assert_eq!(said.contains("left behind: optimizer_states (1 array)"), !from.is_empty(), "{wrapping}: {said}");
        assert_eq!(values(imported(folder.path()).1.forward(x.clone())), logits, "{wrapping}");
    }
}

#[test]
fn a_key_that_the_model_has_no_place_for_is_refused_by_name() {
    let folder = TempDir::new().expect("a folder");
    let mut official = Official::default();
    fresh().visit(&mut official);
    official.arrays.insert("head_dist.weight".into(), (vec![1], 7f32.to_le_bytes().to_vec()));
    let views = official.arrays.iter().map(|(name, (shape, bytes))| {
        (name, TensorView::new(Dtype::F32, shape.clone(), bytes).expect("as many values as the shape says"))
    });
    let file = safetensors::serialize(views, None).expect("a file");
    std::fs::write(folder.path().join("official.safetensors"), file).expect("a disk");
    let output = import(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("1 not used: head_dist.weight"), "{}", text(&output.stderr));
}

#[test]
fn weights_are_imported_for_larger_images_and_other_classes_on_request() {
    let folder = TempDir::new().expect("a folder");
    let model = fresh();
    write_official(folder.path(), &model, "nothing");
    let output = import(folder.path(), &["--image-size", "48", "--classes", "7", "--new-head"]);
    let said = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(said.contains("positions resampled from 8 × 8 to 12 × 12 patches"), "{said}");
    assert!(said.contains("the head is untrained"), "{said}");
    let (manifest, again) = imported(folder.path());
    assert_eq!((manifest.preprocess.image_size, manifest.classes.len()), (48, 7));
    assert!(manifest.provenance.source.ends_with("with an untrained head"));
    assert_eq!(again.forward(Tensor::ones([1, 3, 48, 48], &Device::flex())).dims(), [1, 7]);

    for (more, words) in [
        (&["--classes", "7"][..], "add --new-head"),
        (&["--classes", "0", "--new-head"], "--classes 0 is out of range"),
        (&["--image-size", "30"], "patch"),
        (&["--image-size", "0"], "patch"),
    ] {
        let output = import(folder.path(), more);
        assert_eq!(output.status.code(), Some(2), "{more:?}");
        assert!(text(&output.stderr).contains(words), "{more:?}: {}", text(&output.stderr));
    }
}
