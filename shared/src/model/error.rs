//! What can be wrong with a model's configuration.

use thiserror::Error;

/// A configuration that no network can have. Each message says what to change.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum ModelError {
    /// The image cannot be cut into whole patches.
    #[error("image_size {image_size} is not a multiple of patch_size {patch_size}; change one of them")]
    PatchDoesNotDivide {
        /// Side of the image.
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
    /// RVT's stem has no such patch.
    #[error("RVT has no patch_size {patch_size}; use a multiple of 4")]
    RvtPatch {
        /// Side of a patch.
        patch_size: usize,
    },
    /// The stem leaves nothing of the image.
    #[error(
        "image_size {image_size} leaves no token at patch_size {patch_size}; use at least {least} pixels, or smaller patches"
    )]
    EmptyGrid {
        /// Side of the image.
        image_size: usize,
        /// Side of a patch.
        patch_size: usize,
        /// Smallest side that works.
        least: usize,
    },
    /// The convolution between two stages has one group per incoming channel.
    #[error("a stage of width {after} cannot follow one of width {before}; use a multiple of it")]
    StageWidth {
        /// Channels before.
        before: usize,
        /// Channels after.
        after: usize,
    },
    /// Masks exist in the first stage only.
    #[error("masked_blocks is {given}, but the first stage has {depth} blocks; use at most that many")]
    MaskedBlocks {
        /// Blocks that should have a mask.
        given: usize,
        /// Blocks of the first stage.
        depth: usize,
    },
    /// An attention mask has no entry for some tokens.
    #[error(
        "the attention masks cover {covered} tokens, not {tokens}; use larger patches or smaller images, or raise mask_tokens"
    )]
    MaskTooSmall {
        /// Tokens of the first stage.
        tokens: usize,
        /// Tokens that a mask covers.
        covered: usize,
    },
    /// The hybrid patch embedding has a fixed stride.
    #[error("a hybrid FAN has no patch_size {patch_size}; its convolutions make patches of 16")]
    HybridPatch {
        /// Side of a patch.
        patch_size: usize,
    },
    /// One entry of a list is needed for each block.
    #[error("{field} has {given} entries for a depth of {depth}; give one for each block, or none")]
    PerBlock {
        /// Name of the field.
        field: &'static str,
        /// Entries given.
        given: usize,
        /// Blocks of the trunk.
        depth: usize,
    },
    /// The first block takes the width of the patch embedding.
    #[error("block_widths begins with {first}, but width is {width}; make them equal")]
    FirstWidth {
        /// Channels of a token.
        width: usize,
        /// First entry of `block_widths`.
        first: usize,
    },
    /// A stage's token grid does not fit windows, or cannot be halved for the next stage.
    #[error(
        "the token grid of stage {stage} is {side} × {side}: window {window} must divide it, and a later stage needs it \
         even; change image_size, patch_size or window"
    )]
    SwinGrid {
        /// The stage, from 1.
        stage: usize,
        /// Side of its token grid.
        side: usize,
        /// Side of a window.
        window: usize,
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
    /// A sparsity that is no threshold.
    #[error("lambda is {lambda}; it must be a number, and at least 0")]
    Sparsity {
        /// What was given.
        lambda: f64,
    },
    /// Masks scale the scores of softmax attention; other attentions have none.
    #[error(
        "masked_blocks needs softmax attention, and this model has {kind}; set masked_blocks = 0 or attention = \"softmax\""
    )]
    MasksNeedSoftmax {
        /// The attention asked for.
        kind: &'static str,
    },
    /// A ratio that leaves nothing inside an MLP.
    #[error("mlp_ratio is {ratio}, which gives tokens of {width} channels no MLP; set a number like 4 or 2.5")]
    MlpRatio {
        /// What was given.
        ratio: f64,
        /// Channels of a token.
        width: usize,
    },
    /// A mixer that a family has no place for.
    #[error("a {family} cannot have attention \"{kind}\": {reason}; choose another attention")]
    MixerHasNoPlace {
        /// The attention asked for.
        kind: &'static str,
        /// Name of the family.
        family: &'static str,
        /// Why it cannot be.
        reason: &'static str,
    },
    /// Something that was learned for one number of tokens meets another.
    #[error("{part} is made for {built} tokens, and this image gives {given}; resize it to the model's image_size")]
    TokenCount {
        /// What is tied to a number of tokens.
        part: &'static str,
        /// Tokens that it was built for.
        built: usize,
        /// Tokens of the image.
        given: usize,
    },
    /// The filters of VARS-S fit one size of map.
    #[error(
        "vars_s filters square maps of {side} × {side} tokens, and this image gives {rows} × {columns}; resize it to the \
         model's image_size, or take vars_d, which is tied to no size"
    )]
    MapShape {
        /// Side of the map that the filters are made for.
        side: usize,
        /// Rows of tokens.
        rows: usize,
        /// Columns of tokens.
        columns: usize,
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
    /// Token noise that does not fit the patches.
    #[error(
        "the noise is {given:?}, the patch tokens want {expected:?}; learn or draw it for this model and this size"
    )]
    NoiseShape {
        /// Shape of the noise.
        given: [usize; 3],
        /// Shape that fits.
        expected: [usize; 3],
    },
    /// A family without a place for token noise.
    #[error("{family} takes no token noise; use a ViT, FAN or RVT")]
    NoTokenNoise {
        /// Name of the family.
        family: &'static str,
    },
}

impl ModelError {
    /// Accepts counts from 1.
    pub(crate) fn check_count(field: &'static str, value: usize) -> Result<(), Self> {
        if value == 0 { Err(Self::Zero { field }) } else { Ok(()) }
    }

    /// Accepts sparsities that are thresholds.
    pub(crate) fn check_sparsity(lambda: f64) -> Result<(), Self> {
        if lambda.is_finite() && lambda >= 0.0 { Ok(()) } else { Err(Self::Sparsity { lambda }) }
    }

    /// Accepts rates in [0, 1).
    pub(crate) fn check_rate(field: &'static str, value: f64) -> Result<(), Self> {
        if (0.0..1.0).contains(&value) { Ok(()) } else { Err(Self::Rate { field, value }) }
    }
}
