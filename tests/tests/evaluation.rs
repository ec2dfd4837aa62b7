//! `vitro eval` beyond a plain table: intervals, stored benchmarks, class subsets, baselines, sequences.
//!
//! The models are untrained: what is tested is which pictures and classes a number comes from, not how high it is. Their
//! weights are drawn wide enough that answers depend on the picture.

use std::fs;
use std::path::Path;

use burn::module::{Module, ModuleMapper, Param};
use burn::prelude::*;
use serde_json::Value;
use tempfile::TempDir;
use vitro::bundle::{self, Precision};
use vitro::corruption::{Severity, Variant, corrupt, find};
use vitro::image::{Preprocess, Rgb8, decode, encode_png};
use vitro::model::ModelConfig;
use vitro::model::vit::VitConfig;
use vitro::random::fnv1a;
use vitro_cli::eval::imagenet::{IMAGENET_A, folders};
use vitro_cli::npy::{Kind, Writer, write_integers};
use vitro_tests::command::{refusal, text, vitro, works};
use vitro_tests::small_models::manifest;

const SIDE: usize = 32;
const CLASSES: [&str; 3] = ["bright", "dark", "grey"];
/// Test pictures of each class.
const EACH: usize = 7;

/// Runs what must be refused before anything is printed, and returns the sentence.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = vitro(folder, arguments);
    assert!(output.stdout.is_empty(), "{arguments:?}: {}", text(&output.stdout));
    refusal(arguments, &output)
}

/// Flags that do not go together are refused before anything is looked at, with a usage.
fn misused(folder: &Path, arguments: &[&str]) -> String {
    let output = vitro(folder, arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    text(&output.stderr)
}

/// Evaluates on the processor and reads the JSON.
fn evaluated(folder: &Path, arguments: &[&str]) -> Value {
    let all = [&["eval"], arguments, &["--device", "cpu", "--json"]].concat();
    serde_json::from_str(&works(folder, &all)).unwrap()
}

/// Gives every weight a number between -1/2 and 1/2, from a linear congruential generator.
struct Drawn(u64);

impl Drawn {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    }
}

impl ModuleMapper for Drawn {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| {
            let shape = tensor.shape();
            let values: Vec<f32> = (0..shape.num_elements()).map(|_| self.next()).collect();
            Tensor::from_data(TensorData::new(values, shape), &tensor.device())
        })
    }
}

/// Writes an untrained model of `classes` as `NAME.safetensors`; the name decides the weights.
fn model(folder: &Path, name: &str, classes: &[String]) {
    let config = ModelConfig::Vit(VitConfig::new(SIDE, 8, 16, 1, 2, classes.len()));
    let untrained = config.init(&Device::flex()).unwrap().map(&mut Drawn(fnv1a(name)));
    let mut manifest = manifest(config);
    manifest.name = name.to_owned();
    manifest.classes = classes.to_vec();
    let bytes = bundle::write(&manifest, &untrained, Precision::F32).unwrap();
    fs::write(folder.join(format!("{name}.safetensors")), bytes).unwrap();
}

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Odd sizes, so that resizing is part of what is tested.
fn picture(class: usize, index: usize) -> Rgb8 {
    Rgb8::from_fn(36, 40, |x, y| {
        let wave = (x * (3 + index) + y * (5 + class)) % 64;
        [(wave + class * 80) as u8, (wave * 2) as u8, (index * 30 + y) as u8]
    })
}

/// A folder with a model `a` of three classes and a small data set `set`.
fn workplace() -> TempDir {
    let folder = TempDir::new().unwrap();
    model(folder.path(), "a", &strings(&CLASSES));
    for (class, name) in CLASSES.iter().enumerate() {
        for (split, count) in [("train", 1), ("test", EACH)] {
            let place = folder.path().join("set").join(split).join(name);
            fs::create_dir_all(&place).unwrap();
            for index in 0..count {
                fs::write(place.join(format!("{index}.png")), encode_png(&picture(class, index))).unwrap();
            }
        }
    }
    folder
}

