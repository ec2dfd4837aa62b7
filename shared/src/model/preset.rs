//! Named model shapes: the published variants, and small ones for 32 and 64 pixel images.

use thiserror::Error;

use super::ModelConfig;
use super::fan::{ConvNextConfig, FanConfig, FanSwinConfig};
use super::mix::AttentionKind;
use super::mix::performer::Features;
use super::mix::vars_d::Recurrence;
use super::mix::vars_s::SpectralRecurrence;
use super::rvt::{RvtConfig, RvtStage};
use super::vit::VitConfig;

/// A named shape.
#[derive(Debug)]
pub struct Preset {
    /// The name that recipes, the command line and bundles use. Published variants keep their published names.
    pub name: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// Where the shape comes from.
    pub source: &'static str,
    build: fn(classes: usize) -> ModelConfig,
}

impl Preset {
    /// The configuration for `classes` classes.
    pub fn config(&self, classes: usize) -> ModelConfig {
        (self.build)(classes)
    }
}

const OURS: &str = "vitro, sized for a laptop's processor";
const DEIT: &str = "timm / DeiT, arXiv 2012.12877";
const FAN: &str = "FAN, arXiv 2204.12451, table 2";
const FAN_CODE: &str = "FAN, arXiv 2204.12451, released code only";
const RVT: &str = "RVT, arXiv 2105.07926";
const TAP: &str = "TAP & ADL, arXiv 2309.03135";
const STL: &str = "STL, arXiv 2401.03844";
const VARS: &str = "VARS, arXiv 2204.10962";

