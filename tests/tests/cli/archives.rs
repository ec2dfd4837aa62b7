//! Archives as other programs write them: everything inside is read, or the archive is refused by name.
//!
//! The set is always the same: two classes, four training and two test images of each. What an archive gives is what unpacking
//! it would give.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;
use vitro::image::encode_jpeg;
use vitro_tests::command::{refused, works};

use crate::workplace::{gzip, image, tarball, zstd};

/// Paths and contents; a class name can be chosen.
fn set(class: &str) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for (split, count) in [("train", 4), ("test", 2)] {
        for name in [class, "dog"] {
            for index in 0..count {
                files.push((format!("{split}/{name}/{index}.jpg"), encode_jpeg(&image(files.len()), 90)));
            }
        }
    }
    files
}

/// What `vitro data` says of an archive with this content.
fn report(name: &str, bytes: &[u8]) -> Value {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(name), bytes).unwrap();
    serde_json::from_str(&works(folder.path(), &["data", name, "--json"])).unwrap()
}

/// Training images, test images and classes.
fn counts(name: &str, bytes: &[u8]) -> (u64, u64, usize) {
    let report = report(name, bytes);
    (report["train"].as_u64().unwrap(), report["test"].as_u64().unwrap(), report["classes"].as_array().unwrap().len())
}

/// The sentence with which an archive is refused.
fn refusal(name: &str, bytes: &[u8]) -> String {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(name), bytes).unwrap();
    let said = refused(folder.path(), &["data", name]);
    assert!(said.contains(name), "{said}");
    assert!(!said.trim_end().contains(char::is_control), "{said:?}");
    said
}

const WHOLE: (u64, u64, usize) = (8, 4, 2);

/// A tar of `files` without the blocks that end it.
fn unended(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let whole = tarball(files);
    whole[..whole.len() - 1024].to_vec()
}

/// Adds a link to a tar.
fn link(archive: &mut tar::Builder<Vec<u8>>, kind: tar::EntryType, path: &str, target: &str) {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(0);
    archive.append_link(&mut header, path, target).unwrap();
}

/// A tar of `files`, with `more` after them.
fn tar_with(files: &[(String, Vec<u8>)], more: impl FnOnce(&mut tar::Builder<Vec<u8>>)) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        put(&mut archive, path.as_bytes(), bytes);
    }
    more(&mut archive);
    archive.into_inner().unwrap()
}

/// Adds a file under a short name of any bytes.
fn put(archive: &mut tar::Builder<Vec<u8>>, name: &[u8], bytes: &[u8]) {
    let mut header = tar::Header::new_gnu();
    header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name);
    header.set_size(bytes.len() as u64);
    header.set_cksum();
    archive.append(&header, bytes).unwrap();
}

/// A member of a zip, as it stands there.
#[derive(Clone)]
struct Member {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    stored: Vec<u8>,
    content: Vec<u8>,
    mode: u32,
}

impl Member {
    fn new(name: impl AsRef<[u8]>, content: &[u8]) -> Self {
        let name = name.as_ref().to_vec();
        Self { name, flags: 0, method: 0, stored: content.to_vec(), content: content.to_vec(), mode: 0o100_644 }
    }
}

fn members() -> Vec<Member> {
    set("cat").iter().map(|(path, bytes)| Member::new(path, bytes)).collect()
}

