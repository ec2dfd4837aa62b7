//! Operations that blend with a duller image: grey, flat, black or smoothed. A factor above one moves away from it.

use crate::image::Rgb8;

/// Away from grey.
pub(super) fn color(image: &Rgb8, factor: f64) -> Rgb8 {
    blend(image, factor, |x, y| [luma(image.pixel(x, y)); 3])
}

/// Away from the mean grey, rounded to a level.
pub(super) fn contrast(image: &Rgb8, factor: f64) -> Rgb8 {
    let pixels = image.bytes().as_chunks::<3>().0;
    let sum: u64 = pixels.iter().map(|pixel| u64::from(luma(*pixel))).sum();
    let count = pixels.len() as u64;
    let mean = ((2 * sum + count) / (2 * count)) as u8;
    blend(image, factor, |_, _| [mean; 3])
}

/// Away from black.
pub(super) fn brightness(image: &Rgb8, factor: f64) -> Rgb8 {
    blend(image, factor, |_, _| [0; 3])
}

/// Away from the smoothed image.
pub(super) fn sharpness(image: &Rgb8, factor: f64) -> Rgb8 {
    blend(image, factor, |x, y| smoothed(image, x, y))
}

/// `dull + factor · (image − dull)` in f32, cut off to a byte.
fn blend(image: &Rgb8, factor: f64, dull: impl Fn(usize, usize) -> [u8; 3]) -> Rgb8 {
    let factor = factor as f32;
    Rgb8::from_fn(image.width(), image.height(), |x, y| {
        let (from, to) = (dull(x, y), image.pixel(x, y));
        std::array::from_fn(|channel| {
            let difference = f32::from(i16::from(to[channel]) - i16::from(from[channel]));
            (f32::from(from[channel]) + factor * difference) as u8
        })
    })
}

/// ITU-R 601 luma with 16 fraction bits.
fn luma([red, green, blue]: [u8; 3]) -> u8 {
    ((u32::from(red) * 19_595 + u32::from(green) * 38_470 + u32::from(blue) * 7_471 + 0x8000) >> 16) as u8
}

/// The mean of 3×3 pixels with the middle counted five times; pixels at the border stay.
fn smoothed(image: &Rgb8, x: usize, y: usize) -> [u8; 3] {
    if x == 0 || y == 0 || x + 1 >= image.width() || y + 1 >= image.height() {
        return image.pixel(x, y);
    }
    let mut sums = image.pixel(x, y).map(|level| 4 * u32::from(level));
    for row in y - 1..=y + 1 {
        for column in x - 1..=x + 1 {
            for (sum, level) in sums.iter_mut().zip(image.pixel(column, row)) {
                *sum += u32::from(level);
            }
        }
    }
    // Thirteenths are never a half, so rounding is exact in integers.
    sums.map(|sum| ((2 * sum + 13) / 26) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factor_one_changes_nothing_and_zero_gives_the_dull_image() {
        let image = Rgb8::from_fn(9, 8, |x, y| [(x * 28) as u8, (y * 30) as u8, (x * y) as u8]);
        for op in [color, contrast, brightness, sharpness] {
            assert_eq!(op(&image, 1.0), image);
        }
        assert!(brightness(&image, 0.0).bytes().iter().all(|level| *level == 0));
        let grey = color(&image, 0.0);
        assert!(grey.bytes().as_chunks::<3>().0.iter().all(|pixel| pixel[0] == pixel[1] && pixel[1] == pixel[2]));
    }
}
