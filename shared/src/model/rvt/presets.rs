//! Named shapes of RVT: the published ones, those with TAP and with the attentions of VARS, and small ones.

use super::{RvtConfig, RvtStage};
use crate::model::ModelConfig::Rvt;
use crate::model::Preset;
use crate::model::mix::AttentionKind;
use crate::model::mix::performer::Features;
use crate::model::mix::vars_d::Recurrence;
use crate::model::mix::vars_s::SpectralRecurrence;
use crate::model::preset::{OURS, TAP};

const RVT: &str = "RVT, arXiv 2105.07926";
const VARS: &str = "VARS, arXiv 2204.10962";

/// In the order in which they are listed to people.
pub(super) const PRESETS: &[Preset] = &[
    // Patches of 4 at 32 pixels and of 8 at 64 make an 8 × 8 grid, as in the other nano models.
    Preset {
        name: "rvt_nano_p4_32",
        title: "RVT nano, 32 px",
        source: OURS,
        build: |c| Rvt(rvt(32, 4, &[(96, 6, 3)], c)),
    },
    Preset {
        name: "rvt_nano_p8_64",
        title: "RVT nano, 64 px",
        source: OURS,
        build: |c| Rvt(rvt(64, 8, &[(96, 6, 3)], c)),
    },
    Preset {
        name: "rvt_nano_p16_112",
        title: "RVT nano, 112 px",
        source: OURS,
        build: |c| Rvt(rvt(112, 16, &[(96, 6, 3)], c)),
    },
    Preset { name: "rvt_tiny", title: "RVT-Ti", source: RVT, build: |c| Rvt(rvt(224, 16, RVT_TINY, c)) },
    Preset { name: "rvt_small", title: "RVT-S", source: RVT, build: |c| Rvt(rvt(224, 16, RVT_SMALL, c)) },
    Preset { name: "rvt_base", title: "RVT-B", source: RVT, build: |c| Rvt(rvt(224, 16, RVT_BASE, c)) },
    Preset {
        name: "rvt_tiny_plus",
        title: "RVT-Ti*",
        source: RVT,
        build: |c| Rvt(masked(10, rvt(224, 16, RVT_TINY, c))),
    },
    Preset {
        name: "rvt_small_plus",
        title: "RVT-S*",
        source: RVT,
        build: |c| Rvt(masked(5, rvt(224, 16, RVT_SMALL, c))),
    },
    Preset {
        name: "rvt_base_plus",
        title: "RVT-B*",
        source: RVT,
        build: |c| Rvt(masked(5, rvt(224, 16, RVT_BASE, c))),
    },
    Preset {
        name: "tap_rvt_nano_p8_64",
        title: "RVT nano + TAP, 64 px",
        source: OURS,
        build: |c| Rvt(tap(rvt(64, 8, &[(96, 6, 3)], c))),
    },
    Preset { name: "tap_rvt_tiny", title: "RVT-Ti + TAP", source: TAP, build: |c| Rvt(tap(rvt(224, 16, RVT_TINY, c))) },
    Preset {
        name: "tap_rvt_small",
        title: "RVT-S + TAP",
        source: TAP,
        build: |c| Rvt(tap(rvt(224, 16, RVT_SMALL, c))),
    },
    Preset { name: "tap_rvt_base", title: "RVT-B + TAP", source: TAP, build: |c| Rvt(tap(rvt(224, 16, RVT_BASE, c))) },
    Preset {
        name: "tap_rvt_tiny_plus",
        title: "RVT-Ti* + TAP",
        source: TAP,
        build: |c| Rvt(tap(masked(10, rvt(224, 16, RVT_TINY, c)))),
    },
    Preset {
        name: "tap_rvt_small_plus",
        title: "RVT-S* + TAP",
        source: TAP,
        build: |c| Rvt(tap(masked(5, rvt(224, 16, RVT_SMALL, c)))),
    },
    Preset {
        name: "tap_rvt_base_plus",
        title: "RVT-B* + TAP",
        source: TAP,
        build: |c| Rvt(tap(masked(5, rvt(224, 16, RVT_BASE, c)))),
    },
    Preset {
        name: "rvt_nano_vars_d_p8_64",
        title: "RVT nano, VARS-D, 64 px",
        source: OURS,
        build: |c| Rvt(with(vars_d(), rvt(64, 8, &[(96, 6, 3)], c))),
    },
    Preset {
        name: "rvt_nano_vars_sd_p8_64",
        title: "RVT nano, VARS-SD, 64 px",
        source: OURS,
        build: |c| Rvt(with(vars_sd(), rvt(64, 8, &[(96, 6, 3)], c))),
    },
    Preset {
        name: "rvt_nano_vars_s_p8_64",
        title: "RVT nano, VARS-S, 64 px",
        source: OURS,
        build: |c| Rvt(with(vars_s(), rvt(64, 8, &[(96, 6, 3)], c))),
    },
    Preset {
        name: "rvt_nano_performer_p8_64",
        title: "RVT nano, Performer, 64 px",
        source: OURS,
        build: |c| Rvt(with(performer(), rvt(64, 8, &[(96, 6, 3)], c))),
    },
    Preset {
        name: "rvt_tiny_vars_d",
        title: "RVT-Ti, VARS-D",
        source: VARS,
        build: |c| Rvt(with(vars_d(), rvt(224, 16, RVT_TINY, c))),
    },
    Preset {
        name: "rvt_tiny_vars_sd",
        title: "RVT-Ti, VARS-SD",
        source: VARS,
        build: |c| Rvt(with(vars_sd(), rvt(224, 16, RVT_TINY, c))),
    },
    Preset {
        name: "rvt_tiny_vars_s",
        title: "RVT-Ti, VARS-S",
        source: VARS,
        build: |c| Rvt(with(vars_s(), rvt(224, 16, RVT_TINY, c))),
    },
    Preset {
        name: "rvt_tiny_performer",
        title: "RVT-Ti, Performer",
        source: VARS,
        build: |c| Rvt(with(performer(), rvt(224, 16, RVT_TINY, c))),
    },
    Preset {
        name: "rvt_small_vars_d",
        title: "RVT-S, VARS-D",
        source: VARS,
        build: |c| Rvt(with(vars_d(), rvt(224, 16, RVT_SMALL, c))),
    },
    Preset {
        name: "rvt_small_vars_sd",
        title: "RVT-S, VARS-SD",
        source: VARS,
        build: |c| Rvt(with(vars_sd(), rvt(224, 16, RVT_SMALL, c))),
    },
    Preset {
        name: "rvt_small_vars_s",
        title: "RVT-S, VARS-S",
        source: VARS,
        build: |c| Rvt(with(vars_s(), rvt(224, 16, RVT_SMALL, c))),
    },
    Preset {
        name: "rvt_small_performer",
        title: "RVT-S, Performer",
        source: VARS,
        build: |c| Rvt(with(performer(), rvt(224, 16, RVT_SMALL, c))),
    },
    Preset {
        name: "rvt_base_vars_d",
        title: "RVT-B, VARS-D",
        source: VARS,
        build: |c| Rvt(with(vars_d(), rvt(224, 16, RVT_BASE, c))),
    },
    Preset {
        name: "rvt_base_vars_sd",
        title: "RVT-B, VARS-SD",
        source: VARS,
        build: |c| Rvt(with(vars_sd(), rvt(224, 16, RVT_BASE, c))),
    },
    Preset {
        name: "rvt_base_vars_s",
        title: "RVT-B, VARS-S",
        source: VARS,
        build: |c| Rvt(with(vars_s(), rvt(224, 16, RVT_BASE, c))),
    },
    Preset {
        name: "rvt_base_performer",
        title: "RVT-B, Performer",
        source: VARS,
        build: |c| Rvt(with(performer(), rvt(224, 16, RVT_BASE, c))),
    },
];

/// Width, depth and heads of each stage of the published RVTs.
const RVT_TINY: &[(usize, usize, usize)] = &[(192, 10, 6), (384, 2, 12)];
const RVT_SMALL: &[(usize, usize, usize)] = &[(384, 12, 6)];
const RVT_BASE: &[(usize, usize, usize)] = &[(768, 12, 12)];

fn rvt(image: usize, patch: usize, stages: &[(usize, usize, usize)], classes: usize) -> RvtConfig {
    let stages = stages.iter().map(|&(width, depth, heads)| RvtStage { width, depth, heads }).collect();
    RvtConfig::new(image, patch, stages, classes)
}

/// Position-aware attention scaling in the first `blocks` blocks of `config`.
fn masked(blocks: usize, config: RvtConfig) -> RvtConfig {
    RvtConfig { masked_blocks: blocks, ..config }
}

/// `attention` in every block of `config`.
fn with(attention: AttentionKind, config: RvtConfig) -> RvtConfig {
    RvtConfig { attention, ..config }
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
fn tap(config: RvtConfig) -> RvtConfig {
    RvtConfig { tap_scales: Some(4), ..config }
}
