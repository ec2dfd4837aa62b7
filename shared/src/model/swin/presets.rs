//! Named shapes of FAN-Swin, as released.

use super::FanSwinConfig;
use crate::model::preset::FAN_CODE;
use crate::model::{ModelConfig, Preset};

/// In the order in which they are listed to people.
pub(super) const PRESETS: &[Preset] = &[
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
];

fn swin(width: usize, depths: [usize; 4], heads: [usize; 4], classes: usize) -> ModelConfig {
    ModelConfig::Swin(FanSwinConfig::published(width, depths, heads, classes))
}
