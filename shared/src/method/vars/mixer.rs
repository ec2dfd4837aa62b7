//! The attentions on random features, where a block has a place for either.

use burn::prelude::*;

use super::attention::{VarsAttention, VarsAttentionConfig};
use super::kind::AttentionKind;
use super::performer::{Performer, PerformerConfig};
use crate::model::Mixed;
use crate::model::observer::Observer;

/// An attention on random features.
#[derive(Module, Debug)]
pub enum FeatureAttention {
    /// The Performer.
    Performer(Performer),
    /// VARS-D or VARS-SD.
    Vars(VarsAttention),
}

impl FeatureAttention {
    /// The attention of `kind` between `tokens` tokens of `width` channels; none for kinds without random features.
    pub fn new(kind: AttentionKind, width: usize, heads: usize, tokens: usize, device: &Device) -> Option<Self> {
        let vars = |recurrence, static_tokens| {
            let config = VarsAttentionConfig::new(width, heads, recurrence).with_static_tokens(static_tokens);
            Self::Vars(config.init(device))
        };
        match kind {
            AttentionKind::Softmax | AttentionKind::VarsS(_) => None,
            AttentionKind::Performer(features) => {
                let config = PerformerConfig::new(width, heads).with_ratio(features.ratio);
                Some(Self::Performer(config.init(device)))
            }
            AttentionKind::VarsD(recurrence) => Some(vars(recurrence, None)),
            AttentionKind::VarsSd(recurrence) => Some(vars(recurrence, Some(tokens))),
        }
    }

    /// `[b, n, c]` → the same shape, and what the attention shows of itself.
    pub fn forward(&self, x: Tensor<3>, observer: &mut impl Observer) -> Mixed {
        match self {
            Self::Performer(performer) => performer.forward(x),
            Self::Vars(vars) => vars.forward(x, observer),
        }
    }
}
