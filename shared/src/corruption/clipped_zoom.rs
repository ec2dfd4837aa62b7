//! The linear zoom into the middle that [`zoom_blur`](super::zoom_blur) and [`snow`](super::snow) share.
//!
//! Per axis: of n points the middle `c = ceil(n / z)` become `m = round(c·z)`, sampled with aligned corners, and n of these
//! are kept. The coordinate is `o · ((c-1)/(m-1))` in f64; where the last one comes out above `c-1` by rounding, the reference
//! reads nothing and the point is 0. It happens at a few odd sizes and is kept.

use super::Variant;
use crate::lanes::widest;

/// One output position: the two points it lies between and their weights; `None` reads as zero.
pub(super) type Sample = Option<(usize, usize, f64, f64)>;

/// The samples of an axis of `length` points zoomed by `factor`, `length` of them.
pub(super) fn axis(length: usize, factor: f64, variant: Variant) -> Vec<Sample> {
    let whole = whole_axis(length, factor);
    // `imagecorruptions` keeps the first points, the others the middle.
    let skipped = if variant == Variant::ImageCorruptions { 0 } else { (whole.len() - length) / 2 };
    whole[skipped..skipped + length].to_vec()
}

/// All samples of an axis of `length` points zoomed by `factor`: as many, or a few more.
pub(super) fn whole_axis(length: usize, factor: f64) -> Vec<Sample> {
    let window = ((length as f64 / factor).ceil() as usize).clamp(1, length);
    let first = (length - window) / 2;
    let zoomed = ((window as f64 * factor).round_ties_even() as usize).max(length);
    let step = if zoomed > 1 { (window - 1) as f64 / (zoomed - 1) as f64 } else { 0.0 };
    (0..zoomed)
        .map(|at| {
            let position = at as f64 * step;
            if position > (window - 1) as f64 {
                return None;
            }
            let below = position.floor();
            let fraction = position - below;
            let low = first + below as usize;
            Some((low, (low + 1).min(first + window - 1), 1.0 - fraction, fraction))
        })
        .collect()
}

/// Zooms rows of `width` points of `channels` values to as many rows and points as there are samples.
pub(super) fn sample(values: &[f64], width: usize, channels: usize, rows: &[Sample], columns: &[Sample]) -> Vec<f64> {
    let stride = columns.len() * channels;
    let mut out = vec![0.0; rows.len() * stride];
    let out_rows = out.chunks_exact_mut(stride);
    match channels {
        1 => {
            let mut zoom = Zoom::new(values.as_chunks::<1>().0, width);
            out_rows
                .zip(rows)
                .for_each(|(out, row)| zoom.row(row, columns, out.as_chunks_mut().0, |out, point| *out = point));
        }
        _ => {
            let mut zoom = Zoom::new(values.as_chunks::<3>().0, width);
            out_rows
                .zip(rows)
                .for_each(|(out, row)| zoom.row(row, columns, out.as_chunks_mut().0, |out, point| *out = point));
        }
    }
    out
}

/// An image whose points are `N` values, zoomed row by row.
pub(super) struct Zoom<'a, T, const N: usize> {
    points: &'a [[T; N]],
    width: usize,
    /// The points of two rows, side by side, times the rows' weights.
    pairs: Vec<[[f64; N]; 2]>,
}

impl<'a, T: Copy + Into<f64>, const N: usize> Zoom<'a, T, N> {
    pub(super) fn new(points: &'a [[T; N]], width: usize) -> Self {
        Self { points, width, pairs: vec![[[0.0; N]; 2]; width] }
    }

    /// The row at `row`, as many points as there are `columns`: each is `put` into its place in `out`.
    #[inline(always)]
    pub(super) fn row<O>(&mut self, row: &Sample, columns: &[Sample], out: &mut [O], put: impl Fn(&mut O, [f64; N])) {
        let Some((upper, lower, upper_weight, lower_weight)) = *row else {
            out.iter_mut().for_each(|out| put(out, [0.0; N]));
            return;
        };
        let line = |at: usize| &self.points[at * self.width..][..self.width];
        widest!(weigh(line(upper), line(lower), [upper_weight, lower_weight], &mut self.pairs));
        widest!(blend(&self.pairs, columns, out, &put));
    }
}

#[inline(always)]
fn weigh<T: Copy + Into<f64>, const N: usize>(
    upper: &[[T; N]],
    lower: &[[T; N]],
    weights: [f64; 2],
    pairs: &mut [[[f64; N]; 2]],
) {
    for ((pair, upper), lower) in pairs.iter_mut().zip(upper).zip(lower) {
        *pair = [(upper, weights[0]), (lower, weights[1])]
            .map(|(point, weight)| std::array::from_fn(|c| point[c].into() * weight));
    }
}

#[inline(always)]
fn blend<O, const N: usize>(
    pairs: &[[[f64; N]; 2]],
    columns: &[Sample],
    out: &mut [O],
    put: &impl Fn(&mut O, [f64; N]),
) {
    for (out, column) in out.iter_mut().zip(columns) {
        let Some((left, right, left_weight, right_weight)) = *column else {
            put(out, [0.0; N]);
            continue;
        };
        let (left, right) = (&pairs[left], &pairs[right]);
        let blended = |c: usize| {
            left[0][c] * left_weight
                + right[0][c] * right_weight
                + left[1][c] * left_weight
                + right[1][c] * right_weight
        };
        put(out, std::array::from_fn(blended));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factor_one_reads_every_point_once() {
        let axis = axis(5, 1.0, Variant::ImageNet);
        let points: Vec<_> = axis.iter().flatten().map(|(low, _, weight, _)| (*low, *weight)).collect();
        assert_eq!(points, [(0, 1.0), (1, 1.0), (2, 1.0), (3, 1.0), (4, 1.0)]);
    }

    #[test]
    fn a_rounding_at_the_end_of_some_sizes_reads_nothing() {
        let missing =
            |length, factor| axis(length, factor, Variant::ImageCorruptions).iter().filter(|s| s.is_none()).count();
        assert_eq!(missing(224, 1.27), 0);
        assert_eq!(missing(160, 1.27), 1);
    }
}
