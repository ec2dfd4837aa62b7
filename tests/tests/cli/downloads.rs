//! Datasets as they are downloaded: the archives of CIFAR for Python, Parquet of the Hugging Face hub, WebDataset shards.
//!
//! The files were written by numpy, pyarrow and webdataset; `fixtures/sources/make.py` says how.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;
use vitro_cli::data::{self, Images, Purpose, Set, Source};
use vitro_cli::recipe::Data;
use vitro_tests::command::{refused, text, vitro, works};

use crate::sources::{cifar, record};
use crate::workplace::unpacked;

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sources").join(name);
    path.to_string_lossy().into_owned()
}

fn open(source: &str) -> Set {
    let data = Data { source: Source::from(source), ..Default::default() };
    data::open(&data, "set".into(), Path::new(".")).unwrap()
}

/// How many images there are to test something on that never saw them.
fn tested(source: &str) -> usize {
    let data = Data { source: Source::from(source), ..Default::default() };
    data::open_for(Purpose::Testing, &data, "set".into(), Path::new(".")).unwrap().0.test.len()
}

/// `class:train:test` of each class.
fn counts(source: &str) -> Vec<String> {
    let report: Value = serde_json::from_str(&works(Path::new("."), &["data", source, "--json"])).unwrap();
    let classes = report["classes"].as_array().unwrap().iter();
    classes.map(|class| format!("{}:{}:{}", class["name"].as_str().unwrap(), class["train"], class["test"])).collect()
}

/// The numbers of the images in a split, by what `make.py` paints, with their classes; every pixel is compared.
fn painted(set: &Set, images: &dyn Images) -> Vec<(usize, String)> {
    let number = |index: usize| {
        let sample = images.sample(index).unwrap();
        assert_eq!((sample.image.width(), sample.image.height()), (12, 12));
        let red = sample.image.pixel(0, 0)[0];
        for (x, y) in (0..12).flat_map(|y| (0..12).map(move |x| (x, y))) {
            assert_eq!(
                sample.image.pixel(x, y),
                [red, 10 * x as u8, 10 * y as u8],
                "{} at {x}, {y}",
                images.name(index)
            );
        }
        assert_eq!(images.label(index).unwrap(), sample.label);
        (usize::from(red) / 5, set.classes[sample.label].clone())
    };
    let mut numbers: Vec<_> = (0..images.len()).map(number).collect();
    numbers.sort();
    numbers
}

fn expected(numbers: impl Iterator<Item = usize>, class: impl Fn(usize) -> String) -> Vec<(usize, String)> {
    numbers.map(|number| (number, class(number))).collect()
}

fn untarred(folder: &Path, archive: &str) {
    let bytes = fs::read(fixture(archive)).unwrap();
    tar::Archive::new(flate2::read::GzDecoder::new(bytes.as_slice())).unpack(folder).unwrap();
}

#[test]
fn cifar_for_python_gives_the_images_and_names_of_the_binary_version() {
    let folder = TempDir::new().unwrap();
    unpacked(folder.path(), &cifar());
    untarred(folder.path(), "cifar-10-python.tar.gz");
    let binary = open(&folder.path().join("cifar-10-batches-bin").to_string_lossy());
    let unpacked = folder.path().join("cifar-10-batches-py").to_string_lossy().into_owned();
    for source in [fixture("cifar-10-python.tar.gz"), unpacked] {
        let set = open(&source);
        assert_eq!(set.classes, binary.classes);
        for (found, wanted) in [(&set.train, &binary.train), (&set.test, &binary.test)] {
            assert_eq!(found.len(), wanted.len());
            for index in 0..found.len() {
                assert_eq!(found.name(index), wanted.name(index));
                assert_eq!(found.label(index).unwrap(), wanted.label(index).unwrap());
                let (found, wanted) = (found.sample(index).unwrap(), wanted.sample(index).unwrap());
                assert!(found.image.bytes() == wanted.image.bytes(), "image {index} of {source}");
            }
        }
        // The four images of the fixture stand in both splits, and that is said.
        let said = text(&vitro(folder.path(), &["data", &source, "--check"]).stderr);
        assert!(said.contains(": 0 damaged, 4 in two splits, 0 with two labels"), "{said}");
    }
}

