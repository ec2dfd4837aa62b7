//! Formats and methods: told by their content, read to their end, or refused by name.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use vitro_tests::command::refused;

use super::pack::{members, unended, zipped};
use super::{WHOLE, counts, refusal, set};
use crate::workplace::{gzip, tarball, zstd};

#[test]
fn an_archive_is_told_by_its_content_whatever_it_is_called() {
    let tar = tarball(&set("cat"));
    let contents = [tar.clone(), gzip(&tar), zstd(&tar), zipped(&members()), gzip(&gzip(&tar)), zstd(&gzip(&tar))];
    for (index, bytes) in contents.iter().enumerate() {
        for name in ["set.tar", "set.tgz", "set.zip", "set.tar.zst", "download"] {
            assert_eq!(counts(name, bytes), WHOLE, "{index} as {name}");
        }
    }
    assert!(refusal("set.7z", b"7z\xBC\xAF\x27\x1C rest").contains("7z x"));
    assert!(refusal("set.tar.xz", b"\xFD7zXZ\0 rest").contains("xz -d"));
    assert!(refusal("notes.txt", b"no archive at all").contains("neither a folder nor an archive"));
    assert!(refusal("notes.tar.gz", &gzip(b"no archive at all")).contains("gzip"));
}

#[test]
fn a_stream_of_several_frames_is_read_to_its_end() {
    let tar = tarball(&set("cat"));
    let skippable = [&0x184D_2A50_u32.to_le_bytes()[..], &5_u32.to_le_bytes(), b"table"].concat();
    // The first cut is between two members: what comes before it looks whole.
    let member = 512 + set("cat")[0].1.len().div_ceil(512) * 512;
    for cut in [member, member + 700, 512] {
        let (a, b) = tar.split_at(cut);
        assert_eq!(counts("set.tar.gz", &[gzip(a), gzip(b)].concat()), WHOLE, "{cut}");
        assert_eq!(counts("set.tar.zst", &[zstd(a), zstd(b)].concat()), WHOLE, "{cut}");
        let between = [skippable.clone(), zstd(a), zstd(b""), skippable.clone(), zstd(b), skippable.clone()].concat();
        assert_eq!(counts("set.tar.zst", &between), WHOLE, "{cut}");
    }
    let whole = [zstd(&tar[..member]), zstd(&tar[member..])].concat();
    for missing in [zstd(&tar[member..]).len(), 1, 700] {
        assert!(refusal("set.tar.zst", &whole[..whole.len() - missing]).contains("cut short"), "{missing}");
    }
}

#[test]
fn a_long_window_is_only_a_promise() {
    let mut frame = zstd(&tarball(&set("cat")));
    assert_eq!(frame[4] & 0x20, 0, "the frame says its window");
    for exponent in [27, 30, 31] {
        frame[5] = (exponent - 10) << 3;
        assert_eq!(counts("set.tar.zst", &frame), WHOLE, "{exponent}");
    }
}

#[test]
fn a_tar_that_lacks_its_end_is_refused_and_what_follows_an_end_is_read() {
    let files = set("cat");
    assert_eq!(counts("set.tar", &[tarball(&files[..5]), tarball(&files[5..])].concat()), WHOLE);
    assert_eq!(counts("set.tar.gz", &gzip(&[tarball(&files[..5]), tarball(&files[5..])].concat())), WHOLE);
    assert!(refusal("set.tar", &unended(&files)).contains("cut short"));
    let rubbish = [tarball(&files), vec![b'?'; 1024]].concat();
    assert!(refusal("set.tar", &rubbish).contains("damaged"));
}

#[test]
fn every_method_of_a_zip_is_read_or_named() {
    for method in [zip::CompressionMethod::Stored, zip::CompressionMethod::Deflated, zip::CompressionMethod::Bzip2] {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (path, bytes) in set("cat") {
            zip.start_file(path, zip::write::SimpleFileOptions::default().compression_method(method)).unwrap();
            zip.write_all(&bytes).unwrap();
        }
        assert_eq!(counts("set.zip", &zip.finish().unwrap().into_inner()), WHOLE, "{method}");
    }
    let lzma = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/archives/lzma.zip");
    assert_eq!(counts("set.zip", &fs::read(lzma).unwrap()), WHOLE);

    let mut members = members();
    members[3].method = 93;
    members[3].stored = zstd(&members[3].content);
    assert_eq!(counts("set.zip", &zipped(&members)), WHOLE);
    members[3].content[0] ^= 1;
    assert!(refusal("set.zip", &zipped(&members)).contains("checksum"));

    for (method, name) in [(1, "Shrink"), (6, "Implode"), (95, "XZ"), (97, "WavPack"), (77, "method 77")] {
        members[3].method = method;
        let said = refusal("set.zip", &zipped(&members));
        assert!(said.contains("train/cat/3.jpg") && said.contains(name) && said.contains("deflate"), "{said}");
        assert!(!said.contains("download"), "{said}");
    }
    (members[3].method, members[3].flags) = (0, 1);
    let said = refusal("set.zip", &zipped(&members));
    assert!(said.contains("train/cat/3.jpg") && said.contains("encrypted"), "{said}");
}

#[test]
fn a_file_that_is_called_like_an_archive_and_is_none_keeps_its_reason() {
    let path: PathBuf = ["set.tar.gz"].iter().collect();
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join(&path)).unwrap();
    let said = refused(folder.path(), &["data", "set.tar.gz"]);
    assert!(said.contains("train/<class>"), "a folder is a folder: {said}");
}
