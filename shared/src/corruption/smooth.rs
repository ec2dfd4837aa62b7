//! Gaussian smoothing as scipy does it: separable, the columns first, sums in f64 in a fixed order.
//!
//! The radius is `floor(t·σ + 1/2)`. The centre tap is added first, then symmetric pairs from the outermost inward: on flat
//! areas the last bit of the sum decides whether a level is lost.

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
    /// Applied to each result before it is stored: rounding to f32, or nothing.
    pub(super) store: fn(f64) -> f64,
}

impl Gaussian {
    /// σ both ways, the edge repeated, four σ wide, f64.
    pub(super) fn new(sigma: f64) -> Self {
        Self { sigma: [sigma, sigma], border: super::border::clamp, truncate: 4.0, store: |value| value }
    }
}

/// Smooths rows of `width` points of `channels` values, in place.
pub(super) fn smooth(values: &mut [f64], width: usize, channels: usize, how: Gaussian) {
    let stride = width * channels;
    let height = values.len() / stride;
    if let Some(taps) = taps(how.sigma[0], how.truncate) {
        let source = values.to_vec();
        let row = |at: isize| &source[(how.border)(at, height) * stride..][..stride];
        for (y, out) in values.chunks_exact_mut(stride).enumerate() {
            accumulate(out, &taps, |offset| row(y as isize + offset));
            out.iter_mut().for_each(|value| *value = (how.store)(*value));
        }
    }
    if let Some(taps) = taps(how.sigma[1], how.truncate) {
        let reach = taps.len() - 1;
        let mut padded = vec![0.0; stride + 2 * reach * channels];
        for out in values.chunks_exact_mut(stride) {
            for (at, point) in padded.chunks_exact_mut(channels).enumerate() {
                let from = (how.border)(at as isize - reach as isize, width) * channels;
                point.copy_from_slice(&out[from..from + channels]);
            }
            accumulate(out, &taps, |offset| &padded[(reach as isize + offset) as usize * channels..][..stride]);
            out.iter_mut().for_each(|value| *value = (how.store)(*value));
        }
    }
}

/// `out` becomes the weighted sum of the lines that `line` gives for each offset.
fn accumulate<'a>(out: &mut [f64], taps: &[f64], line: impl Fn(isize) -> &'a [f64]) {
    for (out, centre) in out.iter_mut().zip(line(0)) {
        *out = centre * taps[0];
    }
    for (at, tap) in taps.iter().enumerate().skip(1).rev() {
        let (before, after) = (line(-(at as isize)), line(at as isize));
        for ((out, before), after) in out.iter_mut().zip(before).zip(after) {
            *out += (before + after) * tap;
        }
    }
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
