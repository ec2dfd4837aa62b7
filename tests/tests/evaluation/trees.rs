//! Trees of stored images as people have them: unpacked with or without the group, with what systems leave in folders.

use std::fs;
use std::path::Path;

use vitro_tests::command::refused;

use crate::workplace::{CELLS, CLASSES, OF_SET, in_memory, numbers, stored, tree, workplace};

/// The folders of `tree`, and the group that each may lie in.
const GROUPED: [(&str, &str); 3] = [("contrast", "digital"), ("pixelate", "digital"), ("saturate", "extra")];

#[test]
fn what_systems_leave_in_a_tree_is_overlooked() {
    let folder = workplace();
    tree(folder.path());
    let root = folder.path().join("tree");
    let clutter = [
        ".DS_Store",
        "contrast/.DS_Store",
        "contrast/1/._dark",
        "contrast/1/dark/.DS_Store",
        "contrast/1/dark/._0.png",
        "contrast/1/dark/Thumbs.db",
        "__MACOSX/contrast/1/dark/._0.png",
        "__MACOSX/contrast/1/dark/0.png",
        "contrast/1/__MACOSX/0.png",
        "digital.tar",
        "README.txt",
    ];
    for path in clutter {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, b"\0\x05\x16\x07x").unwrap();
    }
    assert_eq!(numbers(&stored(folder.path(), "tree", &[])), numbers(&in_memory(folder.path())));
}

#[test]
fn groups_top_folders_and_capitals_are_found() {
    let folder = workplace();
    tree(folder.path());
    let memory = numbers(&in_memory(folder.path()));
    let root = folder.path().join("tree");
    for (name, group) in GROUPED {
        fs::create_dir_all(root.join("ImageNet-C").join(group)).unwrap();
        fs::rename(root.join(name), root.join("ImageNet-C").join(group).join(name.to_uppercase())).unwrap();
    }
    assert_eq!(memory, numbers(&stored(folder.path(), "tree", &[])));

    let capitals = |place: &Path| fs::rename(place, place.with_extension("PNG")).unwrap();
    for (name, group) in GROUPED {
        for (severity, class) in ["1", "3", "5"].iter().flat_map(|severity| CLASSES.map(|class| (severity, class))) {
            let place = root.join("ImageNet-C").join(group).join(name.to_uppercase()).join(severity).join(class);
            fs::read_dir(place).unwrap().for_each(|file| capitals(&file.unwrap().path()));
        }
    }
    assert_eq!(memory, numbers(&stored(folder.path(), "tree", &[])));
}

#[test]
fn a_cell_in_two_places_is_refused_and_a_corruption_in_two_parts_is_not() {
    let folder = workplace();
    tree(folder.path());
    let memory = numbers(&in_memory(folder.path()));
    let root = folder.path().join("tree");
    fs::create_dir_all(root.join("digital/contrast")).unwrap();
    fs::rename(root.join("contrast/5"), root.join("digital/contrast/5")).unwrap();
    assert_eq!(memory, numbers(&stored(folder.path(), "tree", &[])));

    fs::create_dir_all(root.join("contrast/5/dark")).unwrap();
    let said = refused(
        folder.path(),
        &[&["eval"], &OF_SET[..], &CELLS[..], &["--stored", "tree", "--device", "cpu"]].concat(),
    );
    assert!(said.contains("contrast 5 is there twice") && said.contains("digital"), "{said}");
}

#[test]
fn archives_that_were_not_unpacked_are_named() {
    let folder = workplace();
    fs::create_dir(folder.path().join("C")).unwrap();
    fs::write(folder.path().join("C/weather.tar"), b"x").unwrap();
    let said = refused(folder.path(), &[&["eval"], &OF_SET[..], &["--stored", "C", "--device", "cpu"]].concat());
    assert!(said.contains("unpack weather.tar"), "{said}");
}

#[cfg(unix)]
#[test]
fn links_that_lead_back_up_end() {
    let folder = workplace();
    tree(folder.path());
    let memory = numbers(&in_memory(folder.path()));
    for place in ["tree/loop", "tree/contrast/loop"] {
        std::os::unix::fs::symlink("..", folder.path().join(place)).unwrap();
    }
    assert_eq!(memory, numbers(&stored(folder.path(), "tree", &["--only", "contrast"])));
}
