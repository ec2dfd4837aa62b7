//! What the dataset promises: the same everywhere, every class, honest masks, and no shortcut through colour.

mod colour;
mod second;

use super::*;
use crate::random::fnv1a;

const SEED: u64 = 5;

fn hash(scene: &Scene) -> u64 {
    let text: String = scene.image.bytes().iter().chain(&scene.mask).map(|byte| char::from(*byte)).collect();
    fnv1a(&text)
}

/// Fraction of the image that a mask covers.
fn covered(mask: &[u8]) -> f32 {
    mask.iter().filter(|pixel| **pixel == 1).count() as f32 / mask.len() as f32
}

#[test]
fn scenes_are_the_same_bytes_everywhere() {
    let found = [(0, Split::Train), (1, Split::Train), (2, Split::Train), (0, Split::Test)]
        .map(|(index, split)| hash(&render(SEED, index, split, 64)));
    let expected = [0x01b0_565d_97f7_bfb6, 0x987e_8a03_8980_1931, 0xad8a_ab4e_784a_5815, 0x3698_06b6_8288_1635];
    assert_eq!(found, expected, "{found:#x?}");
    assert_eq!(hash(&render(SEED, 3, Split::Train, 224)), 0x5f0a_49ae_a309_f8b0);
}

#[test]
fn a_scene_looks_the_same_at_every_size() {
    for (edition, index) in Edition::ALL.iter().flat_map(|edition| (0..10).map(move |index| (edition, index))) {
        let [small, large] = [64, 128].map(|size| edition.render(SEED, index, Split::Train, size));
        assert_eq!(small.label, large.label);
        let mut gap = 0.0;
        for y in 0..64 {
            for x in 0..64 {
                for c in 0..3 {
                    let at = |dx, dy| f32::from(large.image.pixel(2 * x + dx, 2 * y + dy)[c]);
                    let mean = (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4.0;
                    gap += (mean - f32::from(small.image.pixel(x, y)[c])).abs();
                }
            }
        }
        let gap = gap / (64.0 * 64.0 * 3.0);
        assert!(gap < 5.0, "{edition:?}, scene {index}: mean difference {gap} of 255");
        let shares = [&small, &large].map(|scene| covered(&scene.mask));
        assert!((shares[0] - shares[1]).abs() < 0.01, "{edition:?}, scene {index}: object covers {shares:?}");
    }
}

#[test]
fn each_run_holds_every_class_once_in_every_split() {
    for edition in Edition::ALL {
        let count = edition.classes().len();
        for (run, split) in (0..20).flat_map(|run| Split::ALL.iter().map(move |split| (run, *split))) {
            let first = (run * count) as u64;
            let mut labels: Vec<usize> =
                (first..first + count as u64).map(|index| edition.label(SEED, index, split)).collect();
            labels.sort_unstable();
            assert_eq!(labels, (0..count).collect::<Vec<_>>(), "{edition:?}, {split:?}, run {run}");
        }
    }
}

#[test]
fn no_scene_is_in_two_splits_or_two_editions() {
    let mut hashes = Vec::new();
    for (edition, split) in
        Edition::ALL.iter().flat_map(|edition| Split::ALL.iter().map(move |split| (edition, *split)))
    {
        hashes.extend((0..24).map(|index| hash(&edition.render(SEED, index, split, 32))));
        let labels = |split| (0..96).map(|index| edition.label(SEED, index, split)).collect::<Vec<_>>();
        assert!(Split::ALL.iter().all(|other| *other == split || labels(*other) != labels(split)));
    }
    hashes.sort_unstable();
    let all = hashes.len();
    hashes.dedup();
    assert_eq!(hashes.len(), all);
}

#[test]
fn the_object_is_seen_and_the_box_fits_its_mask() {
    for (edition, bounds) in [(Edition::FIRST, 0.06..0.60), (Edition::SECOND, 0.02..0.40)] {
        for index in 0..480 {
            let scene = edition.render(SEED, index, Split::Test, 64);
            let name = edition.classes()[scene.label];
            let fraction = covered(&scene.mask);
            assert!(bounds.contains(&fraction), "{edition:?}, scene {index}, {name}: object covers {fraction}");
            fits(&scene);
        }
    }
}

/// No pixel of the mask lies outside the box, and each side of the box touches one.
fn fits(scene: &Scene) {
    let Bounds { x, y, width, height } = scene.bounds;
    let inside = |px: usize, py: usize| (x..x + width).contains(&px) && (y..y + height).contains(&py);
    assert!((0..64 * 64).all(|at| scene.mask[at] == 0 || inside(at % 64, at / 64)));
    assert!(scene.mask.chunks(64).any(|row| row[x] == 1) && scene.mask.chunks(64).any(|row| row[x + width - 1] == 1));
    assert!(scene.mask[y * 64..][..64].contains(&1) && scene.mask[(y + height - 1) * 64..][..64].contains(&1));
}