const OF_SET: [&str; 3] = ["a.safetensors", "--data", "set"];
/// Corruptions that draw nothing, so that a written copy and one made for the model are the same.
const CELLS: [&str; 4] = ["--only", "contrast,pixelate,saturate", "--severity", "1,3,5"];

fn in_memory(folder: &Path) -> Value {
    evaluated(folder, &[&OF_SET[..], &CELLS[..]].concat())
}

fn stored(folder: &Path, root: &str, more: &[&str]) -> Value {
    evaluated(folder, &[&OF_SET[..], &CELLS[..], &["--stored", root], more].concat())
}

/// Everything but where the pictures came from.
fn numbers(evaluation: &Value) -> Value {
    let mut numbers = evaluation.clone();
    for key in ["corruption_source", "remarks", "git"] {
        numbers.as_object_mut().unwrap().remove(key);
    }
    numbers
}

fn tree(folder: &Path) {
    let size = SIDE.to_string();
    works(folder, &[&["corrupt", "set", "-o", "tree", "--size", &size], &CELLS[..]].concat());
}

#[test]
fn every_number_has_an_interval_around_it() {
    let folder = workplace();
    let found = in_memory(folder.path());
    let ends = |interval: &Value| (interval[0].as_f64().unwrap(), interval[1].as_f64().unwrap());
    let intervals = found["intervals"].as_object().unwrap();
    for name in
        ["clean_top1", "clean_top5", "corruption_error_mean", "nll", "brier", "nll_corrupted", "brier_corrupted"]
    {
        let (low, high) = ends(&intervals[name]);
        let value = found[name].as_f64().unwrap();
        assert!(low <= value && value <= high, "{name}: {value} outside of {low}..{high}");
    }
    for name in ["ece", "rms_calibration_error", "ece_corrupted", "rms_calibration_error_corrupted"] {
        let (low, high) = ends(&intervals[name]);
        assert!(low <= high && found[name].as_f64().is_some_and(|value| (0.0..=1.0).contains(&value)), "{name}");
    }
    assert_eq!((intervals.len(), found["per_cell"].as_array().unwrap().len()), (11, 9));
    for cell in found["per_cell"].as_array().unwrap() {
        let ((low, high), value) = (ends(&cell["top1_interval"]), cell["top1"].as_f64().unwrap());
        assert!(low <= value && value <= high, "{cell}");
    }
    // Saturate is not of the benchmark.
    assert_eq!(
        (&found["per_corruption"][2]["benchmark"], &found["per_corruption"][0]["benchmark"]),
        (&false.into(), &true.into())
    );
    assert!(found["mce_vs_baseline"].is_null() && found["mce_alexnet"].is_null() && found["relative_mce"].is_null());
}

#[test]
fn a_bundle_has_its_cells_as_csv_too() {
    let folder = workplace();
    let found = evaluated(folder.path(), &[&OF_SET[..], &CELLS[..], &["--csv", "cells.csv"]].concat());
    let csv = fs::read_to_string(folder.path().join("cells.csv")).unwrap();
    let cells = found["per_cell"].as_array().unwrap();
    assert_eq!(csv.lines().count(), 1 + cells.len());
    for (line, cell) in csv.lines().skip(1).zip(cells) {
        let start = format!("{},", cell["corruption"].as_str().unwrap());
        assert!(line.starts_with(&start) && line.contains(&format!(",{},", cell["severity"])), "{line}");
    }
}

#[test]
fn the_table_shows_intervals() {
    let folder = workplace();
    let table = works(folder.path(), &[&["eval"], &OF_SET[..], &CELLS[..], &["--device", "cpu"]].concat());
    let row = table.lines().find(|line| line.starts_with("| contrast ")).unwrap();
    assert_eq!((row.matches('[').count(), row.matches('|').count()), (4, 6), "{row}");
    assert!(table.contains("mean corruption error, %") && table.contains("Brier score"), "{table}");
}

