//! Resizing, byte for byte as Pillow's `Image.resize` does it.
//!
//! Each axis is a weighted sum of source pixels; when shrinking, the filter is widened by the scale so that nothing is
//! skipped (antialiasing). Weights are fixed point with 22 fraction bits. The horizontal pass comes first, unless the image
//! loses more than twice as many rows as columns ([`rows_first`]), and the first pass is rounded to 8 bits before the other.
//! `fast_image_resize` computes the same filters with 16-bit weights, so it differs from Pillow by one level in places;
//! pixelate and the models' published accuracies want the exact bytes, hence this file. `Nearest` follows Pillow's other path: a source position that is accumulated in f64 and truncated.

use serde::{Deserialize, Serialize};

use super::Rgb8;

/// Fraction bits of a tap's weight.
const PRECISION: u32 = 22;

/// How source pixels are weighted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Filter {
    /// The one pixel under the centre.
    Nearest,
    /// The mean of the covered pixels.
    Box,
    /// A triangle one pixel wide to each side.
    Bilinear,
    /// Keys' cubic with a = -1/2.
    #[default]
    Bicubic,
    /// Windowed sinc, three lobes.
    Lanczos,
}

impl Rgb8 {
    /// The image at `width`×`height` pixels. Sides below one are taken as one.
    pub fn resize(&self, width: usize, height: usize, filter: Filter) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        if (width, height) == (self.width(), self.height()) {
            return self.clone();
        }
        if filter == Filter::Nearest {
            return nearest(self, width, height);
        }
        if height == self.height() {
            return horizontal(self, width, filter);
        }
        if width == self.width() {
            return vertical(self, height, filter);
        }
        if rows_first((self.width(), self.height()), (width, height)) {
            return horizontal(&vertical(self, height, filter), width, filter);
        }
        vertical(&horizontal(self, width, filter), height, filter)
    }
}

/// Whether the vertical pass comes first, from one (width, height) to another: Pillow 13's choice, as its results show it.
fn rows_first(from: (usize, usize), to: (usize, usize)) -> bool {
    from.1 > to.1 && from.1 + 2 * to.0 > to.1 + 2 * from.0
}

/// The source pixels of one output pixel: `start..start + weights.len()`.
struct Window {
    start: usize,
    weights: Vec<i32>,
}

impl Window {
    /// Whether the window only copies its one pixel.
    fn copies(&self) -> bool {
        self.weights == [1 << PRECISION]
    }
}

fn windows(input: usize, output: usize, filter: Filter) -> Vec<Window> {
    let windows = resampling(input, output, filter).into_iter();
    windows.map(|(start, weights)| trimmed(start, weights.into_iter().map(fixed_point).collect())).collect()
}

/// How `input` samples become `output` of them: for each, the first that counts, and the weights of it and those after it.
pub(crate) fn resampling(input: usize, output: usize, filter: Filter) -> Vec<(usize, Vec<f64>)> {
    let scale = input as f64 / output as f64;
    let widening = scale.max(1.0);
    let support = filter.support() * widening;
    let inverse = 1.0 / widening;
    (0..output)
        .map(|i| {
            let centre = (i as f64 + 0.5) * scale;
            let start = (centre - support + 0.5).max(0.0) as usize;
            let end = ((centre + support + 0.5) as usize).min(input);
            let raw: Vec<f64> = (start..end).map(|j| filter.weight((j as f64 - centre + 0.5) * inverse)).collect();
            let sum: f64 = raw.iter().sum();
            (start, raw.iter().map(|w| if sum == 0.0 { *w } else { w / sum }).collect())
        })
        .collect()
}

/// Taps of weight zero at the ends change nothing but cost time.
fn trimmed(start: usize, weights: Vec<i32>) -> Window {
    let first = weights.iter().position(|w| *w != 0).unwrap_or(0);
    let last = weights.iter().rposition(|w| *w != 0).map_or(weights.len(), |at| at + 1);
    Window { start: start + first, weights: weights[first..last].to_vec() }
}

fn fixed_point(weight: f64) -> i32 {
    let scaled = weight * f64::from(1u32 << PRECISION);
    if scaled < 0.0 { (scaled - 0.5) as i32 } else { (scaled + 0.5) as i32 }
}

fn rounded(sum: i32) -> u8 {
    (sum >> PRECISION).clamp(0, 255) as u8
}

fn horizontal(source: &Rgb8, width: usize, filter: Filter) -> Rgb8 {
    let windows = windows(source.width(), width, filter);
    let mut data = vec![0u8; width * source.height() * 3];
    let rows = source.bytes().chunks_exact(source.width() * 3);
    for (row, out) in rows.zip(data.chunks_exact_mut(width * 3)) {
        for (window, pixel) in windows.iter().zip(out.as_chunks_mut::<3>().0) {
            let taps = &row[window.start * 3..];
            if window.copies() {
                pixel.copy_from_slice(&taps[..3]);
                continue;
            }
            let mut sums = [1i32 << (PRECISION - 1); 3];
            for (tap, weight) in taps.as_chunks::<3>().0.iter().zip(&window.weights) {
                for (sum, value) in sums.iter_mut().zip(tap) {
                    *sum += i32::from(*value) * weight;
                }
            }
            *pixel = sums.map(rounded);
        }
    }
    Rgb8::from_parts(width, source.height(), data)
}

