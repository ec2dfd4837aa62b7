//! The authors' key names, and where their weights live here.
//!
//! Our modules keep the authors' names wherever those say what a layer is; the rest is in the tables of the families
//! ([`FamilyInfo::keys`](crate::model::FamilyInfo)) and of the mixers. They are facts of the released checkpoints (timm's ViT
//! and DeiT; FAN, its hybrids and FAN-Swin; RVT; TAP & ADL; STL; VARS).

use std::collections::BTreeMap;

use super::checkpoint::Array;
use crate::model::{FAMILIES, Keys, Role, mix};

/// Renames every array, passes over computed entries and splits fused class-attention projections. Returns the arrays and
/// the names of what was passed over.
pub(super) fn to_ours(arrays: BTreeMap<String, Array>) -> (BTreeMap<String, Array>, Vec<String>) {
    let (mut ours, mut computed) = (BTreeMap::new(), Vec::new());
    for (key, mut array) in arrays {
        if array.shape.is_empty() {
            // Here a scalar is an array of one.
            array.shape.push(1);
        }
        if Role::of(&key, array.shape.len()) == Role::Computed {
            computed.push(key);
            continue;
        }
        match fused_class_attention(&key) {
            Some((before, after)) => split_in_three(before, after, array, &mut ours),
            None => {
                ours.insert(renamed(&key), array);
            }
        }
    }
    (ours, computed)
}

/// Our name for the authors' bare key `key`.
pub fn our_name(key: &str) -> String {
    renamed(key)
}

fn renamed(key: &str) -> String {
    let rows = || FAMILIES.iter().map(|family| family.keys).chain([mix::KEYS]).flatten();
    let (place, leaf) = key.rsplit_once('.').unwrap_or(("", key));
    if let Some((_, ours)) = rows().find(|(theirs, _)| leaf == *theirs) {
        return if place.is_empty() { (*ours).to_owned() } else { format!("{place}.{ours}") };
    }
    let within = |theirs: &str| key.find(theirs).is_some_and(|at| at == 0 || key.as_bytes()[at - 1] == b'.');
    // The row that says most applies: `proj.0.0.` before `proj.0.`, whichever family is listed first.
    let row =
        rows().filter(|(theirs, _)| theirs.ends_with('.') && within(theirs)).max_by_key(|(theirs, _)| theirs.len());
    match row {
        Some((theirs, ours)) => key.replacen(theirs, ours, 1),
        None => key.to_owned(),
    }
}

/// The authors' key for our name `key` in a model of the family whose rows are `family`.
///
/// Rows that another one says with more parts (`norm.` beside `patch_embed.norm.`) are for layers on their own. Of several keys
/// that were published, the one listed last is the most common.
pub(super) fn their_name(key: &str, family: Keys) -> String {
    let rows = || family.iter().chain(mix::KEYS);
    let (place, leaf) = key.rsplit_once('.').map_or(("", key), |(place, leaf)| (place, leaf));
    if let Some((theirs, _)) = rows().find(|(theirs, ours)| !theirs.ends_with('.') && leaf == *ours) {
        return if place.is_empty() { (*theirs).to_owned() } else { format!("{place}.{theirs}") };
    }
    let is_part = |ours: &str| rows().any(|(_, longer)| longer.len() > ours.len() && longer.ends_with(ours));
    let mut candidates =
        rows().filter(|(theirs, ours)| theirs.ends_with('.') && !is_part(ours)).filter_map(|(theirs, ours)| {
            let at = key.find(ours).filter(|at| *at == 0 || key.as_bytes()[at - 1] == b'.')?;
            Some(format!("{}{theirs}{}", &key[..at], &key[at + ours.len()..]))
        });
    candidates.rfind(|theirs| renamed(theirs) == key).unwrap_or_else(|| key.to_owned())
}

/// Early FAN checkpoints fuse query, key and value of the class-attention blocks; the parts around `qkv` of such a key.
fn fused_class_attention(key: &str) -> Option<(&str, &str)> {
    key.starts_with("cls_attn_blocks.").then(|| key.split_once(".qkv."))?
}

