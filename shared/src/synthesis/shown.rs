//! What was made, as people see it and as another model takes it.

use burn::prelude::*;
use burn::tensor::TensorData;

use super::{Made, Subject};
use crate::image::{Preprocess, Rgb8};

/// The difference between what was made and the image as it was.
#[derive(Clone, Debug)]
pub struct Noise {
    /// At the model's size: grey where nothing changed, and as strong as it can be shown. For noise on tokens a map of it: the lighter,
    /// the longer the noise of the token there.
    pub image: Rgb8,
    /// The largest change of a pixel in levels of 255; for noise on tokens, its Euclidean norm.
    pub size: f64,
    /// Whether it is on tokens.
    pub on_tokens: bool,
}

impl Subject {
    /// What was made, in bytes. Noise on tokens leaves the image as it was.
    pub fn picture(&self, made: &Made) -> Rgb8 {
        match made {
            Made::Image(image) => self.bytes(&levels(image, &self.preprocess)),
            Made::Tokens(_) => self.bytes(&levels(&self.image, &self.preprocess)),
        }
    }

    /// What changed.
    pub fn noise(&self, made: &Made) -> Noise {
        match made {
            Made::Image(image) => {
                let [before, after] = [&self.image, image].map(|image| levels(image, &self.preprocess));
                let change: Vec<f32> = after.iter().zip(&before).map(|(after, before)| after - before).collect();
                let most = change.iter().fold(0.0f32, |most, change| most.max(change.abs()));
                let scale = if most > 0.0 { 127.0 / most } else { 0.0 };
                let shown: Vec<f32> = change.iter().map(|change| 128.0 + change * scale).collect();
                Noise { image: self.bytes(&shown), size: most.into(), on_tokens: false }
            }
            Made::Tokens(noise) => {
                let [_, _, width] = noise.dims();
                let squared = |token: &[f32]| token.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>();
                let squares: Vec<f64> = numbers(noise).chunks(width).map(squared).collect();
                let most = squares.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
                let [rows, columns] = self.model.trace(self.image.clone()).grid;
                let side = self.side();
                let shade = |i: usize| {
                    let (y, x) = (i / side % side * rows / side, i % side * columns / side);
                    (255.0 * (squares[y * columns + x] / most).sqrt()) as f32
                };
                let shown: Vec<f32> = (0..3 * side * side).map(shade).collect();
                Noise { image: self.bytes(&shown), size: squares.iter().sum::<f64>().sqrt(), on_tokens: true }
            }
        }
    }

    /// What was made as a model takes it that prepares images by `other`; none where that has another size, or the noise is on tokens.
    pub fn made_for(&self, other: &Preprocess, made: &Made) -> Option<Tensor<4>> {
        let own = &self.preprocess;
        let Made::Image(image) = made else { return None };
        if own.image_size != other.image_size {
            return None;
        }
        if (own.mean, own.std) == (other.mean, other.std) {
            return Some(image.clone());
        }
        let [_, _, rows, columns] = image.dims();
        let renormalised = |(i, value): (usize, f32)| {
            let channel = i / (rows * columns);
            (value * own.std[channel] + own.mean[channel] - other.mean[channel]) / other.std[channel]
        };
        let values: Vec<f32> = numbers(image).into_iter().enumerate().map(renormalised).collect();
        Some(Tensor::from_data(TensorData::new(values, image.dims()), &image.device()))
    }

    /// Levels `[3, y, x]` as bytes.
    fn bytes(&self, levels: &[f32]) -> Rgb8 {
        let side = self.side();
        let byte = |place: usize| levels[place].round().clamp(0.0, 255.0) as u8;
        Rgb8::from_fn(side, side, |x, y| std::array::from_fn(|channel| byte((channel * side + y) * side + x)))
    }
}

/// A normalised image `[1, 3, y, x]` in levels of 255.
fn levels(image: &Tensor<4>, preprocess: &Preprocess) -> Vec<f32> {
    let [_, _, rows, columns] = image.dims();
    let Preprocess { mean, std, .. } = preprocess;
    let level = |(i, value): (usize, f32)| {
        let channel = i / (rows * columns);
        (value * std[channel] + mean[channel]) * 255.0
    };
    numbers(image).into_iter().enumerate().map(level).collect()
}

fn numbers<const D: usize>(x: &Tensor<D>) -> Vec<f32> {
    x.clone().into_data().iter::<f32>().collect()
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use super::*;
    use crate::model::preset;

    fn subject() -> (Subject, Rgb8) {
        let device = Device::flex();
        device.seed(2);
        let model = preset("vit_nano_p4_32").unwrap().config(5).init(&device).unwrap();
        let preprocess = Preprocess::imagenet(32);
        let picture = Rgb8::from_fn(32, 32, |x, y| [(x * 8) as u8, (y * 8) as u8, (x * y % 251) as u8]);
        let mut values = Vec::new();
        preprocess.normalise(&picture, &mut values);
        let image = Tensor::<4>::from_data(TensorData::new(values, [1, 3, 32, 32]), &device);
        (Subject::new(model, preprocess, image), picture)
    }

    #[test]
    fn bytes_come_back_from_what_they_were_normalised_to_also_by_way_of_another_model() {
        let (subject, picture) = subject();
        let made = Made::Image(subject.image.clone());
        assert_eq!(subject.picture(&made), picture);
        let other = Preprocess { mean: [0.5; 3], std: [0.25; 3], ..Preprocess::imagenet(32) };
        let there = subject.made_for(&other, &made).unwrap();
        let there = Subject { preprocess: other, image: there, ..subject.clone() };
        assert_eq!(there.picture(&Made::Image(there.image.clone())), picture);
        assert!(subject.made_for(&Preprocess::imagenet(64), &made).is_none());
    }

    #[test]
    fn noise_is_shown_around_grey_and_its_size_is_that_of_the_largest_change() {
        let (subject, _) = subject();
        let none = subject.noise(&Made::Image(subject.image.clone()));
        assert!(none.size == 0.0 && none.image.bytes().iter().all(|byte| *byte == 128));
        let step = 3.0 / 255.0 / f64::from(subject.preprocess.std[0]);
        let noise = subject.noise(&Made::Image(subject.image.clone().add_scalar(step)));
        assert!((noise.size - 3.0).abs() < 0.1 && !noise.on_tokens, "{}", noise.size);
        assert!(noise.image.bytes().chunks(3).all(|pixel| pixel[0] >= 250), "red changed most");
        let tokens = Tensor::<3>::ones([1, 64, 96], &subject.image.device());
        let noise = subject.noise(&Made::Tokens(tokens));
        assert!(noise.on_tokens && (noise.size - (64.0f64 * 96.0).sqrt()).abs() < 1e-6);
        assert!(noise.image.bytes().iter().all(|byte| *byte == 255));
    }
}
