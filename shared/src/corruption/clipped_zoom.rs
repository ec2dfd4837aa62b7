//! The linear zoom into the middle that [`zoom_blur`](super::zoom_blur) and [`snow`](super::snow) share.
//!
//! Per axis: of n points the middle `c = ceil(n / z)` become `m = round(c·z)`, sampled with aligned corners, and n of these
//! are kept. The coordinate is `o · ((c-1)/(m-1))` in f64; where the last one comes out above `c-1` by rounding, the reference
//! reads nothing and the point is 0. It happens at a few odd sizes and is kept.

use super::Variant;

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
    let stride = width * channels;
    let mut out = vec![0.0; rows.len() * columns.len() * channels];
    for (row, out) in rows.iter().zip(out.chunks_exact_mut(columns.len() * channels)) {
        let Some((upper, lower, upper_weight, lower_weight)) = *row else { continue };
        let (upper, lower) = (&values[upper * stride..][..stride], &values[lower * stride..][..stride]);
        for (column, out) in columns.iter().zip(out.chunks_exact_mut(channels)) {
            let Some((left, right, left_weight, right_weight)) = *column else { continue };
            let (left, right) = (left * channels, right * channels);
            for (c, out) in out.iter_mut().enumerate() {
                *out = upper[left + c] * upper_weight * left_weight
                    + upper[right + c] * upper_weight * right_weight
                    + lower[left + c] * lower_weight * left_weight
                    + lower[right + c] * lower_weight * right_weight;
            }
        }
    }
    out
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
