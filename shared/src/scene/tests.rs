//! What the dataset promises: the same everywhere, every class, honest masks, and no shortcut through colour.

use super::*;
use crate::random::fnv1a;

const SEED: u64 = 5;

fn hash(scene: &Scene) -> u64 {
    let text: String = scene.image.bytes().iter().chain(&scene.mask).map(|byte| char::from(*byte)).collect();
    fnv1a(&text)
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
    for index in 0..10 {
        let (small, large) = (render(SEED, index, Split::Train, 64), render(SEED, index, Split::Train, 128));
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
    }
}

#[test]
fn each_run_of_ten_holds_every_class_and_splits_differ() {
    for run in 0..20 {
        let mut labels: Vec<usize> = (run * 10..run * 10 + 10).map(|i| label(SEED, i, Split::Train)).collect();
        labels.sort_unstable();
        assert_eq!(labels, (0..10).collect::<Vec<_>>());
    }
    assert_ne!(render(SEED, 0, Split::Train, 32).image, render(SEED, 0, Split::Test, 32).image);
}

#[test]
fn the_object_is_seen_and_the_box_fits_its_mask() {
    for index in 0..300 {
        let scene = render(SEED, index, Split::Test, 64);
        let name = CLASSES[scene.label];
        let fraction = scene.mask.iter().filter(|m| **m == 1).count() as f32 / scene.mask.len() as f32;
        assert!((0.06..0.60).contains(&fraction), "scene {index}, {name}: object covers {fraction}");
        let Bounds { x, y, width, height } = scene.bounds;
        let inside = |px: usize, py: usize| (x..x + width).contains(&px) && (y..y + height).contains(&py);
        assert!((0..64 * 64).all(|at| scene.mask[at] == 0 || inside(at % 64, at / 64)));
        assert!(
            scene.mask.chunks(64).any(|row| row[x] == 1) && scene.mask.chunks(64).any(|row| row[x + width - 1] == 1)
        );
        assert!(scene.mask[y * 64..][..64].contains(&1) && scene.mask[(y + height - 1) * 64..][..64].contains(&1));
    }
}

/// Nearest neighbours and a linear classifier over 4×4×4 colour histograms: colour must not give the class away.
#[test]
fn colour_histograms_do_not_tell_the_class() {
    let features = |split, count: u64| -> Vec<(Vec<f32>, usize)> {
        (0..count)
            .map(|index| {
                let scene = render(SEED, index, split, 32);
                let mut bins = vec![0.0_f32; 64];
                for pixel in scene.image.bytes().chunks(3) {
                    bins[usize::from(pixel[0] / 64) * 16
                        + usize::from(pixel[1] / 64) * 4
                        + usize::from(pixel[2] / 64)] += 1.0;
                }
                // Square roots of shares: the Hellinger distance, kinder to small bins than plain counts.
                (bins.iter().map(|n| (n / 1024.0).sqrt()).collect(), scene.label)
            })
            .collect()
    };
    let (train, test) = (features(Split::Train, 1500), features(Split::Test, 500));

    let mut weights = vec![[0.0_f32; 65]; 10];
    for step in 0..60 {
        let rate = 0.5 / (1.0 + step as f32 * 0.1);
        for (x, label) in &train {
            let fraction = softmax(&weights, x);
            for (class, row) in weights.iter_mut().enumerate() {
                let error = fraction[class] - f32::from(u8::from(class == *label));
                for (w, x) in row.iter_mut().zip(x.iter().chain(&[1.0])) {
                    *w -= rate * error * x;
                }
            }
        }
    }
    let linear = accuracy(&test, |x| best(&softmax(&weights, x)));
    let nearest = accuracy(&test, |x| {
        let mut order: Vec<(f32, usize)> = train
            .iter()
            .map(|(other, label)| (x.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum(), *label))
            .collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut votes = [0.0; 10];
        order[..15].iter().for_each(|(_, label)| votes[*label] += 1.0);
        best(&votes)
    });
    println!("colour histogram: linear {:.1} %, nearest neighbours {:.1} %", linear * 100.0, nearest * 100.0);
    assert!(linear < 0.35 && nearest < 0.35, "linear {linear}, nearest {nearest}");
}

fn softmax(weights: &[[f32; 65]], x: &[f32]) -> [f32; 10] {
    let mut fraction: [f32; 10] =
        std::array::from_fn(|class| weights[class].iter().zip(x.iter().chain(&[1.0])).map(|(w, x)| w * x).sum());
    let top = fraction.iter().copied().fold(f32::MIN, f32::max);
    fraction.iter_mut().for_each(|s| *s = (*s - top).exp());
    let sum: f32 = fraction.iter().sum();
    fraction.map(|s| s / sum)
}

fn best(scores: &[f32; 10]) -> usize {
    (0..10).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap()
}

fn accuracy(test: &[(Vec<f32>, usize)], guess: impl Fn(&[f32]) -> usize) -> f32 {
    test.iter().filter(|(x, label)| guess(x) == *label).count() as f32 / test.len() as f32
}