fn split_in_three(before: &str, after: &str, array: Array, ours: &mut BTreeMap<String, Array>) {
    let mut shape = array.shape;
    if let Some(rows) = shape.first_mut() {
        *rows /= 3;
    }
    let part = array.values.len() / 3;
    for (name, values) in ["q", "k", "v"].into_iter().zip(array.values.chunks_exact(part.max(1))) {
        ours.insert(format!("{before}.{name}.{after}"), Array { shape: shape.clone(), values: values.to_vec() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(names: &[&str]) -> Vec<String> {
        let array = Array { shape: vec![3], values: vec![1.0, 2.0, 3.0] };
        to_ours(names.iter().map(|name| ((*name).to_owned(), array.clone())).collect()).0.into_keys().collect()
    }

    #[test]
    fn counters_and_tables_are_dropped() {
        assert!(keys(&["layers.0.blocks.1.attn.relative_position_index", "layers.0.blocks.1.attn_mask"]).is_empty());
        assert!(keys(&["blocks.0.mlp.mlp_v.dwconv.bn.num_batches_tracked"]).is_empty());
    }

    #[test]
    fn published_names_find_our_layers() {
        assert_eq!(keys(&["patch_embed.proj.4.1.running_var"]), ["patch_embed.stages.2.norm.running_var"]);
        assert_eq!(keys(&["pos_embeder.token_projection.bias"]), ["pos_embed.projection.bias"]);
        assert_eq!(keys(&["blocks.1.dilation_predictor.proj.2.weight"]), ["blocks.1.tap.mix.weight"]);
        assert_eq!(keys(&["blocks.1.attn.proj.weight"]), ["blocks.1.attn.proj.weight"]);
        assert_eq!(keys(&["patch_embed.proj.3.bias"]), ["patch_embed.project.bias"]);
        assert_eq!(keys(&["transformers.1.blocks.0.attn.att_mask"]), ["transformers.1.blocks.0.attn.att_mask"]);
    }

    #[test]
    fn bounds_have_a_name_that_says_so() {
        assert_eq!(keys(&["transformers.0.blocks.1.L"]), ["transformers.0.blocks.1.lipschitz"]);
        assert_eq!(keys(&["attn.learned_L", "L"]), ["attn.learned_lipschitz", "lipschitz"]);
        assert_eq!(keys(&["blocks.0.norm1.bn.running_mean"]), ["blocks.0.norm1.bn.running_mean"]);
        assert_eq!(keys(&["patch_embed.backbone.stem.1.bias"]), ["patch_embed.backbone.stem.norm.bias"]);
        assert_eq!(
            keys(&["patch_embed.backbone.stages.1.downsample.1.weight"]),
            ["patch_embed.backbone.stages.1.downsample.conv.weight"]
        );
        assert_eq!(keys(&["blocks.19.downsample.proj.weight"]), ["blocks.19.downsample.proj.weight"]);
        assert_eq!(keys(&["layers.0.downsample.norm.bias"]), ["layers.0.downsample.norm.bias"]);
        assert_eq!(keys(&["aux_head.weight"]), ["token_head.weight"]);
    }

    #[test]
    fn our_layers_have_their_published_names_again() {
        use crate::model::{fan, rvt};
        for (family, ours, theirs) in [
            (fan::INFO.keys, "pos_embed.projection.bias", "pos_embed.token_projection.bias"),
            (fan::INFO.keys, "patch_embed.stages.2.norm.weight", "patch_embed.proj.4.1.weight"),
            (fan::INFO.keys, "patch_embed.backbone.stem.norm.bias", "patch_embed.backbone.stem.1.bias"),
            (fan::INFO.keys, "blocks.19.downsample.norm.bias", "blocks.19.downsample.norm.bias"),
            (fan::INFO.keys, "token_head.weight", "aux_head.weight"),
            (fan::INFO.keys, "blocks.1.tap.mix.weight", "blocks.1.dilation_predictor.proj.2.weight"),
            (rvt::INFO.keys, "patch_embed.norm.running_var", "patch_embed.proj.1.running_var"),
            (rvt::INFO.keys, "norm.weight", "norm.weight"),
            (rvt::INFO.keys, "pools.0.conv.weight", "pools.0.conv.weight"),
            (rvt::INFO.keys, "transformers.0.blocks.1.lipschitz", "transformers.0.blocks.1.L"),
        ] {
            assert_eq!(their_name(ours, family), theirs);
        }
    }

    #[test]
    fn a_fused_class_attention_is_split() {
        let names = keys(&["cls_attn_blocks.0.attn.qkv.bias"]);
        assert_eq!(
            names,
            ["cls_attn_blocks.0.attn.k.bias", "cls_attn_blocks.0.attn.q.bias", "cls_attn_blocks.0.attn.v.bias"]
        );
    }
}
