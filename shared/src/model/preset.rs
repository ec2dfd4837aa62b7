//! Named model shapes. Each family has a list of its own; here they are one.

use thiserror::Error;

use super::{FAMILIES, FamilyInfo, ModelConfig};

/// A named shape.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// The name that recipes, the command line and bundles use. Published variants keep their published names.
    pub name: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// Where the shape comes from.
    pub source: &'static str,
    pub(super) build: fn(classes: usize) -> ModelConfig,
}

impl Preset {
    /// The configuration for `classes` classes.
    pub fn config(&self, classes: usize) -> ModelConfig {
        (self.build)(classes)
    }
}

// Sources that several families name.
pub(super) const OURS: &str = "vitro, sized for a laptop's processor";
pub(super) const FAN: &str = "FAN, arXiv 2204.12451, table 2";
pub(super) const FAN_CODE: &str = "FAN, arXiv 2204.12451, released code only";
pub(super) const TAP: &str = "TAP & ADL, arXiv 2309.03135";

/// All presets, family by family, in the order in which they are listed to people.
pub const PRESETS: &[Preset] = &gathered::<{ count(FAMILIES) }>(FAMILIES);

const fn count(families: &[FamilyInfo]) -> usize {
    let (mut sum, mut i) = (0, 0);
    while i < families.len() {
        sum += families[i].presets.len();
        i += 1;
    }
    sum
}

/// The presets of all families; `N` is how many there are.
const fn gathered<const N: usize>(families: &[FamilyInfo]) -> [Preset; N] {
    let mut all = [families[0].presets[0]; N];
    let (mut family, mut within, mut i) = (0, 0, 0);
    while i < N {
        if within == families[family].presets.len() {
            (family, within) = (family + 1, 0);
        } else {
            all[i] = families[family].presets[within];
            (within, i) = (within + 1, i + 1);
        }
    }
    all
}

/// A name that no preset has.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("there is no model called \"{name}\"; the nearest is \"{nearest}\"")]
pub struct UnknownPreset {
    /// What was asked for.
    pub name: String,
    /// The most similar name.
    pub nearest: &'static str,
}

/// Finds a preset by name.
pub fn preset(name: &str) -> Result<&'static Preset, UnknownPreset> {
    PRESETS.iter().find(|preset| preset.name == name).ok_or_else(|| {
        let likeness = |preset: &&Preset| (strsim::jaro_winkler(preset.name, name) * 1e6) as u64;
        let nearest = PRESETS.iter().max_by_key(likeness).map_or("", |preset| preset.name);
        UnknownPreset { name: name.to_owned(), nearest }
    })
}
