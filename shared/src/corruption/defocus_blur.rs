//! Defocus blur: correlation with a disk whose rim is softened by a small Gaussian.
//!
//! The kernel is a 17×17 array (21×21 for radius 10) in f32, and it is not renormalised: where the disk touches the edge
//! of the array, the mirrored rim adds up to 1.3 % of light. Elsewhere its f32 sum misses one by 5e-8, whose sign decides
//! whether flat areas lose a level, so weights are kept to the last bit.
//!
//! Few of its weights differ. Taps of equal weight are added up as integers first, sharing the sums of a row between the
//! rows and columns that need them, and only the few totals are weighted in f64: exact, and ten times faster than tap by tap.

use super::border::mirror_101;
use super::levels::{cut, fused};
use super::variant::Constants;
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::lanes::widest;

/// (radius of the disk, σ that softens its rim), pixels.
const RADIUS_SIGMA: Constants<(f64, f64)> = Constants {
    imagenet: [(3.0, 0.1), (4.0, 0.5), (6.0, 0.5), (8.0, 0.5), (10.0, 0.5)],
    tiny: [(0.5, 0.6), (1.0, 0.1), (1.5, 0.1), (2.5, 0.01), (3.0, 0.1)],
    cifar: [(0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1.0, 0.2), (1.5, 0.1)],
    inception: Some([(4.0, 0.1), (5.0, 0.5), (7.0, 0.5), (10.0, 0.5), (12.0, 0.5)]),
};

