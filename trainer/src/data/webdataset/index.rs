//! What is in a shard and where: read from the headers of the tar, past the images, once. The lists of large datasets are
//! remembered, and a shard whose size or time changed is read again.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::super::archive::{MEMBER, is_tar, size};
use super::super::files::Container;
use super::super::layout::IMAGES;
use super::super::names::{shown, text};
use super::super::remembered::{self, Stamp};

/// Members that are looked at to tell shards from archives of class folders.
const LOOKED_AT: usize = 16;
/// Bytes of a label or of what else is known of a sample.
const LABEL: u64 = 1 << 20;
/// What a label is called in JSON.
const KEYS: &[&str] = &["label", "cls", "class", "class_id", "fine_label"];
/// A tar has its headers and contents in blocks of this many bytes.
const BLOCK: u64 = 512;

/// A sample of a shard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Sample {
    /// Of its image, in the shard.
    pub(super) name: String,
    /// A number or a name.
    pub(super) label: String,
    at: u64,
    size: u64,
}

/// A shard as it was read.
#[derive(Debug, Serialize, Deserialize)]
struct Indexed {
    stamp: Stamp,
    samples: Vec<Sample>,
}

/// Where the images of a shard are, in the order of its samples.
#[derive(Debug)]
pub(super) struct Places {
    path: PathBuf,
    ranges: Vec<(u64, u64)>,
}

impl Container for Places {
    fn read(&self, index: usize) -> Result<Vec<u8>> {
        let (at, length) = self.ranges[index];
        let name = shown(&self.path.to_string_lossy());
        ensure!(length <= MEMBER, "it has more than {}; no image that is read is as large", size(MEMBER));
        let mut bytes = vec![0; length as usize];
        let read = File::open(&self.path).and_then(|mut file| {
            file.seek(SeekFrom::Start(at))?;
            file.read_exact(&mut bytes)
        });
        read.with_context(|| format!("cannot read {name}"))?;
        Ok(bytes)
    }

    fn size(&self, index: usize) -> u64 {
        self.ranges[index].1
    }
}

/// Whether a file is a tar that begins with samples.
pub(super) fn is_shard(path: &Path) -> bool {
    let mut start = Vec::new();
    let Ok(mut file) = File::open(path) else { return false };
    if (&mut file).take(BLOCK).read_to_end(&mut start).is_err() || !is_tar(&start) {
        return false;
    }
    // One that is damaged further on is a shard still, and is refused as one.
    let mut found = Vec::new();
    drop(members(path, LOOKED_AT, &mut found));
    let is_sample =
        |files: &[Member]| files.iter().any(Member::is_image) && files.iter().any(|file| file.label.is_some());
    found.chunk_by(|one, next| one.sample == next.sample).any(is_sample)
}

/// The samples of each shard, with the places of their images.
///
/// # Errors
/// When one is missing, damaged or cut short, or a sample has no label.
pub(super) fn read(paths: &[&Path]) -> Result<Vec<(Places, Vec<Sample>)>> {
    let place = paths.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>().join("\n");
    let known: Vec<Indexed> = remembered::recall("shards", &place).unwrap_or_default();
    let mut known: Vec<Option<Indexed>> = known.into_iter().map(Some).collect();
    known.resize_with(paths.len(), || None);
    let counter = remembered::Counter::new("samples");
    let index = |(path, known): (&&Path, Option<Indexed>)| -> Result<Indexed> {
        let named = || shown(&path.to_string_lossy());
        let stamp = Stamp::of(path).with_context(|| format!("cannot read {}; check the list of shards", named()))?;
        if let Some(known) = known.filter(|known| known.stamp == stamp) {
            return Ok(known);
        }
        let mut found = Vec::new();
        let listed = members(path, usize::MAX, &mut found).and_then(|()| samples(&found));
        let samples = listed.with_context(|| format!("in {}", named()))?;
        counter.add(samples.len());
        Ok(Indexed { stamp, samples })
    };
    let indexed: Vec<Indexed> = paths.par_iter().zip(known).map(index).collect::<Result<_>>()?;
    let count = indexed.iter().map(|shard| shard.samples.len()).sum();
    if counter.count() > 0 && indexed.iter().all(|shard| shard.stamp.is_settled()) {
        remembered::remember("shards", &place, count, &indexed);
    }
    let places = |(path, shard): (&&Path, Indexed)| {
        let ranges = shard.samples.iter().map(|sample| (sample.at, sample.size)).collect();
        (Places { path: path.to_path_buf(), ranges }, shard.samples)
    };
    Ok(paths.iter().zip(indexed).map(places).collect())
}

