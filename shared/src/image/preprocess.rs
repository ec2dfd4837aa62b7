//! From an image to a model's input: resize, centre crop, normalise, as torchvision and timm do it.

use serde::{Deserialize, Serialize};

use super::crop::centre_offset;
use super::{Filter, Rgb8};

/// Longer images lose their ends before the resize: the crop would drop them anyway, and a 1×100 000 strip must not
/// become 256×25 600 000 on its way.
const MAX_ASPECT: usize = 16;

/// How images are prepared for one model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preprocess {
    /// Side of the model's square input, pixels.
    pub image_size: usize,
    /// Filter of the resize.
    pub filter: Filter,
    /// Share of the shorter side that the crop keeps; 1 keeps all of it.
    pub crop_pct: f32,
    /// Subtracted from each channel, in units of 0..1.
    pub mean: [f32; 3],
    /// Divides each channel, in units of 0..1.
    pub std: [f32; 3],
}

impl Default for Preprocess {
    /// ImageNet's, at 224 pixels.
    fn default() -> Self {
        Self::imagenet(224)
    }
}

impl Preprocess {
    /// The usual ImageNet statistics, bicubic, the whole shorter side.
    pub fn imagenet(size: usize) -> Self {
        Self {
            image_size: size,
            filter: Filter::Bicubic,
            crop_pct: 1.0,
            mean: [0.485, 0.456, 0.406],
            std: [0.229, 0.224, 0.225],
        }
    }

    /// The shorter side to `floor(image_size / crop_pct)`, then the centre `image_size`² pixels.
    pub fn prepare(&self, image: &Rgb8) -> Rgb8 {
        let size = self.image_size.max(1);
        let target = ((size as f64 / f64::from(self.crop_pct)) as usize).clamp(size, size.saturating_mul(8));
        let short = image.width().min(image.height());
        let (width, height) =
            (image.width().min(short.saturating_mul(MAX_ASPECT)), image.height().min(short.saturating_mul(MAX_ASPECT)));
        let held = (width, height) != (image.width(), image.height());
        let cut = held.then(|| centre(image, width, height));
        let scaled = cut.as_ref().unwrap_or(image).resize(target * width / short, target * height / short, self.filter);
        centre(&scaled, size, size)
    }

    /// The centre `image_size`² pixels without a resize, for stored images that have their size already; `None` for smaller
    /// ones.
    pub fn crop_only(&self, image: &Rgb8) -> Option<Rgb8> {
        let size = self.image_size.max(1);
        (image.width().min(image.height()) >= size).then(|| centre(image, size, size))
    }

    /// Appends `(value / 255 - mean) / std` of every pixel, `[c, y, x]`.
    pub fn normalise(&self, image: &Rgb8, out: &mut Vec<f32>) {
        out.reserve(image.bytes().len());
        for channel in 0..3 {
            let table: [f32; 256] =
                std::array::from_fn(|value| (value as f32 / 255.0 - self.mean[channel]) / self.std[channel]);
            out.extend(image.bytes().iter().skip(channel).step_by(3).map(|value| table[usize::from(*value)]));
        }
    }

    /// [`Self::normalise`] for values that need not be bytes, `[y, x, c]` in 0..1.
    pub fn normalise_fractions(&self, values: &[f32], out: &mut Vec<f32>) {
        out.reserve(values.len());
        for channel in 0..3 {
            let (mean, std) = (self.mean[channel], self.std[channel]);
            out.extend(values.iter().skip(channel).step_by(3).map(|value| (value - mean) / std));
        }
    }
}

fn centre(image: &Rgb8, width: usize, height: usize) -> Rgb8 {
    let (width, height) = (width.min(image.width()), height.min(image.height()));
    image.crop(centre_offset(image.width(), width), centre_offset(image.height(), height), width, height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_image_becomes_a_square_of_the_models_size() {
        let mut preprocess = Preprocess::imagenet(32);
        for crop_pct in [1.0, 0.875, 0.9, 2.0, 0.0, f32::NAN] {
            preprocess.crop_pct = crop_pct;
            for (width, height) in [(1, 1), (1, 3000), (50, 40), (32, 32), (31, 200)] {
                let input = preprocess.prepare(&Rgb8::from_fn(width, height, |_, _| [1, 2, 3]));
                assert_eq!((input.width(), input.height()), (32, 32), "{width}×{height}, {crop_pct}");
            }
        }
    }

    #[test]
    fn a_square_of_the_right_size_is_not_touched() {
        let image = Rgb8::from_fn(32, 32, |x, y| [x as u8, y as u8, 5]);
        assert_eq!(Preprocess::imagenet(32).prepare(&image), image);
    }

    #[test]
    fn a_crop_alone_keeps_the_pixels_and_refuses_small_images() {
        let image = Rgb8::from_fn(36, 34, |x, y| [x as u8, y as u8, 5]);
        let crop = Preprocess { crop_pct: 0.5, ..Preprocess::imagenet(32) }.crop_only(&image).unwrap();
        assert_eq!((crop.width(), crop.height(), crop.pixel(0, 0)), (32, 32, [2, 1, 5]));
        assert_eq!(Preprocess::imagenet(35).crop_only(&image), None);
    }

    #[test]
    fn channels_are_planes_centred_on_the_mean() {
        let preprocess = Preprocess { mean: [0.0, 0.2, 1.0], std: [1.0, 0.5, 0.5], ..Preprocess::imagenet(2) };
        let mut out = vec![9.0];
        preprocess.normalise(&Rgb8::from_fn(2, 1, |_, _| [255, 51, 0]), &mut out);
        assert_eq!(out, [9.0, 1.0, 1.0, 0.0, 0.0, -2.0, -2.0]);
    }

    #[test]
    fn bytes_and_their_fractions_become_the_same_input() {
        let (preprocess, image) = (
            Preprocess::imagenet(16),
            Rgb8::from_fn(16, 16, |x, y| [(16 * y + x) as u8, (3 * x) as u8, (7 * y) as u8]),
        );
        let fractions: Vec<f32> = image.bytes().iter().map(|byte| f32::from(*byte) / 255.0).collect();
        let (mut from_bytes, mut from_fractions) = (Vec::new(), Vec::new());
        preprocess.normalise(&image, &mut from_bytes);
        preprocess.normalise_fractions(&fractions, &mut from_fractions);
        assert_eq!(from_bytes, from_fractions);
    }
}
