//! Presets, and how many parameters they and their parts have.

use burn::prelude::*;
use vitro::model::fan::{FanBlockConfig, FanConfig};
use vitro::model::mix::evolving::Evolution;
use vitro::model::mix::softmax::SoftmaxConfig;
use vitro::model::mix::{AttentionKind, Mixer};
use vitro::model::rvt::{RvtConfig, RvtStage};
use vitro::model::vit::VitConfig;
use vitro::model::{ModelConfig, PRESETS, fixed_parameters, parameters, preset};
use vitro_tests::small_models::{rvt, vit};

#[test]
fn preset_names_are_unique_and_a_misspelt_one_suggests_the_nearest() {
    let mut names: Vec<_> = PRESETS.iter().map(|preset| preset.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), PRESETS.len());
    assert_eq!(preset("fan_tiny_12_p16").expect_err("no such model").nearest, "fan_tiny_12_p16_224");
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
