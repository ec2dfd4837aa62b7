//! Every model: shapes, gradients, and bundles that give the same logits back.

use burn::module::{Module, ModuleVisitor, Param};
use burn::prelude::*;
use vitro::bundle::{self, BundleError, Precision};
use vitro::model::fan::{ConvNextConfig, FanBlockConfig, FanConfig};
use vitro::model::mix::evolving::Evolution;
use vitro::model::mix::softmax::SoftmaxConfig;
use vitro::model::mix::vars_s::SpectralRecurrence;
use vitro::model::mix::{AttentionKind, Mixer, Tie};
use vitro::model::rvt::{RvtConfig, RvtStage};
use vitro::model::swin::FanSwinConfig;
use vitro::model::vit::VitConfig;
use vitro::model::{FamilyConfig, ModelConfig, ModelError, PRESETS, fixed_parameters, parameters, preset};
use vitro_tests::examine::{assert_half_precision_is_enough, images, through_a_bundle, values, without_gradient};
use vitro_tests::small_models::{manifest, rvt, small_models, vit};

/// The shapes that a small model promises for two images.
struct Shapes {
    attention: Vec<[usize; 4]>,
    class_attention: Option<[usize; 3]>,
    tokens: [usize; 3],
    token_logits: Option<[usize; 3]>,
    grid: [usize; 2],
}

/// Two blocks on 4 × 4 patches, except where a model differs.
fn shapes(name: &str, config: &ModelConfig) -> Shapes {
    let (attends, is_rvt) = (config.attention().forms_attention(), matches!(config, ModelConfig::Rvt(_)));
    let n = if name.starts_with("vit") { 17 } else { 16 };
    let plain = Shapes {
        attention: vec![[2, 2, n, n]; 2],
        class_attention: Some([2, 2, 16]),
        tokens: [2, 17, 16],
        token_logits: None,
        grid: [4, 4],
    };
    match name {
        "fan_token" => Shapes { token_logits: Some([2, 16, 5]), ..plain },
        "fan_widening" => Shapes {
            // The grid is halved after the first block.
            attention: vec![[2, 2, 16, 16], [2, 3, 4, 4]],
            class_attention: Some([2, 3, 4]),
            tokens: [2, 5, 24],
            grid: [2, 2],
            ..plain
        },
        _ if matches!(config, ModelConfig::Swin(_)) => Shapes {
            // Four windows of an image in the first stage, one in the second.
            attention: if attends { vec![[8, 2, 16, 16], [8, 2, 16, 16], [2, 4, 16, 16]] } else { Vec::new() },
            class_attention: None,
            tokens: [2, 16, 16],
            ..plain
        },
        // No class token; and where no attention is formed, none to read.
        _ => Shapes {
            attention: if attends { plain.attention } else { Vec::new() },
            class_attention: plain.class_attention.filter(|_| attends && !is_rvt || name.starts_with("fan")),
            tokens: if is_rvt { [2, 16, 16] } else { plain.tokens },
            ..plain
        },
    }
}

#[test]
fn a_forward_pass_has_the_shapes_it_promises() {
    let device = Device::flex();
    for (name, config) in small_models() {
        let model = config.init(&device).expect(name);
        let seen = model.trace(images(2, &config, &device));
        let expected = shapes(name, &config);
        let fused = seen.fused_logits();
        assert_eq!(seen.logits.dims(), [2, 5], "{name}");
        assert_eq!(seen.grid, expected.grid, "{name}");
        assert_eq!(seen.attention.iter().map(Tensor::dims).collect::<Vec<_>>(), expected.attention, "{name}");
        assert_eq!(seen.class_attention.map(|weights| weights.dims()), expected.class_attention, "{name}");
        assert_eq!(seen.tokens.dims(), expected.tokens, "{name}");
        assert_eq!(seen.token_logits.map(|scores| scores.dims()), expected.token_logits, "{name}");
        assert_eq!(fused.map(|scores| scores.dims()), expected.token_logits.map(|[b, _, k]| [b, k]), "{name}");
    }
}

