//! VARS-SD: VARS-D with atoms that are learned beside those made of the tokens, section 3.3 of the VARS paper.
//!
//! The learned atoms are patterns over the tokens, so they fix their number.

use burn::prelude::*;

use super::vars::{VarsAttention, VarsAttentionConfig};
use super::vars_d::{self, Recurrence};
use super::{MixerInfo, Site, Tie};

/// What VARS-SD says of itself.
pub const INFO: MixerInfo = MixerInfo {
    name: "vars_sd",
    title: "VARS-SD",
    tie: Tie::Tokens("the static dictionary of vars_sd"),
    ..vars_d::INFO
};

/// The attention at `site`.
pub fn build(settings: &Recurrence, site: &Site, device: &Device) -> VarsAttention {
    let config = VarsAttentionConfig::new(site.width, site.heads, *settings);
    config.with_static_tokens(Some(site.tokens())).init(device)
}
