//! Named shapes of the plain ViT: DeiT's, and small ones.

use super::VitConfig;
use crate::model::preset::OURS;
use crate::model::{ModelConfig, Preset};

const DEIT: &str = "timm / DeiT, arXiv 2012.12877";

/// In the order in which they are listed to people.
pub(super) const PRESETS: &[Preset] = &[
    Preset { name: "vit_nano_p4_32", title: "ViT nano, 32 px", source: OURS, build: |c| vit(32, 4, 96, 6, 3, c) },
    Preset { name: "vit_nano_p8_64", title: "ViT nano, 64 px", source: OURS, build: |c| vit(64, 8, 96, 6, 3, c) },
    Preset { name: "vit_small_p8_64", title: "ViT small, 64 px", source: OURS, build: |c| vit(64, 8, 192, 6, 3, c) },
    Preset { name: "vit_nano_p14_112", title: "ViT nano, 112 px", source: OURS, build: |c| vit(112, 14, 96, 6, 3, c) },
    Preset { name: "deit_tiny_patch16_224", title: "DeiT-Ti", source: DEIT, build: |c| vit(224, 16, 192, 12, 3, c) },
    Preset { name: "deit_small_patch16_224", title: "DeiT-S", source: DEIT, build: |c| vit(224, 16, 384, 12, 6, c) },
    Preset { name: "deit_base_patch16_224", title: "DeiT-B", source: DEIT, build: |c| vit(224, 16, 768, 12, 12, c) },
];

fn vit(image: usize, patch: usize, width: usize, depth: usize, heads: usize, classes: usize) -> ModelConfig {
    ModelConfig::Vit(VitConfig::new(image, patch, width, depth, heads, classes))
}
