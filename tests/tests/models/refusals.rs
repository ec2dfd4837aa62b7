//! Configurations and images that no network can have are refused with the reason.

use burn::prelude::*;
use vitro::model::fan::{ConvNextConfig, FanConfig};
use vitro::model::mix::vars_s::SpectralRecurrence;
use vitro::model::mix::{AttentionKind, Tie};
use vitro::model::rvt::{RvtConfig, RvtStage};
use vitro::model::swin::FanSwinConfig;
use vitro::model::vit::VitConfig;
use vitro::model::{FamilyConfig, ModelError};
use vitro_tests::small_models::rvt;

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
