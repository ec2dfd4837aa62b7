//! Datasets in formats of their own: CIFAR's binary batches.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;
use vitro_tests::command::{refused, works};

use crate::workplace::{gzip, tarball, unpacked};

const CLASSES: [&str; 10] = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// A label and 32×32 pixels: a plane each of red, green and blue.
pub(crate) fn record(label: u8, shade: u8) -> Vec<u8> {
    let plane = |channel: u8| (0..1024).map(move |at| shade.wrapping_mul(channel + 1).wrapping_add(at as u8));
    [label].into_iter().chain((0..3).flat_map(plane)).collect()
}

/// The files of CIFAR-10 with two images of each class in the five batches together and one to test on.
pub(crate) fn cifar() -> Vec<(String, Vec<u8>)> {
    let mut files = vec![("batches.meta.txt".to_owned(), (CLASSES.join("\n") + "\n\n").into_bytes())];
    for batch in 0..5 {
        let records = (0..4).map(|index| record((batch * 4 + index) % 10, batch * 40 + index));
        files.push((format!("data_batch_{}.bin", batch + 1), records.collect::<Vec<_>>().concat()));
    }
    files.push(("test_batch.bin".into(), (0..10).map(|label| record(label, label)).collect::<Vec<_>>().concat()));
    files.into_iter().map(|(name, bytes)| (format!("cifar-10-batches-bin/{name}"), bytes)).collect()
}

fn report(folder: &Path, source: &str) -> Value {
    serde_json::from_str(&works(folder, &["data", source, "--json"])).unwrap()
}

#[test]
fn the_binary_version_of_cifar_is_read_from_a_folder_and_from_its_archive() {
    let folder = TempDir::new().unwrap();
    unpacked(folder.path(), &cifar());
    fs::write(folder.path().join("cifar-10-binary.tar.gz"), gzip(&tarball(&cifar()))).unwrap();
    for source in ["cifar-10-batches-bin", "cifar-10-binary.tar.gz", "."] {
        let report = report(folder.path(), source);
        assert_eq!((&report["train"], &report["test"]), (&20.into(), &10.into()), "{source}");
        assert_eq!((&report["smallest"], &report["largest"]), (&vec![32, 32].into(), &vec![32, 32].into()));
        let classes: Vec<_> = report["classes"].as_array().unwrap().iter().map(|class| class["name"].clone()).collect();
        assert_eq!(classes, CLASSES);
        assert!(
            report["classes"]
                .as_array()
                .unwrap()
                .iter()
                .all(|class| (&class["train"], &class["test"]) == (&2.into(), &1.into()))
        );
    }
}

#[test]
fn the_pixels_of_cifar_are_those_of_its_records() {
    let folder = TempDir::new().unwrap();
    unpacked(folder.path(), &cifar());
    let source = vitro_cli::data::Source::from(folder.path().join("cifar-10-batches-bin").to_string_lossy().as_ref());
    let data = vitro_cli::recipe::Data { source, ..Default::default() };
    let set = vitro_cli::data::open(&data, "cifar".into(), Path::new(".")).unwrap();
    for index in 0..set.test.len() {
        let sample = set.test.sample(index).unwrap();
        let record = record(sample.label as u8, sample.label as u8);
        for (x, y) in [(0, 0), (31, 0), (5, 17), (31, 31)] {
            let expected = [0, 1, 2].map(|channel| record[1 + channel * 1024 + y * 32 + x]);
            assert_eq!(sample.image.pixel(x, y), expected, "image {index} at {x}, {y}");
        }
    }
}

#[test]
fn a_damaged_batch_is_refused_by_name() {
    let changed = |name: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let folder = TempDir::new().unwrap();
        let mut files = cifar();
        let file = files.iter_mut().find(|(path, _)| path.ends_with(name)).unwrap();
        change(&mut file.1);
        unpacked(folder.path(), &files);
        refused(folder.path(), &["data", "cifar-10-batches-bin"])
    };
    let said = changed("data_batch_3.bin", &|bytes| bytes.truncate(3073 * 3 + 100));
    assert!(said.contains("data_batch_3.bin") && said.contains("3073"), "{said}");
    let said = changed("data_batch_2.bin", &|bytes| bytes[3073] = 10);
    assert!(said.contains("data_batch_2.bin") && said.contains("label 10") && said.contains("record 1"), "{said}");
    assert!(changed("test_batch.bin", &Vec::clear).contains("test_batch.bin"));
    assert!(changed("batches.meta.txt", &|bytes| bytes.truncate(20)).contains("batches.meta.txt"));

    let folder = TempDir::new().unwrap();
    let files: Vec<_> = cifar().into_iter().filter(|(path, _)| !path.ends_with("data_batch_4.bin")).collect();
    unpacked(folder.path(), &files);
    assert!(refused(folder.path(), &["data", "cifar-10-batches-bin"]).contains("data_batch_4.bin"));
}

#[test]
fn copies_of_cifar_are_made_from_its_batches() {
    let folder = TempDir::new().unwrap();
    unpacked(folder.path(), &cifar());
    let to = ["-o", "copies", "--only", "fog", "--layout", "npy"];
    works(folder.path(), &[&["corrupt", "cifar-10-batches-bin"], &to[..]].concat());
    assert!(folder.path().join("copies/labels.npy").is_file());
}
