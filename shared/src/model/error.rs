//! What can be wrong with a model's configuration.

use thiserror::Error;

/// A configuration that no network can have. Each message says what to change.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum ModelError {
    /// The picture cannot be cut into whole patches.
    #[error("image_size {image_size} is not a multiple of patch_size {patch_size}; change one of them")]
    PatchDoesNotDivide {
        /// Side of the picture.
        image_size: usize,
        /// Side of a patch.
        patch_size: usize,
    },
    /// Channels cannot be split into heads.
    #[error("width {width} cannot be split into {heads} heads; choose a number of heads that divides it")]
    HeadsDoNotDivide {
        /// Channels of a token.
        width: usize,
        /// Attention heads.
        heads: usize,
    },
    /// FAN's convolution stack has no such patch.
    #[error("FAN has no patch_size {patch_size}; use 4, 8 or 16")]
    FanPatch {
        /// Side of a patch.
        patch_size: usize,
    },
    /// One entry of `channel_heads` is needed for each block.
    #[error("channel_heads has {given} entries for a depth of {depth}; give one for each block, or none")]
    ChannelHeads {
        /// Entries given.
        given: usize,
        /// Blocks of the trunk.
        depth: usize,
    },
    /// Too few channels for the network's first layers.
    #[error("width {width} is too small; use at least {least}")]
    TooNarrow {
        /// Channels of a token.
        width: usize,
        /// Smallest width that works.
        least: usize,
    },
    /// A count that must be positive.
    #[error("{field} is 0; it must be at least 1")]
    Zero {
        /// Name of the field.
        field: &'static str,
    },
    /// A probability outside [0, 1).
    #[error("{field} is {value}; it must be at least 0 and below 1")]
    Rate {
        /// Name of the field.
        field: &'static str,
        /// What was given.
        value: f64,
    },
}

impl ModelError {
    /// Accepts rates in [0, 1).
    pub(crate) fn check_rate(field: &'static str, value: f64) -> Result<(), Self> {
        if (0.0..1.0).contains(&value) { Ok(()) } else { Err(Self::Rate { field, value }) }
    }
}