pub(super) const ENTRY: Corruption = Corruption {
    name: "defocus_blur",
    title: "Defocus blur",
    about: "Every point becomes a disk with a soft rim, as behind a lens that is focused elsewhere.",
    constants: "the disk's radius and its rim's softness",
    group: Group::Blur,
    set: Set::Common,
    needs: Needs::Image(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant) -> Rgb8 {
    let (side, kernel) = kernel(severity, variant);
    correlate(image, &Plan::new(side, &kernel))
}

/// Side of the square kernel and its weights, `[y, x]`.
pub fn kernel(severity: Severity, variant: Variant) -> (usize, Vec<f32>) {
    let (radius, sigma) = RADIUS_SIGMA.at(severity, variant);
    let (reach, rim): (isize, isize) = if radius <= 8.0 { (8, 1) } else { (radius as isize, 2) };
    let side = (2 * reach + 1) as usize;
    let inside = |at: usize| {
        let (y, x) = ((at / side) as isize - reach, (at % side) as isize - reach);
        ((x * x + y * y) as f64) <= radius * radius
    };
    let count = (0..side * side).filter(|at| inside(*at)).count();
    let disk: Vec<f32> = (0..side * side).map(|at| if inside(at) { 1.0 / count as f32 } else { 0.0 }).collect();

    let taps: Vec<f64> = (-rim..=rim).map(|i| libm::exp(-((i * i) as f64) / (2.0 * sigma * sigma))).collect();
    let sum: f64 = taps.iter().sum();
    let taps: Vec<f32> = taps.iter().map(|tap| (tap / sum) as f32).collect();
    let pairs = |read: &dyn Fn(usize) -> f32, at: usize| -> Vec<f32> {
        (1..=rim).map(|i| read(mirror_101(at as isize - i, side)) + read(mirror_101(at as isize + i, side))).collect()
    };
    let centre = rim as usize;
    // The order of these sums is OpenCV's: it decides the last bit of the rim.
    let across: Vec<f32> = (0..side * side)
        .map(|at| {
            let read = |x: usize| disk[at / side * side + x];
            let pairs = pairs(&read, at % side);
            let first = taps[centre + 1] * pairs[0];
            let start = fused(taps[centre], read(at % side), first);
            (1..centre).fold(start, |sum, i| fused(taps[centre + 1 + i], pairs[i], sum))
        })
        .collect();
    let kernel = (0..side * side)
        .map(|at| {
            let read = |y: usize| across[y * side + at % side];
            let pairs = pairs(&read, at / side);
            let start = taps[centre] * read(at / side);
            (0..centre).fold(start, |sum, i| fused(taps[centre + 1 + i], pairs[i], sum))
        })
        .collect();
    (side, kernel)
}

/// A u16 holds the sum of this many bytes.
const MOST_TAPS: usize = 257;

/// A kernel sorted by weight.
struct Plan {
    reach: usize,
    patterns: Vec<Pattern>,
    classes: Vec<Class>,
}

/// Columns that some row of some class adds up: those of an earlier pattern and more.
struct Pattern {
    columns: Vec<usize>,
    base: Option<usize>,
    extra: Vec<usize>,
}

/// Taps of one weight: for each of its rows the pattern of its columns.
struct Class {
    weight: f64,
    rows: Vec<(usize, usize)>,
}

/// Rows of a class with their columns.
type Rows = Vec<(usize, Vec<usize>)>;

impl Plan {
    fn new(side: usize, kernel: &[f32]) -> Self {
        let mut weights: Vec<f32> = kernel.iter().copied().filter(|weight| *weight != 0.0).collect();
        weights.sort_by(f32::total_cmp);
        weights.dedup();
        // Every class as lists of columns by row, cut where a u16 could overflow.
        let mut classes: Vec<(f32, Rows)> = Vec::new();
        for weight in weights {
            let mut taps = MOST_TAPS;
            for y in 0..side {
                let columns: Vec<usize> = (0..side).filter(|x| kernel[y * side + x] == weight).collect();
                if columns.is_empty() {
                    continue;
                }
                taps += columns.len();
                if taps > MOST_TAPS {
                    taps = columns.len();
                    classes.push((weight, Vec::new()));
                }
                if let Some((_, rows)) = classes.last_mut() {
                    rows.push((y, columns));
                }
            }
        }
        let patterns = patterns(classes.iter().flat_map(|(_, rows)| rows.iter().map(|(_, columns)| columns.clone())));
        let find = |columns: &Vec<usize>| patterns.iter().position(|p| &p.columns == columns).unwrap_or(0);
        let classes = classes
            .iter()
            .map(|(weight, rows)| Class {
                weight: f64::from(*weight),
                rows: rows.iter().map(|(y, columns)| (*y, find(columns))).collect(),
            })
            .collect();
        Self { reach: side / 2, patterns, classes }
    }
}

/// The different column lists, shortest first, each built on the longest earlier one that it contains.
fn patterns(lists: impl Iterator<Item = Vec<usize>>) -> Vec<Pattern> {
    let mut lists: Vec<_> = lists.collect();
    lists.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    lists.dedup();
    let mut patterns: Vec<Pattern> = Vec::new();
    for columns in lists {
        let base = patterns.iter().rposition(|p| p.columns.iter().all(|column| columns.contains(column)));
        let held = base.map_or(&[][..], |base| &patterns[base].columns);
        let extra = columns.iter().copied().filter(|column| !held.contains(column)).collect();
        patterns.push(Pattern { columns, base, extra });
    }
    patterns
}

fn correlate(image: &Rgb8, plan: &Plan) -> Rgb8 {
    let (width, height, reach) = (image.width(), image.height(), plan.reach);
    let stride = width * 3;
    let window = 2 * reach + 1;
    // Row sums of the last `window` padded rows, one ring slot per row.
    let mut ring = vec![vec![0u16; stride * plan.patterns.len()]; window];
    let mut padded = vec![0u16; (width + 2 * reach) * 3];
    let mut data = vec![0u8; stride * height];
    for row in 0..height + 2 * reach {
        let source = mirror_101(row as isize - reach as isize, height);
        pad(&image.bytes()[source * stride..(source + 1) * stride], reach, &mut padded);
        widest!(row_sums(plan, &padded, stride, &mut ring[row % window]));
        let Some(y) = (row + 1).checked_sub(window) else { continue };
        let lines = |class: &Class| -> Vec<&[u16]> {
            let line = |(dy, pattern): &(usize, usize)| &ring[(y + dy) % window][pattern * stride..][..stride];
            class.rows.iter().map(line).collect()
        };
        let classes: Vec<(f64, Vec<&[u16]>)> = plan.classes.iter().map(|class| (class.weight, lines(class))).collect();
        widest!(weigh(&classes, &mut data[y * stride..(y + 1) * stride]));
    }
    Rgb8::from_parts(width, height, data)
}

/// Bytes that are weighed at once.
const BLOCK: usize = 32;

/// The weighted sum of classes, each the sum of its lines.
#[inline(always)]
fn weigh(classes: &[(f64, Vec<&[u16]>)], out: &mut [u8]) {
    let (blocks, rest) = out.as_chunks_mut::<BLOCK>();
    let done = blocks.len() * BLOCK;
    for (at, out) in blocks.iter_mut().enumerate() {
        *out = weighed(classes, at * BLOCK);
    }
    for (at, out) in rest.iter_mut().enumerate() {
        [*out] = weighed(classes, done + at);
    }
}

#[inline(always)]
fn weighed<const N: usize>(classes: &[(f64, Vec<&[u16]>)], from: usize) -> [u8; N] {
    let mut totals = [0.0; N];
    for (weight, lines) in classes {
        let mut sums = [0u16; N];
        lines.iter().for_each(|line| add(&mut sums, &line[from..from + N]));
        for (total, sum) in totals.iter_mut().zip(sums) {
            *total += weight * f64::from(sum);
        }
    }
    // Disks that touch the edge of their array brighten the image.
    totals.map(|total| cut(if total > 255.0 { 255.0 } else { total }))
}

fn pad(row: &[u8], reach: usize, padded: &mut [u16]) {
    let pixels = row.as_chunks::<3>().0;
    for (at, pixel) in padded.as_chunks_mut::<3>().0.iter_mut().enumerate() {
        *pixel = pixels[mirror_101(at as isize - reach as isize, pixels.len())].map(u16::from);
    }
}

#[inline(always)]
fn row_sums(plan: &Plan, padded: &[u16], stride: usize, sums: &mut [u16]) {
    for (at, pattern) in plan.patterns.iter().enumerate() {
        let (earlier, rest) = sums.split_at_mut(at * stride);
        let out = &mut rest[..stride];
        match pattern.base {
            Some(base) => out.copy_from_slice(&earlier[base * stride..(base + 1) * stride]),
            None => out.fill(0),
        }
        for column in &pattern.extra {
            add(out, &padded[column * 3..column * 3 + stride]);
        }
    }
}

#[inline(always)]
fn add(sums: &mut [u16], values: &[u16]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grouped_sums_equal_the_sum_tap_by_tap() {
        let image = Rgb8::from_fn(29, 23, |x, y| [(x * 31 + y * y) as u8, (x * y * 5) as u8, (200 - x) as u8]);
        for (severity, variant) in Severity::ALL.iter().flat_map(|s| Variant::ALL.iter().map(move |v| (*s, *v))) {
            let (side, kernel) = kernel(severity, variant);
            let reach = (side / 2) as isize;
            let slow = Rgb8::from_fn(29, 23, |x, y| {
                let mut sums = [0.0; 3];
                for (at, weight) in kernel.iter().enumerate() {
                    let (dy, dx) = ((at / side) as isize - reach, (at % side) as isize - reach);
                    let read = image.pixel(mirror_101(x as isize + dx, 29), mirror_101(y as isize + dy, 23));
                    sums = std::array::from_fn(|c| sums[c] + f64::from(*weight) * f64::from(read[c]));
                }
                sums.map(|sum| sum as u8)
            });
            assert_eq!(apply(&image, severity, variant), slow, "{variant} {severity}");
        }
    }

    #[test]
    fn large_disks_brighten_the_image() {
        let sum =
            |severity: u8| kernel(Severity::ALL[usize::from(severity) - 1], Variant::ImageNet).1.iter().sum::<f32>();
        assert!((sum(3) - 1.0).abs() < 1e-6);
        assert!((sum(4) - 1.0130).abs() < 1e-4);
        assert!((sum(5) - 1.0108).abs() < 1e-4);
    }
}
