//! Training augmentation: random-resized-crop and flip, as in torchvision and timm.

use rand::Rng;
use vitro::image::{Filter, Rgb8};

use crate::recipe::Data;

/// Shapes of a crop lie between 3:4 and 4:3.
const RATIO: f64 = 4.0 / 3.0;
/// Draws until a crop fits; then the largest centred one is taken.
const TRIES: usize = 10;

/// What is done to a training picture.
#[derive(Clone, Copy, Debug)]
pub struct Augment {
    /// Smallest share of the area that a crop keeps; 1: no crop.
    pub crop: f64,
    /// Whether every other picture is mirrored.
    pub flip: bool,
    /// Side of the result, pixels.
    pub size: usize,
}

impl Augment {
    /// As the recipe says.
    pub fn new(data: &Data) -> Self {
        Self { crop: data.crop, flip: data.flip, size: data.image_size }
    }

    /// A crop of `picture`, perhaps mirrored, `size`×`size`. Draws from `random` in a fixed order.
    pub fn apply(&self, picture: &Rgb8, random: &mut impl Rng) -> Rgb8 {
        let (x, y, width, height) = self.window(picture, random);
        let mirrored = self.flip && random.random::<bool>();
        let window = if (width, height) == (picture.width(), picture.height()) {
            None
        } else {
            Some(picture.crop(x, y, width, height))
        };
        let window = window.as_ref().unwrap_or(picture);
        let result = if (window.width(), window.height()) == (self.size, self.size) {
            window.clone()
        } else {
            window.resize(self.size, self.size, Filter::Bicubic)
        };
        if mirrored { result.flip_horizontal() } else { result }
    }

    fn window(&self, picture: &Rgb8, random: &mut impl Rng) -> (usize, usize, usize, usize) {
        let (width, height) = (picture.width(), picture.height());
        if self.crop < 1.0 {
            let area = (width * height) as f64;
            for _ in 0..TRIES {
                let target = area * random.random_range(self.crop..=1.0);
                let ratio = random.random_range(-RATIO.ln()..=RATIO.ln()).exp();
                let (w, h) = ((target * ratio).sqrt().round() as usize, (target / ratio).sqrt().round() as usize);
                if (1..=width).contains(&w) && (1..=height).contains(&h) {
                    return (random.random_range(0..=width - w), random.random_range(0..=height - h), w, h);
                }
            }
        }
        let side = width.min(height);
        ((width - side) / 2, (height - side) / 2, side, side)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitro::random::stream;

    #[test]
    fn the_result_has_the_size_asked_for_and_depends_on_the_stream_alone() {
        let picture = Rgb8::from_fn(50, 37, |x, y| [x as u8, y as u8, 0]);
        let augment = Augment { crop: 0.3, flip: true, size: 24 };
        let once = |seed| augment.apply(&picture, &mut stream(seed, 0, "augment"));
        assert_eq!((once(1).width(), once(1).height()), (24, 24));
        assert_eq!(once(1), once(1));
        assert_ne!(once(1), once(2));
    }

    #[test]
    fn switched_off_it_returns_the_picture() {
        let picture = Rgb8::from_fn(24, 24, |x, y| [x as u8, y as u8, 0]);
        let augment = Augment { crop: 1.0, flip: false, size: 24 };
        assert_eq!(augment.apply(&picture, &mut stream(1, 0, "augment")), picture);
    }
}