#[test]
fn a_stored_tree_gives_the_numbers_of_the_same_corruptions_made_in_memory() {
    let folder = workplace();
    tree(folder.path());
    let (memory, disk) = (in_memory(folder.path()), stored(folder.path(), "tree", &[]));
    assert_eq!(numbers(&memory), numbers(&disk));
    assert_eq!(disk["corruption_source"], "stored, tree, not resized");
    assert!(memory["corruption_source"].as_str().unwrap().starts_with("in memory, variant cifar"));
    assert!(disk.get("remarks").is_none());

    // A group above, and a folder between class and file.
    let root = folder.path().join("grouped");
    fs::create_dir_all(root.join("digital")).unwrap();
    for name in ["contrast", "pixelate", "saturate"] {
        fs::rename(folder.path().join("tree").join(name), root.join("digital").join(name)).unwrap();
        for (severity, class) in ["1", "3", "5"].iter().flat_map(|severity| CLASSES.map(|class| (severity, class))) {
            let place = root.join("digital").join(name).join(severity).join(class);
            fs::rename(&place, place.with_file_name("moved")).unwrap();
            fs::create_dir(&place).unwrap();
            fs::rename(place.with_file_name("moved"), place.join("images")).unwrap();
        }
    }
    assert_eq!(numbers(&memory), numbers(&stored(folder.path(), "grouped", &[])));

    let limited =
        |more: &[&str]| evaluated(folder.path(), &[&OF_SET[..], &CELLS[..], &["--limit", "6"], more].concat());
    assert_eq!(numbers(&limited(&[])), numbers(&limited(&["--stored", "grouped"])));
}

#[test]
fn what_a_stored_tree_lacks_is_said() {
    let folder = workplace();
    tree(folder.path());
    fs::remove_dir_all(folder.path().join("tree/contrast/3")).unwrap();
    let found = stored(folder.path(), "tree", &[]);
    assert_eq!(found["per_cell"].as_array().unwrap().len(), 8);
    assert_eq!(found["remarks"][0], "Not among the stored pictures: contrast 3.");
    let all = works(folder.path(), &[&["eval"], &OF_SET[..], &["--stored", "tree", "--device", "cpu"]].concat());
    assert!(all.contains("fog 1 2 3 4 5") && all.contains("contrast 2 3 4"), "{all}");
}

#[test]
fn stored_trees_that_do_not_fit_are_refused() {
    let folder = workplace();
    tree(folder.path());
    let place = folder.path();
    let of = |more: &[&str]| refused(place, &[&["eval"], &OF_SET[..], &["--device", "cpu"], more].concat());
    assert!(of(&["--stored", "nowhere"]).contains("not a folder"));
    assert!(of(&["--stored", "set"]).contains("corruption/severity/class/file"));
    assert!(of(&["--stored", "tree", "--only", "fog"]).contains("none of the cells"));
    assert!(misused(place, &["eval", "a.safetensors", "--c-preproc", "timm"]).contains("--stored"));
    assert!(misused(place, &["eval", "a.safetensors", "--stored", "tree", "--clean"]).contains("--clean"));

    fs::remove_file(place.join("tree/pixelate/5/dark/0.png")).unwrap();
    let said = of(&["--stored", "tree"]);
    assert!(said.contains("dark/0.png") && said.contains("pixelate/5"), "{said}");
    assert!(
        vitro(
            place,
            &[&["eval"], &OF_SET[..], &["--stored", "tree", "--only", "contrast", "--device", "cpu"]].concat()
        )
        .status
        .success()
    );

    model(place, "other", &strings(&["bright", "dim", "grey"]));
    let said = refused(place, &["eval", "other.safetensors", "--data", "set", "--device", "cpu"]);
    assert!(said.contains("`dark`"), "{said}");
    model(place, "b", &strings(&["bright", "dark"]));
    assert!(refused(place, &["eval", "b.safetensors", "--data", "set", "--device", "cpu"]).contains("other classes"));
}

