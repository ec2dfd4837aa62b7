//! Bundles and checkpoints that lie, on a network of a few hundred weights.

use burn::module::Module;
use burn::tensor::Device;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Value, json};

use super::*;
use crate::image::Preprocess;
use crate::model::vit::VitConfig;
use crate::model::{ModelConfig, PRESETS};

fn config() -> ModelConfig {
    ModelConfig::Vit(VitConfig::new(8, 4, 12, 2, 3, 5))
}

fn manifest() -> Manifest {
    Manifest {
        format: FORMAT,
        name: "small".into(),
        title: "Small".into(),
        methods: Vec::new(),
        model: config(),
        classes: (0..5).map(|class| class.to_string()).collect(),
        preprocess: Preprocess::imagenet(8),
        dataset: String::new(),
        train_data: String::new(),
        params: 0,
        weights_sha256: String::new(),
        results: None,
        provenance: Provenance::default(),
    }
}

fn bundle() -> Vec<u8> {
    write(&manifest(), &config().init(&Device::flex()).unwrap(), Precision::F32).unwrap()
}

/// The header as JSON, and what is behind it.
fn header(bytes: &[u8]) -> (Value, &[u8]) {
    let length = u64::from_le_bytes(*bytes.first_chunk().unwrap()) as usize;
    (serde_json::from_slice(&bytes[8..8 + length]).unwrap(), &bytes[8 + length..])
}

fn with_header(header: &str, weights: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), weights].concat()
}

/// The bundle with its manifest changed.
fn changed(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let bytes = bundle();
    let (mut header, weights) = header(&bytes);
    let mut manifest: Value = serde_json::from_str(header["__metadata__"][MANIFEST_KEY].as_str().unwrap()).unwrap();
    change(&mut manifest);
    header["__metadata__"][MANIFEST_KEY] = manifest.to_string().into();
    with_header(&header.to_string(), weights)
}

/// The weights of the model under the authors' names, each changed by `change`.
fn checkpoint(change: impl Fn(&str, &mut Vec<f32>)) -> Checkpoint {
    let mut checkpoint = Checkpoint::default();
    for (name, array) in Checkpoint::from_safetensors(&bundle()).unwrap().iter() {
        let mut values = array.values.clone();
        change(name, &mut values);
        checkpoint.insert(name, array.shape.clone(), values);
    }
    checkpoint
}

/// A safetensors file of `arrays`, in f32 but for those whose name ends in `eight`.
fn file(checkpoint: &Checkpoint, eight: &str) -> Vec<u8> {
    let stored: Vec<_> = checkpoint
        .iter()
        .map(|(name, array)| {
            let small = !eight.is_empty() && name.ends_with(eight);
            let wide = array.values.iter().flat_map(|value| value.to_le_bytes()).collect();
            let bytes: Vec<u8> = if small { vec![0; array.values.len()] } else { wide };
            (name, if small { Dtype::I8 } else { Dtype::F32 }, array.shape.clone(), bytes)
        })
        .collect();
    let views = stored
        .iter()
        .map(|(name, dtype, shape, bytes)| (*name, TensorView::new(*dtype, shape.clone(), bytes).unwrap()));
    safetensors::serialize(views, None).unwrap()
}

#[test]
fn a_bundle_comes_back_and_its_manifest_passes() {
    let (read, model) = super::read(&bundle(), &Device::flex()).unwrap();
    assert_eq!((read.params, &read.model), (parameters(&model), &config()));
    assert!(super::read(&changed(|_| ()), &Device::flex()).is_ok());
}

#[test]
fn the_bounds_leave_room_for_every_preset() {
    for preset in PRESETS {
        let model = preset.config(1000);
        let text = serde_json::to_value(&model).unwrap();
        let mut axes = std::collections::BTreeSet::from([1000]);
        fn widths(value: &Value, axes: &mut std::collections::BTreeSet<usize>) {
            match value {
                Value::Object(fields) => fields.iter().for_each(|(key, value)| match value.as_u64() {
                    Some(width) if key == "width" => drop(axes.insert(width as usize)),
                    _ => widths(value, axes),
                }),
                Value::Array(entries) => entries.iter().for_each(|value| widths(value, axes)),
                _ => (),
            }
        }
        widths(&text, &mut axes);
        let manifest = Manifest {
            preprocess: Preprocess::imagenet(model.image_size()),
            classes: vec![String::new(); 1000],
            model,
            params: 1,
            ..manifest()
        };
        assert_eq!(manifest.check(&Contents { arrays: 100, values: 1, axes }), Ok(()), "{}", preset.name);
    }
}

