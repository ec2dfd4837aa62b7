//! A few blocks of each family at the smallest sizes that are legal, for tests of everything that all models have in common.

use vitro::bundle::{self, Manifest, Provenance};
use vitro::image::Preprocess;
use vitro::method::vars::{AttentionKind, Features, Recurrence, SpectralRecurrence};
use vitro::model::ModelConfig;
use vitro::model::fan::{ConvNextConfig, FanConfig, FanSwinConfig, SwinStage};
use vitro::model::rvt::{RvtConfig, RvtStage};
use vitro::model::vit::VitConfig;

/// A few blocks of each family, at the smallest sizes that are legal.
pub fn small_models() -> Vec<(&'static str, ModelConfig)> {
    let fan = FanConfig::new(32, 8, 16, 2, 2, 5);
    let tap = FanConfig { tap_scales: Some(4), ..fan.clone() };
    let token = FanConfig { token_head: true, ..fan.clone() };
    let stem = ConvNextConfig { widths: [4, 8], ..ConvNextConfig::new([1, 1]) };
    let hybrid = FanConfig { hybrid: Some(stem), ..FanConfig::new(64, 16, 16, 2, 2, 5) };
    let widening = FanConfig { block_widths: vec![16, 24], block_heads: vec![2, 3], ..hybrid.clone() };
    let swin = FanSwinConfig {
        image_size: 32,
        patch_size: 4,
        window: 4,
        width: 8,
        stages: vec![
            SwinStage { depth: 2, heads: 2, channel_attention: true },
            SwinStage { depth: 1, heads: 4, channel_attention: false },
        ],
        mlp_ratio: 4,
        drop_path: 0.0,
        classes: 5,
    };
    vec![
        ("vit", ModelConfig::Vit(vit())),
        ("vit_tap", ModelConfig::Vit(VitConfig { tap_scales: Some(4), ..vit() })),
        ("fan", ModelConfig::Fan(fan)),
        ("tap_fan", ModelConfig::Fan(tap)),
        ("rvt", ModelConfig::Rvt(rvt())),
        ("rvt_plus", ModelConfig::Rvt(RvtConfig { masked_blocks: 1, mask_tokens: 20, ..rvt() })),
        ("tap_rvt", ModelConfig::Rvt(RvtConfig { tap_scales: Some(4), ..rvt() })),
        ("fan_hybrid", ModelConfig::Fan(hybrid)),
        ("fan_widening", ModelConfig::Fan(widening)),
        ("fan_token", ModelConfig::Fan(token)),
        ("fan_swin", ModelConfig::Swin(swin)),
    ]
    .into_iter()
    .chain(KINDS.map(|(name, _, kind)| (name, ModelConfig::Vit(VitConfig { attention: kind, ..vit() }))))
    .chain(KINDS.map(|(_, name, kind)| (name, ModelConfig::Rvt(RvtConfig { attention: kind, ..rvt() }))))
    .collect()
}

/// Every attention that a plain ViT and an RVT can have beside softmax, under the name of the small model of each.
pub const KINDS: [(&str, &str, AttentionKind); 4] = [
    ("vit_performer", "rvt_performer", AttentionKind::Performer(Features { ratio: 2 })),
    ("vit_vars_d", "rvt_vars_d", AttentionKind::VarsD(Recurrence { num_step: 5, lambda: 0.3, ratio: 2 })),
    ("vit_vars_sd", "rvt_vars_sd", AttentionKind::VarsSd(Recurrence { num_step: 2, lambda: 0.3, ratio: 2 })),
    // The published sparsity silences fresh filters on images of noise; less of it leaves gradients to look at.
    (
        "vit_vars_s",
        "rvt_vars_s",
        AttentionKind::VarsS(SpectralRecurrence { num_step: 3, lambda: 0.02, templates: 5, normalize: false }),
    ),
];

/// Two blocks on 4 × 4 patches.
pub fn vit() -> VitConfig {
    VitConfig::new(32, 8, 16, 2, 2, 5)
}

/// One stage on a grid of 4 × 4.
pub fn rvt() -> RvtConfig {
    RvtConfig::new(16, 4, vec![RvtStage { width: 16, depth: 2, heads: 2 }], 5)
}

/// The manifest of a small model.
pub fn manifest(config: ModelConfig) -> Manifest {
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
