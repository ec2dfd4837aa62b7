//! A few blocks of each family at the smallest sizes that are legal, for tests of everything that all models have in common.

use burn::prelude::Device;
use vitro::bundle::{self, Manifest, Provenance};
use vitro::image::Preprocess;
use vitro::model::fan::{ConvNextConfig, FanConfig};
use vitro::model::mix::AttentionKind;
use vitro::model::mix::vars_s::SpectralRecurrence;
use vitro::model::rvt::{RvtConfig, RvtStage};
use vitro::model::swin::{FanSwinConfig, SwinStage};
use vitro::model::vit::VitConfig;
use vitro::model::{ModelConfig, ModelError};

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
        mlp_ratio: 4.0,
        drop_path: 0.0,
        attention: AttentionKind::Softmax,
        classes: 5,
    };
    vec![
        ("vit", ModelConfig::Vit(vit())),
        ("vit_tap", ModelConfig::Vit(VitConfig { tap_scales: Some(4), ..vit() })),
        ("fan", ModelConfig::Fan(fan.clone())),
        ("tap_fan", ModelConfig::Fan(tap)),
        ("rvt", ModelConfig::Rvt(rvt())),
        ("rvt_plus", ModelConfig::Rvt(RvtConfig { masked_blocks: 1, mask_tokens: 20, ..rvt() })),
        ("tap_rvt", ModelConfig::Rvt(RvtConfig { tap_scales: Some(4), ..rvt() })),
        ("fan_hybrid", ModelConfig::Fan(hybrid)),
        ("fan_widening", ModelConfig::Fan(widening)),
        ("fan_token", ModelConfig::Fan(token)),
        ("fan_swin", ModelConfig::Swin(swin.clone())),
    ]
    .into_iter()
    .chain(mixers("vit", |attention| ModelConfig::Vit(VitConfig { attention, ..vit() })))
    .chain(mixers("rvt", |attention| ModelConfig::Rvt(RvtConfig { attention, ..rvt() })))
    .chain(mixers("fan", move |attention| ModelConfig::Fan(FanConfig { attention, ..fan.clone() })))
    .chain(mixers("fan_swin", move |attention| ModelConfig::Swin(FanSwinConfig { attention, ..swin.clone() })))
    .collect()
}

/// A small model of `family` with each registered mixer beside softmax that the family takes, under the names of both.
fn mixers(
    family: &'static str,
    model: impl Fn(AttentionKind) -> ModelConfig,
) -> impl Iterator<Item = (&'static str, ModelConfig)> {
    let others = AttentionKind::all().into_iter().filter(|kind| !kind.is_softmax()).map(awake);
    let named = others.map(move |kind| (&*format!("{family}_{}", kind.name()).leak(), model(kind)));
    named.filter(|(_, config)| !matches!(config.init(&Device::flex()), Err(ModelError::MixerHasNoPlace { .. })))
}

/// The published settings, but where those silence fresh weights on images of noise: less leaves gradients to look at.
pub fn awake(kind: AttentionKind) -> AttentionKind {
    match kind {
        AttentionKind::VarsS(settings) => AttentionKind::VarsS(SpectralRecurrence { lambda: 0.02, ..settings }),
        other => other,
    }
}

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
