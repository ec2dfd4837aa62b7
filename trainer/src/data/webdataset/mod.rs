//! WebDataset: shards in tar (`train-{0000..0003}.tar`, or a folder of them) whose members are samples, several files of one
//! name each: `000012.jpg` with `000012.cls`, a number, or with `000012.json`, an object with a `label`.
//!
//! The list of members is read once; an image is read from its place in the shard. What the numbers mean is said by a list of
//! names beside the shards, a class on each line, if there is one.

mod index;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};

use super::files::File;
use super::source::{Kind, Origin};
use super::{names, shards};

/// The kind.
pub(super) const KIND: Kind = Kind {
    name: "webdataset",
    words: "WebDataset shards (.tar with .jpg and .cls or .json): a folder, a file, or a list such as train-{0000..0003}.tar",
    origin: Origin::Files { detect, arrange, alone: Some(index::is_shard) },
};

/// Files that name the classes, a line each.
const LISTS: &[&str] = &["classnames.txt", "classes.txt", "labels.txt"];

fn detect(files: &[File]) -> bool {
    let mut tars = files.iter().filter(|file| is_tar(file) || files.len() == 1).filter_map(File::place);
    tars.next().is_some_and(index::is_shard)
}

fn is_tar(file: &File) -> bool {
    file.place().and_then(Path::extension).is_some_and(|ending| ending.eq_ignore_ascii_case("tar"))
}

fn arrange(files: Vec<File>) -> Result<Vec<File>> {
    let found: Vec<&File> = files.iter().filter(|file| is_tar(file) || files.len() == 1).collect();
    let splits = shards::splits(&found)?;
    let paths: Vec<&Path> = found.iter().filter_map(|file| file.place()).collect();
    let folders = class_list(&files)?;
    let mut images = Vec::new();
    for ((file, shard), split) in found.iter().zip(index::read(&paths)?).zip(splits) {
        let (places, samples) = (Arc::new(shard.0), shard.1);
        let stem = file.path.last().map_or("", |name| name.trim_end_matches(".tar"));
        for (number, sample) in samples.into_iter().enumerate() {
            let label = sample.label;
            let class = match label.parse::<usize>() {
                Ok(number) if !folders.is_empty() => folders.get(number).cloned().with_context(|| {
                    format!(
                        "{} in {} has label {label}, but {} classes are named",
                        sample.name,
                        file.name(),
                        folders.len()
                    )
                })?,
                _ => names::folder(&label),
            };
            let path =
                split.iter().cloned().chain([class, format!("{stem}-{}", names::folder(&sample.name))]).collect();
            images.push(File::within(path, places.clone(), number));
        }
    }
    ensure!(!images.is_empty(), "there are no samples in it; each is an image with a .cls or .json of the same name");
    Ok(images)
}

/// The class folders by number, if a list beside the shards names them.
fn class_list(files: &[File]) -> Result<Vec<String>> {
    let is_list = |file: &&File| file.path.last().is_some_and(|name| LISTS.contains(&name.as_str()));
    let Some(list) = files.iter().find(is_list) else { return Ok(Vec::new()) };
    let bytes = list.read()?;
    let text = std::str::from_utf8(&bytes)
        .with_context(|| format!("{} is no text; write a class on each line", list.name()))?;
    Ok(shards::class_folders(&text.lines().map(str::to_owned).collect::<Vec<_>>()))
}
