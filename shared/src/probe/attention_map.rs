//! Where the model looks: attention over the patches.

use super::{Probe, Reading, map};

/// Attention over the patches, summing to one.
pub const ATTENTION_MAP: Probe = Probe {
    key: "attention_map",
    title: "attention",
    meaning: "How much the model looks at each patch: attention of the class token in the last layer that has one, mean over \
              heads; without a class token, how much each patch is looked at by all others; for VARS, what the last step \
              reconstructs there.",
    take: map::attention,
    read: |values, _| Reading::Map(map::scaled(values)),
};