#[test]
fn small_stored_pictures_are_enlarged_only_when_asked_to() {
    let folder = workplace();
    works(folder.path(), &[&["corrupt", "set", "-o", "tree", "--size", "24"], &CELLS[..]].concat());
    let said = refused(folder.path(), &[&["eval"], &OF_SET[..], &["--stored", "tree", "--device", "cpu"]].concat());
    assert!(said.contains("24×24") && said.contains("--c-preproc timm"), "{said}");
    let found = stored(folder.path(), "tree", &["--c-preproc", "timm"]);
    assert!(found["corruption_source"].as_str().unwrap().contains("resized"));
}

/// The test pictures as CIFAR-10-C has them, classes mixed as there.
fn arrays(folder: &Path, root: &str) -> Vec<usize> {
    let root = folder.join(root);
    fs::create_dir_all(&root).unwrap();
    // The order of the data set: by class, then by file.
    let mut originals = Vec::new();
    for (class, name) in CLASSES.iter().enumerate() {
        for index in 0..EACH {
            let bytes = fs::read(folder.join(format!("set/test/{name}/{index}.png"))).unwrap();
            originals.push((Preprocess::imagenet(SIDE).prepare(&decode(&bytes).unwrap()), class));
        }
    }
    let count = originals.len();
    for name in ["contrast", "pixelate", "saturate"] {
        let shape = [5 * count, SIDE, SIDE, 3];
        let writer = Writer::open(&root.join(format!("{name}.npy")), Kind::U8, &shape).unwrap();
        for (at, severity) in Severity::ALL.into_iter().enumerate() {
            for (index, (original, _)) in originals.iter().enumerate() {
                let corrupted = corrupt(original, find(name).unwrap(), severity, Variant::Cifar, 0);
                writer.write(at * count + index, corrupted.bytes()).unwrap();
            }
        }
    }
    originals.into_iter().map(|(_, label)| label).collect()
}

#[test]
fn stored_arrays_give_the_numbers_of_the_same_corruptions_made_in_memory() {
    let folder = workplace();
    let labels = arrays(folder.path(), "arrays");
    let file = folder.path().join("arrays/labels.npy");
    let memory = numbers(&in_memory(folder.path()));
    // Once as bytes, once as 64-bit numbers five times over.
    write_integers(&file, &labels).unwrap();
    assert_eq!(memory, numbers(&stored(folder.path(), "arrays", &[])));
    fs::remove_file(&file).unwrap();
    let writer = Writer::open(&file, Kind::I64, &[5 * labels.len()]).unwrap();
    let wide: Vec<u8> = labels.repeat(5).iter().flat_map(|label| (*label as i64).to_le_bytes()).collect();
    writer.write(0, &wide).unwrap();
    assert_eq!(memory, numbers(&stored(folder.path(), "arrays", &[])));
}

#[test]
fn stored_arrays_that_do_not_fit_are_refused() {
    let folder = workplace();
    let labels = arrays(folder.path(), "arrays");
    let place = folder.path();
    let file = place.join("arrays/labels.npy");
    let said = |labels: &[usize]| {
        let _ = fs::remove_file(&file);
        write_integers(&file, labels).unwrap();
        refused(place, &[&["eval"], &OF_SET[..], &["--stored", "arrays", "--device", "cpu"]].concat())
    };
    assert!(said(&labels[1..]).contains("20 labels for 21 pictures"));
    assert!(said(&[&labels[1..], &[7]].concat()).contains("3 classes"));
    let mut scrambled = labels.repeat(5);
    scrambled.swap(0, labels.len() - 1);
    assert!(said(&scrambled).contains("other labels"));
    let writer = Writer::open(&place.join("arrays/fog.npy"), Kind::U8, &[5, SIDE, SIDE, 3]).unwrap();
    drop(writer);
    assert!(said(&labels).contains("fog.npy has 5 rows where others have 105"));
}

