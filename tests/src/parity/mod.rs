//! The parity harness: a fixture is one run of the published code on small weights; ours must give the same numbers.
//!
//! Each `NAME.json` names its `case`; [`CASES`] says what each case builds. A case that is not in the list is a failure.
//! Nothing depends on file names, so a folder with other shapes and seeds is tested by the same code.

mod adl;
mod attacks;
mod augmix;
mod class_map;
mod evolving;
mod fan_model;
mod fan_module;
mod fan_swin;
mod fixture;
mod gradient;
pub mod hash_init;
mod nullspace;
mod portable;
mod record;
mod rvt_model;
mod rvt_module;
mod stl;
mod stl_model;
mod tap_module;
mod vars_block;
mod vars_misc;
mod vars_model;
mod vars_module;
mod verdict;
mod whole_model;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use burn::prelude::Device;

use crate::corruptions;

pub use fixture::Fixture;
pub use verdict::Verdict;

/// Builds what a case describes, runs it and compares.
type Check = fn(&Fixture, &Device, &mut Verdict) -> Result<()>;

/// Every case that the harness knows.
const CASES: &[(&str, Check)] = &[
    ("fan.fan_model", fan_model::forward),
    ("fan.train_step", fan_model::train_step),
    ("fan.full_size", fan_model::full_size),
    ("fan.fan_swin_model", fan_swin::forward),
    ("fan.module.TokenMixing", fan_module::token_attention),
    ("fan.module.ChannelProcessing", fan_module::channel_attention),
    ("fan.module.swin_ChannelProcessing", fan_module::channel_attention_of_swin),
    ("fan.module.FANBlock", fan_module::block),
    ("fan.module.FANBlock_SE", fan_module::squeeze_excite_block),
    ("fan.module.ConvNeXt", fan_module::convnext),
    ("fan.module.ClassAttentionBlock", fan_module::class_attention_block),
    ("fan.module.ConvPatchEmbed", fan_module::patch_embed),
    ("fan.module.OverlapPatchEmbed", fan_module::downsample),
    ("fan.module.PositionalEncodingFourier", fan_module::position),
    ("tap_adl.tap_fan_model", fan_model::forward),
    ("tap_adl.train_step", fan_model::train_step),
    ("tap_adl.full_size", fan_model::full_size),
    ("tap_adl.module.TAP", tap_module::tap),
    ("tap_adl.module.TAPFANBlock", fan_module::block),
    ("tap_adl.adl", adl::loss),
    ("nullspace.patch_nullspace", nullspace::basis::projector),
    ("nullspace.encoder_noise", nullspace::search::every_step),
    ("nullspace.encoder_noise_early_stop", nullspace::search::early_stop),
    ("nullspace.gradient_noise_accumulating", nullspace::search::accumulating),
    ("nullspace.finetune_steps", nullspace::fine_tune::steps),
    ("nullspace.noise_metrics_and_fgsm", nullspace::metrics::metrics_and_fgsm),
    ("rvt.rvt_model", rvt_model::forward),
    ("rvt.tap_rvt_model", rvt_model::forward),
    ("rvt.train_step", rvt_model::train_step),
    ("rvt.full_size", rvt_model::full_size),
    ("rvt.module.Attention", rvt_module::attention),
    ("rvt.module.ConvMlp", rvt_module::convolutional_mlp),
    ("rvt.module.LinearMlp", rvt_module::linear_mlp),
    ("rvt.module.conv_embedding", rvt_module::stem),
    ("rvt.module.conv_head_pooling", rvt_module::stage_pool),
    ("rvt.patch_level_aug", rvt_module::patch_augmentation),
    ("stl.token_labels", stl::token_labels),
    ("stl.losses", stl::losses),
    ("stl.augment_ops", stl::augment_ops),
    ("stl.paired_transform", stl::paired_transform),
    ("stl.paired_mixup", stl::paired_mixup),
    ("stl.random_erasing", stl::random_erasing),
    ("stl.misc", stl::misc),
    ("stl.stage2_step", stl::student_step),
    ("stl.model_hybrid_token", stl_model::forward),
    ("stl.full_size", stl_model::full_size),
    ("stl.portable_weights", portable::values),
    ("vars.portable_weights", portable::values),
    ("vars.attention", vars_module::attention),
    ("vars.attention_masked", vars_module::masked_attention),
    ("vars.self_attention_relation", vars_module::self_attention_relation),
    ("vars.spectral_filter", vars_module::spectral_filter),
    ("vars.block_self_att", vars_block::block),
    ("vars.block_performer", vars_block::block),
    ("vars.block_vars_d", vars_block::block),
    ("vars.block_vars_sd", vars_block::block),
    ("vars.block_vars_s", vars_block::spectral_block),
    ("vars.model", vars_model::forward),
    ("vars.full_size", vars_model::full_size),
    ("vars.misc", vars_misc::all),
    ("vars.attacks", attacks::fgsm_and_pgd),
    ("related.evolving_attention", evolving::chain),
    ("related.getam_map", class_map::getam),
    ("augmix.mix", augmix::blends),
    ("augmix.jsd", augmix::consistency_loss),
];

/// Runs one fixture on `device` (a plain device; cases that need gradients record them on it).
pub fn run(json: &Path, device: &Device) -> Result<Verdict> {
    let fixture = Fixture::read(json)?;
    if corruptions::knows(&fixture.case) {
        return Ok(Verdict::of_outcomes(&fixture.case, &corruptions::run_file(json)?));
    }
    let Some((_, check)) = CASES.iter().find(|(case, _)| *case == fixture.case) else {
        bail!("{}: no case \"{}\" in the harness; add it to tests/src/parity", json.display(), fixture.case);
    };
    let mut verdict = Verdict::new(&fixture);
    check(&fixture, device, &mut verdict).with_context(|| format!("{} ({})", json.display(), fixture.case))?;
    verdict.finish(&fixture);
    Ok(verdict)
}

/// Every JSON file under `root` that describes a case, in order of path.
pub fn find(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "json") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
