//! Frost from the photographs themselves, for those who have them.
//!
//! A photograph is chosen, scaled as the variant says and cut at random: the crop rule of the published generators, with draws
//! of our own. They scale without antialiasing, so a pixel depends on its nearest few alone, and only the crop is computed.
//! OpenCV sums in fixed point, which may differ from ours by one level.

use super::super::{Severity, Variant};
use super::with_overlay;
use crate::image::Rgb8;
use crate::random::normal::uniform;
use crate::random::stream;

/// What `imagecorruptions` enlarges by, always.
const ENLARGED: f64 = 1.1;

/// Frost with a crop of one of `photographs`, all equally likely; the published five are used so, and their sixth never.
/// Without any, the image stays as it is. One that is too small for the image is enlarged until it covers it.
pub fn with_photographs(image: &Rgb8, severity: Severity, variant: Variant, photographs: &[Rgb8], seed: u64) -> Rgb8 {
    let mut random = stream(seed, 0, "frost photograph");
    let mut below = |count: usize| (uniform(&mut random) * count as f64) as usize;
    let Some(photograph) = photographs.get(below(photographs.len())) else { return image.clone() };
    let (width, height) = (image.width(), image.height());
    let scale = scale_of(photograph, width, height, variant);
    let room = |of: usize, size: usize| ((of as f64 * scale).round() as usize).saturating_sub(size).max(1);
    let top = below(room(photograph.height(), height));
    let left = below(room(photograph.width(), width));
    with_overlay(image, severity, variant, &cut(photograph, scale, left, top, width, height, variant))
}

/// How much `photograph` is enlarged for an image of `width`×`height`.
pub fn scale_of(photograph: &Rgb8, width: usize, height: usize, variant: Variant) -> f64 {
    let cover = (height as f64 / photograph.height() as f64).max(width as f64 / photograph.width() as f64);
    match variant {
        Variant::ImageNet | Variant::Inception => cover.max(1.0),
        Variant::Tiny => cover.max(0.3),
        Variant::Cifar => cover.max(0.2),
        Variant::ImageCorruptions => ENLARGED * cover.max(1.0),
    }
}

/// The `width`×`height` pixels from (`left`, `top`) of `photograph` scaled by `scale`: bicubic in `imagecorruptions`, else
/// bilinear.
pub fn cut(
    photograph: &Rgb8,
    scale: f64,
    left: usize,
    top: usize,
    width: usize,
    height: usize,
    variant: Variant,
) -> Rgb8 {
    let taps = if variant == Variant::ImageCorruptions { cubic } else { linear };
    let axis = |first: usize, count: usize, length: usize| -> Vec<[(usize, f64); 4]> {
        (first..first + count)
            .map(|at| {
                let source = (at as f64 + 0.5) / scale - 0.5;
                let before = source.floor();
                let weights = taps(source - before);
                // The edge is repeated.
                std::array::from_fn(|i| {
                    let point = before as isize + i as isize - 1;
                    (point.clamp(0, length as isize - 1) as usize, weights[i])
                })
            })
            .collect()
    };
    let (rows, columns) = (axis(top, height, photograph.height()), axis(left, width, photograph.width()));
    Rgb8::from_fn(width, height, |x, y| {
        let mut sums = [0.0; 3];
        for (row, row_weight) in rows[y].iter().filter(|(_, weight)| *weight != 0.0) {
            for (column, weight) in columns[x].iter().filter(|(_, weight)| *weight != 0.0) {
                let pixel = photograph.pixel(*column, *row);
                for (sum, value) in sums.iter_mut().zip(pixel) {
                    *sum += row_weight * weight * f64::from(value);
                }
            }
        }
        sums.map(|sum| sum.round_ties_even().clamp(0.0, 255.0) as u8)
    })
}

/// Weights of the points at -1, 0, 1 and 2 for a position of 0..1.
fn linear(at: f64) -> [f64; 4] {
    [0.0, 1.0 - at, at, 0.0]
}

/// The cubic convolution with a = -3/4, OpenCV's.
fn cubic(at: f64) -> [f64; 4] {
    const A: f64 = -0.75;
    let near = |x: f64| ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0;
    let far = |x: f64| ((A * x - 5.0 * A) * x + 8.0 * A) * x - 4.0 * A;
    [far(at + 1.0), near(at), near(1.0 - at), far(2.0 - at)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(width: usize, height: usize) -> Rgb8 {
        Rgb8::from_fn(width, height, |x, y| [x as u8, y as u8, 100])
    }

    #[test]
    fn at_full_scale_a_cut_is_a_crop() {
        for variant in [Variant::ImageNet, Variant::ImageCorruptions] {
            assert_eq!(cut(&ramp(60, 50), 1.0, 7, 5, 20, 10, variant), ramp(60, 50).crop(7, 5, 20, 10));
        }
    }

    #[test]
    fn a_fifth_of_a_ramp_reads_every_fifth_pixel() {
        let small = cut(&ramp(200, 100), 0.2, 0, 0, 32, 16, Variant::Cifar);
        assert_eq!((small.pixel(0, 0), small.pixel(10, 3)), ([2, 2, 100], [52, 17, 100]));
    }

    #[test]
    fn every_photograph_and_place_is_used_and_the_blend_is_the_published_one() {
        let photographs = [0, 60, 120].map(|shade| Rgb8::from_fn(90, 70, |x, _| [x as u8, shade, 0]));
        let black = Rgb8::from_fn(40, 30, |_, _| [0; 3]);
        let severity = Severity::ALL[1];
        let mut shades = Vec::new();
        let mut columns = Vec::new();
        for seed in 0..60 {
            let out = with_photographs(&black, severity, Variant::ImageNet, &photographs, seed);
            shades.push(out.pixel(0, 0)[1]);
            columns.push(out.pixel(0, 0)[0]);
        }
        shades.sort_unstable();
        shades.dedup();
        // Six tenths of the overlay.
        assert_eq!(shades, [0, 36, 72]);
        assert!(columns.iter().max() > Some(&24) && columns.iter().max() <= Some(&29), "{columns:?}");
        assert_eq!(columns.iter().min(), Some(&0));
    }

    #[test]
    fn too_small_photographs_are_enlarged_and_none_changes_nothing() {
        let image = ramp(64, 48);
        for variant in Variant::ALL {
            let out = with_photographs(&image, Severity::ALL[4], *variant, &[ramp(3, 2)], 1);
            assert_eq!((out.width(), out.height()), (64, 48));
        }
        assert_eq!(with_photographs(&image, Severity::ALL[4], Variant::Tiny, &[], 1), image);
    }
}
