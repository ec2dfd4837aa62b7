//! From blots to their lit outlines: edges, distance to them, equalisation, an emboss filter. Integer and f32 steps as OpenCV
//! does them.

mod canny;

use std::ops::{AddAssign, Mul};

use super::super::border::{framed, mirror_101};
use crate::lanes::widest;

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
    // Distances are multiples of 2⁻²³, so their f64 sums are exact in any order.
    let distance = correlate(&distance, width, [1.0f64; 9], |sum| (sum * (1.0 / 9.0)) as f32 as u8);
    let equalized = equalize(&distance);
    let lit = correlate(&equalized, width, EMBOSS, |sum| sum.clamp(0, 255) as u8);
    let filtered = correlate(&lit, width, [1i16; 9], |sum| ((2 * sum + 9) / 18) as u8);
    Outline { edges, distance, equalized, filtered }
}

/// Light from the top left.
const EMBOSS: [i16; 9] = [-2, -1, 0, -1, 1, 1, 0, 1, 2];

const AXIAL: f32 = 1.0;
const DIAGONAL: f32 = 1.4;
const KNIGHT: f32 = 2.1969;
/// Farther than any step in an image.
const FAR: f32 = 1e6;

/// Chamfer distance to the nearest edge in a 5×5 neighbourhood, two passes in f32. Far away where there is no edge.
fn distances(edges: &[u8], width: usize, height: usize) -> Vec<f32> {
    let stride = width + 4;
    let start: Vec<f32> = edges.iter().map(|edge| if *edge > 0 { 0.0 } else { FAR }).collect();
    // Two points of nothing on every side save asking where the image ends.
    let mut field = vec![FAR; stride * (height + 4)];
    for (row, start) in field[2 * stride..].chunks_exact_mut(stride).zip(start.chunks_exact(width)) {
        row[2..width + 2].copy_from_slice(start);
    }
    for y in 2..height + 2 {
        let (before, row) = field.split_at_mut(y * stride);
        let (beyond, near) = before[(y - 2) * stride..].split_at(stride);
        widest!(relax(&mut row[2..width + 2], near, beyond));
        let mut last = FAR;
        row[2..width + 2].iter_mut().for_each(|value| last = step(value, last + AXIAL));
    }
    for y in (2..height + 2).rev() {
        let (row, after) = field.split_at_mut((y + 1) * stride);
        let (near, beyond) = after.split_at(stride);
        let row = &mut row[y * stride..];
        widest!(relax(&mut row[2..width + 2], near, beyond));
        let mut last = FAR;
        row[2..width + 2].iter_mut().rev().for_each(|value| last = step(value, last + AXIAL));
    }
    let mut out = Vec::with_capacity(width * height);
    field[2 * stride..].chunks_exact(stride).take(height).for_each(|row| out.extend_from_slice(&row[2..width + 2]));
    out
}

/// Steps from the next row and from the one beyond it, whose points begin two columns before those of `row`.
#[inline(always)]
fn relax(row: &mut [f32], near: &[f32], beyond: &[f32]) {
    let steps = [(&near[2..], AXIAL), (&near[1..], DIAGONAL), (&near[3..], DIAGONAL)];
    let jumps = [&near[0..], &near[4..], &beyond[1..], &beyond[3..]].map(|line| (line, KNIGHT));
    for (line, cost) in steps.into_iter().chain(jumps) {
        for (value, from) in row.iter_mut().zip(line) {
            step(value, from + cost);
        }
    }
}

/// The smaller of two distances is kept, and returned.
#[inline(always)]
fn step(value: &mut f32, way: f32) -> f32 {
    *value = if way < *value { way } else { *value };
    *value
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

/// 3×3 sums, mirrored beyond the edge, as `finish` rounds them.
fn correlate<T, S>(values: &[T], width: usize, kernel: [S; 9], finish: impl Fn(S) -> u8) -> Vec<u8>
where
    T: Copy,
    S: Copy + Default + From<T> + AddAssign + Mul<Output = S>,
{
    let framed = framed(values, width, 1, mirror_101);
    let mut sums = vec![S::default(); width];
    let mut out = vec![0; values.len()];
    for (y, out) in out.chunks_exact_mut(width).enumerate() {
        widest!(correlate_row(&framed[y * (width + 2)..], kernel, &mut sums, out, &finish));
    }
    out
}

#[inline(always)]
fn correlate_row<T, S>(framed: &[T], kernel: [S; 9], sums: &mut [S], out: &mut [u8], finish: &impl Fn(S) -> u8)
where
    T: Copy,
    S: Copy + Default + From<T> + AddAssign + Mul<Output = S>,
{
    let width = out.len();
    sums.fill(S::default());
    for (at, weight) in kernel.into_iter().enumerate() {
        let row = &framed[at / 3 * (width + 2) + at % 3..][..width];
        for (sum, value) in sums.iter_mut().zip(row) {
            *sum += weight * S::from(*value);
        }
    }
    for (out, sum) in out.iter_mut().zip(sums) {
        *out = finish(*sum);
    }
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