#[test]
fn an_rvt_of_two_stages_halves_its_grid_and_shows_every_blocks_attention() {
    let device = Device::flex();
    let stages = [(16, 2, 2), (32, 1, 4)].map(|(width, depth, heads)| RvtStage { width, depth, heads });
    let config = ModelConfig::Rvt(RvtConfig { stages: stages.to_vec(), image_size: 20, ..rvt() });
    let model = config.init(&device).expect("a legal model");
    assert_eq!(config.patches(), 25);
    let seen = model.trace(images(1, &config, &device));
    let shapes: Vec<_> = seen.attention.iter().map(|weights| weights.dims()).collect();
    assert_eq!(shapes, [[1, 2, 25, 25], [1, 2, 25, 25], [1, 4, 9, 9]]);
    assert_eq!((seen.grid, seen.tokens.dims(), seen.logits.dims()), ([3, 3], [1, 9, 32], [1, 5]));
}

#[test]
fn a_fresh_mask_halves_every_score_and_stays_within_its_cut() {
    let device = Device::flex();
    device.seed(11);
    let masked = SoftmaxConfig::new(16, 2).with_mask_tokens(Some(196)).init(&device);
    let mut mask = Floats(Vec::new());
    masked.visit(&mut mask);
    let mask = mask.0.into_iter().find(|values| values.len() == 2 * 196 * 196).expect("a mask");
    let count = mask.len() as f64;
    let mean = mask.iter().map(|value| f64::from(*value)).sum::<f64>() / count;
    let deviation = (mask.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>() / count).sqrt();
    let largest = mask.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
    // A normal distribution cut off at one deviation keeps 0.5396 of it.
    assert!((deviation / 0.02 - 0.5396).abs() < 5e-3, "{deviation}");
    assert!(mean.abs() < 2e-4 && (0.0199..=0.02 + 1e-7).contains(&largest), "{mean} {largest}");
}

struct Floats(Vec<Vec<f32>>);

impl ModuleVisitor for Floats {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.push(values(param.val()));
    }
}

