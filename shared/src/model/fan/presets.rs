//! Named shapes of FAN: the published ones, those with TAP and with STL's token head, and small ones.

use super::{ConvNextConfig, FanConfig};
use crate::model::ModelConfig::Fan;
use crate::model::Preset;
use crate::model::preset::{FAN, FAN_CODE, OURS, TAP};

const STL: &str = "STL, arXiv 2401.03844";

/// In the order in which they are listed to people.
pub(super) const PRESETS: &[Preset] = &[
    Preset { name: "fan_nano_p4_32", title: "FAN nano, 32 px", source: OURS, build: |c| Fan(fan(32, 4, 96, 4, 4, c)) },
    Preset { name: "fan_nano_p8_64", title: "FAN nano, 64 px", source: OURS, build: |c| Fan(fan(64, 8, 96, 4, 4, c)) },
    Preset {
        name: "fan_nano_p16_112",
        title: "FAN nano, 112 px",
        source: OURS,
        build: |c| Fan(fan(112, 16, 96, 4, 4, c)),
    },
    Preset {
        name: "fan_tiny_12_p16_224",
        title: "FAN-T-ViT",
        source: FAN,
        build: |c| Fan(fan(224, 16, 192, 12, 4, c)),
    },
    Preset {
        name: "fan_small_12_p16_224",
        title: "FAN-S-ViT",
        source: FAN,
        build: |c| Fan(fan(224, 16, 384, 12, 8, c)),
    },
    Preset {
        name: "fan_base_18_p16_224",
        title: "FAN-B-ViT",
        source: FAN,
        build: |c| Fan(fan(224, 16, 448, 18, 8, c)),
    },
    Preset {
        name: "fan_large_24_p16_224",
        title: "FAN-L-ViT",
        source: FAN,
        build: |c| Fan(fan(224, 16, 480, 24, 10, c)),
    },
    Preset {
        name: "fan_nano_p4_hybrid_112",
        title: "FAN nano hybrid, 112 px",
        source: OURS,
        build: |c| Fan(nano_hybrid(c)),
    },
    Preset {
        name: "fan_nano_p4_hybrid_token_112",
        title: "FAN nano hybrid with token head, 112 px",
        source: OURS,
        build: |c| Fan(token(nano_hybrid(c))),
    },
    Preset {
        name: "fan_nano_p8_64_token",
        title: "FAN nano with token head, 64 px",
        source: OURS,
        build: |c| Fan(token(fan(64, 8, 96, 4, 4, c))),
    },
    Preset { name: "fan_tiny_8_p4_hybrid", title: "FAN-T-Hybrid", source: FAN, build: |c| Fan(hybrid_tiny(c)) },
    Preset { name: "fan_small_12_p4_hybrid", title: "FAN-S-Hybrid", source: FAN, build: |c| Fan(hybrid_small(c)) },
    Preset { name: "fan_base_16_p4_hybrid", title: "FAN-B-Hybrid", source: FAN, build: |c| Fan(hybrid_base(c)) },
    Preset { name: "fan_large_16_p4_hybrid", title: "FAN-L-Hybrid", source: FAN, build: |c| Fan(hybrid_large(c)) },
    Preset {
        name: "fan_Xlarge_16_p4_hybrid",
        title: "FAN-XL-Hybrid",
        source: FAN_CODE,
        build: |c| Fan(hybrid_extra_large(c)),
    },
    Preset {
        name: "fan_tiny_8_p4_hybrid_token",
        title: "FAN-T-Hybrid with token head",
        source: STL,
        build: |c| Fan(token(hybrid_tiny(c))),
    },
    Preset {
        name: "fan_small_12_p4_hybrid_token",
        title: "FAN-S-Hybrid with token head",
        source: STL,
        build: |c| Fan(token(hybrid_small(c))),
    },
    Preset {
        name: "fan_base_16_p4_hybrid_token",
        title: "FAN-B-Hybrid with token head",
        source: STL,
        build: |c| Fan(token(hybrid_base(c))),
    },
    Preset {
        name: "fan_large_16_p4_hybrid_token",
        title: "FAN-L-Hybrid with token head",
        source: STL,
        build: |c| Fan(token(hybrid_large(c))),
    },
    Preset {
        name: "tap_fan_nano_p4_32",
        title: "FAN nano + TAP, 32 px",
        source: OURS,
        build: |c| Fan(tap(fan(32, 4, 96, 4, 4, c))),
    },
    Preset {
        name: "tap_fan_nano_p8_64",
        title: "FAN nano + TAP, 64 px",
        source: OURS,
        build: |c| Fan(tap(fan(64, 8, 96, 4, 4, c))),
    },
    Preset {
        name: "tap_fan_tiny_12_p16_224",
        title: "FAN-T-ViT + TAP",
        source: TAP,
        build: |c| Fan(tap(fan(224, 16, 192, 12, 4, c))),
    },
    Preset {
        name: "tap_fan_small_12_p16_224",
        title: "FAN-S-ViT + TAP",
        source: TAP,
        build: |c| Fan(tap(fan(224, 16, 384, 12, 8, c))),
    },
    Preset {
        name: "tap_fan_base_18_p16_224",
        title: "FAN-B-ViT + TAP",
        source: TAP,
        build: |c| Fan(tap(fan(224, 16, 448, 18, 8, c))),
    },
    Preset {
        name: "tap_fan_large_24_p16_224",
        title: "FAN-L-ViT + TAP",
        source: TAP,
        build: |c| Fan(tap(fan(224, 16, 480, 24, 10, c))),
    },
    Preset {
        name: "tap_fan_tiny_8_p4_hybrid",
        title: "FAN-T-Hybrid + TAP",
        source: TAP,
        build: |c| Fan(tap(hybrid_tiny(c))),
    },
    Preset {
        name: "tap_fan_small_12_p4_hybrid",
        title: "FAN-S-Hybrid + TAP",
        source: TAP,
        build: |c| Fan(tap(hybrid_small(c))),
    },
    Preset {
        name: "tap_fan_base_16_p4_hybrid",
        title: "FAN-B-Hybrid + TAP",
        source: TAP,
        build: |c| Fan(tap(hybrid_base(c))),
    },
    Preset {
        name: "tap_fan_large_16_p4_hybrid",
        title: "FAN-L-Hybrid + TAP",
        source: TAP,
        build: |c| Fan(tap(hybrid_large(c))),
    },
    Preset {
        name: "tap_fan_Xlarge_16_p4_hybrid",
        title: "FAN-XL-Hybrid + TAP",
        source: TAP,
        build: |c| Fan(tap(hybrid_extra_large(c))),
    },
];

