//! Which class a folder is: by name, in any order; never by its place.
//!
//! The models always give one answer, and every class has another number of images: the accuracy tells which class the answer
//! was taken for.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use vitro::image::{Rgb8, encode_png};
use vitro_cli::eval::imagenet;

use crate::workplace::{SIDE, always, evaluated, refused, strings};

/// `root/<class>/…`: one image of the first class, two of the second, and so on.
fn folders(root: &Path, classes: &[&str]) {
    for (place, class) in classes.iter().enumerate() {
        fs::create_dir_all(root.join(class)).unwrap();
        for index in 0..=place {
            let image = Rgb8::from_fn(SIDE, SIDE, |x, y| [(x * 3 + place) as u8, (y * 5) as u8, (index * 9) as u8]);
            fs::write(root.join(class).join(format!("{index}.png")), encode_png(&image)).unwrap();
        }
    }
}

/// A dataset whose splits are the same.
fn dataset(place: &Path, classes: &[&str]) {
    for split in ["train", "test"] {
        folders(&place.join("set").join(split), classes);
    }
}

/// Of `evaluation` in `place`, images that were right, by its accuracy.
fn right(place: &Path, arguments: &[&str], images: usize) -> (f64, Vec<String>) {
    let found = evaluated(place, &[&["m.safetensors"], arguments].concat());
    assert_eq!(found["n_images"], images);
    let remarks = found["remarks"].as_array().into_iter().flatten();
    let remarks = remarks.map(|remark| remark.as_str().unwrap().to_owned()).collect();
    (found["clean_top1"].as_f64().unwrap() * images as f64, remarks)
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found} for {expected}");
}

const CLEAN: [&str; 3] = ["--data", "set", "--clean"];

#[test]
fn classes_in_another_order_or_spelling_are_paired_by_name() {
    let folder = TempDir::new().unwrap();
    let place = folder.path();
    dataset(place, &["Gas_Pump", "chain-saw", "tench"]);
    folders(&place.join("C/fog/1"), &["Gas_Pump", "chain-saw", "tench"]);
    for (column, images) in [(0, 3.0), (1, 1.0), (2, 2.0)] {
        always(place, "m", &strings(&["tench", "gas pump", "Chain Saw"]), column);
        let (found, remarks) = right(place, &CLEAN, 6);
        near(found, images);
        assert_eq!(remarks, Vec::<String>::new());
        let stored = evaluated(place, &["m.safetensors", "--data", "set", "--stored", "C", "--only", "fog"]);
        near(stored["per_cell"][0]["top1"].as_f64().unwrap() * 6.0, images);
    }
}

#[test]
fn other_names_of_cifar_are_remarked_on() {
    let folder = TempDir::new().unwrap();
    let place = folder.path();
    dataset(place, &["bird", "car", "plane"]);
    always(place, "m", &strings(&["airplane", "automobile", "bird"]), 1);
    let (found, remarks) = right(place, &CLEAN, 6);
    near(found, 2.0);
    assert!(remarks.iter().any(|remark| remark.contains("car is automobile")), "{remarks:?}");
}

#[test]
fn numbers_are_the_classes_of_a_model_without_names() {
    let folder = TempDir::new().unwrap();
    let place = folder.path();
    let numbers: Vec<String> = (0..12).map(|number| number.to_string()).collect();
    dataset(place, &numbers.iter().map(String::as_str).collect::<Vec<_>>());
    let classes: Vec<String> = (0..12).map(|number| format!("class {number}")).collect();
    always(place, "m", &classes, 2);
    near(right(place, &CLEAN, 78).0, 3.0);
    // The same when the person lists the columns in the order of the folders.
    fs::write(place.join("all.json"), format!("{:?}", (0..12).collect::<Vec<_>>())).unwrap();
    near(right(place, &["--data", "set", "--classes", "all.json"], 78).0, 3.0);
}

#[test]
fn folders_that_are_not_the_models_classes_are_refused_with_a_way_out() {
    let folder = TempDir::new().unwrap();
    let place = folder.path();
    dataset(place, &["dark", "light"]);
    let eval = ["eval", "m.safetensors", "--data", "set", "--clean", "--device", "cpu"];
    for classes in [["Dark Thing", "Light Thing"], ["class 0", "class 1"]] {
        always(place, "m", &strings(&classes), 0);
        let said = refused(place, &eval);
        assert!(said.contains("--classes") && said.contains("`dark`"), "{said}");
    }
    // The way out works.
    fs::write(place.join("list.json"), "[1, 0]").unwrap();
    near(right(place, &["--data", "set", "--classes", "list.json"], 3).0, 2.0);
}

#[test]
fn a_few_classes_of_imagenet_are_columns_of_its_thousand() {
    let folder = TempDir::new().unwrap();
    let place = folder.path();
    let columns = [0, 217, 482, 491, 497, 566, 569, 571, 574, 701];
    let all = imagenet::folders();
    let ids: Vec<&str> = columns.iter().map(|column| all[*column].as_str()).collect();
    dataset(place, &ids);
    folders(&place.join("C/fog/1"), &ids);
    fs::write(place.join("list.json"), format!("{columns:?}")).unwrap();
    let nameless: Vec<String> = (0..1000).map(|number| format!("class {number}")).collect();
    always(place, "m", &nameless, 217);
    let (found, remarks) = right(place, &CLEAN, 55);
    near(found, 2.0);
    assert!(remarks.iter().any(|remark| remark.contains("WordNet")), "{remarks:?}");

    let listed = ["--data", "set", "--classes", "list.json"];
    near(right(place, &listed, 55).0, 2.0);
    let stored = [&["m.safetensors"], &listed[..], &["--stored", "C", "--only", "fog", "--severity", "1"]].concat();
    near(evaluated(place, &stored)["per_cell"][0]["top1"].as_f64().unwrap() * 55.0, 2.0);
    fs::remove_dir_all(place.join("C/fog/1").join(ids[3])).unwrap();
    let said = refused(place, &[&["eval"], &stored[..], &["--device", "cpu"]].concat());
    assert!(said.contains("holds 9 class folders"), "{said}");
}
