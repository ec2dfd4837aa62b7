//! Archives of image folders, told apart by what they hold, whatever they are called, and read once into memory.
//!
//! The images stay compressed as they are in the archive; a dataset of a few hundred megabytes fits any machine, and
//! [`bounds`] says where it ends. [`ALL`] lists what is read and [`FOREIGN`] what is only known by name.

mod bounds;
mod tarball;
mod tree;
mod zipped;
mod zstd;

use std::fs::File as DiskFile;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};

use super::files::File;
use super::source;
use bounds::Bounds;
pub(super) use bounds::{FILES, MEMBER, size};
pub(super) use tarball::is_tar;
use tree::Tree;

/// A kind of archive.
struct Kind {
    /// For messages.
    name: &'static str,
    /// Endings of names, longest first; they only count where the content says nothing.
    endings: &'static [&'static str],
    /// Whether a stream that starts like this is one.
    detect: fn(&[u8]) -> bool,
    read: Reading,
}

/// How the members are reached.
enum Reading {
    /// There is a stream inside, which holds a tar, or is compressed once more.
    Stream(fn(Box<dyn BufRead>, Bounds) -> Box<dyn Read>),
    /// The members follow each other.
    Members(fn(&mut dyn Read, &Bounds) -> Result<Tree>),
    /// A list at the end says where they are.
    Listed(fn(BufReader<DiskFile>, &Bounds) -> Result<Tree>),
}

/// What we read.
const ALL: &[Kind] = &[
    Kind {
        name: "zip",
        endings: &[".zip"],
        detect: |start| start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06"),
        read: Reading::Listed(zipped::read),
    },
    Kind {
        name: "zstd",
        endings: &[".tar.zst", ".tar.zstd", ".tzst"],
        detect: |start| {
            start.starts_with(&[0x28, 0xB5, 0x2F, 0xFD])
                || (start.first().is_some_and(|byte| byte & 0xF0 == 0x50)
                    && start[1..].starts_with(&[0x2A, 0x4D, 0x18]))
        },
        read: Reading::Stream(|reader, bounds| Box::new(zstd::Frames::new(reader, bounds))),
    },
    Kind {
        name: "gzip",
        endings: &[".tar.gz", ".tgz"],
        detect: |start| start.starts_with(&[0x1F, 0x8B]),
        read: Reading::Stream(|reader, _| Box::new(flate2::bufread::MultiGzDecoder::new(reader))),
    },
    Kind {
        name: "bzip2",
        endings: &[".tar.bz2", ".tbz2"],
        detect: |start| start.starts_with(b"BZh"),
        read: Reading::Stream(|reader, _| Box::new(bzip2::bufread::MultiBzDecoder::new(reader))),
    },
    Kind { name: "tar", endings: &[".tar"], detect: tarball::is_tar, read: Reading::Members(tarball::read) },
];

/// What we do not read: how a stream starts, its name, and what helps.
const FOREIGN: &[(&[u8], &str, &str)] = &[
    (&[0xFD, b'7', b'z', b'X', b'Z', 0], "xz", "unpack it with `xz -d` and name the .tar"),
    (&[0x5D, 0, 0], "lzma", "unpack it with `xz -d` and name the .tar"),
    (&[0x04, 0x22, 0x4D, 0x18], "lz4", "unpack it with `lz4 -d` and name the .tar"),
    (&[0x1F, 0x9D], "compress", "unpack it with `gzip -d` and name the .tar"),
    (b"7z\xBC\xAF\x27\x1C", "7z", "unpack it with `7z x` and name the folder"),
    (b"Rar!", "rar", "unpack it with `unrar x` and name the folder"),
    (b"\x89HDF", "HDF5", "export its images to train/<class>/ and test/<class>/"),
];

/// Streams inside of streams: a server may compress what is compressed.
const LAYERS: usize = 3;

/// Enough of a file to tell what it is.
const START: usize = 512;

/// Whether `path` is a file that holds an archive or another dataset, or is called like one.
pub fn is_archive(path: &Path) -> bool {
    ending(path).is_some()
        || source::is_alone(path)
        || DiskFile::open(path).is_ok_and(|mut file| kind_of(&mut file).is_ok_and(|kind| kind.is_some()))
}

/// The name of `path` without an archive's ending.
pub fn stem(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    match ending(path) {
        Some((ending, _)) => name[..name.len() - ending.len()].to_owned(),
        None => name,
    }
}

fn ending(path: &Path) -> Option<(&'static str, &'static Kind)> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let mut endings = ALL.iter().flat_map(|kind| kind.endings.iter().map(move |ending| (*ending, kind)));
    endings.find(|(ending, _)| name.ends_with(ending))
}

