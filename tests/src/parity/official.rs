//! The authors' state dict of a module: every key and shape, for full-size fixtures that list neither.
//!
//! It undoes what the importer does. The importer proves it: a key that it does not know is refused.

use std::collections::BTreeSet;

use anyhow::{Result, anyhow};
use burn::store::ModuleSnapshot;

/// Our names of layers, and theirs.
const THEIRS: &[(&str, &str)] = &[
    ("pos_embed.projection.", "pos_embed.token_projection."),
    ("backbone.stem.conv.", "backbone.stem.0."),
    ("backbone.stem.norm.", "backbone.stem.1."),
    ("stages.1.downsample.norm.", "stages.1.downsample.0."),
    ("stages.1.downsample.conv.", "stages.1.downsample.1."),
    ("token_head.", "aux_head."),
];

/// The same of a network with RVT's stem, which needs no other row.
const RVT_STEM: &[(&str, &str)] = &[
    ("patch_embed.conv.", "patch_embed.proj.0."),
    ("patch_embed.norm.", "patch_embed.proj.1."),
    ("patch_embed.project.", "patch_embed.proj.3."),
];

/// Key and shape of every array, in the authors' names and layout.
pub(super) fn state_dict(module: &impl ModuleSnapshot) -> Result<Vec<(String, Vec<usize>)>> {
    let mut places = Vec::new();
    for tensor in module.collect(None, None, true) {
        let (name, _, shape, _, _) = tensor.into_parts().map_err(|error| anyhow!("{error}"))?;
        places.push((name, shape.to_vec()));
    }
    let names: BTreeSet<String> = places.iter().map(|(name, _)| name.clone()).collect();
    Ok(places.into_iter().map(|(name, shape)| official(&name, shape, &names)).collect())
}

fn official(name: &str, mut shape: Vec<usize>, names: &BTreeSet<String>) -> (String, Vec<usize>) {
    let (layer, leaf) = name.rsplit_once('.').unwrap_or(("", name));
    let is_norm = names.contains(&format!("{layer}.beta"));
    let leaf = match leaf {
        "gamma" if is_norm => "weight",
        "beta" => "bias",
        "lipschitz" => "L",
        "learned_lipschitz" => "learned_L",
        other => other,
    };
    // Two axes and this name: a linear layer, which the authors store as [outputs, inputs].
    if leaf == "weight" && shape.len() == 2 {
        shape.reverse();
    }
    let key = if layer.is_empty() { leaf.to_owned() } else { format!("{layer}.{leaf}") };
    let rows = if names.contains("patch_embed.project.weight") { RVT_STEM } else { THEIRS };
    let row = rows.iter().find(|(ours, _)| key.contains(ours));
    (row.map_or(key.clone(), |(ours, theirs)| key.replacen(ours, theirs, 1)), shape)
}
