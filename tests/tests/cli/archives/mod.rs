//! Archives as other programs write them: everything inside is read, or the archive is refused by name.
//!
//! The set is always the same: two classes, four training and two test images of each. What an archive gives is what unpacking
//! it would give.

mod bounds;
mod formats;
mod names;
mod pack;

use std::fs;

use serde_json::Value;
use tempfile::TempDir;
use vitro::image::encode_jpeg;
use vitro_tests::command::{refused, works};

use crate::workplace::image;

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
