//! Every model: shapes, gradients, and bundles that give the same logits back.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::prelude::*;
use burn::tensor::Distribution;
use vitro::bundle::{self, BundleError, Manifest, Precision, Provenance};
use vitro::image::Preprocess;
use vitro::model::fan::FanConfig;
use vitro::model::vit::VitConfig;
use vitro::model::{Model, ModelConfig, ModelError, PRESETS, parameters, preset};

/// A few blocks of each family, at the smallest sizes that are legal.
fn small_models() -> Vec<(&'static str, ModelConfig)> {
    let fan = FanConfig::new(32, 8, 16, 2, 2, 5);
    let tap = FanConfig { tap_scales: Some(4), ..fan.clone() };
    vec![
        ("vit", ModelConfig::Vit(VitConfig::new(32, 8, 16, 2, 2, 5))),
        ("fan", ModelConfig::Fan(fan)),
        ("tap_fan", ModelConfig::Fan(tap)),
    ]
}

fn pictures(batch: usize, config: &ModelConfig, device: &Device) -> Tensor<4> {
    device.seed(7);
    Tensor::random([batch, 3, config.image_size(), config.image_size()], Distribution::Normal(0.0, 1.0), device)
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().convert::<f32>().iter::<f32>().collect()
}

#[test]
fn a_forward_pass_has_the_shapes_it_promises() {
    let device = Device::flex();
    for (name, config) in small_models() {
        let model = config.init(&device).expect(name);
        let seen = model.trace(pictures(2, &config, &device));
        assert_eq!(seen.logits.dims(), [2, 5], "{name}");
        assert_eq!(seen.grid, [4, 4], "{name}");
        assert_eq!(seen.attention.len(), 2, "{name}");
        assert_eq!(seen.class_attention.expect(name).dims(), [2, 2, 16], "{name}");
        assert_eq!(seen.tokens.dims(), [2, 17, 16], "{name}");
    }
}

#[test]
fn attention_rows_sum_to_one() {
    let device = Device::flex();
    for (name, config) in small_models() {
        let model = config.init(&device).expect(name);
        for weights in model.trace(pictures(2, &config, &device)).attention {
            let sums = values(weights.sum_dim(3));
            assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-5), "{name}: {sums:?}");
        }
    }
}

#[test]
fn a_gradient_reaches_every_parameter() {
    let device = Device::flex().autodiff();
    for (name, config) in small_models() {
        let model = config.init(&device).expect(name);
        let seen = model.trace(pictures(3, &config, &device));
        let loss = seen.logits.powf_scalar(2.0).sum() + seen.tokens.powf_scalar(2.0).sum();
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        let mut check = EveryParameter { gradients, without: Vec::new(), path: Vec::new() };
        model.visit(&mut check);
        assert!(check.without.is_empty(), "{name}: no gradient for {:?}", check.without);
    }
}

struct EveryParameter {
    gradients: GradientsParams,
    without: Vec<String>,
    path: Vec<String>,
}

impl ModuleVisitor for EveryParameter {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let path = self.path.join(".");
        let is_buffer = path.ends_with("running_mean") || path.ends_with("running_var");
        // The predictor of a token's own scale cancels out in a softmax only where all scales agree; zero is suspicious.
        let reached = self.gradients.get::<D>(param.id).is_some_and(|g| values(g).iter().any(|value| *value != 0.0));
        if !is_buffer && !reached {
            self.without.push(path);
        }
    }
}

fn manifest(config: ModelConfig) -> Manifest {
    Manifest {
        format: bundle::FORMAT,
        name: "small".to_owned(),
        title: "Small".to_owned(),
        methods: Vec::new(),
        classes: (0..config.classes()).map(|i| format!("class {i}")).collect(),
        preprocess: Preprocess::imagenet(config.image_size()),
        model: config,
        dataset: "none".to_owned(),
        train_data: "none".to_owned(),
        params: 0,
        weights_sha256: String::new(),
        results: None,
        provenance: Provenance::default(),
    }
}

