//! Archives as npm takes them: `.tgz` with everything in the folder `package`, the same bytes from the same files.

use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha384};
use std::collections::BTreeMap;

/// Files by their path in a package.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// When every file was changed last: the moment that npm itself writes, in 1985, since some archives know no earlier one.
const CHANGED: u64 = 499_162_500;

/// The archive.
pub(super) fn tgz(files: &Files) -> Result<Vec<u8>> {
    // No name, no time: the header says nothing of the machine.
    let packed = GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::best());
    let mut archive = tar::Builder::new(packed);
    for (path, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(CHANGED);
        archive.append_data(&mut header, format!("package/{path}"), bytes.as_slice())?;
    }
    Ok(archive.into_inner()?.finish()?)
}

/// The hash of a file as `integrity` attributes have it.
pub(super) fn integrity(bytes: &[u8]) -> String {
    format!("sha384-{}", STANDARD.encode(Sha384::digest(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::Read;

    #[test]
    fn an_archive_follows_from_its_files_alone() {
        let files = Files::from([("b.js".to_owned(), b"b".to_vec()), ("a/c.js".to_owned(), vec![0; 70_000])]);
        let packed = tgz(&files).unwrap();
        assert_eq!(packed, tgz(&files).unwrap());
        assert_eq!(packed[4..8], [0; 4], "the time in the header");
        let mut archive = tar::Archive::new(GzDecoder::new(packed.as_slice()));
        let found = archive.entries().unwrap().map(|entry| {
            let mut entry = entry.unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            assert_eq!(entry.header().mtime().unwrap(), CHANGED);
            (entry.path().unwrap().strip_prefix("package").unwrap().display().to_string(), bytes)
        });
        assert_eq!(found.collect::<Files>(), files);
    }

    #[test]
    fn hashes_are_those_of_browsers() {
        // `printf '' | openssl dgst -sha384 -binary | base64`
        let empty = "sha384-OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb";
        assert_eq!(integrity(b""), empty);
    }
}
