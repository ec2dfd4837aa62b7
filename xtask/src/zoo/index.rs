//! The list that the page and the command line load bundles by, `zoo/index.json`, written from the bundles in `zoo/`.
//!
//! A bundle carries its own manifest: the key `vitro` of the safetensors metadata (8 bytes of little-endian length, then that many
//! bytes of JSON, then the tensors). Only this header is read. The order of the list is the order of the page's columns; it is kept
//! from the list that is there; new bundles follow, those with the fewest methods first.

use super::rows::{HOME, SETS, SHOWN, Set};
use crate::workspace;
use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// No header of ours comes near; a larger number means that the file is something else.
const HEADER_LIMIT: u64 = 16 * 1024 * 1024;

/// One line of the list.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    name: String,
    /// The models that were trained and measured on the same images; the page shows one set at a time.
    set: String,
    /// What the set was trained on, for people.
    dataset: String,
    title: String,
    file: String,
    bytes: u64,
    weights_sha256: String,
    methods: Vec<String>,
    params: u64,
    clean_top1: Option<f64>,
    corruption_error_mean: Option<f64>,
    /// Not among those that `SET/*` means: more would not fit beside one another.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    aside: bool,
}

/// What the list takes from a bundle's manifest; the `vitro` crate checks the rest when it loads the bundle.
#[derive(Debug, PartialEq, Deserialize)]
struct Manifest {
    name: String,
    title: String,
    dataset: String,
    weights_sha256: String,
    methods: Vec<String>,
    params: u64,
    results: Option<Results>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Results {
    clean_top1: f64,
    corruption_error_mean: f64,
}

/// Reads the manifests of `zoo/*.safetensors` and of `zoo/SET/*.safetensors`, and writes `zoo/index.json`.
///
/// # Errors
/// There is no bundle, one of them has no manifest or another name than its file, or two have the same name.
pub(super) fn write() -> Result<()> {
    let folder = workspace::root().join("zoo");
    let index = folder.join("index.json");
    let mut entries = SETS.iter().map(|set| of_set(&folder, set)).collect::<Result<Vec<_>>>()?.concat();
    if entries.is_empty() {
        bail!("{} has no .safetensors file: write a bundle there with `vitro export`", folder.display());
    }
    let before = names(&fs::read(&index).unwrap_or_default());
    let place = |entry: &Entry| before.iter().position(|name| *name == entry.name).unwrap_or(usize::MAX);
    let set = |entry: &Entry| SETS.iter().position(|set| set.name == entry.set);
    entries.sort_by_key(|entry| (entry.set != HOME, set(entry), place(entry), entry.methods.len()));
    for (position, entry) in entries.iter().enumerate() {
        if let Some(twin) = entries[..position].iter().find(|other| other.name == entry.name) {
            bail!(
                "{} and {} are both named {}: export one of them under another name",
                twin.file,
                entry.file,
                entry.name
            );
        }
        println!("{:<20} {:>9} bytes  {}", entry.name, entry.bytes, entry.title);
    }
    let temporary = folder.join("index.json.tmp");
    let text = serde_json::to_string_pretty(&entries)? + "\n";
    fs::write(&temporary, text).with_context(|| format!("cannot write {}", temporary.display()))?;
    fs::rename(&temporary, &index).with_context(|| format!("cannot write {}", index.display()))?;
    println!("wrote {} ({} bundles)", index.display(), entries.len());
    Ok(())
}

/// The lines of a set.
fn of_set(zoo: &Path, set: &Set) -> Result<Vec<Entry>> {
    let folder = zoo.join(set.folder());
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    bundles(&folder)?.iter().map(|path| entry(path, set)).collect()
}

/// The bundle files of a folder, by name.
fn bundles(folder: &Path) -> Result<Vec<PathBuf>> {
    let files = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths = files.map(|file| Ok(file?.path())).collect::<Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "safetensors"));
    paths.sort();
    Ok(paths)
}

/// The names in an earlier list, in its order.
fn names(index: &[u8]) -> Vec<String> {
    let entries: Vec<Value> = serde_json::from_slice(index).unwrap_or_default();
    entries.iter().filter_map(|entry| entry["name"].as_str().map(str::to_owned)).collect()
}

/// The line of a bundle, from the manifest in the file.
fn entry(path: &Path, set: &Set) -> Result<Entry> {
    let mut bundle = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let manifest = manifest(&mut bundle).with_context(|| {
        format!("{} is no bundle of this version: write it again with `vitro export`", path.display())
    })?;
    let file = set.bundle(&manifest.name);
    ensure!(path.ends_with(&file), "the bundle in it is called {}: name the file zoo/{file}", manifest.name);
    let aside = !SHOWN.contains(&manifest.name.as_str());
    Ok(Entry {
        name: file.trim_end_matches(".safetensors").to_owned(),
        set: set.name.to_owned(),
        dataset: manifest.dataset,
        title: manifest.title,
        file,
        bytes: bundle.metadata()?.len(),
        weights_sha256: manifest.weights_sha256,
        methods: manifest.methods,
        params: manifest.params,
        clean_top1: manifest.results.as_ref().map(|results| results.clean_top1),
        corruption_error_mean: manifest.results.as_ref().map(|results| results.corruption_error_mean),
        aside,
    })
}

/// The manifest in the header of a safetensors file.
fn manifest(file: &mut impl Read) -> Result<Manifest> {
    let mut length = [0; 8];
    file.read_exact(&mut length).context("the file is shorter than eight bytes")?;
    let length = u64::from_le_bytes(length);
    if length > HEADER_LIMIT {
        bail!("it does not start with a safetensors header");
    }
    let mut header = Vec::new();
    file.take(length).read_to_end(&mut header)?;
    let header: Value = serde_json::from_slice(&header).context("its header is no JSON")?;
    let manifest = header["__metadata__"]["vitro"].as_str().context("its metadata has no key `vitro`")?;
    serde_json::from_str(manifest).context("its manifest lacks something")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle(header: &str) -> Vec<u8> {
        [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), b"tensors"].concat()
    }

    #[test]
    fn a_manifest_is_read_from_the_header_alone() {
        let text = r#"{"name":"fan","title":"FAN","dataset":"scenes","weights_sha256":"ab","methods":["fan"],"params":7,"format":1,
            "results":{"clean_top1":0.9,"corruption_error_mean":0.2,"ece":0.1}}"#;
        let header = serde_json::json!({ "__metadata__": { "vitro": text } }).to_string();
        let manifest = manifest(&mut bundle(&header).as_slice()).unwrap();
        assert_eq!((manifest.name.as_str(), manifest.params), ("fan", 7));
        assert_eq!(manifest.results, Some(Results { clean_top1: 0.9, corruption_error_mean: 0.2 }));
    }

    #[test]
    fn other_files_are_refused_with_a_reason() {
        let reason = |file: &[u8]| manifest(&mut &*file).unwrap_err().to_string();
        assert!(reason(b"PK").contains("shorter"));
        assert!(reason(b"\xff\xff\xff\xff\xff\xff\xff\xff").contains("does not start"));
        assert!(reason(&bundle("{}")).contains("no key `vitro`"));
    }

    #[test]
    fn the_order_of_the_earlier_list_is_known() {
        assert_eq!(names(br#"[{"name": "vit"}, {"name": "fan"}]"#), ["vit", "fan"]);
        assert!(names(b"").is_empty());
    }
}
