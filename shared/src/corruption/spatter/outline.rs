//! From blots to their lit outlines: edges, distance to them, equalisation, an emboss filter. Integer and f32 steps as OpenCV
//! does them.

mod canny;

use super::super::border::mirror_101;

/// The maps of the steps, `[y, x]`.
pub(super) struct Outline {
    pub(super) edges: Vec<u8>,
    pub(super) distance: Vec<u8>,
    pub(super) equalized: Vec<u8>,
    pub(super) filtered: Vec<u8>,
}

pub(super) fn outline(liquid: &[u8], width: usize, height: usize) -> Outline {
    let edges = canny::edges(liquid, width, height);
    let mut distance = distances(&edges, width, height);
    distance.iter_mut().for_each(|value| *value = value.min(20.0));
    let near =
        |values: &[f32], y: isize, x: isize| f64::from(values[mirror_101(y, height) * width + mirror_101(x, width)]);
    let distance: Vec<u8> = points(width, height)
        .map(|(y, x)| {
            (neighbours().map(|(dy, dx)| near(&distance, y + dy, x + dx)).sum::<f64>() * (1.0 / 9.0)) as f32 as u8
        })
        .collect();
    let equalized = equalize(&distance);
    let lit = correlate(&equalized, width, height, &EMBOSS, |sum| sum.clamp(0, 255) as u8);
    let filtered = correlate(&lit, width, height, &[1; 9], |sum| ((2 * sum + 9) / 18) as u8);
    Outline { edges, distance, equalized, filtered }
}

/// Light from the top left.
const EMBOSS: [i32; 9] = [-2, -1, 0, -1, 1, 1, 0, 1, 2];

fn points(width: usize, height: usize) -> impl Iterator<Item = (isize, isize)> {
    (0..height as isize).flat_map(move |y| (0..width as isize).map(move |x| (y, x)))
}

fn neighbours() -> impl Iterator<Item = (isize, isize)> {
    (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dy, dx)))
}

/// Chamfer distance to the nearest edge in a 5×5 neighbourhood, two passes in f32. Far away where there is no edge.
fn distances(edges: &[u8], width: usize, height: usize) -> Vec<f32> {
    const AXIAL: f32 = 1.0;
    const DIAGONAL: f32 = 1.4;
    const KNIGHT: f32 = 2.1969;
    /// Earlier points of the scan and what a step from them costs.
    const BEFORE: [(isize, isize, f32); 8] = [
        (-2, -1, KNIGHT),
        (-2, 1, KNIGHT),
        (-1, -2, KNIGHT),
        (-1, -1, DIAGONAL),
        (-1, 0, AXIAL),
        (-1, 1, DIAGONAL),
        (-1, 2, KNIGHT),
        (0, -1, AXIAL),
    ];
    let mut distance: Vec<f32> = edges.iter().map(|edge| if *edge > 0 { 0.0 } else { 1e6 }).collect();
    let (wide, high) = (width as isize, height as isize);
    let mut relax = |y: isize, x: isize, direction: isize| {
        let mut least = distance[(y * wide + x) as usize];
        for (dy, dx, cost) in BEFORE {
            let (y, x) = (y + direction * dy, x + direction * dx);
            if (0..high).contains(&y) && (0..wide).contains(&x) {
                least = least.min(distance[(y * wide + x) as usize] + cost);
            }
        }
        distance[(y * wide + x) as usize] = least;
    };
    for y in 0..high {
        (0..wide).for_each(|x| relax(y, x, 1));
    }
    for y in (0..high).rev() {
        (0..wide).rev().for_each(|x| relax(y, x, -1));
    }
    distance
}

/// Histogram equalisation; a map of one value stays.
fn equalize(values: &[u8]) -> Vec<u8> {
    let mut counts = [0usize; 256];
    values.iter().for_each(|value| counts[usize::from(*value)] += 1);
    let Some(first) = counts.iter().position(|count| *count > 0) else { return Vec::new() };
    if counts[first] == values.len() {
        return values.to_vec();
    }
    let scale = 255.0 / (values.len() - counts[first]) as f32;
    let mut table = [0u8; 256];
    let mut sum = 0;
    for level in first + 1..256 {
        sum += counts[level];
        table[level] = (sum as f32 * scale).round_ties_even().clamp(0.0, 255.0) as u8;
    }
    values.iter().map(|value| table[usize::from(*value)]).collect()
}

fn correlate(values: &[u8], width: usize, height: usize, kernel: &[i32; 9], finish: impl Fn(i32) -> u8) -> Vec<u8> {
    let read = |y: isize, x: isize| i32::from(values[mirror_101(y, height) * width + mirror_101(x, width)]);
    points(width, height)
        .map(|(y, x)| finish(neighbours().zip(kernel).map(|((dy, dx), weight)| weight * read(y + dy, x + dx)).sum()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_grow_away_from_the_edge() {
        let mut edges = vec![0; 25];
        edges[12] = 255;
        let distance = distances(&edges, 5, 5);
        assert_eq!([12, 13, 18, 19, 14].map(|at: usize| distance[at]), [0.0, 1.0, 1.4, 2.1969, 2.0]);
    }

    #[test]
    fn equalisation_spreads_to_the_whole_range() {
        assert_eq!(equalize(&[7, 7, 9, 9]), [0, 0, 255, 255]);
        assert_eq!(equalize(&[7, 7, 7]), [7, 7, 7]);
    }
}