fn vertical(source: &Rgb8, height: usize, filter: Filter) -> Rgb8 {
    let stride = source.width() * 3;
    let mut data = vec![0u8; stride * height];
    let mut sums = vec![0i32; stride];
    for (window, out) in windows(source.height(), height, filter).iter().zip(data.chunks_exact_mut(stride)) {
        let rows = source.bytes()[window.start * stride..].chunks_exact(stride);
        if window.copies() {
            out.copy_from_slice(&source.bytes()[window.start * stride..][..stride]);
            continue;
        }
        sums.fill(1 << (PRECISION - 1));
        for (row, weight) in rows.zip(&window.weights) {
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += i32::from(*value) * weight;
            }
        }
        for (byte, sum) in out.iter_mut().zip(&sums) {
            *byte = rounded(*sum);
        }
    }
    Rgb8::from_parts(source.width(), height, data)
}

fn nearest(source: &Rgb8, width: usize, height: usize) -> Rgb8 {
    let columns = nearest_sources(source.width(), width);
    let rows = nearest_sources(source.height(), height);
    Rgb8::from_fn(width, height, |x, y| source.pixel(columns[x], rows[y]))
}

/// Accumulated as Pillow does it: where a position meets a pixel's border exactly, the rounding so far decides.
fn nearest_sources(input: usize, output: usize) -> Vec<usize> {
    let step = input as f64 / output as f64;
    let mut position = step * 0.5;
    (0..output)
        .map(|_| {
            let at = (position as usize).min(input - 1);
            position += step;
            at
        })
        .collect()
}

impl Filter {
    /// Half of the filter's width in output pixels.
    fn support(self) -> f64 {
        match self {
            Self::Nearest | Self::Box => 0.5,
            Self::Bilinear => 1.0,
            Self::Bicubic => 2.0,
            Self::Lanczos => 3.0,
        }
    }

    fn weight(self, x: f64) -> f64 {
        match self {
            Self::Nearest | Self::Box => f64::from(u8::from(x > -0.5 && x <= 0.5)),
            Self::Bilinear => (1.0 - x.abs()).max(0.0),
            Self::Bicubic => cubic(x.abs()),
            Self::Lanczos if (-3.0..3.0).contains(&x) => sinc(x) * sinc(x / 3.0),
            Self::Lanczos => 0.0,
        }
    }
}

fn cubic(x: f64) -> f64 {
    const A: f64 = -0.5;
    if x < 1.0 {
        ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0
    } else if x < 2.0 {
        (((x - 5.0) * x + 8.0) * x - 4.0) * A
    } else {
        0.0
    }
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 {
        return 1.0;
    }
    let angle = x * std::f64::consts::PI;
    libm::sin(angle) / angle
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMOOTH: [Filter; 4] = [Filter::Box, Filter::Bilinear, Filter::Bicubic, Filter::Lanczos];

    #[test]
    fn a_flat_image_stays_flat() {
        let flat = Rgb8::from_fn(13, 9, |_, _| [3, 128, 255]);
        for filter in SMOOTH {
            for (width, height) in [(5, 20), (40, 3), (1, 1), (13, 4)] {
                let out = flat.resize(width, height, filter);
                assert!(out.bytes().as_chunks::<3>().0.iter().all(|pixel| *pixel == [3, 128, 255]), "{filter:?}");
            }
        }
    }

    #[test]
    fn halving_by_box_averages_two_by_two_pixels() {
        let image = Rgb8::from_fn(4, 2, |x, y| [(x * 10 + y * 20) as u8; 3]);
        assert_eq!(image.resize(2, 1, Filter::Box).bytes(), [15, 15, 15, 35, 35, 35]);
    }

    #[test]
    fn the_pass_that_loses_most_rows_comes_first() {
        assert!(rows_first((35, 39), (32, 32)) && rows_first((20, 36), (32, 32)) && rows_first((67, 39), (64, 32)));
        assert!(!rows_first((33, 34), (32, 32)) && !rows_first((20, 24), (32, 32)) && !rows_first((36, 28), (32, 32)));
    }

    #[test]
    fn nearest_repeats_pixels() {
        let image = Rgb8::from_fn(2, 1, |x, _| [x as u8; 3]);
        assert_eq!(image.resize(4, 1, Filter::Nearest).bytes(), [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
    }

    #[test]
    fn the_same_size_is_the_same_image() {
        let image = Rgb8::from_fn(7, 5, |x, y| [x as u8, y as u8, 9]);
        assert_eq!(image.resize(7, 5, Filter::Lanczos), image);
    }
}