/// A file of a shard: the name of its sample, what it is, its place, and what it holds if that tells a label.
struct Member {
    sample: String,
    ending: String,
    at: u64,
    size: u64,
    label: Option<Vec<u8>>,
}

impl Member {
    fn is_image(&self) -> bool {
        IMAGES.contains(&self.ending.as_str())
    }
}

/// Adds the members of a shard, `most` of them.
fn members(path: &Path, most: usize, found: &mut Vec<Member>) -> Result<()> {
    let file = File::open(path).context("it cannot be read")?;
    let length = file.metadata()?.len();
    let mut archive = tar::Archive::new(file);
    let (mut last, mut end) = ("the start".to_owned(), 0);
    for entry in archive.entries_with_seek()? {
        let mut entry = entry.ok().with_context(|| format!("it is damaged after {last}; download it again"))?;
        let path = text(&entry.path_bytes());
        let (at, size) = (entry.raw_file_position(), entry.size());
        end = at.saturating_add(size).div_ceil(BLOCK).saturating_mul(BLOCK);
        ensure!(end <= length, "it is cut short in {}; download it again", shown(&path));
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = path.rfind('/').map_or(0, |slash| slash + 1);
        let (sample, ending) = path[name..].split_once('.').unwrap_or((&path[name..], ""));
        let (sample, ending) = (format!("{}{sample}", &path[..name]), ending.to_lowercase());
        let mut label = None;
        if matches!(ending.as_str(), "cls" | "json") {
            let mut bytes = Vec::new();
            (&mut entry)
                .take(LABEL)
                .read_to_end(&mut bytes)
                .with_context(|| format!("{} cannot be read", shown(&path)))?;
            label = Some(bytes);
        }
        found.push(Member { sample, ending, at, size, label });
        last = shown(&path);
        if found.len() >= most {
            return Ok(());
        }
    }
    ensure!(found.is_empty() || length >= end + BLOCK, "its end is missing after {last}; download it again");
    Ok(())
}

/// Members that follow each other under one name, as samples: those with an image.
fn samples(members: &[Member]) -> Result<Vec<Sample>> {
    let whole = members.chunk_by(|one, next| one.sample == next.sample);
    let sample = |files: &[Member]| {
        let image = files.iter().find(|file| file.is_image())?;
        let name = format!("{}.{}", image.sample, image.ending);
        let label = files.iter().find_map(label);
        let label = label
            .with_context(|| format!("{} has no label; put a .cls or a .json with a `label` beside it", shown(&name)));
        Some(label.map(|label| Sample { name, label, at: image.at, size: image.size }))
    };
    whole.filter_map(sample).collect()
}

fn label(file: &Member) -> Option<String> {
    let text = std::str::from_utf8(file.label.as_ref()?).ok()?.trim();
    if file.ending == "cls" {
        return (!text.is_empty()).then(|| text.to_owned());
    }
    let about: serde_json::Value = serde_json::from_str(text).ok()?;
    KEYS.iter().find_map(|key| match &about[*key] {
        serde_json::Value::Number(number) => number.as_u64().map(|number| number.to_string()),
        serde_json::Value::String(text) => Some(text.clone()),
        _ => None,
    })
}
