//! The `vitro` command as a person uses it: what it writes, and how it refuses.
//!
//! Trainings here are as small as they can be: a network of a few thousand weights on a few dozen pictures.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use vitro::bundle;
use vitro::image::{Rgb8, encode_jpeg, encode_png};
use vitro_tests::command::{command, program, refused, text, works};

const RECIPE: &str = r#"
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

fn workplace() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("small.toml"), RECIPE).unwrap();
    folder
}

fn train(folder: &Path, out: &str, more: &[&str]) -> String {
    works(folder, &[&["train", "small.toml", "--device", "cpu", "--out", out], more].concat())
}

/// The numbers of a run without those that depend on the clock.
fn numbers(run: &Path) -> Vec<Value> {
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

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn picture(shade: usize) -> Rgb8 {
    Rgb8::from_fn(36, 40, |x, y| [(x * 7 + shade) as u8, (y * 5) as u8, (shade * 40) as u8])
}

/// Files of a small data set: two classes, `train` and `test`.
fn pictures() -> Vec<(String, Vec<u8>)> {
    let mut files = vec![("set/README.txt".to_owned(), b"about".to_vec())];
    for (split, count) in [("train", 10), ("test", 2)] {
        for (class, shade) in [("bright", 3), ("dark", 0)] {
            for index in 0..count {
                let path = format!("set/{split}/{class}/{index}.jpg");
                files.push((path, encode_jpeg(&picture(shade + index), 90)));
            }
        }
    }
    files
}

fn tarball(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, bytes.as_slice()).unwrap();
    }
    archive.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn unpacked(folder: &Path, files: &[(String, Vec<u8>)]) {
    for (path, bytes) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

#[test]
fn a_run_folder_holds_what_it_takes_to_do_it_again() {
    let folder = workplace();
    let said = train(folder.path(), "run", &["--set", "epochs=2", "--name", "tiny"]);
    assert!(said.contains("epoch 2/2") && said.contains("images/s") && said.contains("left"), "{said}");
    let run = folder.path().join("run");
    let files = ["checkpoint.safetensors", "metrics.csv", "metrics.jsonl", "recipe.toml", "run.json"];
    assert_eq!(names(&run), files);
    let recipe = fs::read_to_string(run.join("recipe.toml")).unwrap();
    assert!(recipe.contains("epochs = 2") && recipe.contains("weight_decay = 0.05"), "{recipe}");
    let facts: Value = serde_json::from_slice(&fs::read(run.join("run.json")).unwrap()).unwrap();
    assert_eq!((&facts["name"], &facts["seed"], &facts["workers"]), (&"tiny".into(), &0.into(), &2.into()));
    assert!(facts["versions"]["burn"].is_string() && facts["device"].is_string());
    assert_eq!(fs::read_to_string(run.join("metrics.csv")).unwrap().lines().count(), 3);
}

#[test]
fn the_same_recipe_gives_the_same_numbers() {
    let folder = workplace();
    train(folder.path(), "a", &["--set", "epochs=1"]);
    train(folder.path(), "b", &["--set", "epochs=1"]);
    assert_eq!(numbers(&folder.path().join("a")), numbers(&folder.path().join("b")));
    train(folder.path(), "c", &["--set", "epochs=1", "--set", "train.seed=1"]);
    assert_ne!(numbers(&folder.path().join("a")), numbers(&folder.path().join("c")));
}

#[test]
fn a_killed_run_goes_on_to_the_same_numbers() {
    let folder = workplace();
    let whole = folder.path().join("whole");
    train(folder.path(), "whole", &[]);

    // A checkpoint after every step, and no mercy as soon as there is one inside the second epoch.
    let every_step = "train.checkpoint_minutes=1e-9";
    let mut child = started(folder.path(), &["--out", "killed", "--set", every_step]);
    let killed = folder.path().join("killed");
    let deadline = Instant::now() + Duration::from_secs(300);
    while numbers_so_far(&killed) < 1 {
        assert!(Instant::now() < deadline && child.try_wait().unwrap().is_none(), "no first epoch to interrupt after");
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();

    works(folder.path(), &["train", "killed", "--resume", "--device", "cpu"]);
    assert_eq!(numbers(&killed), numbers(&whole));
    let weights = |run: &Path| {
        let bytes = fs::read(run.join("checkpoint.safetensors")).unwrap();
        let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        let mut all: Vec<_> = file.iter().map(|(name, view)| (name.to_owned(), view.data().to_vec())).collect();
        all.sort();
        all
    };
    assert!(weights(&killed) == weights(&whole), "the weights differ");
}

fn started(folder: &Path, more: &[&str]) -> Child {
    let arguments = [&["train", "small.toml", "--device", "cpu"], more].concat();
    command(folder, &arguments).stdout(Stdio::null()).spawn().unwrap()
}

fn numbers_so_far(run: &Path) -> usize {
    fs::read_to_string(run.join("metrics.jsonl")).map_or(0, |text| text.lines().count())
}

#[test]
fn a_half_written_line_of_metrics_is_dropped_on_resuming() {
    let folder = workplace();
    train(folder.path(), "run", &["--set", "epochs=1"]);
    let lines = folder.path().join("run/metrics.jsonl");
    let before = numbers(&folder.path().join("run"));
    fs::OpenOptions::new().append(true).open(&lines).unwrap().write_all(b"{\"epoch\":2,\"st").unwrap();
    works(folder.path(), &["train", "run", "--resume", "--device", "cpu"]);
    assert_eq!(numbers(&folder.path().join("run")), before);
}

#[test]
fn a_run_is_evaluated_exported_and_explained() {
    let folder = workplace();
    train(folder.path(), "run", &["--set", "epochs=1"]);
    let table =
        works(folder.path(), &["eval", "run", "--only", "fog,contrast", "--severity", "1,5", "--device", "cpu"]);
    assert!(table.contains("| fog ") && table.contains("clean top-1"), "{table}");
    let found: Value = serde_json::from_slice(&fs::read(folder.path().join("run/eval.json")).unwrap()).unwrap();
    assert_eq!(found["per_cell"].as_array().unwrap().len(), 4);
    assert_eq!(found["method"], "fan+tap+adl");
    assert!(found["mce_alexnet"].is_null() && found["corruption_error_mean"].is_f64());
    assert_eq!(fs::read_to_string(folder.path().join("run/cells.csv")).unwrap().lines().count(), 5);

    works(folder.path(), &["export", "run", "-o", "tiny.safetensors", "--precision", "f32"]);
    let of_bundle = ["eval", "tiny.safetensors", "--only", "fog,contrast", "--severity", "1,5", "--device", "cpu"];
    let again = works(folder.path(), &[&of_bundle[..], &["--json", "--limit", "20"]].concat());
    let again: Value = serde_json::from_str(&again).unwrap();
    assert_eq!(again["clean_top1"], found["clean_top1"]);

    // A bundle that was measured later can carry the numbers, another model's not.
    works(folder.path(), &[&of_bundle[..], &["--limit", "10", "--out", "later.json"]].concat());
    let export = ["export", "tiny.safetensors", "-o", "measured.safetensors", "--results"];
    works(folder.path(), &[&export[..], &["later.json"]].concat());
    let manifest = bundle::read_manifest(&fs::read(folder.path().join("measured.safetensors")).unwrap()).unwrap();
    assert_eq!(manifest.results.unwrap().n_images, 10);
    let later = fs::read_to_string(folder.path().join("later.json")).unwrap();
    let other = later.replace("\"name\": \"", "\"name\": \"not-");
    fs::write(folder.path().join("other.json"), other).unwrap();
    let said = refused(folder.path(), &[&export[..], &["other.json"]].concat());
    assert!(said.contains("measures not-"), "{said}");

    fs::write(folder.path().join("picture.png"), encode_png(&picture(1))).unwrap();
    let explain = ["explain", "picture.png", "--models", "tiny.safetensors", "--corruption", "fog", "--severity", "4"];
    let said: Value = serde_json::from_str(&works(folder.path(), &[&explain[..], &["--json"]].concat())).unwrap();
    let shares = said["models"][0]["probabilities"].as_array().unwrap();
    assert_eq!((shares.len(), &said["corruption"]), (10, &"fog".into()));
    assert!((shares.iter().map(|share| share.as_f64().unwrap()).sum::<f64>() - 1.0).abs() < 1e-5);

    let compared = works(folder.path(), &["compare", "run", "run"]);
    assert!(compared.contains("| fog ") && compared.contains("100.0"), "{compared}");
}

#[test]
fn the_same_pictures_come_from_a_folder_and_from_every_archive() {
    let folder = workplace();
    let files = pictures();
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
    unpacked(folder.path(), &pictures());
    fs::write(folder.path().join("set.tar.gz"), gzip(&tarball(&pictures()))).unwrap();
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

fn collect(root: &Path, folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for name in names(folder) {
        let path = folder.join(name);
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            files.push((path.strip_prefix(root).unwrap().to_owned(), fs::read(&path).unwrap()));
        }
    }
}

#[test]
fn data_counts_classes_and_draws_a_sheet() {
    let folder = workplace();
    unpacked(folder.path(), &pictures());
    let said: Value =
        serde_json::from_str(&works(folder.path(), &["data", "set", "--json", "--sheet", "sheet.png"])).unwrap();
    assert_eq!((&said["train"], &said["test"]), (&20.into(), &4.into()));
    assert_eq!(said["classes"][1]["name"], "dark");
    assert!(fs::read(folder.path().join("sheet.png")).unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn a_recipe_with_an_unknown_key_is_refused_with_the_nearest() {
    let folder = workplace();
    fs::write(folder.path().join("bad.toml"), RECIPE.replace("epochs", "epohcs")).unwrap();
    let said = refused(folder.path(), &["train", "bad.toml", "--out", "run"]);
    assert!(said.contains("`epohcs`") && said.contains("`epochs`"), "{said}");
    let said = refused(folder.path(), &["train", "small.toml", "--set", "model.detph=2", "--out", "run"]);
    assert!(said.contains("`detph`") && said.contains("`depth`"), "{said}");
    fs::write(folder.path().join("bad.toml"), RECIPE.replace("preset =", "presett =")).unwrap();
    let said = refused(folder.path(), &["train", "bad.toml", "--out", "run"]);
    assert!(said.contains("`presett`") && said.contains("`preset`"), "{said}");
    fs::write(folder.path().join("bad.toml"), format!("epochs = 3\n{RECIPE}")).unwrap();
    let said = refused(folder.path(), &["train", "bad.toml", "--out", "run"]);
    assert!(said.contains("`epochs`") && said.contains("belongs to [train]"), "{said}");
    assert!(!folder.path().join("run").exists());
}

#[test]
fn a_run_that_fails_before_its_first_checkpoint_leaves_nothing() {
    let folder = workplace();
    let mut files = pictures();
    files.retain(|(path, _)| path != "set/train/dark/4.jpg");
    unpacked(folder.path(), &files);
    let whole = encode_png(&picture(4));
    let damaged = folder.path().join("set/train/dark/4.png");
    fs::write(&damaged, &whole[..whole.len() / 2]).unwrap();
    fs::create_dir(folder.path().join("mine")).unwrap();
    fs::write(folder.path().join("mine/notes.txt"), "mine").unwrap();

    // Two batches of ten are every picture that there is.
    let onto = ["--set", "data.source=set", "--set", "epochs=1", "--set", "batch=10"];
    let first = ["--set", "start.data.source=set", "--set", "start.epochs=1", "--set", "start.batch=10"];
    let chain = [&onto[..], &first, &["--set", "train.start=small.toml"]].concat();
    for (out, more) in [("runs/a", &onto[..]), ("runs/a", &chain[..]), ("mine", &onto[..]), ("mine", &chain[..])] {
        let fixed = ["train", "small.toml", "--device", "cpu", "--out", out];
        let said = refused(folder.path(), &[&fixed[..], more].concat());
        assert!(said.contains("train/dark/4.png"), "{said}");
        assert!(!folder.path().join("runs").exists(), "{out} {more:?}");
        assert_eq!(names(&folder.path().join("mine")), ["notes.txt"]);
    }

    fs::write(&damaged, whole).unwrap();
    train(folder.path(), "runs/a", &onto);
    train(folder.path(), "mine", &chain);
    for run in ["runs/a", "mine", "mine/start"] {
        assert!(folder.path().join(run).join("checkpoint.safetensors").is_file(), "{run}");
    }
}

/// A start that is trained already is worth keeping when what follows it fails.
#[test]
fn a_run_that_fails_after_a_checkpoint_stays_and_goes_on() {
    let folder = workplace();
    unpacked(folder.path(), &pictures());
    let last = folder.path().join("set/train/dark/last.png");
    let whole = encode_png(&picture(9));
    fs::write(&last, &whole[..whole.len() / 2]).unwrap();
    // The start learns from two pictures of each class, the first and one of the middle: never the damaged one.
    let first = ["start.data.source=set", "start.train_size=4", "start.batch=4", "start.epochs=1"];
    let then = ["data.source=set", "train.start=small.toml", "epochs=1", "batch=21"];
    let changes: Vec<&str> = first.iter().chain(&then).flat_map(|change| ["--set", *change]).collect();
    let fixed = ["train", "small.toml", "--device", "cpu", "--out", "run"];
    assert!(refused(folder.path(), &[&fixed[..], &changes[..]].concat()).contains("train/dark/last.png"));

    fs::write(&last, whole).unwrap();
    works(folder.path(), &["train", "run", "--resume", "--device", "cpu"]);
    assert_eq!(numbers(&folder.path().join("run")).iter().filter(|line| line["test_top1"].is_f64()).count(), 1);
}

#[test]
fn data_that_are_missing_or_damaged_are_refused() {
    let folder = workplace();
    let files = pictures();
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
    unpacked(folder.path(), &pictures());
    unpacked(folder.path(), &[("set/train/dark/notes.txt".into(), b"hello".to_vec())]);
    assert!(refused(folder.path(), &["data", "set"]).contains("train/dark/notes.txt"));
    fs::remove_file(folder.path().join("set/train/dark/notes.txt")).unwrap();
    unpacked(folder.path(), &[("set/test/drak/0.jpg".into(), encode_jpeg(&picture(0), 90))]);
    let said = refused(folder.path(), &["data", "set"]);
    assert!(said.contains("`drak`") && said.contains("`dark`"), "{said}");
    fs::create_dir(folder.path().join("void")).unwrap();
    assert!(refused(folder.path(), &["data", "void"]).contains("train/<class>"));
}

#[test]
fn pictures_that_cannot_be_shown_are_refused() {
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
fn a_damaged_bundle_is_refused_by_its_hash() {
    let folder = workplace();
    train(folder.path(), "run", &["--set", "epochs=1"]);
    works(folder.path(), &["export", "run", "-o", "tiny.safetensors"]);
    let path = folder.path().join("tiny.safetensors");
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert!(refused(folder.path(), &["eval", "tiny.safetensors", "--device", "cpu"]).contains("hash"));
}

#[test]
fn a_second_run_does_not_overwrite_the_first() {
    let folder = workplace();
    train(folder.path(), "run", &["--set", "epochs=1"]);
    let said = refused(folder.path(), &["train", "small.toml", "--out", "run"]);
    assert!(said.contains("--resume"), "{said}");
    assert!(refused(folder.path(), &["train", "elsewhere", "--resume"]).contains("elsewhere"));
}

/// A file-size limit stands for a full disk: the write fails half-way.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_last_good_checkpoint() {
    let folder = workplace();
    train(folder.path(), "run", &["--set", "epochs=1"]);
    let checkpoint = folder.path().join("run/checkpoint.safetensors");
    let recipe = folder.path().join("run/recipe.toml");
    let more = fs::read_to_string(&recipe).unwrap().replace("epochs = 1", "epochs = 2");
    fs::write(&recipe, more).unwrap();
    // The finished run goes on when its recipe asks for more, as far as the disk lets it.
    let good = fs::read(&checkpoint).unwrap();
    let program = program();
    let script = format!("trap '' XFSZ; ulimit -f 8; exec {} train run --resume --device cpu", program.display());
    let output = Command::new("bash").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("checkpoint.safetensors") && said.contains("free some space"), "{said}");
    assert!(fs::read(&checkpoint).unwrap() == good, "the checkpoint changed");
    assert_eq!(names(&folder.path().join("run")).iter().filter(|name| name.contains("unfinished")).count(), 0);
}

#[test]
fn a_bench_that_fits_no_machine_is_refused() {
    let folder = workplace();
    let bench = |more: &[&str]| refused(folder.path(), &[&["bench", "vit_nano_p4_32"], more].concat());
    for count in ["0", "999999999999"] {
        assert!(bench(&["--batch", count]).contains("take 1 to 4096 pictures"));
        assert!(bench(&["--classes", count]).contains("take 1 to 100000"));
    }
    assert!(bench(&["--runs", "0"]).contains("at least 1"));
    assert!(refused(folder.path(), &["bench", "vit_nano_p4_3"]).contains("vit_nano_p4_32"));
    let said =
        works(folder.path(), &["bench", "vit_nano_p4_32", "--device", "cpu", "--batch", "1,2", "--runs", "1", "--csv"]);
    assert_eq!(said.lines().count(), 4, "{said}");
}

#[test]
fn unknown_corruptions_and_severities_are_refused() {
    let folder = workplace();
    train(folder.path(), "run", &["--set", "epochs=1"]);
    assert!(refused(folder.path(), &["eval", "run", "--only", "fogg"]).contains("`fog`"));
    assert!(refused(folder.path(), &["eval", "run", "--severity", "6"]).contains("1 (weak) to 5 (strong)"));
}
