//! Named model shapes: the published variants, and small ones for 32 and 64 pixel pictures.

use thiserror::Error;

use super::ModelConfig;
use super::fan::FanConfig;
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
const TAP: &str = "TAP & ADL, arXiv 2309.03135";

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
];

fn vit(image: usize, patch: usize, width: usize, depth: usize, heads: usize, classes: usize) -> ModelConfig {
    ModelConfig::Vit(VitConfig::new(image, patch, width, depth, heads, classes))
}

fn fan(image: usize, patch: usize, width: usize, depth: usize, heads: usize, classes: usize) -> ModelConfig {
    ModelConfig::Fan(FanConfig::new(image, patch, width, depth, heads, classes))
}

/// The published number of scales on top of `config`.
fn tap(config: ModelConfig) -> ModelConfig {
    match config {
        ModelConfig::Fan(fan) => ModelConfig::Fan(FanConfig { tap_scales: Some(4), ..fan }),
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
