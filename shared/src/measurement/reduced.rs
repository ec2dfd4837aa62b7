//! Photographs are larger than any network sees.

use crate::image::{Filter, Rgb8};

/// An image of a folder is halved while its shorter side stays at this many pixels or more.
const KEPT_SIDE: usize = 512;

/// The image as it is kept and measured: one whose shorter side has 1024 pixels or more is halved until it has fewer.
pub fn reduced(mut image: Rgb8) -> Rgb8 {
    while image.width().min(image.height()) >= 2 * KEPT_SIDE {
        image = image.resize(image.width() / 2, image.height() / 2, Filter::Box);
    }
    image
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_large_images_are_halved() {
        let side = |width, height| {
            let image = reduced(Rgb8::from_fn(width, height, |_, _| [9; 3]));
            (image.width(), image.height())
        };
        assert_eq!(side(1023, 4000), (1023, 4000));
        assert_eq!(side(1024, 1100), (512, 550));
        assert_eq!(side(2100, 4200), (525, 1050));
    }
}
