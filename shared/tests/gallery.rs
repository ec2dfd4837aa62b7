//! The gallery in `docs/` shows what the registry holds. Its pixels are not compared.

#[path = "../examples/gallery/page.rs"]
mod page;

use std::fs;
use std::path::{Path, PathBuf};

use vitro::corruption::{ALL, Variant};

/// The images may weigh this much together, bytes.
const MOST: u64 = 1_500_000;

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

#[test]
fn the_text_is_up_to_date() {
    let written = fs::read_to_string(docs().join("corruptions.md")).unwrap();
    assert!(written == page::text(), "docs/corruptions.md is out of date: run `cargo xtask gallery`");
}

#[test]
fn every_corruption_has_its_sentence_and_every_set_of_constants_its_source() {
    for corruption in ALL {
        let (sentence, constants) = page::words(corruption);
        assert!(sentence.ends_with('.') && !constants.is_empty(), "{} has no words in the gallery", corruption.name);
    }
    for variant in Variant::ALL {
        assert!(!page::source(*variant).is_empty(), "{variant} has no source in the gallery");
    }
}

#[test]
fn every_corruption_has_a_strip_and_all_are_light() {
    let sizes = ALL.iter().map(|corruption| {
        let path = docs().join("corruptions").join(format!("{}.jpg", corruption.name));
        fs::metadata(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).len()
    });
    assert!(sizes.sum::<u64>() < MOST);
}
