//! The bundles that we ship: a folder with `index.json`, an ordered list. `zoo:NAME` names one of them, and `hf:…` one that was
//! pulled from the hub.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::fetch::hub;
use crate::{disk, nearest};

/// What a name of the zoo begins with.
const PREFIX: &str = "zoo:";

/// Where the zoo is, if it is not at one of the usual places.
const VARIABLE: &str = "VITRO_ZOO";

/// One bundle of the zoo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Short name; that of a set other than the scenes is `SET/NAME`.
    pub name: String,
    /// The models that were trained and measured on the same images.
    #[serde(default)]
    pub set: String,
    /// Name for people.
    pub title: String,
    /// File beside the index.
    pub file: String,
    /// Size of the file.
    pub bytes: u64,
    /// What the model adds to a plain ViT.
    pub methods: Vec<String>,
    /// Trained numbers.
    pub params: u64,
    /// Accuracy on clean images, if measured.
    pub clean_top1: Option<f64>,
    /// Mean corruption error, if measured.
    pub corruption_error_mean: Option<f64>,
    /// Not among those that `SET/*` means.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub aside: bool,
}

/// Reads the index of a zoo.
pub fn read(folder: &Path) -> Result<Vec<Entry>> {
    let path = folder.join("index.json");
    let missing = || format!("there is no zoo in {}; name its folder with --zoo", folder.display());
    let bytes = disk::read(&path).with_context(missing)?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} is damaged; run `cargo xtask zoo`", path.display()))
}

/// The models that a list of names means: the first set for an empty list, a set without those that are [aside](Entry::aside) for
/// `SET/*`; any other name as it is.
pub fn chosen(names: &[String], entries: &[Entry]) -> Vec<String> {
    let first = entries.first().map_or("", |entry| entry.set.as_str());
    let members = |set: &str| {
        let shown = entries.iter().filter(|entry| entry.set == set && !entry.aside);
        shown.map(|entry| entry.name.clone()).collect()
    };
    if names.is_empty() {
        return members(first);
    }
    let meant = |name: &String| -> Vec<String> {
        let all: Vec<String> = name.strip_suffix("/*").map(members).unwrap_or_default();
        if all.is_empty() { vec![name.clone()] } else { all }
    };
    names.iter().flat_map(meant).collect()
}

/// The bundle that `subject` names: `zoo:NAME` or `hf:USER/REPO/FILE`; none for a path.
///
/// # Errors
/// When there is no zoo, none of its bundles has the name, or the bundle was not pulled.
pub fn named(subject: &Path) -> Result<Option<PathBuf>> {
    if let Some(pulled) = hub::named(subject)? {
        return Ok(Some(pulled));
    }
    let Some(name) = subject.to_str().and_then(|text| text.strip_prefix(PREFIX)) else { return Ok(None) };
    let folder = folder()?;
    let entries = read(&folder)?;
    match entries.iter().find(|entry| entry.name == name) {
        Some(entry) => Ok(Some(folder.join(&entry.file))),
        None => bail!("the zoo has no {name}{}", nearest::hint(name, entries.iter().map(|entry| entry.name.as_str()))),
    }
}

/// The folder of the zoo: where the variable says, or `zoo` in this folder or one above it, or beside the program.
fn folder() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os(VARIABLE) {
        return Ok(PathBuf::from(folder));
    }
    let (here, program) = (std::env::current_dir().ok(), std::env::current_exe().ok());
    let places = here.iter().chain(&program).flat_map(|place| place.ancestors());
    let zoo = places.map(|place| place.join("zoo")).find(|zoo| zoo.join("index.json").is_file());
    zoo.with_context(|| {
        format!("there is no zoo here or beside the program; say where its folder is with the variable {VARIABLE}")
    })
}
