//! `vitro eval` beyond a plain table: intervals, stored benchmarks, class subsets, baselines, sequences.
//!
//! The models are untrained: what is tested is which images and classes a number comes from, not how high it is. Their
//! weights are drawn wide enough that answers depend on the image.

mod classes;
mod finite;
mod from_disk;
mod trees;
mod workplace;

use std::fs;
use std::path::Path;

use burn::prelude::*;
use serde_json::Value;
use tempfile::TempDir;
use vitro::bundle;
use vitro::image::{Rgb8, encode_png};
use vitro::metric::{self, Of};
use vitro_cli::eval::imagenet::{IMAGENET_A, folders};
use vitro_tests::command::works;

use workplace::{
    CELLS, CLASSES, OF_SET, SIDE, evaluated, image, in_memory, misused, model, refused, strings, workplace,
};

#[test]
fn every_number_has_an_interval_around_it() {
    let folder = workplace();
    let found = in_memory(folder.path());
    let ends = |interval: &Value| (interval[0].as_f64().unwrap(), interval[1].as_f64().unwrap());
    let intervals = found["intervals"].as_object().unwrap();
    for name in ["clean_top1", "clean_top5", "corruption_error_mean", "added_error"] {
        let ((low, high), value) = (ends(&intervals[name]), found[name].as_f64().unwrap());
        assert!(low <= value && value <= high, "{name}: {value} outside of {low}..{high}");
    }
    for metric in metric::ALL {
        for name in [metric.key.to_owned(), metric.corrupted_key()] {
            let ((low, high), value) = (ends(&intervals[&name]), found[&name].as_f64().unwrap());
            assert!(low <= high && metric.unit.holds(value), "{name}: {value}");
            // Chance alone can move all draws of a distance away from it.
            assert!(matches!(metric.of, Of::Distance(_)) || (low <= value && value <= high), "{name}: {value}");
        }
        for cell in found["per_cell"].as_array().unwrap() {
            let score = &cell["scores"][metric.key];
            let ((low, high), value) = (ends(&score["interval"]), score["value"].as_f64().unwrap());
            assert!(low <= high && metric.unit.holds(value), "{cell}");
        }
    }
    assert_eq!((intervals.len(), found["per_cell"].as_array().unwrap().len()), (4 + 2 * metric::ALL.len(), 9));
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
    let heads: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    assert!(metric::ALL.iter().all(|metric| heads.contains(&metric.key)), "{heads:?}");
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
    assert!(table.contains("mean corruption error, %"), "{table}");
    assert!(metric::ALL.iter().all(|metric| table.contains(&format!("| {} ", metric.heading()))), "{table}");
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
            fs::write(file, encode_png(&image(label, index))).unwrap();
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
        manifest.preprocess.normalise(&manifest.preprocess.prepare(&image(label, index)), &mut pixels);
        let input = TensorData::new(pixels, [1, 3, SIDE, SIDE]);
        let logits = model.forward(Tensor::<4>::from_data(input, &Device::flex())).into_data();
        let logits = logits.try_to_vec::<f32>().unwrap();
        right += usize::from((logits[4] > logits[1]) == (label == 1));
    }
    assert!((found["clean_top1"].as_f64().unwrap() - right as f64 / 24.0).abs() < 1e-12);

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
    assert!(refusal(&[&cells[..], &["--limit", "6"]].concat()).contains("other images"));
    assert!(refusal(&[&cells[..], &["--seed", "1"]].concat()).contains("other corrupted images"));
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
fn stability_is_measured_on_the_ten_sequences_of_the_test() {
    let folder = TempDir::new().unwrap();
    let place = folder.path();
    // A trained model, whose answers depend on more than the largest change of an image.
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
