//! Where copies go: a tree of image files as ImageNet-C and ImageNet-P have it, or the arrays of CIFAR-10-C and CIFAR-10-P.
//!
//! Tree: `corruption/severity/class/file`, and `perturbation/class/file/frame_00` for sequences. Arrays: one file per corruption,
//! u8 `[5·n, y, x, 3]`, where severity s has the rows from `(s-1)·n`, one per image in the order in which datasets are read
//! (sorted by path); one file per perturbation, u8 `[n, frames, y, x, 3]`. `labels.npy` has a label for each row.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use vitro::corruption::jpeg_compression;
use vitro::image::{Rgb8, encode_png};

use super::cell::{Cell, Making};
use super::source::Source;
use crate::npy::{self, Kind, Writer};

/// Bytes that a file system reserves at once.
const BLOCK: u64 = 4096;

/// File format of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The exact pixels.
    Png,
    /// Lossy, at this quality of 1 to 100.
    Jpeg(u8),
}

/// How copies are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A file per copy.
    Tree(Format),
    /// A numpy array per corruption or perturbation.
    Arrays,
}

impl Form {
    /// Bytes on disk of one copy, roughly: over all corruptions, photographs of 32 to 240 pixels took 43 to 78 % of their bytes as
    /// PNG and 12 to 36 % as JPEG of quality 85, the smallest the most.
    pub(super) fn estimate(self, width: usize, height: usize) -> u64 {
        let raw = (width as u64).saturating_mul(height as u64).saturating_mul(3);
        match self {
            Self::Arrays => raw,
            Self::Tree(Format::Png) => (raw * 7 / 10).next_multiple_of(BLOCK),
            Self::Tree(Format::Jpeg(_)) => (raw / 5).next_multiple_of(BLOCK),
        }
    }
}

/// An open sink.
pub enum Sink {
    /// A file per copy.
    Tree {
        /// Folders of the cells.
        folders: Vec<PathBuf>,
        /// Of the files.
        format: Format,
    },
    /// Arrays that are filled in place.
    Arrays {
        /// One per corruption or perturbation.
        arrays: Vec<Writer>,
        /// For each cell its array, and the row there of the first image.
        places: Vec<(usize, usize)>,
    },
}

impl Sink {
    /// Opens a sink for `cells` in `folder`. What an earlier run left there stays.
    ///
    /// # Errors
    /// When images of several sizes are to go into arrays, or the disk is full.
    pub fn open(
        form: Form,
        folder: &Path,
        cells: &[Cell],
        source: &Source,
        labels: Option<&[usize]>,
        making: &Making,
    ) -> Result<Self> {
        let Form::Tree(format) = form else { return arrays(folder, cells, source, labels, making) };
        Ok(Self::Tree { folders: cells.iter().map(|cell| folder.join(cell.folder())).collect(), format })
    }

    /// Writes what cell number `cell` made of the images from `first`: for each the frames.
    pub(super) fn write(&self, cell: usize, source: &Source, first: usize, made: &[Vec<Rgb8>]) -> Result<()> {
        match self {
            Self::Arrays { arrays, places } => {
                let (array, row) = places[cell];
                let frames = made.iter().flatten();
                let bytes: Vec<u8> = frames.flat_map(|frame| frame.bytes()).copied().collect();
                arrays[array].write(row + first, &bytes)
            }
            Self::Tree { folders, format } => {
                for (index, frames) in made.iter().enumerate() {
                    write_files(&folders[cell].join(source.path(first + index)), frames, *format)?;
                }
                Ok(())
            }
        }
    }

    /// Waits until the disk has everything.
    pub(super) fn close(&self) -> Result<()> {
        match self {
            Self::Arrays { arrays, .. } => arrays.iter().try_for_each(Writer::sync),
            Self::Tree { .. } => Ok(()),
        }
    }
}

fn arrays(folder: &Path, cells: &[Cell], source: &Source, labels: Option<&[usize]>, making: &Making) -> Result<Sink> {
    let (width, height) = source.one_size()?;
    let mut names: Vec<String> = Vec::new();
    let mut rows: Vec<usize> = Vec::new();
    let mut frames = Vec::new();
    let mut places = Vec::new();
    for cell in cells {
        let name = cell.name();
        // The cells of a corruption come one after the other.
        if names.last() != Some(&name) {
            names.push(name);
            rows.push(0);
            frames.push(cell.frames(making.protocol(width, height)));
        }
        let array = names.len() - 1;
        places.push((array, rows[array]));
        rows[array] += source.len();
    }
    let open = |array: usize| {
        let sequence = matches!(cells.first(), Some(Cell::Sequence(..)));
        let shape = if sequence {
            vec![rows[array], frames[array], height, width, 3]
        } else {
            vec![rows[array], height, width, 3]
        };
        Writer::open(&folder.join(format!("{}.npy", names[array])), Kind::U8, &shape)
    };
    let arrays = (0..names.len()).map(open).collect::<Result<_>>()?;
    if let Some(labels) = labels {
        npy::write_integers(&folder.join("labels.npy"), &labels.repeat(rows[0] / source.len()))?;
    }
    Ok(Sink::Arrays { arrays, places })
}

/// One copy as `path` with the format's ending, a sequence as a folder of that name. A JPEG file of a JPEG file keeps its whole
/// name, as in the published sets.
fn write_files(path: &Path, frames: &[Rgb8], format: Format) -> Result<()> {
    let ending = match format {
        Format::Png => "png",
        Format::Jpeg(_) => "jpg",
    };
    let named = match format {
        Format::Jpeg(_) if is_jpeg(path) => path.to_owned(),
        _ => path.with_extension(ending),
    };
    for (number, frame) in frames.iter().enumerate() {
        let file = match frames.len() {
            1 => named.clone(),
            _ => path.with_extension("").join(format!("frame_{number:02}.{ending}")),
        };
        let bytes = match format {
            Format::Png => Some(encode_png(frame)).filter(|bytes| !bytes.is_empty()),
            Format::Jpeg(quality) => jpeg_compression::file(frame, quality),
        };
        let too_large = || format!("{} is too large for this format; use --format png or --size", path.display());
        let bytes = bytes.with_context(too_large)?;
        write_file(&file, &bytes).with_context(|| format!("cannot write {}; free some space", file.display()))?;
    }
    Ok(())
}

fn is_jpeg(path: &Path) -> bool {
    let is = |name| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(name));
    is("jpg") || is("jpeg")
}

/// Makes the folder when it turns out to be missing, which is rare.
fn write_file(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    match fs::write(file, bytes) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            file.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(file, bytes)
        }
        written => written,
    }
}
