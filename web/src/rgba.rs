//! Between our RGB images and the RGBA bytes of a canvas.

use vitro::image::Rgb8;

/// RGB → RGBA, opaque.
pub(crate) fn from_rgb(image: &Rgb8) -> Vec<u8> {
    image.bytes().chunks_exact(3).flat_map(|pixel| [pixel[0], pixel[1], pixel[2], u8::MAX]).collect()
}

/// RGBA → RGB; alpha is dropped. `None` when the bytes do not fill `width` × `height`.
pub(crate) fn to_rgb(pixels: &[u8], width: usize, height: usize) -> Option<Rgb8> {
    let exact = width.checked_mul(height)?.checked_mul(4)? == pixels.len();
    let rgb = || pixels.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    exact.then(rgb).and_then(|bytes| Rgb8::new(width, height, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_survives_the_way_to_the_canvas_and_back() {
        let image = Rgb8::from_fn(3, 2, |x, y| [x as u8, y as u8, 7]);
        assert_eq!(to_rgb(&from_rgb(&image), 3, 2), Some(image));
    }

    #[test]
    fn bytes_that_do_not_fill_the_image_are_refused() {
        assert_eq!(to_rgb(&[0; 15], 2, 2), None);
        assert_eq!(to_rgb(&[], 0, 0), None);
        assert_eq!(to_rgb(&[0; 4], usize::MAX, usize::MAX), None);
    }
}