#[test]
fn a_subset_of_classes_is_chosen_among_alone() {
    let folder = TempDir::new().unwrap();
    let place = folder.path();
    let classes: Vec<String> = (0..6).map(|index| format!("class {index}")).collect();
    model(place, "six", &classes);
    fs::write(place.join("two.json"), "[1, 4]").unwrap();
    for (label, class) in ["x", "y"].iter().enumerate() {
        fs::create_dir_all(place.join("some").join(class)).unwrap();
        for index in 0..12 {
            let file = place.join("some").join(class).join(format!("{index}.png"));
            fs::write(file, encode_png(&picture(label, index))).unwrap();
        }
    }
    let found = evaluated(place, &["six.safetensors", "--data", "some", "--classes", "two.json"]);
    assert_eq!((&found["n_images"], found["per_cell"].as_array().unwrap().len()), (&24.into(), 0));
    assert_eq!((&found["classes"], &found["clean_top5"]), (&"two: 2 of the model's 6".into(), &1.0.into()));

    // The same by hand.
    let (manifest, model) = bundle::read(&fs::read(place.join("six.safetensors")).unwrap(), &Device::flex()).unwrap();
    let mut right = 0;
    for (label, index) in (0..2).flat_map(|label| (0..12).map(move |index| (label, index))) {
        let mut pixels = Vec::new();
        manifest.preprocess.normalise(&manifest.preprocess.prepare(&picture(label, index)), &mut pixels);
        let input = TensorData::new(pixels, [1, 3, SIDE, SIDE]);
        let logits = model.forward(Tensor::<4>::from_data(input, &Device::flex())).into_data();
        let logits = logits.try_to_vec::<f32>().unwrap();
        right += usize::from((logits[4] > logits[1]) == (label == 1));
    }
    assert_eq!(found["clean_top1"], right as f64 / 24.0);

    let of = |list: &str, data: &str| {
        refused(place, &["eval", "six.safetensors", "--device", "cpu", "--data", data, "--classes", list])
    };
    assert!(of("imagenet-a", "some").contains("needs a model of 1000 classes"));
    fs::write(place.join("three.json"), "[0, 2, 5]").unwrap();
    assert!(of("three.json", "some").contains("2 class folders"));
    fs::write(place.join("far.json"), "[0, 6]").unwrap();
    assert!(of("far.json", "some").contains("7 classes"));
    fs::write(place.join("twice.json"), "[3, 3]").unwrap();
    assert!(of("twice.json", "some").contains("twice"));
    assert!(of("imagenet-c", "some").contains("imagenet-r"));
    assert!(of("two.json", "nowhere").contains("nowhere"));
    assert!(misused(place, &["eval", "six.safetensors", "--classes", "two.json"]).contains("--data"));
}

#[test]
fn imagenet_a_takes_its_two_hundred_folders_and_no_others() {
    let folder = TempDir::new().unwrap();
    let place = folder.path();
    let all = folders();
    model(place, "thousand", &all);
    for column in IMAGENET_A {
        fs::create_dir_all(place.join("ina").join(&all[column])).unwrap();
        let shade = Rgb8::from_fn(SIDE, SIDE, |x, y| [column as u8, x as u8, y as u8]);
        fs::write(place.join("ina").join(&all[column]).join("0.png"), encode_png(&shade)).unwrap();
    }
    fs::write(place.join("ina/README.txt"), "about").unwrap();
    let found = evaluated(place, &["thousand.safetensors", "--data", "ina", "--classes", "imagenet-a"]);
    assert_eq!((&found["n_images"], &found["dataset"]), (&200.into(), &"ina".into()));
    assert_eq!(found["classes"], "imagenet-a: 200 of the model's 1000");
    let said = refused(
        place,
        &["eval", "thousand.safetensors", "--data", "ina", "--classes", "imagenet-r", "--device", "cpu"],
    );
    assert!(said.contains("imagenet-r has n01443537"), "{said}");
}

