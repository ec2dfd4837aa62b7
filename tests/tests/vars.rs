//! VARS inside models: codes, bounds of filters, the class token, and images that a kind of attention cannot take.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::prelude::*;
use burn::tensor::Distribution;
use vitro::model::mix::tap::TapConfig;
use vitro::model::mix::vars::VarsSBlockConfig;
use vitro::model::mix::vars_d::Recurrence;
use vitro::model::mix::vars_s::SpectralRecurrence;
use vitro::model::mix::{AttentionKind, Context, Mix};
use vitro::model::rvt::RvtConfig;
use vitro::model::vit::VitConfig;
use vitro::model::{FamilyConfig, Model, ModelConfig, ModelError};
use vitro_tests::examine::{images, values};
use vitro_tests::small_models::{rvt, small_models, vit};

/// The small models whose samples are images; a Swin's are windows.
fn on_one_grid() -> impl Iterator<Item = (&'static str, ModelConfig)> {
    small_models().into_iter().filter(|(_, config)| !matches!(config, ModelConfig::Swin(_)))
}

#[test]
fn a_recurrence_shows_the_code_of_every_iteration() {
    let device = Device::flex();
    for (name, config) in on_one_grid() {
        let shapes: Vec<Vec<[usize; 4]>> = (config.init(&device).expect(name).trace(images(2, &config, &device)).codes)
            .iter()
            .map(|block| block.steps.iter().map(Tensor::dims).collect())
            .collect();
        let block = match config.attention() {
            // Twice as many atoms as channels of a head; as many again where there are static ones.
            AttentionKind::VarsD(settings) => vec![[2, 2, 16, 8]; settings.num_step + 1],
            AttentionKind::VarsSd(settings) => vec![[2, 2, 32, 8]; settings.num_step + 1],
            AttentionKind::VarsS(settings) => vec![[2, 16, 5, 16]; settings.num_step + 1],
            _ => {
                assert!(shapes.is_empty(), "{name}");
                continue;
            }
        };
        assert_eq!(shapes, vec![block; 2], "{name}");
    }
}

#[test]
fn a_map_of_the_last_code_is_the_length_of_what_is_reconstructed() {
    let device = Device::flex();
    for (name, config) in on_one_grid() {
        let model = config.init(&device).expect(name);
        for block in model.trace(images(2, &config, &device)).codes {
            let maps = block.maps();
            assert_eq!(maps.len(), block.steps.len(), "{name}");
            for (map, code) in maps.into_iter().zip(&block.steps) {
                // A model with a class token counts it first.
                let tokens = config.patches() + usize::from(name.starts_with("vit") && !name.ends_with("vars_s"));
                assert_eq!(map.dims(), [2, tokens], "{name}");
                let map = values(map);
                assert!(map.iter().all(|length| length.is_finite() && *length >= 0.0), "{name}");
                let silent = values(code.clone()).iter().all(|value| *value == 0.0);
                assert_eq!(map.iter().all(|length| *length == 0.0), silent, "{name}");
            }
        }
    }
}

#[test]
fn more_sparsity_leaves_more_zeros_in_the_codes_of_filters() {
    let device = Device::flex();
    let zeros = |lambda: f64| {
        let attention = AttentionKind::VarsS(SpectralRecurrence { lambda, ..SpectralRecurrence::default() });
        let config = ModelConfig::Rvt(RvtConfig { attention, ..rvt() });
        device.seed(3);
        let seen = config.init(&device).expect("a legal model").trace(images(2, &config, &device));
        let code = values(seen.codes[0].steps[3].clone());
        code.iter().filter(|value| **value == 0.0).count() as f64 / code.len() as f64
    };
    let (few, many, all) = (zeros(0.0), zeros(0.2), zeros(1e3));
    assert!(few < 0.01 && few < many && many < 1.0 && all == 1.0, "{few} {many} {all}");
}

#[test]
fn every_hundredth_step_moves_the_bound_of_changed_filters() {
    let device = Device::flex();
    let attention = AttentionKind::VarsS(SpectralRecurrence::default());
    let configs =
        [ModelConfig::Vit(VitConfig { attention, ..vit() }), ModelConfig::Rvt(RvtConfig { attention, ..rvt() })];
    for config in configs {
        // Filters of double size overlap four times as much.
        let mut model = config.init(&device).expect("a legal model").map(&mut Doubled(Vec::new()));
        let before = bounds(&model);
        assert_eq!(before.len(), 2);
        model.after_step(1);
        assert_eq!(bounds(&model), before);
        model.after_step(200);
        for (before, after) in before.iter().flatten().zip(bounds(&model).iter().flatten()) {
            assert!((after / before - 1.3).abs() < 1e-4, "{before} {after}");
        }
    }
    let mut plain = ModelConfig::Vit(vit()).init(&device).expect("a legal model");
    plain.after_step(0);
}

/// Doubles every parameter called `kernel`.
struct Doubled(Vec<String>);

impl ModuleMapper for Doubled {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.0.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.0.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let chosen = self.0.last().is_some_and(|name| name == "kernel");
        if chosen { param.map(|value| value.mul_scalar(2.0)) } else { param }
    }
}

/// The stored bound of every block, in order.
fn bounds(model: &Model) -> Vec<Vec<f32>> {
    struct Bounds(Vec<String>, Vec<Vec<f32>>);
    impl ModuleVisitor for Bounds {
        fn enter_module(&mut self, name: &str, _container: &str) {
            self.0.push(name.to_owned());
        }
        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.0.pop();
        }
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if self.0.last().is_some_and(|name| name == "lipschitz") {
                self.1.push(values(param.val()));
            }
        }
    }
    let mut found = Bounds(Vec::new(), Vec::new());
    model.visit(&mut found);
    found.1
}

