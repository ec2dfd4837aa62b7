//! A folder with a small recipe, images to put into it, and trainings that take seconds.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use safetensors::SafeTensors;
use serde_json::Value;
use tempfile::TempDir;
use vitro::image::{Rgb8, encode_jpeg};
use vitro_tests::command::{command, refusal, works};

pub(crate) const RECIPE: &str = r#"
[data]
image_size = 32
train_size = 48
test_size = 20
[model]
preset = "fan_nano_p4_32"
patch_size = 8
width = 16
depth = 1
heads = 2
class_depth = 1
mlp_ratio = 1
[method]
tap = 2
adl = 1.0
[train]
epochs = 3
batch = 16
workers = 2
"#;

/// A network in which no image sees another: without norms over a batch, and without ADL.
pub(crate) const PLAIN: &str = r#"
[data]
image_size = 32
train_size = 48
test_size = 20
[model]
preset = "vit_nano_p4_32"
patch_size = 8
width = 16
depth = 2
heads = 2
mlp_ratio = 1
[train]
epochs = 2
workers = 2
"#;

pub(crate) fn workplace() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("small.toml"), RECIPE).unwrap();
    folder
}

pub(crate) fn train(folder: &Path, out: &str, more: &[&str]) -> String {
    works(folder, &[&["train", "small.toml", "--device", "cpu", "--out", out], more].concat())
}

/// The numbers of a run without those that depend on the clock.
pub(crate) fn numbers(run: &Path) -> Vec<Value> {
    let lines = fs::read_to_string(run.join("metrics.jsonl")).unwrap();
    let line = |line: &str| {
        let mut epoch: Value = serde_json::from_str(line).unwrap();
        let fields = epoch.as_object_mut().unwrap();
        fields.remove("seconds");
        fields.remove("images_per_second");
        epoch
    };
    lines.lines().map(line).collect()
}

/// What a training leaves behind, without what the clock says.
#[derive(PartialEq)]
pub(crate) struct Remains {
    files: Vec<String>,
    weights: Vec<(String, Vec<u8>)>,
    state: Value,
    numbers: Vec<Value>,
    table: Vec<Vec<String>>,
    curves: Vec<u8>,
}

pub(crate) fn remains(run: &Path) -> Remains {
    let checkpoint = fs::read(run.join("checkpoint.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&checkpoint).unwrap();
    let mut weights: Vec<_> = file.iter().map(|(name, view)| (name.to_owned(), view.data().to_vec())).collect();
    weights.sort();
    let mut state = saved_state(run).unwrap();
    state["seconds"].take();
    for sums in ["sums", "part"] {
        state[sums]["seconds"].take();
    }
    let table = fs::read_to_string(run.join("metrics.csv")).unwrap();
    let names: Vec<&str> = table.lines().next().unwrap().split(',').collect();
    let told = |row: &str| {
        let fields = names.iter().zip(row.split(','));
        fields
            .filter(|(name, _)| !["seconds", "images_per_second"].contains(name))
            .map(|(_, field)| field.into())
            .collect()
    };
    Remains {
        files: self::names(run).into_iter().filter(|name| !name.starts_with("events.")).collect(),
        weights,
        state,
        numbers: numbers(run),
        table: table.lines().map(told).collect(),
        curves: fs::read(run.join("curves.svg")).unwrap(),
    }
}

/// Where the training of a run was when it was last saved.
pub(crate) fn saved_state(run: &Path) -> Option<Value> {
    let checkpoint = fs::read(run.join("checkpoint.safetensors")).ok()?;
    let (_, header) = SafeTensors::read_metadata(&checkpoint).unwrap();
    Some(serde_json::from_str(&header.metadata().as_ref().unwrap()["state"]).unwrap())
}

/// Steps of the last checkpoint.
pub(crate) fn saved_steps(run: &Path) -> Option<u64> {
    saved_state(run)?["step"].as_u64()
}

/// The refusal of a command in which `failure` is arranged, as `vitro-under-test` has it.
pub(crate) fn fails(folder: &Path, failure: &str, arguments: &[&str]) -> String {
    let mut command = command(folder, arguments);
    // A way there would be more than a sentence.
    let output = command.env("VITRO_FAILURE", failure).env_remove("RUST_BACKTRACE").output().unwrap();
    refusal(arguments, &output)
}

pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

pub(crate) fn image(shade: usize) -> Rgb8 {
    Rgb8::from_fn(36, 40, |x, y| [(x * 7 + shade) as u8, (y * 5) as u8, (shade * 40) as u8])
}

/// Files of a small dataset: two classes, `train` and `test`.
pub(crate) fn images() -> Vec<(String, Vec<u8>)> {
    let mut files = vec![("set/README.txt".to_owned(), b"about".to_vec())];
    for (split, count) in [("train", 10), ("test", 2)] {
        for (class, shade) in [("bright", 3), ("dark", 0)] {
            for index in 0..count {
                let path = format!("set/{split}/{class}/{index}.jpg");
                files.push((path, encode_jpeg(&image(shade + index), 90)));
            }
        }
    }
    files
}

pub(crate) fn tarball(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, bytes.as_slice()).unwrap();
    }
    archive.into_inner().unwrap()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

pub(crate) fn unpacked(folder: &Path, files: &[(String, Vec<u8>)]) {
    for (path, bytes) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

pub(crate) fn started(folder: &Path, more: &[&str]) -> Child {
    let arguments = [&["train", "small.toml", "--device", "cpu"], more].concat();
    command(folder, &arguments).stdout(Stdio::null()).spawn().unwrap()
}

pub(crate) fn numbers_so_far(run: &Path) -> usize {
    fs::read_to_string(run.join("metrics.jsonl")).map_or(0, |text| text.lines().count())
}

pub(crate) fn collect(root: &Path, folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for name in names(folder) {
        let path = folder.join(name);
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            files.push((path.strip_prefix(root).unwrap().to_owned(), fs::read(&path).unwrap()));
        }
    }
}
