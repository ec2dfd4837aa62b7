//! Tiles of the image in a random order, "Intriguing Properties of Vision Transformers" (arXiv 2105.10497): how much does a
//! model need to know where things are?

use burn::prelude::*;
use burn::tensor::TensorData;

use super::once::Once;
use super::{Amount, Course, Made, Subject, Synthesis, SynthesisError, Wish};
use crate::method::nullspace::controls::permutation;

pub(super) const ENTRY: Synthesis = Synthesis {
    name: "shuffle",
    title: "tiles in another order",
    about: "The image is cut into tiles, which change places at random. What is left over at the right and at the bottom stays.",
    amount: Amount { title: "tiles", unit: "on a side", least: 1.0, most: 8.0, step: 1.0, usual: 4.0 },
    watched: None,
    has_place: false,
    is_random: true,
    begin,
};

fn begin(subject: &Subject, wish: Wish) -> Result<Box<dyn Course>, SynthesisError> {
    let image = subject.image.clone();
    let side = subject.side();
    let tiles = (wish.amount.round() as usize).clamp(1, side);
    let tile = side / tiles;
    let order = permutation(tiles * tiles, wish.seed, 0);
    let pixels: Vec<f32> = image.clone().into_data().iter::<f32>().collect();
    let moved = |i: usize| {
        let (y, x) = (i / side % side, i % side);
        let (row, column) = (y / tile, x / tile);
        if row >= tiles || column >= tiles {
            return pixels[i];
        }
        let from = order[row * tiles + column];
        let (y, x) = (from / tiles * tile + y % tile, from % tiles * tile + x % tile);
        pixels[i / (side * side) * side * side + y * side + x]
    };
    let data = TensorData::new((0..pixels.len()).map(moved).collect::<Vec<f32>>(), image.dims());
    let made = Tensor::from_data(data, &image.device());
    Ok(Box::new(Once::new(Made::Image(image), Made::Image(made))))
}