#[test]
fn manifests_whose_numbers_disagree_are_refused_before_anything_is_built() {
    let huge = json!(u32::MAX);
    let cases: Vec<(&str, Value)> = vec![
        ("/preprocess/image_size", json!(16)),
        ("/preprocess/image_size", json!(0)),
        ("/preprocess/image_size", json!(usize::MAX)),
        ("/preprocess/std/1", json!(0.0)),
        ("/preprocess/std/2", json!(-0.2)),
        ("/preprocess/std/0", json!(1e300)),
        ("/preprocess/std/0", json!(null)),
        ("/preprocess/mean/0", json!(1e300)),
        ("/preprocess/mean/2", json!("NaN")),
        ("/preprocess/crop_pct", json!(0.0)),
        ("/preprocess/crop_pct", json!(-1.0)),
        ("/preprocess/crop_pct", json!(1e30)),
        ("/model/image_size", json!(16)),
        ("/model/image_size", json!(0)),
        ("/model/image_size", huge.clone()),
        ("/model/patch_size", json!(0)),
        ("/model/patch_size", json!(2)),
        ("/model/patch_size", json!(u64::MAX)),
        ("/model/width", json!(24)),
        ("/model/width", json!(0)),
        ("/model/width", huge.clone()),
        ("/model/depth", json!(1)),
        ("/model/depth", json!(3)),
        ("/model/depth", json!(1_000_000_000_u64)),
        ("/model/depth", json!(u64::MAX)),
        ("/model/heads", json!(5)),
        ("/model/heads", json!(0)),
        ("/model/heads", huge.clone()),
        ("/model/mlp_ratio", json!(3)),
        ("/model/mlp_ratio", json!(u64::MAX)),
        ("/model/drop_path", json!(-1.0)),
        ("/model/drop_path", json!(1e300)),
        ("/model/tap_scales", json!(u64::MAX)),
        ("/model/classes", json!(4)),
        ("/model/classes", huge.clone()),
        ("/model/attention", json!("no such attention")),
        ("/model/attention", json!({"vars_d": {"num_step": 1_000_000_000, "lambda": 0.3, "ratio": 1}})),
        ("/model/family", json!("fan")),
        ("/model/family", json!(7)),
        ("/classes", json!(["one"])),
        ("/classes", json!([])),
        ("/params", json!(0)),
        ("/params", json!(7)),
        ("/params", json!(u64::MAX)),
        ("/format", json!(2)),
        ("/format", json!(-1)),
        ("/name", json!({})),
        (
            "/results",
            json!({"clean_top1": 90.0, "corruption_error_mean": 0.1, "ece": 0.0, "n_images": 1,
            "corruption_source": "", "per_cell": []}),
        ),
        (
            "/results",
            json!({"clean_top1": 0.9, "corruption_error_mean": 0.1, "ece": 0.0, "n_images": 1,
            "corruption_source": "", "per_cell": [{"corruption": "fog", "severity": 9, "top1": 0.5, "top5": 0.5, "n": 1}]}),
        ),
        ("/weights_sha256", json!("")),
    ];
    for (place, value) in cases {
        let file = changed(|manifest| {
            match manifest.pointer_mut(place) {
                Some(old) => *old = value.clone(),
                // A field that is left out where it has its usual value.
                None => manifest["model"][place.rsplit('/').next().unwrap()] = value.clone(),
            }
        });
        let refused = super::read(&file, &Device::flex()).map(|_| ());
        assert!(refused.is_err(), "{place} = {value} is taken");
    }
}

#[test]
fn what_a_manifest_disagrees_about_is_said() {
    for (place, value, words) in [
        ("/preprocess/image_size", json!(16), "prepared at 16 pixels for a model of 8"),
        ("/preprocess/std/1", json!(0.0), "standard deviation of the pixels is 0"),
        ("/model/depth", json!(1_000), "depth of 1000"),
        ("/model/width", json!(24), "width of 24"),
        ("/params", json!(7), "7 parameters"),
    ] {
        let file = changed(|manifest| *manifest.pointer_mut(place).unwrap() = value.clone());
        let refused = super::read(&file, &Device::flex()).map(|_| ()).unwrap_err().to_string();
        assert!(refused.contains(words) && refused.contains("\"small\""), "{place}: {refused}");
    }
}

#[test]
fn a_manifest_that_would_be_refused_is_not_written() {
    let wrong = Manifest { preprocess: Preprocess { std: [0.0; 3], ..Preprocess::imagenet(8) }, ..manifest() };
    let written = write(&wrong, &config().init(&Device::flex()).unwrap(), Precision::F16);
    assert!(matches!(written, Err(BundleError::Disagrees { .. })));
}