#[test]
fn cifar_100_for_python_has_its_fine_classes() {
    let source = fixture("cifar-100-python.tar.gz");
    let set = open(&source);
    assert_eq!((set.classes.len(), set.train.len(), set.test.len()), (100, 100, 2));
    assert_eq!(set.classes[7], "thing 07");
    let sample = set.test.sample(1).unwrap();
    assert_eq!(sample.label, 99);
    let record = record(99, 99);
    for (x, y) in [(0, 0), (31, 0), (5, 17), (31, 31)] {
        let wanted = [0, 1, 2].map(|channel| record[1 + channel * 1024 + y * 32 + x]);
        assert_eq!(sample.image.pixel(x, y), wanted, "at {x}, {y}");
    }
}

#[test]
fn arrays_by_column_hold_the_same_images() {
    let [rows, columns] = ["cifar-100-python.tar.gz", "cifar-100-by-column.tar.gz"].map(|name| open(&fixture(name)));
    for index in 0..rows.test.len() {
        let [one, other] = [&rows, &columns].map(|set| set.test.sample(index).unwrap());
        assert!(one.image.bytes() == other.image.bytes() && one.label == other.label, "image {index}");
    }
}

#[test]
fn a_damaged_pickle_is_refused_by_name() {
    let folder = TempDir::new().unwrap();
    untarred(folder.path(), "cifar-10-python.tar.gz");
    let batch = folder.path().join("cifar-10-batches-py/data_batch_2");
    let whole = fs::read(&batch).unwrap();
    let refusal = |bytes: &[u8]| {
        fs::write(&batch, bytes).unwrap();
        refused(folder.path(), &["data", "cifar-10-batches-py"])
    };
    let said = refusal(&whole[..whole.len() / 2]);
    assert!(said.contains("data_batch_2") && said.contains("cut short"), "{said}");
    let said = refusal(b"cos\nsystem\n(U\x0btouch ownedtR.");
    assert!(said.contains("data_batch_2") && said.contains("no dictionary"), "{said}");
    assert!(!folder.path().join("owned").exists());
    // A label that no class has.
    let label = whole.windows(6).position(|bytes| bytes == b"labels").unwrap();
    let first = label + whole[label..].windows(2).position(|bytes| bytes == b"K\x04").unwrap();
    let mut changed = whole.clone();
    changed[first + 1] = 200;
    let said = refusal(&changed);
    assert!(said.contains("data_batch_2") && said.contains("label 200"), "{said}");
}

#[test]
fn parquet_of_the_hub_is_read_in_every_compression_with_its_class_names() {
    let source = fixture("hub/animals");
    let set = open(&source);
    // Two classes are called crane; the test images have no labels, so the validation images are tested on.
    assert_eq!(set.classes, ["crane (0)", "crane (2)", "jay"]);
    let class = |number: usize| ["crane (0)", "jay", "crane (2)"][number % 3].to_owned();
    assert_eq!(painted(&set, set.train.as_ref()), expected(0..15, class));
    assert_eq!(painted(&set, set.test.as_ref()), expected(15..21, class));
    assert_eq!(counts(&source), ["crane (0):5:2", "crane (2):5:2", "jay:5:2"]);
    assert!(works(Path::new("."), &["data", &source, "--check"]).contains("looked at 21 images"));
}

#[test]
fn the_columns_of_cifar_on_the_hub_are_known() {
    let set = open(&fixture("hub/cifar"));
    let class = |number: usize| ["ant", "bee", "cat", "dog"][number % 4].to_owned();
    assert_eq!(set.classes, ["ant", "bee", "cat", "dog"]);
    assert_eq!(painted(&set, set.train.as_ref()), expected(0..8, class));
    assert_eq!(painted(&set, set.test.as_ref()), expected(8..12, class));
}