#[test]
fn a_baseline_is_the_unit_and_must_have_been_measured_on_the_same() {
    let folder = workplace();
    let place = folder.path();
    model(place, "b", &strings(&CLASSES));
    let cells = ["--only", "contrast,pixelate", "--severity", "1,5"];
    let base =
        works(place, &[&["eval"], &OF_SET[..], &cells[..], &["--device", "cpu", "--json", "--out", "a.json"]].concat());
    let base: Value = serde_json::from_str(&base).unwrap();
    fn with<'a>(bundle: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        [&[bundle, "--data", "set", "--baseline", "a.json"], more].concat()
    }

    let own = evaluated(place, &with("a.safetensors", &cells));
    // An untrained model is wrong under every corruption, if not about everything.
    assert_eq!(own["mce_vs_baseline"]["name"], "a");
    assert!((own["mce_vs_baseline"]["value"].as_f64().unwrap() - 100.0).abs() < 1e-9, "{}", own["mce_vs_baseline"]);
    let other = evaluated(place, &with("b.safetensors", &cells));
    let error = |evaluation: &Value, index: usize| evaluation["per_corruption"][index]["error"].as_f64().unwrap();
    let by_hand = 50.0 * (error(&other, 0) / error(&base, 0) + error(&other, 1) / error(&base, 1));
    assert!((other["mce_vs_baseline"]["value"].as_f64().unwrap() - by_hand).abs() < 1e-9);
    assert!(other["intervals"]["mce_vs_baseline"].is_array());
    let clean = |evaluation: &Value| 1.0 - evaluation["clean_top1"].as_f64().unwrap();
    let added: Vec<f64> = (0..2).map(|index| error(&base, index) - clean(&base)).collect();
    match added.iter().all(|added| *added > 0.0) {
        true => {
            let ratios = (0..2).map(|index| (error(&other, index) - clean(&other)) / added[index]);
            let by_hand = 50.0 * ratios.sum::<f64>();
            assert!((other["relative_mce"]["value"].as_f64().unwrap() - by_hand).abs() < 1e-9);
            assert_eq!(other["relative_mce"]["name"], "a");
        }
        false => assert!(other["remarks"][0].as_str().unwrap().contains("No relative mCE against a")),
    }

    let refusal = |more: &[&str]| {
        let more = [more, &["--device", "cpu"]].concat();
        refused(place, &[&["eval"], &with("b.safetensors", &more)[..]].concat())
    };
    assert!(refusal(&["--only", "contrast", "--severity", "1,5"]).contains("other cells"));
    assert!(refusal(&["--only", "contrast,pixelate", "--severity", "1,4"]).contains("other cells"));
    assert!(refusal(&[&cells[..], &["--limit", "6"]].concat()).contains("other pictures"));
    assert!(refusal(&[&cells[..], &["--seed", "1"]].concat()).contains("other corrupted pictures"));
    assert!(refusal(&[&cells[..], &["--variant", "tiny"]].concat()).contains("variant cifar"));
    assert!(
        refused(place, &["eval", "b.safetensors", "--data", "set", "--baseline", "set"])
            .contains("was not evaluated yet")
    );
    fs::write(place.join("no.json"), "{}").unwrap();
    assert!(
        refused(place, &["eval", "b.safetensors", "--data", "set", "--baseline", "no.json"])
            .contains("not an evaluation")
    );
}

