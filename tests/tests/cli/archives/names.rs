//! Members: what their names, links and repetitions lead to, and what is no image.

use vitro::image::encode_jpeg;

use super::pack::{Member, link, members, put, tar_with, zipped};
use super::{WHOLE, counts, refusal, report, set};
use crate::workplace::image;

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
