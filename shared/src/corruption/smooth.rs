//! Gaussian smoothing as scipy does it: separable, the columns first, sums in f64 in a fixed order.
//!
//! The radius is `floor(t·σ + 1/2)`. The centre tap is added first, then symmetric pairs from the outermost inward: on flat
//! areas the last bit of the sum decides whether a level is lost. Several neighbours are summed at once, each in that order.

use super::plasma::Storage;
use crate::lanes::widest;

/// What is read beyond the edge: `border(position, length)`.
pub(super) type Border = fn(isize, usize) -> usize;

/// How a [`smooth`] treats its numbers.
#[derive(Clone, Copy)]
pub(super) struct Gaussian {
    /// σ along the columns and along the rows, pixels; below 1e-15 that pass is left out.
    pub(super) sigma: [f64; 2],
    /// Beyond the edge.
    pub(super) border: Border,
    /// Radius in units of σ.
    pub(super) truncate: f64,
    /// How each result is stored.
    pub(super) storage: Storage,
}

impl Gaussian {
    /// σ both ways, the edge repeated, four σ wide, f64.
    pub(super) fn new(sigma: f64) -> Self {
        Self { sigma: [sigma, sigma], border: super::border::clamp, truncate: 4.0, storage: Storage::Double }
    }
}

/// Smooths rows of `width` points of `channels` values, in place.
pub(super) fn smooth(values: &mut [f64], width: usize, channels: usize, how: Gaussian) {
    let stride = width * channels;
    let height = values.len() / stride;
    if let Some(taps) = taps(how.sigma[0], how.truncate) {
        let reach = taps.len() - 1;
        let mut source = Vec::with_capacity((height + 2 * reach) * stride);
        for y in 0..height + 2 * reach {
            let from = (how.border)(y as isize - reach as isize, height) * stride;
            source.extend_from_slice(&values[from..from + stride]);
        }
        widest!(weigh_columns(&source, &taps, values, stride));
        store(values, how.storage);
    }
    if let Some(taps) = taps(how.sigma[1], how.truncate) {
        let reach = taps.len() - 1;
        let mut padded = vec![0.0; stride + 2 * reach * channels];
        for out in values.chunks_exact_mut(stride) {
            padded[reach * channels..][..stride].copy_from_slice(out);
            for at in (0..reach).chain(width + reach..width + 2 * reach) {
                let from = (how.border)(at as isize - reach as isize, width) * channels;
                padded[at * channels..][..channels].copy_from_slice(&out[from..from + channels]);
            }
            widest!(weigh_row(&padded, channels, &taps, out));
        }
        store(values, how.storage);
    }
}

fn store(values: &mut [f64], storage: Storage) {
    if storage == Storage::Single {
        values.iter_mut().for_each(|value| *value = f64::from(*value as f32));
    }
}

/// Values that are summed at once.
const BLOCK: usize = 16;

/// `out` becomes the weighted sums along the columns of `source`, which has a reach of rows more above and below. A block of
/// columns goes all the way down before the next, so that its rows stay at hand.
#[inline(always)]
fn weigh_columns(source: &[f64], taps: &[f64], out: &mut [f64], stride: usize) {
    let middle = (taps.len() - 1) * stride;
    let height = out.len() / stride;
    for left in (0..stride).step_by(BLOCK) {
        let count = BLOCK.min(stride - left);
        for y in 0..height {
            let at = y * stride + left;
            let out = &mut out[at..at + count];
            if count == BLOCK {
                out.copy_from_slice(&weighted::<BLOCK>(source, middle + at, stride, taps));
                continue;
            }
            for (i, out) in out.iter_mut().enumerate() {
                [*out] = weighted(source, middle + at + i, stride, taps);
            }
        }
    }
}

/// `out` becomes the weighted sums along the row `source`, which has a reach of points more on both sides.
#[inline(always)]
fn weigh_row(source: &[f64], channels: usize, taps: &[f64], out: &mut [f64]) {
    let middle = (taps.len() - 1) * channels;
    let (blocks, rest) = out.as_chunks_mut::<BLOCK>();
    let done = blocks.len() * BLOCK;
    for (at, out) in blocks.iter_mut().enumerate() {
        *out = weighted(source, middle + at * BLOCK, channels, taps);
    }
    for (at, out) in rest.iter_mut().enumerate() {
        [*out] = weighted(source, middle + done + at, channels, taps);
    }
}

/// Sums of neighbours from `centre` on, whose taps stand `step` apart.
#[inline(always)]
fn weighted<const N: usize>(source: &[f64], centre: usize, step: usize, taps: &[f64]) -> [f64; N] {
    let line = |from: usize| -> [f64; N] {
        let line = &source[from..from + N];
        std::array::from_fn(|i| line[i])
    };
    let mut sums = line(centre).map(|value| value * taps[0]);
    for (distance, tap) in taps.iter().enumerate().skip(1).rev() {
        let (before, after) = (line(centre - distance * step), line(centre + distance * step));
        for i in 0..N {
            sums[i] += (before[i] + after[i]) * tap;
        }
    }
    sums
}

/// Taps from the centre outward; none where smoothing changes nothing.
fn taps(sigma: f64, truncate: f64) -> Option<Vec<f64>> {
    if sigma < 1e-15 {
        return None;
    }
    let reach = (truncate * sigma + 0.5) as usize;
    let tap = |i: usize| libm::exp(-0.5 / (sigma * sigma) * (i * i) as f64);
    let both: Vec<f64> = (0..=2 * reach).map(|at| tap(at.abs_diff(reach))).collect();
    let sum = pairwise_sum(&both);
    Some((0..=reach).map(|i| tap(i) / sum).collect())
}

/// The sum in numpy's order, to the last bit.
pub(super) fn pairwise_sum(values: &[f64]) -> f64 {
    if values.len() > 128 {
        let half = values.len() / 2 / 8 * 8;
        return pairwise_sum(&values[..half]) + pairwise_sum(&values[half..]);
    }
    let (eights, rest) = values.as_chunks::<8>();
    let Some((first, eights)) = eights.split_first() else { return rest.iter().sum() };
    let s = eights.iter().fold(*first, |sums, eight| std::array::from_fn(|i| sums[i] + eight[i]));
    let start = ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
    rest.iter().fold(start, |sum, value| sum + value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_spreads_into_the_normal_density() {
        let mut values = vec![0.0; 41 * 41];
        values[20 * 41 + 20] = 1.0;
        smooth(&mut values, 41, 1, Gaussian::new(2.0));
        assert!((values.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let expected = libm::exp(-(9.0 + 4.0) / 8.0) / (8.0 * std::f64::consts::PI);
        assert!((values[23 * 41 + 22] / expected - 1.0).abs() < 2e-3);
    }

    #[test]
    fn no_width_is_no_change() {
        let mut values = vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        smooth(&mut values, 1, 3, Gaussian::new(0.0));
        smooth(&mut values, 1, 3, Gaussian::new(0.05));
        assert_eq!(values, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    }

    #[test]
    fn the_order_of_a_sum_does_not_lose_values() {
        for count in [0, 3, 8, 13, 127, 129, 1000] {
            let values: Vec<f64> = (0..count).map(f64::from).collect();
            assert_eq!(pairwise_sum(&values), f64::from(count * (count - 1).max(0) / 2));
        }
    }
}
