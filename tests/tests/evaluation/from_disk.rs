//! Corrupted images that are read from disk, and frost that is cut from photographs.

use std::fs;
use std::path::Path;

use vitro::corruption::{Severity, Variant, corrupt, find};
use vitro::image::{Preprocess, Rgb8, decode, encode_png};
use vitro_cli::npy::{Kind, Writer, write_integers};
use vitro_tests::command::{vitro, works};

use crate::workplace::{
    CELLS, CLASSES, EACH, OF_SET, SIDE, evaluated, in_memory, misused, model, numbers, refused, stored, strings, tree,
    workplace,
};

#[test]
fn a_stored_tree_gives_the_numbers_of_the_same_corruptions_made_in_memory() {
    let folder = workplace();
    tree(folder.path());
    let (memory, disk) = (in_memory(folder.path()), stored(folder.path(), "tree", &[]));
    assert_eq!(numbers(&memory), numbers(&disk));
    let corrupted = |evaluation: &serde_json::Value| evaluation["protocol"]["corruption"].clone();
    let stored_facts = serde_json::json!({
        "from": "stored", "name": "tree", "layout": "lossless", "size": [SIDE, SIDE], "fitting": "not_resized"
    });
    assert_eq!(corrupted(&disk), stored_facts);
    let memory_facts =
        serde_json::json!({ "from": "memory", "side": SIDE, "variant": "cifar", "seed": 0, "photographs": 0 });
    assert_eq!(corrupted(&memory), memory_facts);
    let (size, sentence) = (format!("{SIDE}×{SIDE}"), &disk["corruption_source"]);
    assert_eq!(*sentence, format!("stored, tree, lossless files of {size}, not resized"));
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
    assert_eq!(found["remarks"][0], "Not among the stored images: contrast 3.");
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
    let said = refused(place, &["eval", "b.safetensors", "--data", "set", "--device", "cpu"]);
    assert!(said.contains("other classes") && said.contains("`grey`"), "{said}");
}

#[test]
fn small_stored_images_are_enlarged_only_when_asked_to() {
    let folder = workplace();
    works(folder.path(), &[&["corrupt", "set", "-o", "tree", "--size", "24"], &CELLS[..]].concat());
    let said = refused(folder.path(), &[&["eval"], &OF_SET[..], &["--stored", "tree", "--device", "cpu"]].concat());
    assert!(said.contains("24×24") && said.contains("--c-preproc timm"), "{said}");
    let found = stored(folder.path(), "tree", &["--c-preproc", "timm"]);
    assert!(found["corruption_source"].as_str().unwrap().contains("resized"));
}

/// The test images as CIFAR-10-C has them, classes mixed as there.
fn arrays(folder: &Path, root: &str) -> Vec<usize> {
    let root = folder.join(root);
    fs::create_dir_all(&root).unwrap();
    // The order of the dataset: by class, then by file.
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
    assert!(said(&labels[1..]).contains("20 labels for 21 images"));
    assert!(said(&[&labels[1..], &[7]].concat()).contains("3 classes"));
    let mut scrambled = labels.repeat(5);
    scrambled.swap(0, labels.len() - 1);
    assert!(said(&scrambled).contains("other labels"));
    let writer = Writer::open(&place.join("arrays/fog.npy"), Kind::U8, &[5, SIDE, SIDE, 3]).unwrap();
    drop(writer);
    assert!(said(&labels).contains("fog.npy has 5 rows where others have 105"));
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