/// All presets, in the order in which they are listed to people.
pub const PRESETS: &[Preset] = &[
    Preset { name: "vit_nano_p4_32", title: "ViT nano, 32 px", source: OURS, build: |c| vit(32, 4, 96, 6, 3, c) },
    Preset { name: "vit_nano_p8_64", title: "ViT nano, 64 px", source: OURS, build: |c| vit(64, 8, 96, 6, 3, c) },
    Preset { name: "vit_small_p8_64", title: "ViT small, 64 px", source: OURS, build: |c| vit(64, 8, 192, 6, 3, c) },
    Preset { name: "vit_nano_p14_112", title: "ViT nano, 112 px", source: OURS, build: |c| vit(112, 14, 96, 6, 3, c) },
    Preset { name: "deit_tiny_patch16_224", title: "DeiT-Ti", source: DEIT, build: |c| vit(224, 16, 192, 12, 3, c) },
    Preset { name: "deit_small_patch16_224", title: "DeiT-S", source: DEIT, build: |c| vit(224, 16, 384, 12, 6, c) },
    Preset { name: "deit_base_patch16_224", title: "DeiT-B", source: DEIT, build: |c| vit(224, 16, 768, 12, 12, c) },
    Preset { name: "fan_nano_p4_32", title: "FAN nano, 32 px", source: OURS, build: |c| fan(32, 4, 96, 4, 4, c) },
    Preset { name: "fan_nano_p8_64", title: "FAN nano, 64 px", source: OURS, build: |c| fan(64, 8, 96, 4, 4, c) },
    Preset { name: "fan_nano_p16_112", title: "FAN nano, 112 px", source: OURS, build: |c| fan(112, 16, 96, 4, 4, c) },
    Preset { name: "fan_tiny_12_p16_224", title: "FAN-T-ViT", source: FAN, build: |c| fan(224, 16, 192, 12, 4, c) },
    Preset { name: "fan_small_12_p16_224", title: "FAN-S-ViT", source: FAN, build: |c| fan(224, 16, 384, 12, 8, c) },
    Preset { name: "fan_base_18_p16_224", title: "FAN-B-ViT", source: FAN, build: |c| fan(224, 16, 448, 18, 8, c) },
    Preset { name: "fan_large_24_p16_224", title: "FAN-L-ViT", source: FAN, build: |c| fan(224, 16, 480, 24, 10, c) },
    Preset { name: "fan_nano_p4_hybrid_112", title: "FAN nano hybrid, 112 px", source: OURS, build: nano_hybrid },
    Preset {
        name: "fan_nano_p4_hybrid_token_112",
        title: "FAN nano hybrid with token head, 112 px",
        source: OURS,
        build: |c| token(nano_hybrid(c)),
    },
    Preset {
        name: "fan_nano_p8_64_token",
        title: "FAN nano with token head, 64 px",
        source: OURS,
        build: |c| token(fan(64, 8, 96, 4, 4, c)),
    },
    Preset { name: "fan_tiny_8_p4_hybrid", title: "FAN-T-Hybrid", source: FAN, build: hybrid_tiny },
    Preset { name: "fan_small_12_p4_hybrid", title: "FAN-S-Hybrid", source: FAN, build: hybrid_small },
    Preset { name: "fan_base_16_p4_hybrid", title: "FAN-B-Hybrid", source: FAN, build: hybrid_base },
    Preset { name: "fan_large_16_p4_hybrid", title: "FAN-L-Hybrid", source: FAN, build: hybrid_large },
    Preset { name: "fan_Xlarge_16_p4_hybrid", title: "FAN-XL-Hybrid", source: FAN_CODE, build: hybrid_extra_large },
    Preset {
        name: "fan_swin_tiny_patch4_window7_224",
        title: "FAN-Swin-T",
        source: FAN_CODE,
        build: |c| swin(96, [2, 2, 6, 2], [3, 6, 12, 24], c),
    },
    Preset {
        name: "fan_swin_small_patch4_window7_224",
        title: "FAN-Swin-S",
        source: FAN_CODE,
        build: |c| swin(96, [2, 2, 18, 2], [3, 6, 12, 24], c),
    },
    Preset {
        name: "fan_swin_base_patch4_window7_224",
        title: "FAN-Swin-B",
        source: FAN_CODE,
        build: |c| swin(128, [2, 2, 18, 2], [4, 8, 16, 32], c),
    },
    Preset {
        name: "fan_swin_large_patch4_window7_224",
        title: "FAN-Swin-L",
        source: FAN_CODE,
        build: |c| swin(192, [2, 2, 18, 2], [6, 12, 24, 48], c),
    },
    Preset {
        name: "fan_tiny_8_p4_hybrid_token",
        title: "FAN-T-Hybrid with token head",
        source: STL,
        build: |c| token(hybrid_tiny(c)),
    },
    Preset {
        name: "fan_small_12_p4_hybrid_token",
        title: "FAN-S-Hybrid with token head",
        source: STL,
        build: |c| token(hybrid_small(c)),
    },
    Preset {
        name: "fan_base_16_p4_hybrid_token",
        title: "FAN-B-Hybrid with token head",
        source: STL,
        build: |c| token(hybrid_base(c)),
    },
    Preset {
        name: "fan_large_16_p4_hybrid_token",
        title: "FAN-L-Hybrid with token head",
        source: STL,
        build: |c| token(hybrid_large(c)),
    },
    Preset {
        name: "tap_fan_nano_p4_32",
        title: "FAN nano + TAP, 32 px",
        source: OURS,
        build: |c| tap(fan(32, 4, 96, 4, 4, c)),
    },
    Preset {
        name: "tap_fan_nano_p8_64",
        title: "FAN nano + TAP, 64 px",
        source: OURS,
        build: |c| tap(fan(64, 8, 96, 4, 4, c)),
    },
    Preset {
        name: "tap_fan_tiny_12_p16_224",
        title: "FAN-T-ViT + TAP",
        source: TAP,
        build: |c| tap(fan(224, 16, 192, 12, 4, c)),
    },
    Preset {
        name: "tap_fan_small_12_p16_224",
        title: "FAN-S-ViT + TAP",
        source: TAP,
        build: |c| tap(fan(224, 16, 384, 12, 8, c)),
    },
    Preset {
        name: "tap_fan_base_18_p16_224",
        title: "FAN-B-ViT + TAP",
        source: TAP,
        build: |c| tap(fan(224, 16, 448, 18, 8, c)),
    },
    Preset {
        name: "tap_fan_large_24_p16_224",
        title: "FAN-L-ViT + TAP",
        source: TAP,
        build: |c| tap(fan(224, 16, 480, 24, 10, c)),
    },
    Preset {
        name: "tap_fan_tiny_8_p4_hybrid",
        title: "FAN-T-Hybrid + TAP",
        source: TAP,
        build: |c| tap(hybrid_tiny(c)),
    },
    Preset {
        name: "tap_fan_small_12_p4_hybrid",
        title: "FAN-S-Hybrid + TAP",
        source: TAP,
        build: |c| tap(hybrid_small(c)),
    },
    Preset {
        name: "tap_fan_base_16_p4_hybrid",
        title: "FAN-B-Hybrid + TAP",
        source: TAP,
        build: |c| tap(hybrid_base(c)),
    },
    Preset {
        name: "tap_fan_large_16_p4_hybrid",
        title: "FAN-L-Hybrid + TAP",
        source: TAP,
        build: |c| tap(hybrid_large(c)),
    },
    Preset {
        name: "tap_fan_Xlarge_16_p4_hybrid",
        title: "FAN-XL-Hybrid + TAP",
        source: TAP,
        build: |c| tap(hybrid_extra_large(c)),
    },
    // At 64 pixels, patches of 8 make an 8 × 8 grid, as in the other nano models.
    Preset { name: "rvt_nano_p8_64", title: "RVT nano, 64 px", source: OURS, build: |c| rvt(64, 8, &[(96, 6, 3)], c) },
    Preset { name: "rvt_tiny", title: "RVT-Ti", source: RVT, build: |c| rvt(224, 16, RVT_TINY, c) },
    Preset { name: "rvt_small", title: "RVT-S", source: RVT, build: |c| rvt(224, 16, RVT_SMALL, c) },
    Preset { name: "rvt_base", title: "RVT-B", source: RVT, build: |c| rvt(224, 16, RVT_BASE, c) },
    Preset { name: "rvt_tiny_plus", title: "RVT-Ti*", source: RVT, build: |c| masked(10, rvt(224, 16, RVT_TINY, c)) },
    Preset { name: "rvt_small_plus", title: "RVT-S*", source: RVT, build: |c| masked(5, rvt(224, 16, RVT_SMALL, c)) },
    Preset { name: "rvt_base_plus", title: "RVT-B*", source: RVT, build: |c| masked(5, rvt(224, 16, RVT_BASE, c)) },
    Preset {
        name: "tap_rvt_nano_p8_64",
        title: "RVT nano + TAP, 64 px",
        source: OURS,
        build: |c| tap(rvt(64, 8, &[(96, 6, 3)], c)),
    },
    Preset { name: "tap_rvt_tiny", title: "RVT-Ti + TAP", source: TAP, build: |c| tap(rvt(224, 16, RVT_TINY, c)) },
    Preset { name: "tap_rvt_small", title: "RVT-S + TAP", source: TAP, build: |c| tap(rvt(224, 16, RVT_SMALL, c)) },
    Preset { name: "tap_rvt_base", title: "RVT-B + TAP", source: TAP, build: |c| tap(rvt(224, 16, RVT_BASE, c)) },
    Preset {
        name: "tap_rvt_tiny_plus",
        title: "RVT-Ti* + TAP",
        source: TAP,
        build: |c| tap(masked(10, rvt(224, 16, RVT_TINY, c))),
    },
    Preset {
        name: "tap_rvt_small_plus",
        title: "RVT-S* + TAP",
        source: TAP,
        build: |c| tap(masked(5, rvt(224, 16, RVT_SMALL, c))),
    },
    Preset {
        name: "tap_rvt_base_plus",
        title: "RVT-B* + TAP",
        source: TAP,
        build: |c| tap(masked(5, rvt(224, 16, RVT_BASE, c))),
    },
    Preset {
        name: "rvt_nano_vars_d_p8_64",
        title: "RVT nano, VARS-D, 64 px",
        source: OURS,
        build: |c| with(vars_d(), rvt(64, 8, &[(96, 6, 3)], c)),
    },
    Preset {
        name: "rvt_nano_vars_sd_p8_64",
        title: "RVT nano, VARS-SD, 64 px",
        source: OURS,
        build: |c| with(vars_sd(), rvt(64, 8, &[(96, 6, 3)], c)),
    },
    Preset {
        name: "rvt_nano_vars_s_p8_64",
        title: "RVT nano, VARS-S, 64 px",
        source: OURS,
        build: |c| with(vars_s(), rvt(64, 8, &[(96, 6, 3)], c)),
    },
    Preset {
        name: "rvt_nano_performer_p8_64",
        title: "RVT nano, Performer, 64 px",
        source: OURS,
        build: |c| with(performer(), rvt(64, 8, &[(96, 6, 3)], c)),
    },
    Preset {
        name: "rvt_tiny_vars_d",
        title: "RVT-Ti, VARS-D",
        source: VARS,
        build: |c| with(vars_d(), rvt(224, 16, RVT_TINY, c)),
    },
    Preset {
        name: "rvt_tiny_vars_sd",
        title: "RVT-Ti, VARS-SD",
        source: VARS,
        build: |c| with(vars_sd(), rvt(224, 16, RVT_TINY, c)),
    },
    Preset {
        name: "rvt_tiny_vars_s",
        title: "RVT-Ti, VARS-S",
        source: VARS,
        build: |c| with(vars_s(), rvt(224, 16, RVT_TINY, c)),
    },
    Preset {
        name: "rvt_tiny_performer",
        title: "RVT-Ti, Performer",
        source: VARS,
        build: |c| with(performer(), rvt(224, 16, RVT_TINY, c)),
    },
    Preset {
        name: "rvt_small_vars_d",
        title: "RVT-S, VARS-D",
        source: VARS,
        build: |c| with(vars_d(), rvt(224, 16, RVT_SMALL, c)),
    },
    Preset {
        name: "rvt_small_vars_sd",
        title: "RVT-S, VARS-SD",
        source: VARS,
        build: |c| with(vars_sd(), rvt(224, 16, RVT_SMALL, c)),
    },
    Preset {
        name: "rvt_small_vars_s",
        title: "RVT-S, VARS-S",
        source: VARS,
        build: |c| with(vars_s(), rvt(224, 16, RVT_SMALL, c)),
    },
    Preset {
        name: "rvt_small_performer",
        title: "RVT-S, Performer",
        source: VARS,
        build: |c| with(performer(), rvt(224, 16, RVT_SMALL, c)),
    },
    Preset {
        name: "rvt_base_vars_d",
        title: "RVT-B, VARS-D",
        source: VARS,
        build: |c| with(vars_d(), rvt(224, 16, RVT_BASE, c)),
    },
    Preset {
        name: "rvt_base_vars_sd",
        title: "RVT-B, VARS-SD",
        source: VARS,
        build: |c| with(vars_sd(), rvt(224, 16, RVT_BASE, c)),
    },
    Preset {
        name: "rvt_base_vars_s",
        title: "RVT-B, VARS-S",
        source: VARS,
        build: |c| with(vars_s(), rvt(224, 16, RVT_BASE, c)),
    },
    Preset {
        name: "rvt_base_performer",
        title: "RVT-B, Performer",
        source: VARS,
        build: |c| with(performer(), rvt(224, 16, RVT_BASE, c)),
    },
];