#[test]
fn attention_rows_sum_to_one() {
    let device = Device::flex();
    for (name, config) in small_models() {
        let model = config.init(&device).expect(name);
        for weights in model.trace(images(2, &config, &device)).attention {
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
        let without = without_gradient(&model, images(3, &config, &device));
        assert!(without.is_empty(), "{name}: no gradient for {without:?}");
    }
}

#[test]
fn a_bundle_in_f32_gives_the_same_logits() {
    for (name, config) in small_models() {
        let model = config.init(&Device::flex()).expect(name);
        let (before, after) = through_a_bundle(&model, &config, Precision::F32);
        assert_eq!(before, after, "{name}");
    }
}

#[test]
fn a_bundle_in_f16_gives_nearly_the_same_logits() {
    for (name, config) in small_models() {
        let model = config.init(&Device::flex()).expect(name);
        assert_half_precision_is_enough(name, &model, &config);
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

    let hybrid = FanConfig { hybrid: Some(ConvNextConfig::new([1, 1])), ..FanConfig::new(64, 8, 16, 2, 2, 5) };
    assert_eq!(hybrid.init(&device).expect_err("stride 16"), ModelError::HybridPatch { patch_size: 8 });
    let fan = FanConfig::new(32, 8, 16, 2, 2, 5);
    let short = FanConfig { block_heads: vec![2], ..fan.clone() };
    let expected = ModelError::PerBlock { field: "block_heads", given: 1, depth: 2 };
    assert_eq!(short.init(&device).expect_err("one entry for two blocks"), expected);
    let first = FanConfig { block_widths: vec![24, 24], ..fan };
    let expected = ModelError::FirstWidth { width: 16, first: 24 };
    assert_eq!(first.init(&device).expect_err("two first widths"), expected);
    let swin = FanSwinConfig { image_size: 192, ..FanSwinConfig::published(96, [1; 4], [3; 4], 5) };
    let expected = ModelError::SwinGrid { stage: 1, side: 48, window: 7 };
    assert_eq!(swin.init(&device).expect_err("48 / 7"), expected);
}

#[test]
fn a_mixer_that_a_family_has_no_place_for_is_refused_with_the_reason() {
    let device = Device::flex();
    let filters = AttentionKind::VarsS(SpectralRecurrence::default());
    let fan = FanConfig { attention: filters, ..FanConfig::new(32, 8, 16, 2, 2, 5) };
    let refusal = fan.init(&device).expect_err("a block of its own").to_string();
    assert!(refusal.starts_with("a FAN cannot have attention \"vars_s\": it brings a block of its own"), "{refusal}");
    let swin = FanSwinConfig { attention: filters, ..FanSwinConfig::published(96, [1; 4], [3; 4], 5) };
    assert!(matches!(swin.init(&device), Err(ModelError::MixerHasNoPlace { family: "FAN-Swin", .. })));
}

#[test]
fn a_fan_takes_any_image_unless_its_mixer_is_tied_to_a_number_of_tokens() {
    let fan = |attention| FanConfig { attention, ..FanConfig::new(32, 8, 16, 2, 2, 5) };
    for kind in AttentionKind::all() {
        let tied = matches!(kind.info().tie, Tie::Tokens(_) | Tie::Map);
        assert_eq!(fan(kind).check_image([32, 64]).is_err(), tied, "{}", kind.name());
        assert_eq!(fan(kind).check_image([32, 32]), Ok(()));
    }
}

/// The model as the manifest of a bundle in `zoo/` has it.
fn written_model(bundle: &std::path::Path) -> serde_json::Value {
    let bytes = std::fs::read(bundle).expect("a bundle");
    let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).expect("a header");
    let text = header.metadata().as_ref().and_then(|all| all.get("vitro")).expect("a manifest").clone();
    serde_json::from_str::<serde_json::Value>(&text).expect("JSON")["model"].clone()
}

#[test]
fn shapes_in_the_manifests_of_the_zoo_are_written_as_they_were_read() {
    let zoo = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../zoo");
    let bundles = std::fs::read_dir(zoo).expect("the zoo").map(|entry| entry.expect("a file").path());
    let bundles: Vec<_> = bundles.filter(|path| path.extension().is_some_and(|end| end == "safetensors")).collect();
    assert!(!bundles.is_empty());
    for bundle in bundles {
        let model = written_model(&bundle);
        let config: ModelConfig = serde_json::from_value(model.clone()).expect("a model");
        assert_eq!(serde_json::to_value(config).expect("JSON"), model, "{}", bundle.display());
    }
}

#[test]
fn an_mlp_can_be_any_multiple_of_its_width_and_whole_ones_are_written_as_integers() {
    let device = Device::flex();
    let with = |mlp_ratio| ModelConfig::Vit(VitConfig { mlp_ratio, ..vit() });
    let count = |ratio| parameters(&with(ratio).init(&device).expect("a legal model"));
    // Each hidden channel has a weight from and to all 16 channels and a bias; ⌊16 · 2.57⌋ = 41.
    assert_eq!(count(2.57) - count(2.0), 2 * (41 - 32) * (16 + 16 + 1));
    let written = |ratio| serde_json::to_value(with(ratio)).expect("JSON")["mlp_ratio"].to_string();
    assert_eq!((written(4.0), written(2.57)), ("4".to_owned(), "2.57".to_owned()));
    for ratio in [4.0, 2.57] {
        let again: ModelConfig =
            serde_json::from_value(serde_json::to_value(with(ratio)).expect("JSON")).expect("a model");
        assert_eq!(again, with(ratio));
    }
    let refusal = with(0.0).init(&device).expect_err("no MLP");
    assert_eq!(refusal, ModelError::MlpRatio { ratio: 0.0, width: 16 });
}

#[test]
fn scores_evolve_from_block_to_block_but_not_across_stages() {
    let device = Device::flex();
    let attention = AttentionKind::Evolving(Evolution::default());
    let stages = vec![RvtStage { width: 16, depth: 2, heads: 2 }, RvtStage { width: 32, depth: 1, heads: 2 }];
    let fan = FanConfig::new(32, 8, 16, 2, 2, 5);
    let pairs = [
        (ModelConfig::Vit(vit()), ModelConfig::Vit(VitConfig { attention, ..vit() })),
        (ModelConfig::Fan(fan.clone()), ModelConfig::Fan(FanConfig { attention, ..fan })),
        (
            ModelConfig::Rvt(RvtConfig { stages: stages.clone(), ..rvt() }),
            ModelConfig::Rvt(RvtConfig { stages, attention, ..rvt() }),
        ),
    ];
    for (plain, evolving) in pairs {
        let count = |config: &ModelConfig| parameters(&config.init(&device).expect("a legal model"));
        // One convolution between the two heads of the second block: 3 × 3 weights for each pair, and a bias.
        assert_eq!(count(&evolving) - count(&plain), 2 * 2 * 9 + 2, "{}", plain.info().name);
    }
}

#[test]
fn fused_logits_add_half_of_the_best_token() {
    let device = Device::flex();
    let logits = Tensor::<2>::from_data([[1.0, -1.0]], &device);
    let tokens = Tensor::<3>::from_data([[[4.0, -6.0], [2.0, -8.0]]], &device);
    assert_eq!(values(vitro::model::fan::fuse(logits, tokens)), [3.0, -4.0]);
}

#[test]
fn a_shrunk_head_begins_with_small_logits() {
    let device = Device::flex();
    let fan = FanConfig::new(32, 8, 16, 2, 2, 5);
    let spread = |head_scale: f64| {
        let config = ModelConfig::Fan(FanConfig { head_scale, ..fan.clone() });
        let logits = config.init(&device).expect("a legal model").forward(images(2, &config, &device));
        values(logits.abs().max())[0]
    };
    assert!(spread(0.001) < 0.01 * spread(1.0));
    let scale = |name: &str| match preset(name).expect(name).config(10) {
        ModelConfig::Fan(fan) => fan.head_scale,
        _ => panic!("{name} is a FAN"),
    };
    assert_eq!(scale("fan_large_16_p4_hybrid"), 0.001);
    assert_eq!(scale("fan_large_16_p4_hybrid_token"), 1.0);
    assert_eq!(scale("fan_base_16_p4_hybrid"), 1.0);
}

#[test]
fn impossible_rvts_are_refused_with_the_reason() {
    let refusal = |config: RvtConfig| config.init(&Device::flex()).expect_err("an impossible shape");
    let stage = |width, heads| RvtStage { width, depth: 2, heads };
    assert_eq!(
        refusal(RvtConfig { patch_size: 6, ..rvt() }).to_string(),
        "RVT has no patch_size 6; use a multiple of 4"
    );
    let empty = refusal(RvtConfig { patch_size: 16, image_size: 14, ..rvt() });
    assert_eq!(empty, ModelError::EmptyGrid { image_size: 14, patch_size: 16, least: 15 });
    assert!(RvtConfig { patch_size: 16, image_size: 15, ..rvt() }.init(&Device::flex()).is_ok());
    let heads = refusal(RvtConfig { stages: vec![stage(16, 3)], ..rvt() });
    assert_eq!(heads, ModelError::HeadsDoNotDivide { width: 16, heads: 3 });
    let widths = refusal(RvtConfig { stages: vec![stage(16, 2), stage(24, 2)], ..rvt() });
    assert_eq!(widths, ModelError::StageWidth { before: 16, after: 24 });
    let masked = refusal(RvtConfig { masked_blocks: 3, ..rvt() });
    assert_eq!(masked, ModelError::MaskedBlocks { given: 3, depth: 2 });
    let tokens = refusal(RvtConfig { masked_blocks: 1, image_size: 64, ..rvt() });
    assert_eq!(tokens, ModelError::MaskTooSmall { tokens: 256, covered: 196 });
    assert_eq!(refusal(RvtConfig { stages: Vec::new(), ..rvt() }), ModelError::Zero { field: "stages" });
}

#[test]
fn published_variants_have_the_published_number_of_parameters() {
    let expected = [
        ("deit_tiny_patch16_224", 5_717_416),
        ("deit_small_patch16_224", 22_050_664),
        ("fan_tiny_12_p16_224", 7_319_920),
        ("fan_small_12_p16_224", 28_345_336),
        ("fan_base_18_p16_224", 54_350_320),
        ("fan_large_24_p16_224", 80_574_100),
        ("fan_tiny_8_p4_hybrid", 7_467_240),
        ("fan_small_12_p4_hybrid", 26_117_944),
        ("fan_base_16_p4_hybrid", 50_475_048),
        ("fan_large_16_p4_hybrid", 76_855_140),
        ("fan_Xlarge_16_p4_hybrid", 120_407_316),
        ("fan_swin_tiny_patch4_window7_224", 29_538_940),
        ("fan_swin_small_patch4_window7_224", 53_064_220),
        ("fan_swin_base_patch4_window7_224", 93_599_448),
        ("fan_swin_large_patch4_window7_224", 208_941_136),
        ("fan_tiny_8_p4_hybrid_token", 7_660_240),
        ("fan_small_12_p4_hybrid_token", 26_502_944),
        ("fan_base_16_p4_hybrid_token", 50_924_048),
        ("fan_large_16_p4_hybrid_token", 77_336_140),
        ("tap_fan_tiny_12_p16_224", 7_404_688),
        ("tap_fan_small_12_p16_224", 28_513_048),
        ("tap_fan_base_18_p16_224", 54_643_360),
        ("tap_fan_large_24_p16_224", 80_992_468),
        ("tap_fan_tiny_8_p4_hybrid", 7_523_752),
        ("tap_fan_small_12_p4_hybrid", 26_257_704),
        ("tap_fan_base_16_p4_hybrid", 50_735_528),
        ("tap_fan_large_16_p4_hybrid", 77_238_644),
        ("tap_fan_Xlarge_16_p4_hybrid", 120_873_916),
        ("rvt_tiny", 8_646_376),
        ("rvt_small", 22_148_392),
        ("rvt_base", 86_223_784),
        ("rvt_tiny_plus", 10_951_336),
        ("rvt_small_plus", 23_300_872),
        ("rvt_base_plus", 88_528_744),
        ("tap_rvt_tiny", 8_744_968),
        ("tap_rvt_small", 22_316_104),
        ("tap_rvt_base", 87_091_912),
        ("tap_rvt_tiny_plus", 11_049_928),
        ("tap_rvt_small_plus", 23_468_584),
        ("tap_rvt_base_plus", 89_396_872),
    ];
    for (name, params) in expected {
        let model = preset(name).expect(name).config(1000).init(&Device::flex()).expect(name);
        assert_eq!(parameters(&model), params, "{name}");
    }
}

/// There is no model with squeeze-and-excite blocks, but the difference that twelve of them make is known.
#[test]
fn squeeze_and_excite_blocks_have_the_published_number_of_parameters() {
    let block = |squeeze_excite: bool| {
        let (config, device) = (FanBlockConfig::new(384, 8, 4 * 384), Device::flex());
        let attn = Mixer::Softmax(SoftmaxConfig::new(384, 8).init(&device));
        parameters(&config.with_squeeze_excite(squeeze_excite).init(attn, &device))
    };
    assert_eq!(12 * (block(false) - block(true)), 28_345_336 - 27_452_440);
}

#[test]
fn preset_names_are_unique_and_a_misspelt_one_suggests_the_nearest() {
    let mut names: Vec<_> = PRESETS.iter().map(|preset| preset.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), PRESETS.len());
    assert_eq!(preset("fan_tiny_12_p16").expect_err("no such model").nearest, "fan_tiny_12_p16_224");
}