/// A zip written by hand, so that it may be as no library would write it.
fn zipped(members: &[Member]) -> Vec<u8> {
    let (mut bytes, mut list) = (Vec::new(), Vec::new());
    for member in members {
        let mut sum = flate2::Crc::new();
        sum.update(&member.content);
        let mut common = Vec::new();
        for field in [20, member.flags, member.method, 0, 0x21] {
            common.extend(field.to_le_bytes());
        }
        for field in [sum.sum(), member.stored.len() as u32, member.content.len() as u32] {
            common.extend(field.to_le_bytes());
        }
        common.extend((member.name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        list.extend(b"PK\x01\x02\x14\x03");
        list.extend(&common);
        list.extend([0; 6]);
        list.extend((member.mode << 16).to_le_bytes());
        list.extend((bytes.len() as u32).to_le_bytes());
        list.extend(&member.name);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&common);
        bytes.extend(&member.name);
        bytes.extend(&member.stored);
    }
    let (at, count) = (bytes.len() as u32, members.len() as u16);
    bytes.extend(&list);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    bytes.extend([(list.len() as u32).to_le_bytes(), at.to_le_bytes()].concat());
    bytes.extend([0, 0]);
    bytes
}

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
fn a_later_member_replaces_an_earlier_one() {
    let twice = tar_with(&set("cat"), |tar| {
        put(tar, b"./train/dog/../dog/0.jpg", &encode_jpeg(&image(50), 90));
    });
    assert_eq!(counts("set.tar", &twice), WHOLE);
    let mut members = members();
    members.push(Member::new("train/dog/0.jpg", &encode_jpeg(&vitro::image::Rgb8::from_fn(90, 80, |_, _| [1; 3]), 90)));
    let report = report("set.zip", &zipped(&members));
    assert_eq!((&report["train"], &report["largest"]), (&8.into(), &vec![90, 80].into()), "the later one counts");
}

#[test]
fn names_from_anywhere_stay_inside() {
    for prefix in ["./", "../set/", "/data/set/", "../../a/../b/", ".cache/set/"] {
        let moved = tar_with(&[], |tar| {
            set("cat").iter().for_each(|(path, bytes)| put(tar, format!("{prefix}{path}").as_bytes(), bytes));
        });
        assert_eq!(counts("set.tar", &moved), WHOLE, "{prefix}");
        let moved: Vec<Member> =
            set("cat").iter().map(|(path, bytes)| Member::new(format!("{prefix}{path}"), bytes)).collect();
        assert_eq!(counts("set.zip", &zipped(&moved)), WHOLE, "{prefix}");
    }
}

#[test]
fn links_count_as_what_they_lead_to() {
    use tar::EntryType::{Link, Symlink};
    let files = set("cat");
    let first: Vec<_> = files.iter().filter(|(path, _)| !path.starts_with("train/dog/")).cloned().collect();
    let dog = &files[4];
    assert_eq!(dog.0, "train/dog/0.jpg");
    let linked = |kind, target: &str| {
        tar_with(&first, |tar| {
            put(tar, dog.0.as_bytes(), &dog.1);
            (1..4).for_each(|index| link(tar, kind, &format!("train/dog/{index}.jpg"), target));
        })
    };
    assert_eq!(counts("set.tar", &linked(Link, "train/dog/0.jpg")), WHOLE);
    assert_eq!(counts("set.tar", &linked(Link, "./train/dog/0.jpg")), WHOLE);
    assert_eq!(counts("set.tar", &linked(Symlink, "0.jpg")), WHOLE);
    assert_eq!(counts("set.tar", &linked(Symlink, "../../test/cat/1.jpg")), WHOLE);
    let folder = tar_with(&first, |tar| link(tar, Symlink, "train/dog", "cat"));
    assert_eq!(counts("set.tar", &folder), WHOLE);
    for (target, words) in [
        ("../../../../../etc/passwd", "outside"),
        ("/etc/passwd", "not in it"),
        ("no.jpg", "not in it"),
        ("3.jpg", "itself"),
    ] {
        let said = refusal("set.tar", &linked(Symlink, target));
        assert!(said.contains("train/dog/") && said.contains(words) && !said.contains("passwd"), "{target}: {said}");
    }
    let circle = tar_with(&files, |tar| link(tar, Symlink, "train/dog/again", "../../train"));
    assert!(refusal("set.tar", &circle).contains("train/dog/again"));

    let mut members = members();
    members[5] = Member { mode: 0o120_777, ..Member::new("train/dog/1.jpg", b"0.jpg") };
    assert_eq!(counts("set.zip", &zipped(&members)), WHOLE);
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

/// Names of the classes.
fn classes(name: &str, bytes: &[u8]) -> Vec<String> {
    let report = report(name, bytes);
    report["classes"].as_array().unwrap().iter().map(|class| class["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_class_has_one_name_however_it_is_spelled() {
    let named = |train: &[u8], test: &[u8], flags: u16| {
        let members = set("cat").into_iter().map(|(path, bytes)| {
            let name = if path.starts_with("train") { train } else { test };
            let parts = path.split("cat").map(str::as_bytes).collect::<Vec<_>>();
            Member { flags, ..Member::new(parts.join(name), &bytes) }
        });
        zipped(&members.collect::<Vec<_>>())
    };
    let (together, apart) = ("kätzchen".as_bytes(), "ka\u{308}tzchen".as_bytes());
    for (train, test) in [(together, together), (apart, apart), (together, apart), (apart, together)] {
        for flags in [0, 1 << 11] {
            assert_eq!(
                classes("set.zip", &named(train, test, flags)),
                ["dog", "kätzchen"],
                "{train:?} {test:?} {flags}"
            );
        }
    }
    // Letters of the IBM PC, which are no UTF-8.
    assert_eq!(classes("set.zip", &named(b"k\x84tzchen", b"k\x84tzchen", 0)), ["dog", "kätzchen"]);
}

#[test]
fn names_that_are_no_text_are_never_taken_for_each_other() {
    let cafes = |tar: &mut tar::Builder<Vec<u8>>| {
        for split in ["train", "test"] {
            for (index, letter) in [0xE8, 0xE9, 0xEA].into_iter().enumerate() {
                let name = [split.as_bytes(), b"/caf", &[letter], b"/0.jpg"].concat();
                put(tar, &name, &encode_jpeg(&image(index), 90));
            }
        }
    };
    assert_eq!(counts("set.tar", &tar_with(&[], cafes)), (3, 3, 3));
    // A zip that says its names are UTF-8 when they are not.
    let mut members = members();
    for letter in [0xE8, 0xE9] {
        let name = [&b"train/dog/caf"[..], &[letter], b".jpg"].concat();
        members.push(Member { flags: 1 << 11, ..Member::new(name, &encode_jpeg(&image(1), 90)) });
    }
    assert!(refusal("set.zip", &zipped(&members)).contains("names"));
    members.pop();
    assert_eq!(counts("set.zip", &zipped(&members)), (9, 4, 2));
}

#[test]
fn what_systems_leave_in_archives_is_no_image() {
    let clutter = [
        "__MACOSX/train/cat/._0.jpg",
        "__MACOSX/._train",
        "train/cat/._0.jpg",
        "train/.DS_Store",
        "train/cat/Icon\r",
        "train/dog/Thumbs.db",
        "train/.ipynb_checkpoints/0.jpg",
        "test/dog/desktop.ini",
        "README.md",
    ];
    let shadow = b"\0\x05\x16\x07\0";
    let tar = tar_with(&set("cat"), |tar| clutter.iter().for_each(|name| put(tar, name.as_bytes(), shadow)));
    assert_eq!(counts("set.tar", &tar), WHOLE);
    let more = clutter.iter().map(|name| Member::new(name, shadow));
    let members: Vec<Member> = members().into_iter().chain(more).collect();
    assert_eq!(counts("set.zip", &zipped(&members)), WHOLE);

    let backslashes: Vec<Member> =
        set("cat").iter().map(|(path, bytes)| Member::new(path.replace('/', "\\"), bytes)).collect();
    assert_eq!(counts("set.zip", &zipped(&backslashes)), WHOLE);
    let after_a_program = [b"#!/bin/sh\nexit\n".to_vec(), zipped(&backslashes)].concat();
    assert_eq!(counts("set.zip", &after_a_program), WHOLE);
}

#[test]
fn a_name_cannot_write_on_the_terminal() {
    let evil = tar_with(&set("cat"), |tar| put(tar, b"train/cat/a\r\n\x1b[2Jvitro: fine.txt", b"x"));
    let said = refusal("set.tar", &evil);
    assert!(said.contains("\\u{1b}[2J") && said.contains("\\r\\n"), "{said:?}");
}

#[test]
fn what_unpacks_to_more_than_a_bound_is_refused_before_it_is_unpacked() {
    let zeros = |bytes: usize| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        let block = vec![0; 1 << 20];
        (0..bytes >> 20).for_each(|_| encoder.write_all(&block).unwrap());
        encoder.finish().unwrap()
    };
    let header = |name: &str, kind: tar::EntryType, size: u64| {
        let mut header = tar::Header::new_gnu();
        header.set_path(name).unwrap();
        header.set_entry_type(kind);
        header.set_size(size);
        header.set_cksum();
        gzip(header.as_bytes())
    };
    let huge = [header("train/cat/huge.png", tar::EntryType::Regular, 20 << 30), zeros(64 << 20)].concat();
    let said = refusal("set.tar.gz", &huge);
    assert!(said.contains("train/cat/huge.png") && said.contains("256 MiB"), "{said}");

    let (packed, mut many) = (zeros(200 << 20), Vec::new());
    for index in 0..8 {
        many.extend(header(&format!("train/cat/{index}.png"), tar::EntryType::Regular, 200 << 20));
        many.extend(&packed);
    }
    let said = refusal("set.tar.gz", &many);
    assert!(said.contains("unpacks to more than") && said.contains("name the folder"), "{said}");

    let name = [header("././@LongLink", tar::EntryType::GNULongName, 4 << 30), zeros(64 << 20)].concat();
    assert!(refusal("set.tar.gz", &name).contains("name"));

    let mut liar = members();
    liar[3].method = 8;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    (0..300).for_each(|_| encoder.write_all(&[0; 1 << 20]).unwrap());
    liar[3].stored = encoder.finish().unwrap();
    let said = refusal("set.zip", &zipped(&liar));
    assert!(said.contains("train/cat/3.jpg"), "{said}");
}

#[test]
fn a_file_that_is_called_like_an_archive_and_is_none_keeps_its_reason() {
    let path: PathBuf = ["set.tar.gz"].iter().collect();
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join(&path)).unwrap();
    let said = refused(folder.path(), &["data", "set.tar.gz"]);
    assert!(said.contains("train/<class>"), "a folder is a folder: {said}");
}
