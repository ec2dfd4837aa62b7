//! What the dataset promises: the same everywhere, every class, honest masks, and no shortcut through colour.

mod colour;
mod worlds;

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

/// A run of every class in each split, and one large image.
#[test]
fn scenes_are_the_same_bytes_everywhere() {
    let run = |split| (0..24).map(|index| format!("{:x}", hash(&render(SEED, index, split, 64)))).collect::<String>();
    let found: Vec<u64> = Split::ALL.iter().map(|split| fnv1a(&run(*split))).collect();
    let expected = [0x4fd9_56a8_f149_3deb, 0xeb6c_5143_206c_fbd4, 0xfaf1_80b6_31ef_0da2, 0xabf3_7d27_2223_06ed];
    assert_eq!(found, expected, "{found:#x?}");
    assert_eq!(hash(&render(SEED, 3, Split::Train, 224)), 0x5b4e_0575_8a8b_f942);
}

#[test]
fn a_scene_looks_the_same_at_every_size() {
    for index in 0..20 {
        let [small, large] = [64, 128].map(|size| render(SEED, index, Split::Train, size));
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
        assert!(gap < 5.0, "scene {index}: mean difference {gap} of 255");
        let shares = [&small, &large].map(|scene| covered(&scene.mask));
        assert!((shares[0] - shares[1]).abs() < 0.01, "scene {index}: object covers {shares:?}");
    }
}

#[test]
fn each_run_holds_every_class_once_in_every_split() {
    let count = CLASSES.len();
    for (run, split) in (0..20).flat_map(|run| Split::ALL.iter().map(move |split| (run, *split))) {
        let first = (run * count) as u64;
        let mut labels: Vec<usize> = (first..first + count as u64).map(|index| label(SEED, index, split)).collect();
        labels.sort_unstable();
        assert_eq!(labels, (0..count).collect::<Vec<_>>(), "{split:?}, run {run}");
    }
}

#[test]
fn no_scene_is_in_two_splits() {
    let mut hashes = Vec::new();
    for split in Split::ALL {
        hashes.extend((0..24).map(|index| hash(&render(SEED, index, *split, 32))));
        let labels = |split| (0..96).map(|index| label(SEED, index, split)).collect::<Vec<_>>();
        assert!(Split::ALL.iter().all(|other| other == split || labels(*other) != labels(*split)));
    }
    hashes.sort_unstable();
    let all = hashes.len();
    hashes.dedup();
    assert_eq!(hashes.len(), all);
}

#[test]
fn the_object_is_seen_and_the_box_fits_its_mask() {
    for index in 0..480 {
        let scene = render(SEED, index, Split::Test, 64);
        let fraction = covered(&scene.mask);
        assert!((0.05..0.50).contains(&fraction), "scene {index}, {}: object covers {fraction}", CLASSES[scene.label]);
        fits(&scene);
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
