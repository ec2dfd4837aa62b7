//! Nearest neighbours and a linear classifier over 4×4×4 colour histograms: colour must not give the class away.

use super::super::*;
use super::SEED;

/// Square roots of the shares of 64 colours, and a one.
const FEATURES: usize = 65;

#[test]
fn colour_histograms_do_not_tell_the_class() {
    let runs = |split, runs: usize| features(split, (runs * CLASSES.len()) as u64);
    let (train, test) = (runs(Split::Train, 120), runs(Split::Test, 40));
    let weights = fit(&train, CLASSES.len());
    let linear = accuracy(&test, |x| best(&softmax(&weights, x)));
    let nearest = accuracy(&test, |x| best(&votes(&train, x, weights.len())));
    println!("linear {:.1} %, nearest neighbours {:.1} %", linear * 100.0, nearest * 100.0);
    assert!(linear < 0.15 && nearest < 0.15, "linear {linear}, nearest {nearest}");
}

fn features(split: Split, count: u64) -> Vec<(Vec<f32>, usize)> {
    (0..count)
        .map(|index| {
            let scene = render(SEED, index, split, 32);
            let mut bins = vec![0.0_f32; FEATURES - 1];
            for pixel in scene.image.bytes().chunks(3) {
                bins[usize::from(pixel[0] / 64) * 16 + usize::from(pixel[1] / 64) * 4 + usize::from(pixel[2] / 64)] +=
                    1.0;
            }
            // Square roots of shares: the Hellinger distance, kinder to small bins than plain counts.
            (bins.iter().map(|n| (n / 1024.0).sqrt()).chain([1.0]).collect(), scene.label)
        })
        .collect()
}

/// A row of weights for each of `classes`.
fn fit(train: &[(Vec<f32>, usize)], classes: usize) -> Vec<[f32; FEATURES]> {
    let mut weights = vec![[0.0_f32; FEATURES]; classes];
    for step in 0..60 {
        let rate = 0.5 / (1.0 + step as f32 * 0.1);
        for (x, label) in train {
            let fraction = softmax(&weights, x);
            for (class, row) in weights.iter_mut().enumerate() {
                let error = fraction[class] - f32::from(u8::from(class == *label));
                for (w, x) in row.iter_mut().zip(x) {
                    *w -= rate * error * x;
                }
            }
        }
    }
    weights
}

fn softmax(weights: &[[f32; FEATURES]], x: &[f32]) -> Vec<f32> {
    let scores: Vec<f32> = weights.iter().map(|row| row.iter().zip(x).map(|(w, x)| w * x).sum()).collect();
    let top = scores.iter().copied().fold(f32::MIN, f32::max);
    let fraction: Vec<f32> = scores.iter().map(|s| (s - top).exp()).collect();
    let sum: f32 = fraction.iter().sum();
    fraction.iter().map(|s| s / sum).collect()
}

/// How many of the fifteen nearest images are of each of `classes`.
fn votes(train: &[(Vec<f32>, usize)], x: &[f32], classes: usize) -> Vec<f32> {
    let mut order: Vec<(f32, usize)> = train
        .iter()
        .map(|(other, label)| (x.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum(), *label))
        .collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut votes = vec![0.0; classes];
    order[..15].iter().for_each(|(_, label)| votes[*label] += 1.0);
    votes
}

fn best(scores: &[f32]) -> usize {
    (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap()
}

fn accuracy(test: &[(Vec<f32>, usize)], guess: impl Fn(&[f32]) -> usize) -> f32 {
    test.iter().filter(|(x, label)| guess(x) == *label).count() as f32 / test.len() as f32
}