#[test]
fn frost_is_cut_from_the_photographs_of_who_has_them() {
    let folder = workplace();
    // One colour, so that it does not matter which part is cut out.
    fs::create_dir(folder.path().join("ice")).unwrap();
    let ice = |width, height| encode_png(&Rgb8::from_fn(width, height, |_, _| [40, 90, 250]));
    fs::write(folder.path().join("ice/one.png"), ice(300, 280)).unwrap();
    let cells = ["--only", "frost", "--severity", "2,5"];
    let size = SIDE.to_string();
    works(
        folder.path(),
        &[&["corrupt", "set", "-o", "tree", "--size", &size, "--frost-dir", "ice"], &cells[..]].concat(),
    );
    let of = |more: &[&str]| evaluated(folder.path(), &[&OF_SET[..], &cells[..], more].concat());
    let (cut, drawn) = (of(&["--frost-dir", "ice"]), of(&[]));
    assert_eq!(numbers(&cut), numbers(&of(&["--stored", "tree"])));
    assert_ne!(numbers(&cut), numbers(&drawn));
    assert!(cut["corruption_source"].as_str().unwrap().ends_with("frost from photographs (1)"));

    let no = |more: &[&str]| refused(folder.path(), &[&["eval"], &OF_SET[..], more].concat());
    assert!(no(&["--only", "fog", "--frost-dir", "ice"]).contains("add frost"));
    fs::write(folder.path().join("ice/one.png"), ice(30, 28)).unwrap();
    assert!(no(&["--frost-dir", "ice"]).contains("too few"));
}

#[test]
fn arrays_of_vitro_corrupt_give_the_numbers_of_the_tree_it_writes() {
    let folder = workplace();
    tree(folder.path());
    let size = SIDE.to_string();
    let arrays = ["corrupt", "set", "-o", "arrays", "--layout", "npy", "--size", &size, CELLS[0], CELLS[1]];
    works(folder.path(), &arrays);
    assert_eq!(numbers(&stored(folder.path(), "tree", &[])), numbers(&stored(folder.path(), "arrays", &[])));
}

#[test]
fn stability_is_measured_on_the_ten_sequences_of_the_test() {
    let folder = TempDir::new().unwrap();
    let place = folder.path();
    // A trained model, whose answers depend on more than the largest change of a picture.
    let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("../zoo/vit.safetensors");
    let clean = [bundle.to_str().unwrap(), "--clean", "--limit", "3", "--sequences"];
    let found = evaluated(place, &[&clean[..], &["--out", "a.json"]].concat());
    let rows = found["stability"].as_array().unwrap();
    assert_eq!((rows.len(), found["per_cell"].as_array().unwrap().len(), &rows[0]["n"]), (10, 0, &3.into()));
    let mean = |key: &str| rows.iter().map(|row| row[key].as_f64().unwrap()).sum::<f64>() / 10.0;
    for (name, key) in [
        ("mean_flip_probability", "flip_probability"),
        ("mean_top5_distance", "top5_distance"),
        ("mean_zipf_distance", "zipf_distance"),
    ] {
        assert!(mean(key) > 0.0 && (found[name].as_f64().unwrap() - mean(key)).abs() < 1e-12, "{name}");
    }
    assert!(found.get("mfr_vs_baseline").is_none() && found.get("mt5d_vs_baseline").is_none());

    let own = evaluated(place, &[&clean[..], &["--baseline", "a.json"]].concat());
    assert_eq!(own["mt5d_vs_baseline"]["name"], found["name"]);
    assert!((own["mt5d_vs_baseline"]["value"].as_f64().unwrap() - 100.0).abs() < 1e-9);
    let steady = rows.iter().any(|row| row["flip_probability"] == 0.0);
    assert_eq!(own.get("mfr_vs_baseline").is_none(), steady, "nothing can be divided by a sequence that never flips");
    assert_eq!(own.get("remarks").is_some(), steady);

    let harder = [&["eval"], &clean[..], &["--difficulty", "2", "--baseline", "a.json", "--device", "cpu"]].concat();
    assert!(refused(place, &harder).contains("other sequences"));
    assert!(refused(place, &[&["eval"], &clean[..], &["--difficulty", "4"]].concat()).contains("1, 2 or 3"));
}