/// Width, depth and heads of each stage of the published RVTs.
const RVT_TINY: &[(usize, usize, usize)] = &[(192, 10, 6), (384, 2, 12)];
const RVT_SMALL: &[(usize, usize, usize)] = &[(384, 12, 6)];
const RVT_BASE: &[(usize, usize, usize)] = &[(768, 12, 12)];

fn vit(image: usize, patch: usize, width: usize, depth: usize, heads: usize, classes: usize) -> ModelConfig {
    ModelConfig::Vit(VitConfig::new(image, patch, width, depth, heads, classes))
}

fn fan(image: usize, patch: usize, width: usize, depth: usize, heads: usize, classes: usize) -> ModelConfig {
    ModelConfig::Fan(FanConfig::new(image, patch, width, depth, heads, classes))
}

fn hybrid(width: usize, depth: usize, heads: usize, stem: [usize; 2], classes: usize) -> FanConfig {
    FanConfig { hybrid: Some(ConvNextConfig::new(stem)), ..FanConfig::new(224, 16, width, depth, heads, classes) }
}

// The number in a hybrid's name is not its depth.

fn hybrid_tiny(classes: usize) -> ModelConfig {
    ModelConfig::Fan(hybrid(192, 8, 8, [3, 3], classes))
}

fn hybrid_small(classes: usize) -> ModelConfig {
    ModelConfig::Fan(hybrid(384, 10, 8, [3, 3], classes))
}

