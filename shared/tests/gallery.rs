//! The gallery in `docs/` shows what the registry holds. Its pixels are not compared.

#[path = "../examples/gallery/page.rs"]
mod page;

use std::fs;
use std::path::{Path, PathBuf};

use vitro::corruption::ALL;

/// The images may weigh this much together, bytes.
const MOST: u64 = 2_800_000;

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

#[test]
fn the_text_is_up_to_date() {
    let written = fs::read_to_string(docs().join("corruptions.md")).unwrap();
    assert!(written == page::text(), "docs/corruptions.md is out of date: run `cargo xtask gallery`");
}

#[test]
fn every_corruption_has_a_strip_and_all_are_light() {
    let sizes = ALL.iter().map(|corruption| {
        let path = docs().join("corruptions").join(format!("{}.jpg", corruption.name));
        fs::metadata(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).len()
    });
    assert!(sizes.sum::<u64>() < MOST);
}
