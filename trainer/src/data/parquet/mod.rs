//! Image datasets in Parquet, as the Hugging Face hub has them: a column of images (`image` or `img`, a struct of `bytes` and
//! `path`), a column of labels, and the names of the classes in the schema's metadata under `huggingface`.
//!
//! Labels are read when a file is opened, images when they are asked for. Rows whose label is below 0 have none and are left
//! out: the hub's ImageNet has its test images so.

mod table;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};

use super::files::File;
use super::shards;
use super::source::{Kind, Origin};
use table::Opened;

/// The kind.
pub(super) const KIND: Kind = Kind {
    name: "parquet",
    words: "image Parquet of the Hugging Face hub, a file or a folder (train-….parquet, test-….parquet)",
    origin: Origin::Files { detect, arrange, alone: Some(is_parquet) },
};

/// How a file begins.
const MAGIC: &[u8] = b"PAR1";

/// Bytes of encoded images that are kept once read, if all of them are no more.
const KEPT: u64 = 256 << 20;

/// Whether the first table holds images: beside class folders there may be one that only tells about them.
fn detect(files: &[File]) -> bool {
    let is_named = |path: &Path| files.len() == 1 && is_parquet(path);
    let mut tables = files.iter().filter_map(File::place).filter(|path| is_called_so(path) || is_named(path));
    tables.next().is_some_and(table::has_images)
}

fn is_called_so(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("parquet"))
}

fn is_table(file: &File) -> bool {
    file.place().is_some_and(is_called_so)
}

fn is_parquet(path: &Path) -> bool {
    use std::io::Read;
    let mut start = [0; MAGIC.len()];
    std::fs::File::open(path).is_ok_and(|mut file| file.read_exact(&mut start).is_ok()) && start == MAGIC
}

fn arrange(files: Vec<File>) -> Result<Vec<File>> {
    let mut found = Vec::new();
    // Whatever it is called, a file that was named by itself is one.
    for file in files.iter().filter(|file| is_table(file) || files.len() == 1) {
        let Some(place) = file.place() else { continue };
        let opened = Opened::read(place).with_context(|| format!("{} cannot be read", file.name()))?;
        if opened.labels.has_some() {
            found.push((file, opened));
        }
    }
    ensure!(!found.is_empty(), "no image in it has a label; choose a dataset of labelled images");
    let shards: Vec<&File> = found.iter().map(|(file, _)| *file).collect();
    let splits = shards::splits(&shards)?;
    let keep = found.iter().map(|(_, opened)| opened.bytes).sum::<u64>() <= KEPT;
    let classes = found[0].1.classes.clone();
    let mut images = Vec::new();
    for ((file, opened), split) in found.into_iter().zip(splits) {
        ensure!(
            opened.classes == classes,
            "{} names other classes than the files before it; put each dataset into a folder of its own",
            file.name()
        );
        let stem = file.path.last().map_or("", |name| name.trim_end_matches(".parquet"));
        let folders = opened.classes.as_deref().map(shards::class_folders).unwrap_or_default();
        let (labels, table) = (opened.labels, Arc::new(opened.table.keeping(keep)));
        for row in 0..labels.len() {
            let class = labels.class(row, &folders).with_context(|| format!("row {row} of {}", file.name()))?;
            let Some(class) = class else { continue };
            let path = split.iter().cloned().chain([class, format!("{stem} row {row:07}.parquet")]).collect();
            images.push(File::within(path, table.clone(), row));
        }
    }
    Ok(images)
}