fn hybrid_base(classes: usize) -> ModelConfig {
    ModelConfig::Fan(hybrid(448, 16, 8, [3, 3], classes))
}

/// The released code shrinks this head alone.
fn hybrid_large(classes: usize) -> ModelConfig {
    ModelConfig::Fan(FanConfig { head_scale: 0.001, ..hybrid(480, 22, 10, [3, 5], classes) })
}

fn hybrid_extra_large(classes: usize) -> ModelConfig {
    let blocks = |first: usize, last: usize| [vec![first; 20], vec![last; 3]].concat();
    ModelConfig::Fan(FanConfig {
        block_widths: blocks(528, 768),
        block_heads: blocks(11, 16),
        ..hybrid(528, 23, 11, [3, 7], classes)
    })
}

fn nano_hybrid(classes: usize) -> ModelConfig {
    let stem = ConvNextConfig { widths: [32, 64], ..ConvNextConfig::new([1, 1]) };
    ModelConfig::Fan(FanConfig { hybrid: Some(stem), ..FanConfig::new(112, 16, 96, 4, 4, classes) })
}

fn swin(width: usize, depths: [usize; 4], heads: [usize; 4], classes: usize) -> ModelConfig {
    ModelConfig::Swin(FanSwinConfig::published(width, depths, heads, classes))
}

