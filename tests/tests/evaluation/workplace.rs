//! A folder with an untrained model and a small dataset, and `vitro eval` in it.

use std::fs;
use std::path::Path;

use burn::module::{ModuleMapper, Param};
use burn::prelude::*;
use serde_json::Value;
use tempfile::TempDir;
use vitro::bundle::{self, Precision};
use vitro::image::{Rgb8, encode_png};
use vitro::model::ModelConfig;
use vitro::model::vit::VitConfig;
use vitro::random::fnv1a;
use vitro_tests::command::{refusal, text, vitro, works};
use vitro_tests::small_models::manifest;

pub(crate) const SIDE: usize = 32;
pub(crate) const CLASSES: [&str; 3] = ["bright", "dark", "grey"];
/// Test images of each class.
pub(crate) const EACH: usize = 7;

/// Runs what must be refused before anything is printed, and returns the sentence.
pub(crate) fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = vitro(folder, arguments);
    assert!(output.stdout.is_empty(), "{arguments:?}: {}", text(&output.stdout));
    refusal(arguments, &output)
}

/// Flags that do not go together are refused before anything is looked at, with a usage.
pub(crate) fn misused(folder: &Path, arguments: &[&str]) -> String {
    let output = vitro(folder, arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    text(&output.stderr)
}

/// Evaluates on the processor and reads the JSON.
pub(crate) fn evaluated(folder: &Path, arguments: &[&str]) -> Value {
    let all = [&["eval"], arguments, &["--device", "cpu", "--json"]].concat();
    serde_json::from_str(&works(folder, &all)).unwrap()
}

/// Gives every weight a number between -1/2 and 1/2, from a linear congruential generator.
struct Drawn(u64);

impl Drawn {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    }
}

impl ModuleMapper for Drawn {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| {
            let shape = tensor.shape();
            let values: Vec<f32> = (0..shape.num_elements()).map(|_| self.next()).collect();
            Tensor::from_data(TensorData::new(values, shape), &tensor.device())
        })
    }
}

/// Writes an untrained model of `classes` as `NAME.safetensors`; the name decides the weights.
pub(crate) fn model(folder: &Path, name: &str, classes: &[String]) {
    write(folder, name, classes, &mut Drawn(fnv1a(name)));
}

fn write(folder: &Path, name: &str, classes: &[String], weights: &mut impl ModuleMapper) {
    let config = ModelConfig::Vit(VitConfig::new(SIDE, 8, 16, 1, 2, classes.len()));
    let untrained = config.init(&Device::flex()).unwrap().map(weights);
    let mut manifest = manifest(config);
    manifest.name = name.to_owned();
    manifest.classes = classes.to_vec();
    let bytes = bundle::write(&manifest, &untrained, Precision::F32).unwrap();
    fs::write(folder.join(format!("{name}.safetensors")), bytes).unwrap();
}

/// Writes a model all of whose weights of a rank are one number.
pub(crate) fn filled(folder: &Path, name: &str, classes: &[String], number: impl Fn(usize) -> f32) {
    struct Filled<F>(F);
    impl<F: Fn(usize) -> f32> ModuleMapper for Filled<F> {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            param.map(|tensor| Tensor::full(tensor.shape(), self.0(D), &tensor.device()))
        }
    }
    write(folder, name, classes, &mut Filled(number));
}

/// Writes a model that gives the class in `column` for every image: all weights are 0 but one bias of the head.
pub(crate) fn always(folder: &Path, name: &str, classes: &[String], column: usize) {
    struct Always(usize, usize);
    impl ModuleMapper for Always {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let Self(classes, column) = *self;
            param.map(|tensor| {
                let shape = tensor.shape();
                let mut values = vec![0.0f32; shape.num_elements()];
                if D == 1 && values.len() == classes {
                    values[column] = 1.0;
                }
                Tensor::from_data(TensorData::new(values, shape), &tensor.device())
            })
        }
    }
    write(folder, name, classes, &mut Always(classes.len(), column));
}

pub(crate) fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Odd sizes, so that resizing is part of what is tested.
pub(crate) fn image(class: usize, index: usize) -> Rgb8 {
    Rgb8::from_fn(36, 40, |x, y| {
        let wave = (x * (3 + index) + y * (5 + class)) % 64;
        [(wave + class * 80) as u8, (wave * 2) as u8, (index * 30 + y) as u8]
    })
}

/// A folder with a model `a` of three classes and a small dataset `set`.
pub(crate) fn workplace() -> TempDir {
    let folder = TempDir::new().unwrap();
    model(folder.path(), "a", &strings(&CLASSES));
    for (class, name) in CLASSES.iter().enumerate() {
        for (split, count) in [("train", 1), ("test", EACH)] {
            let place = folder.path().join("set").join(split).join(name);
            fs::create_dir_all(&place).unwrap();
            for index in 0..count {
                fs::write(place.join(format!("{index}.png")), encode_png(&image(class, index))).unwrap();
            }
        }
    }
    folder
}

pub(crate) const OF_SET: [&str; 3] = ["a.safetensors", "--data", "set"];
/// Corruptions that draw nothing, so that a written copy and one made for the model are the same.
pub(crate) const CELLS: [&str; 4] = ["--only", "contrast,pixelate,saturate", "--severity", "1,3,5"];

pub(crate) fn in_memory(folder: &Path) -> Value {
    evaluated(folder, &[&OF_SET[..], &CELLS[..]].concat())
}

pub(crate) fn stored(folder: &Path, root: &str, more: &[&str]) -> Value {
    evaluated(folder, &[&OF_SET[..], &CELLS[..], &["--stored", root], more].concat())
}

/// Everything but where the images came from.
pub(crate) fn numbers(evaluation: &Value) -> Value {
    let mut numbers = evaluation.clone();
    for key in ["corruption_source", "protocol", "remarks", "git"] {
        numbers.as_object_mut().unwrap().remove(key);
    }
    numbers
}

pub(crate) fn tree(folder: &Path) {
    let size = SIDE.to_string();
    works(folder, &[&["corrupt", "set", "-o", "tree", "--size", &size], &CELLS[..]].concat());
}