#[test]
fn published_attentions_have_the_published_number_of_parameters_trained_and_in_all() {
    let expected = [
        ("rvt_tiny_vars_d", 8_029_312, 8_201_428),
        ("rvt_tiny_vars_sd", 9_004_672, 9_176_788),
        ("rvt_tiny_vars_s", 10_152_424, 10_155_124),
        ("rvt_small_vars_d", 20_570_944, 21_160_840),
        ("rvt_small_vars_sd", 22_967_104, 23_557_000),
        ("rvt_small_vars_s", 24_793_384, 24_798_004),
        ("rvt_base_vars_d", 79_333_312, 80_513_104),
        ("rvt_base_vars_sd", 83_535_808, 84_715_600),
    ];
    for (name, trained, all) in expected {
        let model = preset(name).expect(name).config(1000).init(&Device::flex()).expect(name);
        assert_eq!((parameters(&model), parameters(&model) + fixed_parameters(&model)), (trained, all), "{name}");
    }
    // The Performer adds nothing that is trained.
    for size in ["tiny", "small", "base"] {
        let count =
            |name: String| parameters(&preset(&name).expect(&name).config(10).init(&Device::flex()).expect(&name));
        assert_eq!(count(format!("rvt_{size}_performer")), count(format!("rvt_{size}")), "{size}");
    }
}

#[test]
fn models_written_before_there_was_a_choice_of_attention_can_still_be_read() {
    let text = r#"{"family":"vit","image_size":32,"patch_size":8,"width":16,"depth":2,"heads":2,"classes":5}"#;
    assert_eq!(serde_json::from_str::<ModelConfig>(text).expect("an old manifest"), ModelConfig::Vit(vit()));
    for (name, config) in small_models() {
        let text = serde_json::to_string(&config).expect(name);
        assert_eq!(serde_json::from_str::<ModelConfig>(&text).expect(name), config);
    }
}