/// STL's token head on top of `config`; its large model does not shrink the class head.
fn token(config: ModelConfig) -> ModelConfig {
    match config {
        ModelConfig::Fan(fan) => ModelConfig::Fan(FanConfig { token_head: true, head_scale: 1.0, ..fan }),
        other => other,
    }
}

fn rvt(image: usize, patch: usize, stages: &[(usize, usize, usize)], classes: usize) -> ModelConfig {
    let stages = stages.iter().map(|&(width, depth, heads)| RvtStage { width, depth, heads }).collect();
    ModelConfig::Rvt(RvtConfig::new(image, patch, stages, classes))
}

/// Position-aware attention scaling in the first `blocks` blocks of `config`.
fn masked(blocks: usize, config: ModelConfig) -> ModelConfig {
    match config {
        ModelConfig::Rvt(rvt) => ModelConfig::Rvt(RvtConfig { masked_blocks: blocks, ..rvt }),
        other => other,
    }
}

/// `attention` in every block of `config`.
fn with(attention: AttentionKind, config: ModelConfig) -> ModelConfig {
    match config {
        ModelConfig::Vit(vit) => ModelConfig::Vit(VitConfig { attention, ..vit }),
        ModelConfig::Rvt(rvt) => ModelConfig::Rvt(RvtConfig { attention, ..rvt }),
        other => other,
    }
}

fn vars_d() -> AttentionKind {
    AttentionKind::VarsD(Recurrence::default())
}

fn vars_sd() -> AttentionKind {
    AttentionKind::VarsSd(Recurrence::default())
}

fn vars_s() -> AttentionKind {
    AttentionKind::VarsS(SpectralRecurrence::default())
}

fn performer() -> AttentionKind {
    AttentionKind::Performer(Features::default())
}

/// The published number of scales on top of `config`.
fn tap(config: ModelConfig) -> ModelConfig {
    match config {
        ModelConfig::Fan(fan) => ModelConfig::Fan(FanConfig { tap_scales: Some(4), ..fan }),
        ModelConfig::Rvt(rvt) => ModelConfig::Rvt(RvtConfig { tap_scales: Some(4), ..rvt }),
        other => other,
    }
}

/// A name that no preset has.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("there is no model called \"{name}\"; the nearest is \"{nearest}\"")]
pub struct UnknownPreset {
    /// What was asked for.
    pub name: String,
    /// The most similar name.
    pub nearest: &'static str,
}

/// Finds a preset by name.
pub fn preset(name: &str) -> Result<&'static Preset, UnknownPreset> {
    PRESETS.iter().find(|preset| preset.name == name).ok_or_else(|| {
        let likeness = |preset: &&Preset| (strsim::jaro_winkler(preset.name, name) * 1e6) as u64;
        let nearest = PRESETS.iter().max_by_key(likeness).map_or("", |preset| preset.name);
        UnknownPreset { name: name.to_owned(), nearest }
    })
}
