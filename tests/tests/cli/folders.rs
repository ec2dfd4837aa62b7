//! Folders of images as people have them: what is read, how classes are numbered, and what is refused by name.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;
use vitro::image::encode_png;
use vitro_tests::command::{refused, works};

use crate::workplace::{image, train, unpacked, workplace};

/// Files that hold an image each.
fn put(folder: &Path, paths: &[String]) {
    let files = paths.iter().enumerate().map(|(index, path)| (path.clone(), encode_png(&image(index))));
    unpacked(folder, &files.collect::<Vec<_>>());
}

/// `count` images of each class in each split.
fn sorted(splits: &[(&str, usize)], classes: &[&str]) -> Vec<String> {
    let of = |split: &str, class: &str, count: usize| {
        (0..count).map(|index| format!("set/{split}/{class}/{index}.png")).collect::<Vec<_>>()
    };
    splits.iter().flat_map(|(split, count)| classes.iter().flat_map(move |class| of(split, class, *count))).collect()
}

/// `class:train:test` of each class.
fn counts(folder: &Path, source: &str) -> Vec<String> {
    let report: Value = serde_json::from_str(&works(folder, &["data", source, "--json"])).unwrap();
    let classes = report["classes"].as_array().unwrap().iter();
    classes.map(|class| format!("{}:{}:{}", class["name"].as_str().unwrap(), class["train"], class["test"])).collect()
}

const SPLITS: [(&str, usize); 2] = [("train", 4), ("test", 2)];

#[test]
fn clutter_and_stray_files_are_no_classes() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), &sorted(&SPLITS, &["ant", "bee"]));
    put(folder.path(), &["set/train/.ipynb_checkpoints/0.png".into(), "set/__MACOSX/train/cow/0.png".into()]);
    let stray = ["train/.DS_Store", "train/ant/Thumbs.db", "test/bee/desktop.ini", "labels.csv", "train/readme.md"];
    unpacked(folder.path(), &stray.map(|path| (format!("set/{path}"), b"x".to_vec())));
    unpacked(folder.path(), &[("set/train/ant/Icon\r".into(), Vec::new())]);
    fs::create_dir(folder.path().join("set/train/dog")).unwrap();
    assert_eq!(counts(folder.path(), "set"), ["ant:4:2", "bee:4:2"]);
}

#[test]
fn splits_are_found_in_capitals_and_under_their_other_names() {
    for (train, test) in [("Train", "TEST"), ("train", "val"), ("training", "Valid"), ("TRAIN", "validation")] {
        let folder = TempDir::new().unwrap();
        put(folder.path(), &sorted(&[(train, 4), (test, 2)], &["ant/deeper", "bee"]));
        assert_eq!(counts(folder.path(), "set"), ["ant:4:2", "bee:4:2"], "{train} {test}");
    }
}

#[test]
fn a_class_that_one_split_lacks_keeps_every_number_or_is_refused_by_name() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), &sorted(&SPLITS, &["ant", "bee", "cow"]));
    fs::remove_dir_all(folder.path().join("set/test/bee")).unwrap();
    assert_eq!(counts(folder.path(), "set"), ["ant:4:2", "bee:4:0", "cow:4:2"]);
    put(folder.path(), &["set/test/emu/0.png".into()]);
    assert!(refused(folder.path(), &["data", "set"]).contains("`emu`"));
}

#[test]
fn numbered_classes_are_in_the_order_of_their_numbers() {
    let folder = TempDir::new().unwrap();
    let numbers: Vec<String> = (0..12).map(|number| number.to_string()).collect();
    put(folder.path(), &sorted(&SPLITS, &numbers.iter().map(String::as_str).collect::<Vec<_>>()));
    let expected: Vec<String> = numbers.iter().map(|number| format!("{number}:4:2")).collect();
    assert_eq!(counts(folder.path(), "set"), expected);
}

#[test]
fn tiny_imagenet_is_read_as_it_is_downloaded() {
    let folder = TempDir::new().unwrap();
    let ids = ["n01443537", "n01629819", "n01641577"];
    let mut list = String::new();
    for (label, id) in ids.iter().enumerate() {
        put(
            folder.path(),
            &(0..4).map(|index| format!("tiny/train/{id}/images/{id}_{index}.JPEG")).collect::<Vec<_>>(),
        );
        unpacked(folder.path(), &[(format!("tiny/train/{id}/{id}_boxes.txt"), b"x\t0\t0\t1\t1".to_vec())]);
        for index in 0..=label {
            let name = format!("val_{label}{index}.JPEG");
            put(folder.path(), &[format!("tiny/val/images/{name}")]);
            list += &format!("{name}\t{id}\t0\t32\t44\t62\n");
        }
    }
    put(folder.path(), &["tiny/test/images/test_0.JPEG".into()]);
    unpacked(folder.path(), &[("tiny/val/val_annotations.txt".into(), list.clone().into_bytes())]);
    unpacked(folder.path(), &[("tiny/wnids.txt".into(), ids.join("\n").into_bytes())]);
    assert_eq!(counts(folder.path(), "tiny"), ["n01443537:4:1", "n01629819:4:2", "n01641577:4:3"]);
    works(folder.path(), &["corrupt", "tiny", "-o", "copies", "--only", "fog", "--severity", "1"]);
    assert!(folder.path().join("copies/fog/1/n01641577").is_dir());

    fs::remove_file(folder.path().join("tiny/val/images/val_21.JPEG")).unwrap();
    let said = refused(folder.path(), &["data", "tiny"]);
    assert!(said.contains("val_annotations.txt") && said.contains("val_21.JPEG"), "{said}");
}

