//! A token mixer of one's own in a vision transformer: `cargo run -p vitro --features flex --example mixer [IMAGE]`.
//!
//! The mixer gives every token the averages of its row and its column. [`Mix`] is all that a mixer implements, and
//! [`Family`] all that a network does: attacks, probes and observers work on what these return. A mixer that recipes can
//! name lives in the crate itself: a file beside `performer.rs` and a line of the registry in `model/mix/mod.rs`.
//!
//! Without an image a rendered scene is taken. The program changes one patch of it and prints how many tokens notice after
//! each block.

use std::error::Error;

use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::prelude::*;
use burn::tensor::activation::gelu;
use vitro::image::{Preprocess, Rgb8, decode};
use vitro::model::mix::{Context, Mix, Mixed};
use vitro::model::observer::{Observer, Within};
use vitro::model::{Family, Forward};
use vitro::scene::{self, Split};

/// Side of the image and of a patch, pixels.
const SIDE: usize = 64;
const PATCH: usize = 8;
const WIDTH: usize = 32;
const DEPTH: usize = 2;

/// Every token gets the averages of its row and its column.
#[derive(Module, Debug)]
struct Cross {
    out: Linear,
}

impl Mix for Cross {
    fn forward(&self, x: Tensor<3>, context: Context, _observer: &mut impl Observer) -> Mixed {
        let [b, n, c] = x.dims();
        let [rows, columns] = context.grid;
        let map = x.reshape([b, rows, columns, c]);
        let averages = map.clone().mean_dim(1) + map.mean_dim(2);
        let tokens = self.out.forward(averages.reshape([b, n, c]));
        Mixed { tokens, attention: None, codes: None, carried: None }
    }
}

/// A pre-norm block around the mixer.
#[derive(Module, Debug)]
struct CrossBlock {
    norm1: LayerNorm,
    cross: Cross,
    norm2: LayerNorm,
    fc1: Linear,
    fc2: Linear,
}

impl CrossBlock {
    fn new(device: &Device) -> Self {
        let linear = |inputs, outputs| LinearConfig::new(inputs, outputs).init(device);
        let norm = || LayerNormConfig::new(WIDTH).init(device);
        let cross = Cross { out: linear(WIDTH, WIDTH) };
        Self { norm1: norm(), cross, norm2: norm(), fc1: linear(WIDTH, 4 * WIDTH), fc2: linear(4 * WIDTH, WIDTH) }
    }
}

impl Mix for CrossBlock {
    fn forward(&self, x: Tensor<3>, context: Context, observer: &mut impl Observer) -> Mixed {
        let mixed = self.cross.forward(self.norm1.forward(x.clone()), context, observer);
        let x = x + mixed.tokens;
        let hidden = self.fc2.forward(gelu(self.fc1.forward(self.norm2.forward(x.clone()))));
        Mixed { tokens: x + hidden, ..mixed }
    }
}

/// Patches, blocks and one linear head on the mean token. To keep it short there are no positions.
#[derive(Module, Debug)]
struct CrossVit {
    embed: Conv2d,
    blocks: Vec<CrossBlock>,
    head: Linear,
}

impl CrossVit {
    fn new(device: &Device) -> Self {
        Self {
            embed: Conv2dConfig::new([3, WIDTH], [PATCH; 2]).with_stride([PATCH; 2]).init(device),
            blocks: (0..DEPTH).map(|_| CrossBlock::new(device)).collect(),
            head: LinearConfig::new(WIDTH, scene::CLASSES.len()).init(device),
        }
    }
}

impl Family for CrossVit {
    fn embed(&self, images: Tensor<4>, _observer: &mut impl Observer) -> (Tensor<3>, [usize; 2]) {
        let map = self.embed.forward(images);
        let [_, _, rows, columns] = map.dims();
        (map.flatten::<3>(2, 3).swap_dims(1, 2), [rows, columns])
    }

    fn encode(&self, patches: Tensor<3>, grid: [usize; 2], observer: &mut impl Observer) -> Forward {
        let mut tokens = patches;
        for (i, block) in self.blocks.iter().enumerate() {
            let place = format!("blocks.{i}");
            tokens = block.forward(tokens, Context::on(grid), &mut Within::new(observer, &place)).tokens;
            observer.see(&place, &tokens);
        }
        let logits = self.head.forward(tokens.clone().mean_dim(1).squeeze_dim::<2>(1));
        let (attention, codes) = (Vec::new(), Vec::new());
        Forward { logits, attention, class_attention: None, codes, tokens, token_logits: None, grid }
    }

    fn after_step(&mut self, _iteration: u64) {}
}

/// Keeps the tokens that each block gives.
struct Blocks(Vec<Vec<f32>>);

impl Observer for Blocks {
    fn see<const D: usize>(&mut self, name: &str, tensor: &Tensor<D>) {
        if name.starts_with("blocks.") {
            self.0.push(tensor.to_data().iter::<f32>().collect());
        }
    }
}

/// The tokens after each block, and the logits.
fn look(model: &CrossVit, image: &Rgb8) -> (Vec<Vec<f32>>, Tensor<2>) {
    let mut values = Vec::new();
    Preprocess::imagenet(SIDE).normalise(image, &mut values);
    let input = Tensor::<4>::from_data(TensorData::new(values, [1, 3, SIDE, SIDE]), &Device::flex());
    let mut blocks = Blocks(Vec::new());
    let logits = model.forward(input, &mut blocks).logits;
    (blocks.0, logits)
}

/// How many tokens notice after each block when the first patch is inverted.
fn reached(model: &CrossVit, image: &Rgb8) -> Vec<usize> {
    let inverted = Rgb8::from_fn(SIDE, SIDE, |x, y| match (x < PATCH, y < PATCH) {
        (true, true) => image.pixel(x, y).map(|value| 255 - value),
        _ => image.pixel(x, y),
    });
    let (before, after) = (look(model, image).0, look(model, &inverted).0);
    let differ = |(a, b): (&Vec<f32>, &Vec<f32>)| a.chunks(WIDTH).zip(b.chunks(WIDTH)).filter(|(a, b)| a != b).count();
    before.iter().zip(&after).map(differ).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let image = match std::env::args().nth(1) {
        Some(file) => Preprocess::imagenet(SIDE).prepare(&decode(&std::fs::read(file)?)?),
        None => scene::render(0, 3, Split::Test, SIDE).image,
    };
    let model = CrossVit::new(&Device::flex());
    let tokens = (SIDE / PATCH).pow(2);
    println!("{} weights, {tokens} tokens", model.num_params());
    for (block, count) in reached(&model, &image).into_iter().enumerate() {
        println!("block {block}: {count} tokens notice that the first patch changed");
    }
    Ok(())
}

#[test]
fn a_token_hears_of_its_row_and_column_at_once_and_of_the_rest_a_block_later() {
    Device::flex().seed(3);
    let model = CrossVit::new(&Device::flex());
    let image = scene::render(0, 3, Split::Test, SIDE).image;
    let grid = SIDE / PATCH;
    assert_eq!(reached(&model, &image), [2 * grid - 1, grid * grid]);
    assert_eq!(look(&model, &image).1.dims(), [1, scene::CLASSES.len()]);
}
