//! A folder of many files: listed once, remembered, and listed again when it changes.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tempfile::TempDir;
use vitro::image::encode_png;
use vitro_tests::command::{command, text};

use crate::workplace::{image, names};

const EACH: usize = 6000;

/// Two classes of many images, which are all one file.
fn many(folder: &Path) {
    fs::write(folder.join("one.png"), encode_png(&image(1))).unwrap();
    for (split, count) in [("train", EACH), ("test", 10)] {
        for class in ["ant", "bee"] {
            let place = folder.join("set").join(split).join(class);
            fs::create_dir_all(&place).unwrap();
            (0..count).for_each(|index| {
                fs::hard_link(folder.join("one.png"), place.join(format!("{index:05}.png"))).unwrap();
            });
        }
    }
}

/// Gives the folders of the dataset a time of their last change.
fn set_times(folder: &Path, time: SystemTime) {
    for place in ["", "train", "test", "train/ant", "train/bee", "test/ant", "test/bee"] {
        fs::File::open(folder.join("set").join(place)).unwrap().set_modified(time).unwrap();
    }
}

fn training_images(folder: &Path) -> usize {
    let output = command(folder, &["data", "set", "--json"]).env("VITRO_CACHE", folder.join("kept")).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    report["train"].as_u64().unwrap() as usize
}

#[cfg(unix)]
#[test]
fn a_large_folder_is_listed_again_only_when_it_changes() {
    let folder = TempDir::new().unwrap();
    many(folder.path());
    let kept = folder.path().join("kept");
    // It was made just now: another change could have the same time.
    assert_eq!(training_images(folder.path()), 2 * EACH);
    assert!(!kept.exists());

    let long_ago = SystemTime::now() - Duration::from_secs(3600);
    set_times(folder.path(), long_ago);
    assert_eq!(training_images(folder.path()), 2 * EACH);
    assert_eq!(names(&kept).len(), 1);
    // What no folder tells is not seen: the list is the one that was kept.
    let last = format!("set/train/ant/{:05}.png", EACH - 1);
    fs::remove_file(folder.path().join(&last)).unwrap();
    set_times(folder.path(), long_ago);
    assert_eq!(training_images(folder.path()), 2 * EACH);
    fs::hard_link(folder.path().join("one.png"), folder.path().join("set/train/bee/new.png")).unwrap();
    assert_eq!(training_images(folder.path()), 2 * EACH);
    fs::remove_file(folder.path().join("set/train/bee/new.png")).unwrap();
    assert_eq!(training_images(folder.path()), 2 * EACH - 1);
    // A list that was cut short is none. The time is another one than that of the first list, which would fit again.
    set_times(folder.path(), long_ago + Duration::from_secs(60));
    assert_eq!(training_images(folder.path()), 2 * EACH - 1);
    let list = kept.join(&names(&kept)[0]);
    let bytes = fs::read(&list).unwrap();
    fs::write(&list, &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(training_images(folder.path()), 2 * EACH - 1);
}

/// All images, decoded, would be more than a training may take.
#[cfg(target_os = "linux")]
#[test]
fn images_that_do_not_fit_the_memory_stream_through_it() {
    let folder = TempDir::new().unwrap();
    let bench = ["bench", "--data", "--json", "--place", ".", "--folder-files", "1200"];
    let shards = ["--shard-images", "650", "--shard-side", "1000"];
    let report: Value =
        serde_json::from_str(&vitro_tests::command::works(folder.path(), &[&bench[..], &shards].concat())).unwrap();
    let rows = report["rows"].as_array().unwrap();
    let kinds: Vec<_> =
        rows.iter().map(|row| (row["work"].as_str().unwrap(), row["images"].as_u64().unwrap())).collect();
    assert_eq!(kinds, [("first_start", 1200), ("next_start", 1200), ("epoch", 650)]);
    let number = |row: &Value, key: &str| row[key].as_f64().unwrap();
    assert!(rows.iter().all(|row| number(row, "seconds") > 0.0 && number(row, "peak_memory_mib") > 10.0), "{rows:?}");
    assert!(number(&rows[2], "decoded_mib") > 1800.0 && number(&rows[2], "peak_memory_mib") < 1500.0, "{}", rows[2]);
    // What was made is gone.
    assert!(names(folder.path()).is_empty(), "{:?}", names(folder.path()));
}