#[test]
fn a_plain_folder_is_evaluated_whole_and_that_is_said() {
    let folder = workplace();
    put(folder.path(), &sorted(&[("train", 10), ("test", 2)], &["dark", "light"]));
    let onto = ["--set", "data.source=set", "--set", "epochs=1", "--set", "batch=5"];
    train(folder.path(), "run", &onto);
    for (name, each) in [("few", 3), ("many", 30)] {
        let paths = ["dark", "light"].map(|class| (0..each).map(move |index| format!("{name}/{class}/{index}.png")));
        put(folder.path(), &paths.into_iter().flatten().collect::<Vec<_>>());
        let said = works(folder.path(), &["eval", "run", "--data", name, "--clean", "--device", "cpu", "--json"]);
        let found: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(found["n_images"], 2 * each, "{name}");
        assert!(found["remarks"].to_string().contains(&format!("All {} images", 2 * each)), "{}", found["remarks"]);
    }
    // The run's own images: what it was tested on.
    for own in ["set", "./set"] {
        let said = works(folder.path(), &["eval", "run", "--data", own, "--clean", "--device", "cpu", "--json"]);
        assert_eq!(serde_json::from_str::<Value>(&said).unwrap()["n_images"], 4);
    }
}

#[test]
fn what_a_run_held_out_is_what_it_is_evaluated_on() {
    let folder = workplace();
    let paths = ["dark", "light"].map(|class| (0..20).map(move |index| format!("plain/{class}/{index:02}.png")));
    put(folder.path(), &paths.into_iter().flatten().collect::<Vec<_>>());
    train(folder.path(), "run", &["--set", "data.source=plain", "--set", "epochs=1", "--set", "batch=5"]);
    for more in [&[][..], &["--data", "plain"], &["--data", "./plain/"]] {
        let said = works(folder.path(), &[&["eval", "run", "--clean", "--device", "cpu", "--json"], more].concat());
        let found: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(found["n_images"], 4, "{more:?}");
        assert!(found["remarks"].to_string().contains("Every tenth"), "{}", found["remarks"]);
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_circles_end_with_a_sentence() {
    use std::os::unix::fs::symlink;
    let folder = TempDir::new().unwrap();
    put(folder.path(), &sorted(&SPLITS, &["ant", "bee"]));
    put(folder.path(), &["elsewhere/0.png".into()]);
    let set = folder.path().join("set");
    symlink(folder.path().join("elsewhere"), set.join("train/cow")).unwrap();
    assert_eq!(counts(folder.path(), "set"), ["ant:4:2", "bee:4:2", "cow:1:0"]);
    symlink("nothing.png", set.join("train/ant/9.png")).unwrap();
    assert!(refused(folder.path(), &["data", "set"]).contains("train/ant/9.png"));
    fs::remove_file(set.join("train/ant/9.png")).unwrap();
    symlink("..", set.join("train/ant/up")).unwrap();
    let said = refused(folder.path(), &["data", "set"]);
    assert!(said.contains("train/ant/up") && said.contains("link"), "{said}");
}

#[cfg(unix)]
#[test]
fn names_that_are_no_text_stay_apart_in_folders_too() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = TempDir::new().unwrap();
    for split in ["train", "test"] {
        for name in [&b"caf\xE8"[..], b"caf\xE9"] {
            let place = folder.path().join("set").join(split).join(OsStr::from_bytes(name));
            // Some file systems have no such names.
            if fs::create_dir_all(&place).is_err() {
                return;
            }
            fs::write(place.join("0.png"), encode_png(&image(0))).unwrap();
        }
    }
    assert_eq!(counts(folder.path(), "set"), ["caf\\xE8:1:1", "caf\\xE9:1:1"]);
}

#[test]
fn a_file_that_is_no_image_by_its_size_is_refused_without_being_read() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), &sorted(&SPLITS, &["ant", "bee"]));
    let huge = fs::File::create(folder.path().join("set/train/ant/huge.png")).unwrap();
    huge.set_len(1 << 40).unwrap();
    let said = refused(folder.path(), &["data", "set"]);
    assert!(said.contains("train/ant/huge.png") && said.contains("256 MiB"), "{said}");
}
