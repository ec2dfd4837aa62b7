//! Patches taken away at random, "Intriguing Properties of Vision Transformers" (arXiv 2105.10497): they become black.
//! The grid is the model's own.

use burn::prelude::*;
use burn::tensor::TensorData;

use super::once::Once;
use super::{Amount, Course, Made, Subject, Synthesis, SynthesisError, Wish};
use crate::method::nullspace::controls::permutation;

pub(super) const ENTRY: Synthesis = Synthesis {
    name: "drop",
    title: "patches taken away",
    about: "Patches of the model's grid become black, chosen at random; a larger fraction takes more of them and keeps those.",
    amount: Amount { title: "fraction", unit: "%", least: 0.0, most: 95.0, step: 5.0, usual: 50.0 },
    watched: None,
    has_place: false,
    is_random: true,
    begin,
};

fn begin(subject: &Subject, wish: Wish) -> Result<Box<dyn Course>, SynthesisError> {
    let image = subject.image.clone();
    let [rows, columns] = subject.model.trace(image.clone()).grid;
    let (patches, side) = (rows * columns, subject.side());
    let gone = (patches as f64 * wish.amount / 100.0).round() as usize;
    let order = permutation(patches, wish.seed, 0);
    let pixel = |i: usize| {
        let (y, x) = (i / side * rows / side, i % side * columns / side);
        if order[..gone].contains(&(y * columns + x)) { 0.0f32 } else { 1.0 }
    };
    let device = image.device();
    let kept: Vec<f32> = (0..side * side).map(pixel).collect();
    let kept = Tensor::<4>::from_data(TensorData::new(kept, [1, 1, side, side]), &device);
    let black = subject.space()?.low(&device);
    // Pixels that stay do so to the bit.
    let left = image.clone() * kept.clone() + black * (kept.neg().add_scalar(1.0));
    Ok(Box::new(Once::new(Made::Image(image), Made::Image(left))))
}
