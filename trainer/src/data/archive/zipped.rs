//! Zips: every method that is at hand, names in UTF-8 with or without the flag, links.

use std::fs::File as DiskFile;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use zip::CompressionMethod;
use zip::read::ZipFile;

use super::bounds::{Bounds, MEMBER, read_member, size};
use super::damaged;
use super::tree::{Link, Node, Tree, parts, shown};
use super::zstd::Frames;

/// The record that ends every zip, and how far from the end it may begin: its own 22 bytes and a comment.
const END: &[u8] = b"PK\x05\x06";
const END_AND_COMMENT: u64 = 22 + 0xFFFF;

/// Methods by number, for those that only have a name here.
const METHODS: &[(u16, &str)] = &[
    (1, "Shrink"),
    (2, "Reduce"),
    (3, "Reduce"),
    (4, "Reduce"),
    (5, "Reduce"),
    (6, "Implode"),
    (10, "PKWARE Implode"),
    (16, "CMPSC"),
    (18, "TERSE"),
    (19, "LZ77"),
    (94, "MP3"),
    (95, "XZ"),
    (96, "JPEG recompression"),
    (97, "WavPack"),
    (99, "AES encryption"),
];

/// Zstandard's number, and the one it had for a while; the crate would read it with a library in C.
const ZSTD: [u16; 2] = [93, 20];

/// Bytes of an LZMA dictionary that are given to a member.
const DICTIONARY: u32 = 256 << 20;

/// Whether a file ends like a zip.
pub(super) fn has_list(file: &mut DiskFile) -> io::Result<bool> {
    Ok(end(file)?.is_some())
}

/// The end record.
fn end(file: &mut (impl Read + Seek)) -> io::Result<Option<Vec<u8>>> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(END_AND_COMMENT)))?;
    let mut tail = Vec::new();
    file.take(END_AND_COMMENT).read_to_end(&mut tail)?;
    // The comment's length must lead to the end: four letters alone may stand anywhere.
    let fits = |at: &usize| {
        let comment =
            tail.get(at + 20..at + 22).map_or(usize::MAX, |bytes| u16::from_le_bytes([bytes[0], bytes[1]]).into());
        tail[*at..].starts_with(END) && at + 22 + comment == tail.len()
    };
    let found = (0..tail.len().saturating_sub(21)).rev().find(fits);
    Ok(found.map(|at| tail.split_off(at)))
}

/// Reads all members.
///
/// # Errors
/// For zips that are damaged, members that are encrypted or compressed by a method that we lack.
pub(super) fn read(mut reader: BufReader<DiskFile>, bounds: &Bounds) -> Result<Tree> {
    let end = end(&mut reader).map_err(damaged)?;
    let mut archive = zip::ZipArchive::new(reader).map_err(damaged)?;
    let mut tree = Tree::new();
    let mut unclear = false;
    for index in 0..archive.len() {
        let raw = archive.by_index_raw(index).map_err(damaged)?;
        let bytes = name_of(&raw);
        unclear |= raw.name().contains('\u{fffd}');
        let path = parts(&bytes, b"/\\");
        if bytes.ends_with(b"/") || bytes.ends_with(b"\\") {
            continue;
        }
        let name = shown(&path);
        ensure!(!raw.encrypted(), "{name} is encrypted; unpack it with its password and name the folder");
        let (expected, is_link) = (raw.size(), raw.is_symlink());
        bounds.keep(&name, expected).map_err(anyhow::Error::msg)?;
        let content = match method(&raw) {
            Ok(()) => {
                if matches!(raw.compression(), CompressionMethod::Lzma) {
                    check_dictionary(raw).with_context(|| name.clone())?;
                } else {
                    drop(raw);
                }
                let member = archive.by_index(index).map_err(damaged)?;
                read_member(member, expected)
            }
            Err(number) if ZSTD.contains(&number) => from_zstd(raw, expected, bounds),
            Err(number) => {
                bail!("{name} is compressed with {}; pack it again with deflate (`zip -r`)", method_name(number))
            }
        };
        let content = content.map_err(|error| match bounds.refusal() {
            Some(_) => error.into(),
            None => damaged(format!("{name}: {error}")),
        })?;
        let bytes = content.with_context(|| format!("{name} unpacks to more than {}; leave it out", size(MEMBER)))?;
        // A header that says less than there is must not get past the bound on all members.
        bounds.keep("", (bytes.len() as u64).saturating_sub(expected)).map_err(anyhow::Error::msg)?;
        let node = match is_link {
            true => Node::Link(Link { target: bytes, from_top: false }),
            false => Node::File(Arc::new(bytes)),
        };
        tree.put(&path, node)?;
    }
    // The crate finds members by their text, and bytes that are none all look the same.
    let listed = end.and_then(|end| Some(usize::from(u16::from_le_bytes([*end.get(10)?, *end.get(11)?]))));
    let complete = listed.is_none_or(|listed| listed == archive.len() & 0xFFFF || listed == 0xFFFF);
    ensure!(!unclear || complete, "names in it are not the UTF-8 that they are said to be; pack it again");
    Ok(tree)
}

/// The name as bytes of UTF-8 where it is that, with the flag or, as macOS writes it, without. Otherwise the flag decides: with
/// it the bytes stay as they are, without it they are letters of the IBM PC.
fn name_of<R: Read>(entry: &ZipFile<'_, R>) -> Vec<u8> {
    let raw = entry.name_raw();
    if std::str::from_utf8(raw).is_ok() || entry.name().contains('\u{fffd}') {
        raw.to_vec()
    } else {
        entry.name().into()
    }
}

/// The number of the method, if the crate does not read it.
#[expect(deprecated, reason = "the number of a method that has no name is not to be had otherwise")]
fn method<R: Read>(entry: &ZipFile<'_, R>) -> Result<(), u16> {
    match entry.compression() {
        CompressionMethod::Unsupported(number) => Err(number),
        _ => Ok(()),
    }
}

fn method_name(number: u16) -> String {
    let known = METHODS.iter().find(|(known, _)| *known == number);
    known.map_or_else(|| format!("method {number}"), |(_, name)| format!("{name} (method {number})"))
}

/// A member starts with the size of the memory that unpacking needs.
fn check_dictionary<R: Read>(mut raw: ZipFile<'_, R>) -> Result<()> {
    let mut header = [0; 9];
    raw.read_exact(&mut header).map_err(damaged)?;
    let dictionary = u32::from_le_bytes([header[5], header[6], header[7], header[8]]);
    ensure!(
        dictionary <= DICTIONARY,
        "it needs more than {} to unpack; pack it again with deflate",
        size(DICTIONARY.into())
    );
    Ok(())
}

/// The crate gives the bytes as they are stored; the checksum is ours to compare.
fn from_zstd<R: Read>(raw: ZipFile<'_, R>, expected: u64, bounds: &Bounds) -> io::Result<Option<Vec<u8>>> {
    let stored = raw.crc32();
    let content = read_member(Frames::new(BufReader::new(raw), bounds.clone()), expected)?;
    if let Some(bytes) = &content {
        let mut sum = flate2::Crc::new();
        sum.update(bytes);
        if sum.sum() != stored {
            return Err(io::Error::other("a checksum does not match"));
        }
    }
    Ok(content)
}
