//! Archives of image folders: `.tar.zst`, `.tar.gz`, `.tgz`, `.tar` and `.zip`, read once into memory.
//!
//! The images stay compressed as they are in the archive; a data set of a few hundred megabytes fits any machine.

use std::fs::File as DiskFile;
use std::io::{BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use super::files::File;

/// Endings of the archives we read, longest first.
const ENDINGS: &[(&str, Kind)] = &[
    (".tar.zst", Kind::Zstd),
    (".tar.gz", Kind::Gzip),
    (".tgz", Kind::Gzip),
    (".tar", Kind::Tar),
    (".zip", Kind::Zip),
];

#[derive(Clone, Copy, Debug)]
enum Kind {
    Zstd,
    Gzip,
    Tar,
    Zip,
}

/// Whether the name of `path` ends like an archive.
pub fn is_archive(path: &Path) -> bool {
    ending(path).is_some()
}

/// The name of `path` without an archive's ending.
pub fn stem(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    match ending(path) {
        Some((ending, _)) => name[..name.len() - ending.len()].to_owned(),
        None => name,
    }
}

fn ending(path: &Path) -> Option<(&'static str, Kind)> {
    let name = path.file_name()?.to_str()?.to_lowercase();
    ENDINGS.iter().copied().find(|(ending, _)| name.ends_with(ending))
}

/// Reads all files of an archive.
///
/// # Errors
/// When the file is no archive of a known kind, is damaged, or ends early.
pub(super) fn read(path: &Path) -> Result<Vec<File>> {
    let name = path.display();
    let Some((_, kind)) = ending(path) else {
        bail!("{name} is neither a folder nor an archive; use .tar.zst, .tar.gz, .tar or .zip");
    };
    let file = DiskFile::open(path).with_context(|| format!("cannot read {name}; check the path"))?;
    ensure!(file.metadata()?.len() > 0, "{name} is empty; download or copy it again");
    let reader = BufReader::with_capacity(1 << 20, file);
    let files = match kind {
        Kind::Zstd => ruzstd::decoding::StreamingDecoder::new(reader).map_err(Into::into).and_then(untar),
        Kind::Gzip => untar(flate2::bufread::MultiGzDecoder::new(reader)),
        Kind::Tar => untar(reader),
        Kind::Zip => unzip(reader),
    };
    files.with_context(|| format!("{name} is damaged or cut short; download or copy it again"))
}

fn untar(reader: impl Read) -> Result<Vec<File>> {
    let mut archive = tar::Archive::new(reader);
    let mut files = Vec::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = parts(&entry.path()?.to_string_lossy());
        let size = usize::try_from(entry.size())?;
        let mut bytes = Vec::with_capacity(size.min(1 << 26));
        entry.read_to_end(&mut bytes)?;
        // A stream that stops inside an entry may just read as short.
        ensure!(bytes.len() == size, "{} ends early", path.join("/"));
        files.push(File::in_memory(path, bytes));
    }
    // The compressed stream must be whole as well: its end marker and checksum come after the last entry.
    std::io::copy(&mut archive.into_inner(), &mut std::io::sink())?;
    Ok(files)
}

fn unzip(reader: impl Read + std::io::Seek) -> Result<Vec<File>> {
    let mut archive = zip::ZipArchive::new(reader)?;
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        if !entry.is_file() {
            continue;
        }
        let path = parts(entry.name());
        let mut bytes = Vec::with_capacity((entry.size() as usize).min(1 << 26));
        entry.read_to_end(&mut bytes)?;
        files.push(File::in_memory(path, bytes));
    }
    Ok(files)
}

/// Entries are only ever looked up by these parts, never written to disk, so `..` needs no more care than any name.
fn parts(path: &str) -> Vec<String> {
    path.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect()
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
}
