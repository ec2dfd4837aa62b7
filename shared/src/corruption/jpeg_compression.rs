//! JPEG compression: what libjpeg's defaults (baseline, 4:2:0, accurate integer DCT) do to the pixels at low quality.
//!
//! Entropy coding loses nothing, so the corruption writes no file: the colour conversion, the transform, the rounding of
//! coefficients and their inverses are done in place, in libjpeg's integers. [`file()`] is for those who want the file.

mod colour;
mod dct;
mod file;
mod huffman;

use super::variant::Constants;
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use colour::Planes;
pub use file::file;

/// Quality, 1 to 100.
const QUALITY: Constants<u8> = Constants {
    imagenet: [25, 18, 15, 10, 7],
    tiny: [65, 58, 50, 40, 25],
    cifar: [80, 65, 58, 50, 40],
    inception: Some([23, 16, 13, 8, 5]),
};

pub(super) const ENTRY: Corruption = Corruption {
    name: "jpeg_compression",
    title: "JPEG compression",
    about: "What libjpeg's quantisation leaves of the image at low quality, computed without writing a \
            file.",
    constants: "the quality",
    group: Group::Digital,
    set: Set::Common,
    needs: Needs::Image(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant) -> Rgb8 {
    recompress(image, QUALITY.at(severity, variant))
}

/// The pixels of `image` after a JPEG file of `quality` 1–100, as libjpeg writes and reads it.
pub fn recompress(image: &Rgb8, quality: u8) -> Rgb8 {
    let mut planes = Planes::new(image);
    let luma = scaled(&LUMA, quality);
    let chroma = scaled(&CHROMA, quality);
    dct::requantise(&mut planes.luma, planes.stride, &luma);
    dct::requantise(&mut planes.blue, planes.stride / 2, &chroma);
    dct::requantise(&mut planes.red, planes.stride / 2, &chroma);
    planes.into_image(image.width(), image.height())
}

/// Annex K's tables, in row order.
const LUMA: [u16; 64] = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
    87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
    72, 92, 95, 98, 112, 100, 103, 99,
];
const CHROMA: [u16; 64] = [
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99,
];

fn scaled(base: &[u16; 64], quality: u8) -> [u16; 64] {
    let quality = u32::from(quality.clamp(1, 100));
    let scale = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
    base.map(|entry| ((u32::from(entry) * scale + 50) / 100).clamp(1, 255) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_images_survive_within_rounding() {
        let flat = Rgb8::from_fn(19, 7, |_, _| [120, 120, 120]);
        let out = recompress(&flat, 100);
        assert!(out.bytes().iter().all(|byte| byte.abs_diff(120) <= 1));
    }

    #[test]
    fn the_wildest_images_stay_within_16_bits() {
        let mut noise = 1u32;
        for quality in [1, 7, 25, 60, 100] {
            for bits in [16, 24, 30, 31] {
                let image = Rgb8::from_fn(64, 64, |x, y| {
                    noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let flips = (x & bits as usize) ^ (y & quality as usize);
                    [if noise >> bits & 1 == 0 { 0 } else { 255 }, (flips % 2) as u8 * 255, (x / 4 % 2) as u8 * 255]
                });
                // Sums that do not fit would panic here.
                assert_eq!(recompress(&image, quality).width(), 64);
            }
        }
    }

    #[test]
    fn lower_quality_is_farther_from_the_image() {
        let image = Rgb8::from_fn(40, 33, |x, y| [(x * 6) as u8, (x * y) as u8, (y * 7) as u8]);
        let error = |quality| {
            let out = recompress(&image, quality);
            out.bytes().iter().zip(image.bytes()).map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>()
        };
        assert!(error(7) > error(25) && error(25) > error(80) && error(80) > error(100));
    }

    #[test]
    fn tables_scale_with_quality() {
        assert_eq!(scaled(&LUMA, 50), LUMA);
        assert_eq!(scaled(&LUMA, 100), [1; 64]);
        assert_eq!(scaled(&LUMA, 1)[63], 255);
    }
}
