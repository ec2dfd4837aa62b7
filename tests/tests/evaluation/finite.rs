//! Logits that are not finite are refused with the model, the image and the cell, not counted as an answer.

use std::fs;

use tempfile::TempDir;
use vitro::image::{Rgb8, encode_png};
use vitro_tests::command::works;

use crate::workplace::{CLASSES, OF_SET, SIDE, filled, refused, strings, workplace};

#[test]
fn a_model_without_finite_logits_is_refused_with_its_name_and_the_image() {
    let folder = workplace();
    // Weights that are finite, as a bundle's must be, and overflow in the patch embedding.
    for number in [3e38, -3e38] {
        filled(folder.path(), "a", &strings(&CLASSES), |rank| if rank == 4 { number } else { 0.0 });
        for more in [&["--clean"][..], &["--only", "fog"], &["--clean", "--attack", "pgd"], &["--clean", "--sequences"]]
        {
            let said = refused(folder.path(), &[&["eval"], &OF_SET[..], more, &["--device", "cpu"]].concat());
            assert!(
                said.contains("`a`") && said.contains("0.png (untouched)") && said.contains("not finite"),
                "{said}"
            );
        }
    }
}

#[test]
fn logits_that_overflow_in_one_cell_are_refused_with_the_cell() {
    let folder = TempDir::new().unwrap();
    let place = folder.path();
    // Grey images become almost 0 for the model; bright ones overflow in the patch embedding.
    filled(place, "a", &strings(&CLASSES), |rank| if rank == 4 { 3e36 } else { 0.0 });
    for split in ["train", "test"] {
        for class in CLASSES {
            fs::create_dir_all(place.join("set").join(split).join(class)).unwrap();
            let grey = encode_png(&Rgb8::from_fn(SIDE, SIDE, |_, _| [124, 116, 104]));
            fs::write(place.join("set").join(split).join(class).join("grey.png"), grey).unwrap();
        }
    }
    let cells = ["--only", "brightness", "--severity", "5"];
    works(place, &[&["corrupt", "set", "-o", "tree", "--size", &SIDE.to_string()], &cells[..]].concat());
    works(place, &[&["eval"], &OF_SET[..], &["--clean", "--device", "cpu"]].concat());
    for more in [&[][..], &["--stored", "tree"]] {
        let said = refused(place, &[&["eval"], &OF_SET[..], &cells[..], more, &["--device", "cpu"]].concat());
        assert!(said.contains("grey.png (brightness 5)") && said.contains("not finite"), "{said}");
    }
}
