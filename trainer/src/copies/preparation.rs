//! What is done to an image before it is corrupted.

use vitro::image::{Filter, Preprocess, Rgb8};

/// How images become square ones of one size.
#[derive(Clone, Debug, PartialEq)]
pub enum Preparation {
    /// The shorter side to this many pixels, bicubic, then the centre.
    Square(usize),
    /// As the 224-pixel sets were made: the shorter side to 256 pixels, bilinear, then the centre.
    ImageNet,
    /// As the 299-pixel sets were made: the central 87.5 % of each side, squashed, bilinear.
    Inception,
}

impl Preparation {
    /// Side of the prepared image in pixels.
    pub fn side(&self) -> usize {
        match self {
            Self::Square(side) => *side,
            Self::ImageNet => 224,
            Self::Inception => 299,
        }
    }

    /// Prepares one image.
    pub fn prepare(&self, image: &Rgb8) -> Rgb8 {
        let side = self.side();
        match self {
            Self::Square(_) => Preprocess::imagenet(side).prepare(image),
            Self::ImageNet => {
                Preprocess { filter: Filter::Bilinear, crop_pct: 0.875, ..Preprocess::imagenet(side) }.prepare(image)
            }
            Self::Inception => {
                // An eighth is cut off, the same number of pixels on both sides.
                let cut = |length: usize| length / 16;
                let (left, top) = (cut(image.width()), cut(image.height()));
                let centre = image.crop(left, top, image.width() - 2 * left, image.height() - 2 * top);
                centre.resize(side, side, Filter::Bilinear)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Red grows to the right, green downwards.
    fn ramp(width: usize, height: usize) -> Rgb8 {
        Rgb8::from_fn(width, height, |x, y| [(x * 255 / (width - 1)) as u8, (y * 255 / (height - 1)) as u8, 7])
    }

    #[test]
    fn imagenet_keeps_seven_eighths_of_the_shorter_side() {
        let prepared = Preparation::ImageNet.prepare(&ramp(512, 256));
        assert_eq!((prepared.width(), prepared.height()), (224, 224));
        // Rows 16 to 239 of 256, columns 144 to 367 of 512.
        let (first, last) = (prepared.pixel(0, 0), prepared.pixel(223, 223));
        assert!(first[1].abs_diff(16) <= 1 && last[1].abs_diff(239) <= 1, "{first:?} {last:?}");
        assert!(first[0].abs_diff(71) <= 1 && last[0].abs_diff(183) <= 1, "{first:?} {last:?}");
    }

    #[test]
    fn inception_squashes_the_middle() {
        let prepared = Preparation::Inception.prepare(&ramp(640, 320));
        assert_eq!((prepared.width(), prepared.height()), (299, 299));
        let (first, last) = (prepared.pixel(0, 0), prepared.pixel(298, 298));
        assert!(first[..2].iter().all(|value| value.abs_diff(16) <= 1), "{first:?}");
        assert!(last[..2].iter().all(|value| value.abs_diff(239) <= 1), "{last:?}");
    }

    #[test]
    fn every_size_of_image_can_be_prepared() {
        for (width, height) in [(1, 1), (1, 40), (17, 3), (300, 299)] {
            for way in [Preparation::Square(20), Preparation::ImageNet, Preparation::Inception] {
                let image = Rgb8::from_fn(width, height, |x, y| [x as u8, y as u8, 0]);
                let prepared = way.prepare(&image);
                assert_eq!((prepared.width(), prepared.height()), (way.side(), way.side()));
            }
        }
    }
}