#[test]
fn a_fresh_bound_is_between_half_and_all_of_what_is_safe() {
    let block = VarsSBlockConfig::new(24, 7, 48, SpectralRecurrence::default()).init(&Device::flex());
    let ratios: Vec<f32> = values(block.lipschitz() / block.safe_lipschitz());
    assert!(ratios.iter().all(|ratio| (0.5..0.999).contains(ratio)), "{ratios:?}");
}

#[test]
fn scaling_filters_back_gives_them_unit_power() {
    let device = Device::flex();
    let normalize = SpectralRecurrence { normalize: true, ..SpectralRecurrence::default() };
    let mut block = VarsSBlockConfig::new(4, 6, 8, normalize).init(&device).map(&mut Doubled(Vec::new()));
    let doubled = values(block.safe_lipschitz());
    block.after_step(1);
    for (before, after) in doubled.iter().zip(values(block.safe_lipschitz())) {
        assert!((before / after - 4.0).abs() < 1e-4, "{before} {after}");
    }
}

#[test]
fn pooling_passes_the_class_token_by() {
    let device = Device::flex();
    let tap = TapConfig::new(6).init(&device);
    let x = Tensor::<3>::random([2, 13, 6], Distribution::Normal(0.0, 1.0), &device);
    let patches = tap.forward(x.clone().narrow(1, 1, 12), [3, 4], &mut ());
    let all = tap.forward_past_class_token(x.clone(), [3, 4], &mut ());
    assert_eq!(values(all.clone().narrow(1, 0, 1)), values(x.narrow(1, 0, 1)));
    assert_eq!(values(all.narrow(1, 1, 12)), values(patches));
}

#[test]
fn the_class_token_of_a_spectral_block_reads_the_mean_of_the_map() {
    let device = Device::flex();
    let settings = SpectralRecurrence { lambda: 0.02, ..SpectralRecurrence::default() };
    let block = VarsSBlockConfig::new(4, 5, 8, settings).with_linear_mlp(true).init(&device);
    let x = Tensor::<3>::random([2, 26, 4], Distribution::Normal(0.0, 1.0), &device);
    let bare = block.forward(x.clone().narrow(1, 1, 25), Context::on([5, 5]), &mut ()).tokens;
    let with_class = block.forward(x.clone(), Context::on([5, 5]), &mut ()).tokens;
    // In evaluation mode tokens do not meet in the norms: patches do not notice the class token.
    let near = |a: Vec<f32>, b: Vec<f32>| a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-5);
    assert!(near(values(with_class.narrow(1, 1, 25)), values(bare)));
    let mut record = Seen(Vec::new());
    block.forward(x, Context::on([5, 5]), &mut record);
    let [class, patches] = record.parts();
    assert!(near(class, patches));
}

/// What a block adds to its class token, and the mean of what it adds to the others: both affine in the map.
struct Seen(Vec<Tensor<3>>);

impl vitro::model::observer::Observer for Seen {
    fn see<const D: usize>(&mut self, name: &str, tensor: &Tensor<D>) {
        if name == "attn" {
            self.0.push(tensor.clone().reshape([tensor.dims()[0], tensor.dims()[1], tensor.dims()[2]]));
        }
    }
}

impl Seen {
    fn parts(&self) -> [Vec<f32>; 2] {
        let mixed = self.0[0].clone();
        [values(mixed.clone().narrow(1, 0, 1)), values(mixed.narrow(1, 1, 25).mean_dim(1))]
    }
}

#[test]
fn attentions_tied_to_a_size_refuse_other_images_with_the_reason() {
    let kinds = |attention| (ModelConfig::Vit(VitConfig { attention, ..vit() }), RvtConfig { attention, ..rvt() });
    let filters = AttentionKind::VarsS(SpectralRecurrence::default());
    let (of_vit, of_rvt) = kinds(filters);
    assert_eq!(of_vit.check_image([32, 32]), Ok(()));
    assert_eq!(of_vit.check_image([64, 16]), Err(ModelError::MapShape { side: 4, rows: 8, columns: 2 }));
    assert_eq!(of_rvt.check_image([16, 16]), Ok(()));
    assert_eq!(of_rvt.check_image([16, 32]), Err(ModelError::MapShape { side: 4, rows: 4, columns: 8 }));

    let (_, of_rvt) = kinds(AttentionKind::VarsSd(Recurrence::default()));
    let part = "the static dictionary of vars_sd";
    assert_eq!(of_rvt.check_image([16, 32]), Err(ModelError::TokenCount { part, built: 16, given: 32 }));
    let (of_vit, of_rvt) = kinds(AttentionKind::VarsD(Recurrence::default()));
    assert!(of_vit.check_image([16, 32]).is_err_and(|refusal| refusal.to_string().contains("position embedding")));
    let config = ModelConfig::Rvt(of_rvt);
    assert_eq!(config.check_image([16, 32]), Ok(()));
    let wide = Tensor::<4>::zeros([1, 3, 16, 32], &Device::flex());
    assert_eq!(config.init(&Device::flex()).expect("a legal model").trace(wide).grid, [4, 8]);

    let masked = RvtConfig { masked_blocks: 1, attention: filters, ..rvt() };
    let refusal = masked.init(&Device::flex()).expect_err("masks scale softmax scores");
    assert_eq!(refusal, ModelError::MasksNeedSoftmax { kind: "vars_s" });
}