#[test]
fn one_parquet_file_and_a_list_of_them_are_datasets() {
    assert_eq!(tested(&fixture("hub/animals/data/train-00000-of-00002.parquet")), 9);
    let list = open(&fixture("hub/animals/data/{train-00000-of-00002,validation-00000-of-00001}.parquet"));
    assert_eq!((list.train.len(), list.test.len()), (9, 6));
}

#[test]
fn damaged_rows_are_named_by_a_check_and_a_cut_file_is_refused() {
    let output = vitro(Path::new("."), &["data", &fixture("hub/damaged"), "--check"]);
    let said = text(&output.stdout) + &text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("row 0000003") && said.contains("row 0000006") && said.contains("2 damaged"), "{said}");

    let folder = TempDir::new().unwrap();
    let bytes = fs::read(fixture("hub/damaged/train.parquet")).unwrap();
    fs::write(folder.path().join("train.parquet"), &bytes[..bytes.len() - 40]).unwrap();
    let said = refused(folder.path(), &["data", "train.parquet"]);
    assert!(said.contains("train.parquet") && said.contains("download it again"), "{said}");
}

#[test]
fn shards_are_read_from_a_folder_and_from_a_list_in_braces() {
    let source = fixture("shards/classes");
    let class = |number: usize| (number % 11).to_string();
    for source in [source.clone(), fixture("shards/classes/{train-0000,train-0001,val-0000}.tar")] {
        let set = open(&source);
        assert_eq!(set.classes, (0..11).map(|label| label.to_string()).collect::<Vec<_>>());
        assert_eq!(painted(&set, set.train.as_ref()), expected(0..22, class));
        assert_eq!(painted(&set, set.test.as_ref()), expected(22..33, class));
    }
    assert_eq!(tested(&fixture("shards/classes/train-{0000..0001}.tar")), 22);
    assert_eq!(tested(&fixture("shards/classes/val-0000.tar")), 11);
    assert!(works(Path::new("."), &["data", &source, "--check"]).contains("looked at 33 images"));
    let said = refused(Path::new("."), &["data", &fixture("shards/classes/train-{0000..0002}.tar")]);
    assert!(said.contains("train-0002.tar"), "{said}");
}

#[test]
fn labels_in_json_are_classes_by_name() {
    let set = open(&fixture("shards/names"));
    let class = |number: usize| ["left", "right"][number % 2].to_owned();
    assert_eq!(painted(&set, set.train.as_ref()), expected(0..6, class));
    assert_eq!(painted(&set, set.test.as_ref()), expected(6..10, class));
}

#[test]
fn a_damaged_sample_is_named_by_a_check_and_a_cut_shard_is_refused() {
    let source = fixture("shards/damaged");
    assert_eq!(open(&source).classes, ["no", "yes"]);
    let output = vitro(Path::new("."), &["data", &source, "--check"]);
    let said = text(&output.stdout) + &text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("000004.png") && said.contains("1 damaged"), "{said}");

    let folder = TempDir::new().unwrap();
    let bytes = fs::read(fixture("shards/classes/train-0000.tar")).unwrap();
    // Within an image, and between two members.
    for length in [512 * 7 + 40, 512 * 8] {
        fs::write(folder.path().join("train-0.tar"), &bytes[..length]).unwrap();
        let said = refused(folder.path(), &["data", "train-{0..0}.tar"]);
        assert!(said.contains("train-0.tar") && said.contains("download it again"), "{said}");
    }
}

#[test]
fn copies_are_made_of_parquet_and_of_shards() {
    let folder = TempDir::new().unwrap();
    for (source, copies) in [("hub/cifar", "of-parquet"), ("shards/names", "of-shards")] {
        let to = ["-o", copies, "--only", "brightness", "--severity", "1"];
        works(folder.path(), &[&["corrupt", &fixture(source)], &to[..]].concat());
        let made: PathBuf = folder.path().join(copies).join("brightness/1");
        assert!(fs::read_dir(made).unwrap().count() >= 2, "{copies}");
    }
}
