//! What the published FAN checkpoints call our layers. The rows with the stem's whole place go before those of its layers on their own.

use crate::model::Keys;

/// The authors' name, and ours.
pub(super) const KEYS: Keys = &[
    ("pos_embeder.token_projection.", "pos_embed.projection."),
    ("pos_embed.token_projection.", "pos_embed.projection."),
    ("token_projection.", "projection."),
    ("patch_embed.proj.0.0.", "patch_embed.stages.0.conv."),
    ("patch_embed.proj.0.1.", "patch_embed.stages.0.norm."),
    ("patch_embed.proj.2.0.", "patch_embed.stages.1.conv."),
    ("patch_embed.proj.2.1.", "patch_embed.stages.1.norm."),
    ("patch_embed.proj.4.0.", "patch_embed.stages.2.conv."),
    ("patch_embed.proj.4.1.", "patch_embed.stages.2.norm."),
    ("patch_embed.proj.6.0.", "patch_embed.stages.3.conv."),
    ("patch_embed.proj.6.1.", "patch_embed.stages.3.norm."),
    ("proj.0.0.", "stages.0.conv."),
    ("proj.0.1.", "stages.0.norm."),
    ("proj.2.0.", "stages.1.conv."),
    ("proj.2.1.", "stages.1.norm."),
    ("proj.4.0.", "stages.2.conv."),
    ("proj.4.1.", "stages.2.norm."),
    ("proj.6.0.", "stages.3.conv."),
    ("proj.6.1.", "stages.3.norm."),
    ("stem.0.", "stem.conv."),
    ("stem.1.", "stem.norm."),
    ("stages.1.downsample.0.", "stages.1.downsample.norm."),
    ("stages.1.downsample.1.", "stages.1.downsample.conv."),
    ("se.conv_reduce.", "se.reduce."),
    ("se.conv_expand.", "se.expand."),
    ("aux_head.", "token_head."),
];