fn fan(image: usize, patch: usize, width: usize, depth: usize, heads: usize, classes: usize) -> FanConfig {
    FanConfig::new(image, patch, width, depth, heads, classes)
}

fn hybrid(width: usize, depth: usize, heads: usize, stem: [usize; 2], classes: usize) -> FanConfig {
    FanConfig { hybrid: Some(ConvNextConfig::new(stem)), ..FanConfig::new(224, 16, width, depth, heads, classes) }
}

// The number in a hybrid's name is not its depth.

fn hybrid_tiny(classes: usize) -> FanConfig {
    hybrid(192, 8, 8, [3, 3], classes)
}

fn hybrid_small(classes: usize) -> FanConfig {
    hybrid(384, 10, 8, [3, 3], classes)
}

fn hybrid_base(classes: usize) -> FanConfig {
    hybrid(448, 16, 8, [3, 3], classes)
}

/// The released code shrinks this head alone.
fn hybrid_large(classes: usize) -> FanConfig {
    FanConfig { head_scale: 0.001, ..hybrid(480, 22, 10, [3, 5], classes) }
}

fn hybrid_extra_large(classes: usize) -> FanConfig {
    let blocks = |first: usize, last: usize| [vec![first; 20], vec![last; 3]].concat();
    FanConfig { block_widths: blocks(528, 768), block_heads: blocks(11, 16), ..hybrid(528, 23, 11, [3, 7], classes) }
}

fn nano_hybrid(classes: usize) -> FanConfig {
    let stem = ConvNextConfig { widths: [32, 64], ..ConvNextConfig::new([1, 1]) };
    FanConfig { hybrid: Some(stem), ..FanConfig::new(112, 16, 96, 4, 4, classes) }
}

/// STL's token head on top of `config`; its large model does not shrink the class head.
fn token(config: FanConfig) -> FanConfig {
    FanConfig { token_head: true, head_scale: 1.0, ..config }
}

/// The published number of scales on top of `config`.
fn tap(config: FanConfig) -> FanConfig {
    FanConfig { tap_scales: Some(4), ..config }
}