#[test]
fn an_array_that_stands_in_a_file_twice_is_refused_by_name() {
    let file = file(&checkpoint(|_, _| ()), "");
    let (header, weights) = header(&file);
    let entry = header["head.bias"].to_string();
    let text = header.to_string();
    let doubled = format!("{},\"head.bias\":{entry}}}", &text[..text.len() - 1]);
    assert_eq!(
        Checkpoint::from_safetensors(&with_header(&doubled, weights)).unwrap_err(),
        CheckpointError::Twice("head.bias".into())
    );
}

#[test]
fn weights_that_are_not_finite_are_refused_by_name_on_their_way_in_and_out() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let damaged = checkpoint(|name, values| {
            if name == "blocks.1.mlp.fc2.bias" {
                values[3] = bad;
            }
        });
        let mut model = config().init(&Device::flex()).unwrap();
        let refused = damaged.load(&mut model);
        assert_eq!(refused, Err(CheckpointError::NotFinite("blocks.1.mlp.fc2.bias".into())));
    }
    let model = config().init(&Device::flex()).unwrap();
    let broken = model.map(&mut Spoil(f32::NAN));
    let refused = write(&manifest(), &broken, Precision::F16).unwrap_err().to_string();
    assert!(refused.contains("head.bias") && refused.contains("finite"), "{refused}");
}

#[test]
fn weights_that_sixteen_bits_cannot_hold_are_kept_in_thirty_two() {
    for value in [70_000.0, -1e30, 1e-9] {
        let model = config().init(&Device::flex()).unwrap().map(&mut Spoil(value));
        let bytes = write(&manifest(), &model, Precision::F16).unwrap();
        assert_eq!(kept_wide(&bytes).unwrap(), ["head.bias"]);
        let (_, back) = super::read(&bytes, &Device::flex()).unwrap();
        let back = Checkpoint::from_safetensors(&write(&manifest(), &back, Precision::F32).unwrap()).unwrap();
        let (_, array) = back.iter().find(|(name, _)| *name == "head.bias").unwrap();
        assert_eq!(array.values, [value; 5]);
    }
    assert!(kept_wide(&bundle()).unwrap().is_empty());
}

#[test]
fn weights_in_a_coding_that_is_not_read_are_named_with_it() {
    let official = Checkpoint::from_safetensors(&file(&checkpoint(|_, _| ()), "fc1.weight")).unwrap();
    let mut model = config().init(&Device::flex()).unwrap();
    let refused = official.load(&mut model).unwrap_err().to_string();
    assert!(refused.contains("mlp.fc1.weight") && refused.contains("I8"), "{refused}");
    let headless = Checkpoint::from_safetensors(&file(&checkpoint(|_, _| ()), "head.bias")).unwrap();
    assert!(matches!(headless.logits(), Err(CheckpointError::Kind { .. })));
}

#[test]
fn a_trunk_in_a_wrapping_beside_its_head_fills_the_model() {
    let place = |name: &str| if name.starts_with("head") { name.to_owned() } else { format!("backbone.{name}") };
    let mut official = Checkpoint::default();
    for (name, array) in checkpoint(|_, _| ()).iter() {
        let name = name.replace(".gamma", ".weight").replace(".beta", ".bias");
        let mut shape = array.shape.clone();
        if shape.len() == 2 {
            shape.reverse();
        }
        official.insert(place(&name), shape, vec![0.25; array.values.len()]);
    }
    for wrapping in ["", "module.", "state_dict.", "student.module."] {
        let mut wrapped = Checkpoint::default();
        official.iter().for_each(|(name, array)| {
            wrapped.insert(format!("{wrapping}{name}"), array.shape.clone(), array.values.clone());
        });
        let mut model = config().init(&Device::flex()).unwrap();
        let report = wrapped.load_official(&mut model).unwrap_or_else(|error| panic!("{wrapping}: {error}"));
        assert!(report.missing.is_empty() && report.unused.is_empty());
    }
}

/// Fills the bias of the head.
struct Spoil(f32);

impl burn::module::ModuleMapper for Spoil {
    fn map_float<const D: usize>(&mut self, param: burn::module::Param<Tensor<D>>) -> burn::module::Param<Tensor<D>> {
        // The only vector of five.
        if D == 1 && param.shape().num_elements() == 5 {
            return param.map(|value| value.zeros_like().add_scalar(self.0));
        }
        param
    }
}
