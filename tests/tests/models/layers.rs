//! Every array of every network has a layer, and layers are in the order of a forward pass.

use std::collections::BTreeSet;

use burn::module::{Module, ModuleVisitor, Param};
use burn::prelude::*;
use vitro::model::observer::Observer;
use vitro::model::rvt::{RvtConfig, RvtStage};
use vitro::model::{Model, ModelConfig, PRESETS};
use vitro_tests::examine::images;
use vitro_tests::small_models::{rvt, small_models};

/// The small models, and every named shape.
fn models() -> impl Iterator<Item = (&'static str, ModelConfig)> {
    let named = PRESETS.iter().map(|preset| (preset.name, preset.config(3)));
    small_models().into_iter().chain(named)
}

/// The paths of all arrays. Nothing is drawn for it: weights are, when they are first looked at.
fn paths(model: &Model) -> Vec<String> {
    #[derive(Default)]
    struct Paths {
        place: Vec<String>,
        all: Vec<String>,
    }
    impl ModuleVisitor for Paths {
        fn enter_module(&mut self, name: &str, _container: &str) {
            self.place.push(name.to_owned());
        }
        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.place.pop();
        }
        fn visit_float<const D: usize>(&mut self, _param: &Param<Tensor<D>>) {
            self.all.push(self.place.join("."));
        }
    }
    let mut paths = Paths::default();
    model.visit(&mut paths);
    paths.all
}

#[test]
fn every_array_has_a_layer_and_no_layer_is_empty() {
    for (name, config) in models() {
        let (layers, model) = (config.layers(), config.init(&Device::flex()).expect(name));
        let layer = |path: String| layers.of(&path).unwrap_or_else(|| panic!("{path} of {name} has no layer"));
        let found: BTreeSet<usize> = paths(&model).into_iter().map(layer).collect();
        assert!(found.iter().copied().eq(0..=layers.last()), "{name}: {found:?}");
    }
}

/// The places that a forward pass shows, in order.
struct Places(Vec<String>);

impl Observer for Places {
    fn see<const D: usize>(&mut self, name: &str, _tensor: &Tensor<D>) {
        self.0.push(name.to_owned());
    }
}

#[test]
fn a_forward_pass_never_comes_back_to_an_earlier_layer() {
    let device = Device::flex();
    let stages = [(16, 2, 2), (32, 1, 4)].map(|(width, depth, heads)| RvtStage { width, depth, heads });
    let staged = ModelConfig::Rvt(RvtConfig { stages: stages.to_vec(), image_size: 20, ..rvt() });
    for (name, config) in small_models().into_iter().chain([("rvt_staged", staged)]) {
        let layers = config.layers();
        let mut places = Places(Vec::new());
        config.init(&device).expect(name).observe(images(1, &config, &device), &mut places);
        // A whole stage is shown too, and lies in several layers.
        let passed: Vec<usize> = places.0.iter().filter_map(|place| layers.of(place)).collect();
        assert!(passed.is_sorted(), "{name}: {:?}", places.0);
        let blocks: BTreeSet<usize> = passed.into_iter().filter(|layer| (1..layers.last()).contains(layer)).collect();
        assert!(blocks.into_iter().eq(1..layers.last()), "{name} shows a place of every block: {:?}", places.0);
    }
}

#[test]
fn images_come_in_at_layer_zero_and_classes_go_out_at_the_last() {
    for (name, config) in models() {
        let layers = config.layers();
        assert_eq!(layers.of("patch_embed.weight"), Some(0), "{name}");
        assert_eq!(layers.of("head.weight"), Some(layers.last()), "{name}");
        assert_eq!(layers.factor("head.weight", 0.7), Some(1.0), "{name}");
    }
}