/// Reads all files of an archive.
///
/// # Errors
/// When the file is no archive of a known kind, is damaged, ends early, or holds too much.
pub(super) fn read(path: &Path) -> Result<Vec<File>> {
    let name = path.display();
    let cannot = || format!("cannot read {name}; check the path");
    let about = path.metadata().with_context(cannot)?;
    ensure!(about.is_file(), "{name} is neither a folder nor a file; name a folder or an archive");
    ensure!(about.len() > 0, "{name} is empty; download or copy it again");
    let mut file = DiskFile::open(path).with_context(cannot)?;
    let kind = kind_of(&mut file).with_context(cannot)?;
    let Some(kind) = kind.or(ending(path).map(|(_, kind)| kind)) else {
        let start = start_of(&mut file).with_context(cannot)?;
        bail!("{name} {}", foreign(&start));
    };
    let bounds = Bounds::of(about.len());
    let reader = BufReader::with_capacity(1 << 20, file);
    let tree = match kind.read {
        Reading::Listed(read) => read(reader, &bounds),
        _ => unpack(Box::new(reader), LAYERS, &bounds, kind),
    };
    let files = tree.and_then(|tree| tree.files());
    files.map_err(|error| match bounds.refusal() {
        Some(refusal) => anyhow!("{name} cannot be read: {refusal}"),
        None if error.is::<Damaged>() => {
            error.context(format!("{name} is damaged or cut short; download or copy it again"))
        }
        None => error.context(format!("{name} cannot be read")),
    })
}

/// Unpacks streams until there are members.
fn unpack(mut reader: Box<dyn BufRead>, layers: usize, bounds: &Bounds, kind: &Kind) -> Result<Tree> {
    match kind.read {
        Reading::Members(read) => read(&mut bounds::Counted::new(reader, bounds.clone()), bounds),
        Reading::Listed(_) => bail!("there is a zip inside; unpack it once and name the zip"),
        Reading::Stream(open) => {
            ensure!(layers > 0, "it is compressed again and again; unpack it yourself and name the folder");
            reader = Box::new(BufReader::with_capacity(1 << 17, open(reader, bounds.clone())));
            let mut start = Vec::with_capacity(START);
            (&mut reader).take(START as u64).read_to_end(&mut start).map_err(damaged)?;
            ensure!(!start.is_empty(), "there is nothing inside; download or copy it again");
            let Some(inner) = ALL.iter().find(|kind| (kind.detect)(&start)) else {
                bail!("what was compressed with {} {}", kind.name, foreign(&start));
            };
            unpack(Box::new(std::io::Cursor::new(start).chain(reader)), layers - 1, bounds, inner)
        }
    }
}

/// What a file is by its content. A zip may follow something else, such as a program that unpacks it.
fn kind_of(file: &mut DiskFile) -> std::io::Result<Option<&'static Kind>> {
    let start = start_of(file)?;
    if let Some(kind) = ALL.iter().find(|kind| (kind.detect)(&start)) {
        return Ok(Some(kind));
    }
    let listed = zipped::has_list(file)?;
    file.rewind()?;
    Ok(ALL.iter().find(|kind| listed && matches!(kind.read, Reading::Listed(_))))
}

fn start_of(file: &mut DiskFile) -> std::io::Result<Vec<u8>> {
    let mut start = Vec::with_capacity(START);
    file.seek(SeekFrom::Start(0))?;
    (&mut *file).take(START as u64).read_to_end(&mut start)?;
    file.rewind()?;
    Ok(start)
}

/// What to say of something that is none of our archives.
fn foreign(start: &[u8]) -> String {
    match FOREIGN.iter().find(|(magic, ..)| start.starts_with(magic)) {
        Some((_, name, advice)) => format!("is {name}, which is not read here; {advice}"),
        None => "is neither a folder nor an archive; use .tar.zst, .tar.gz, .tar.bz2, .tar or .zip".to_owned(),
    }
}

/// The archive is not what it was; the words say where.
#[derive(Debug)]
struct Damaged(String);

impl std::fmt::Display for Damaged {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Damaged {}

fn damaged(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow::Error::new(Damaged(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stem_drops_the_whole_ending() {
        assert_eq!(stem(Path::new("a/cifar10-jpeg.tar.zst")), "cifar10-jpeg");
        assert_eq!(stem(Path::new("a/my.folder")), "my.folder");
        assert!(is_archive(Path::new("X.TGZ")));
    }

    #[test]
    fn archives_that_are_not_read_are_named() {
        assert!(foreign(b"7z\xBC\xAF\x27\x1C....").contains("7z x"));
        assert!(foreign(b"hello").contains(".tar.zst"));
    }
}
