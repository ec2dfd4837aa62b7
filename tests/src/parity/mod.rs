//! The parity harness: a fixture is one run of the published code on small weights; ours must give the same numbers.
//!
//! Each `NAME.json` names its `case`; [`CASES`] says what each case builds. A case that is not in the list is a failure.
//! Nothing depends on file names, so a folder with other shapes and seeds is tested by the same code.

mod adl;
mod fan_model;
mod fan_module;
mod fixture;
mod gradient;
mod hash_init;
mod record;
mod tap_module;
mod verdict;

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
    ("fan.module.TokenMixing", fan_module::token_attention),
    ("fan.module.ChannelProcessing", fan_module::channel_attention),
    ("fan.module.swin_ChannelProcessing", fan_module::channel_attention_of_swin),
    ("fan.module.FANBlock", fan_module::block),
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