/// Logits before and after a bundle.
fn through_a_bundle(config: &ModelConfig, precision: Precision) -> (Vec<f32>, Vec<f32>) {
    let device = Device::flex();
    let model = config.init(&device).expect("a legal model");
    let x = pictures(2, config, &device);
    let bytes = bundle::write(&manifest(config.clone()), &model, precision).expect("a bundle");
    let (read, again): (Manifest, Model) = bundle::read(&bytes, &device).expect("the same bundle");
    assert_eq!(read.params, parameters(&model));
    (values(model.forward(x.clone())), values(again.forward(x)))
}

#[test]
fn a_bundle_in_f32_gives_the_same_logits() {
    for (name, config) in small_models() {
        let (before, after) = through_a_bundle(&config, Precision::F32);
        assert_eq!(before, after, "{name}");
    }
}

#[test]
fn a_bundle_in_f16_gives_nearly_the_same_logits() {
    for (name, config) in small_models() {
        let (before, after) = through_a_bundle(&config, Precision::F16);
        let worst = before.iter().zip(&after).map(|(a, b)| (a - b).abs()).fold(0.0f32, f32::max);
        assert!(worst < 2e-3, "{name}: {worst}");
        assert_ne!(before, after, "{name}: f16 should round something");
    }
}

#[test]
fn a_damaged_bundle_is_refused() {
    let (_, config) = small_models().remove(0);
    let device = Device::flex();
    let model = config.init(&device).expect("a legal model");
    let bytes = bundle::write(&manifest(config), &model, Precision::F32).expect("a bundle");

    let mut flipped = bytes.clone();
    *flipped.last_mut().expect("some bytes") ^= 1;
    assert!(matches!(bundle::read(&flipped, &device), Err(BundleError::Hash { .. })));
    let short = &bytes[..bytes.len() - 10];
    let message = bundle::read(short, &device).expect_err("a short file").to_string();
    assert!(message.contains("cut short"), "{message}");
    assert!(bundle::read(b"not a bundle", &device).is_err());
}

#[test]
fn impossible_shapes_are_refused_with_the_reason() {
    let device = Device::flex();
    let vit = VitConfig::new(30, 8, 16, 2, 2, 5).init(&device).expect_err("30 is not a multiple of 8");
    assert_eq!(vit, ModelError::PatchDoesNotDivide { image_size: 30, patch_size: 8 });
    let fan = FanConfig::new(32, 5, 16, 2, 2, 5).init(&device).expect_err("no such patch");
    assert_eq!(fan.to_string(), "FAN has no patch_size 5; use 4, 8 or 16");
    let heads = FanConfig::new(32, 8, 16, 2, 3, 5).init(&device).expect_err("16 / 3");
    assert_eq!(heads, ModelError::HeadsDoNotDivide { width: 16, heads: 3 });
}

#[test]
fn published_variants_have_the_published_number_of_parameters() {
    let expected = [
        ("deit_tiny_patch16_224", 5_717_416),
        ("deit_small_patch16_224", 22_050_664),
        ("fan_tiny_12_p16_224", 7_319_920),
        ("fan_small_12_p16_224", 28_345_336),
        ("tap_fan_tiny_12_p16_224", 7_404_688),
    ];
    for (name, params) in expected {
        let model = preset(name).expect(name).config(1000).init(&Device::flex()).expect(name);
        assert_eq!(parameters(&model), params, "{name}");
    }
}

#[test]
fn preset_names_are_unique_and_a_misspelt_one_suggests_the_nearest() {
    let mut names: Vec<_> = PRESETS.iter().map(|preset| preset.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), PRESETS.len());
    assert_eq!(preset("fan_tiny_12_p16").expect_err("no such model").nearest, "fan_tiny_12_p16_224");
}
