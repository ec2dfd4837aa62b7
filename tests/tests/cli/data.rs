//! Datasets in folders and archives: what is read, and what is refused.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use serde_json::Value;
use vitro::image::encode_jpeg;
use vitro_tests::command::{refused, text, vitro, works};

use crate::workplace::{collect, gzip, image, images, names, numbers, tarball, train, unpacked, workplace, zstd};

#[test]
fn the_same_images_come_from_a_folder_and_from_every_archive() {
    let folder = workplace();
    let files = images();
    unpacked(folder.path(), &files);
    let tar = tarball(&files);
    fs::write(folder.path().join("set.tar.gz"), gzip(&tar)).unwrap();
    fs::write(folder.path().join("set.tar.zst"), zstd(&tar)).unwrap();
    let mut zip = zip::ZipWriter::new(fs::File::create(folder.path().join("set.zip")).unwrap());
    for (path, bytes) in &files {
        zip.start_file(path.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();

    let run = |source: &str| {
        let out = format!("run-{source}");
        let source = format!("data.source={source}");
        let more = ["--set", &source, "--set", "epochs=1", "--set", "train_size=0", "--set", "test_size=0"];
        train(folder.path(), &out, &[&more[..], &["--set", "batch=8"]].concat());
        numbers(&folder.path().join(out))
    };
    let from_folder = run("set");
    for archive in ["set.tar.gz", "set.tar.zst", "set.zip"] {
        assert_eq!(run(archive), from_folder, "{archive}");
    }
}

#[test]
fn corrupt_writes_a_tree_and_the_same_bytes_every_time() {
    let folder = workplace();
    unpacked(folder.path(), &images());
    fs::write(folder.path().join("set.tar.gz"), gzip(&tarball(&images()))).unwrap();
    let options = ["--only", "fog,gaussian_noise", "--severity", "2"];
    works(folder.path(), &[&["corrupt", "set", "-o", "a"], &options[..]].concat());
    works(folder.path(), &[&["corrupt", "set.tar.gz", "-o", "b"], &options[..]].concat());
    let tree = |root: &str| {
        let mut files = Vec::new();
        collect(&folder.path().join(root), &folder.path().join(root), &mut files);
        files
    };
    let files = tree("a");
    assert_eq!(files.len(), 8);
    assert_eq!(files[0].0, PathBuf::from("fog/2/bright/0.png"));
    assert!(files == tree("b"), "the archive gives other bytes");
}

#[test]
fn data_counts_classes_and_draws_a_sheet() {
    let folder = workplace();
    unpacked(folder.path(), &images());
    let said: Value =
        serde_json::from_str(&works(folder.path(), &["data", "set", "--json", "--sheet", "sheet.png"])).unwrap();
    assert_eq!((&said["train"], &said["test"]), (&20.into(), &4.into()));
    assert_eq!(said["classes"][1]["name"], "dark");
    assert!(fs::read(folder.path().join("sheet.png")).unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn data_that_are_missing_or_damaged_are_refused() {
    let folder = workplace();
    let files = images();
    let tar = tarball(&files);
    let (gz, zst) = (gzip(&tar), zstd(&tar));
    fs::write(folder.path().join("cut.tar"), &tar[..tar.len() / 2]).unwrap();
    fs::write(folder.path().join("cut.tar.gz"), &gz[..gz.len() / 2]).unwrap();
    fs::write(folder.path().join("cut.tar.zst"), &zst[..zst.len() / 2]).unwrap();
    fs::write(folder.path().join("tail.tar.zst"), &zst[..zst.len() - 3]).unwrap();
    fs::write(folder.path().join("cut.zip"), b"PK\x03\x04").unwrap();
    fs::write(folder.path().join("empty.tar.gz"), b"").unwrap();
    for archive in ["cut.tar", "cut.tar.gz", "cut.tar.zst", "tail.tar.zst", "cut.zip", "empty.tar.gz"] {
        let said = refused(folder.path(), &["data", archive]);
        assert!(said.contains("download or copy it again"), "{archive}: {said}");
    }
    assert!(refused(folder.path(), &["data", "nowhere.zip"]).contains("nowhere.zip"));
    assert_eq!(names(folder.path()).iter().filter(|name| name.contains("unfinished")).count(), 0);
}

#[test]
fn folders_that_are_no_data_set_are_refused() {
    let folder = workplace();
    unpacked(folder.path(), &images());
    unpacked(folder.path(), &[("set/train/dark/notes.txt".into(), b"hello".to_vec())]);
    assert!(refused(folder.path(), &["data", "set"]).contains("train/dark/notes.txt"));
    fs::remove_file(folder.path().join("set/train/dark/notes.txt")).unwrap();
    unpacked(folder.path(), &[("set/test/drak/0.jpg".into(), encode_jpeg(&image(0), 90))]);
    let said = refused(folder.path(), &["data", "set"]);
    assert!(said.contains("`drak`") && said.contains("`dark`"), "{said}");
    fs::create_dir(folder.path().join("void")).unwrap();
    assert!(refused(folder.path(), &["data", "void"]).contains("train/<class>"));
}

#[test]
fn images_that_cannot_be_shown_are_refused() {
    let folder = workplace();
    let bmp = |width: i32, height: i32| {
        let mut bytes = vec![0u8; 54];
        bytes[..2].copy_from_slice(b"BM");
        (bytes[10], bytes[14], bytes[26], bytes[28]) = (54, 40, 1, 24);
        bytes[18..22].copy_from_slice(&width.to_le_bytes());
        bytes[22..26].copy_from_slice(&height.to_le_bytes());
        bytes
    };
    fs::write(folder.path().join("huge.bmp"), bmp(20_000, 20_000)).unwrap();
    fs::write(folder.path().join("empty.bmp"), bmp(0, 7)).unwrap();
    fs::write(folder.path().join("text.png"), b"hello").unwrap();
    assert!(refused(folder.path(), &["explain", "huge.bmp"]).contains("100 megapixels"));
    let said = refused(folder.path(), &["explain", "empty.bmp"]);
    assert!(said.contains("0×7") && said.contains("no pixels"), "{said}");
    assert!(refused(folder.path(), &["explain", "text.png"]).contains("JPEG, PNG"));
    for name in ["huge.bmp", "empty.bmp", "text.png"] {
        refused(folder.path(), &["corrupt", name, "-o", "out", "--only", "fog", "--severity", "1"]);
    }
    let left = names(folder.path());
    assert!(left.iter().all(|name| !name.starts_with("out")), "{left:?}");
}

#[test]
fn unknown_corruptions_and_severities_are_refused() {
    let folder = workplace();
    train(folder.path(), "run", &["--set", "epochs=1"]);
    assert!(refused(folder.path(), &["eval", "run", "--only", "fogg"]).contains("`fog`"));
    assert!(refused(folder.path(), &["eval", "run", "--severity", "6"]).contains("1 (weak) to 5 (strong)"));
}

#[test]
fn a_check_names_what_is_damaged_and_what_is_there_twice() {
    let folder = workplace();
    let classes = ["train/bright", "train/dark", "test/bright", "test/dark"];
    // Each of its own pixels.
    let file = |(place, class): (usize, &&str)| {
        let name = |index: usize| (format!("set/{class}/{index}.jpg"), encode_jpeg(&image(6 * place + index), 90));
        (0..6).map(name).collect::<Vec<_>>()
    };
    unpacked(folder.path(), &classes.iter().enumerate().flat_map(file).collect::<Vec<_>>());
    let said = works(folder.path(), &["data", "set", "--check"]);
    assert!(said.contains("looked at 24 images"), "{said}");

    let set = folder.path().join("set");
    // The same pixels under another name in the other split, and under another class.
    fs::copy(set.join("train/bright/3.jpg"), set.join("test/bright/again.jpg")).unwrap();
    fs::copy(set.join("train/bright/4.jpg"), set.join("train/dark/wrong.jpg")).unwrap();
    let whole = fs::read(set.join("test/dark/1.jpg")).unwrap();
    fs::write(set.join("test/dark/1.jpg"), &whole[..whole.len() / 2]).unwrap();
    let output = vitro(folder.path(), &["data", "set", "--check", "--json"]);
    assert_eq!(output.status.code(), Some(2));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let names = |kind: &str| found[kind].to_string();
    assert!(names("damaged").contains("test/dark/1.jpg"), "{found}");
    assert!(
        names("shared").contains("train/bright/3.jpg") && names("shared").contains("test/bright/again.jpg"),
        "{found}"
    );
    assert!(names("contradictory").contains("train/dark/wrong.jpg"), "{found}");
    let said = text(&output.stderr);
    assert!(said.contains("1 damaged, 1 in two splits, 1 with two labels"), "{said}");
}
