//! Noise in the exact nullspace of the patch embedding, "Approximate Nullspace Augmented Finetuning for Robust Vision Transformers"
//! (arXiv 2403.10476): every patch of it is mapped to zero, so the model cannot see it, however large it is.

use burn::prelude::*;
use burn::tensor::TensorData;

use super::once::Once;
use super::{Amount, Course, Made, Subject, Synthesis, SynthesisError, Wish};
use crate::image::Preprocess;
use crate::method::nullspace::basis::{BasisError, Channels, PatchNullspace, Scale};
use crate::method::nullspace::controls::{permutation, permuted};
use crate::random::normal::normals;
use crate::random::stream;

pub(super) const ENTRY: Synthesis = Synthesis {
    name: "patch_noise",
    title: "noise that the patch embedding loses",
    about: "A ViT maps each patch to a token by one matrix. Where that keeps fewer numbers than the patch has, some noise is \
            lost on the way, exactly: the logits stay where they are.",
    amount: Amount { title: "size", unit: "/ 255", least: 0.0, most: 128.0, step: 1.0, usual: 64.0 },
    watched: None,
    has_place: false,
    is_random: true,
    begin,
};

/// Projections to the box of valid pixels and back.
const ROUNDS: usize = 100;
/// How far within black and white they aim at most, in levels of 255.
const MARGIN: f32 = 2.0;
/// The largest patch that is decomposed: the time grows with the sixth power of its side.
const LARGEST_PATCH: usize = 16;

fn begin(subject: &Subject, wish: Wish) -> Result<Box<dyn Course>, SynthesisError> {
    let Subject { model, preprocess, image, .. } = subject;
    let family = model.info().title;
    let kernel = model.patch_kernel().ok_or(SynthesisError::NotLinear { family })?;
    let shape @ [width, _, side, _] = kernel.dims();
    if side > LARGEST_PATCH {
        return Err(SynthesisError::TooLarge { side, most: LARGEST_PATCH });
    }
    let space = PatchNullspace::new(&numbers(kernel), shape, Channels::Joint)?;
    let pixels = numbers(image.clone());
    let size = [subject.side(); 2];
    // The largest change of a pixel of 0 to 1, in the units of the channel that varies most.
    let Preprocess { mean, std, .. } = preprocess;
    let peak = wish.amount / 255.0 / f64::from(std.iter().copied().fold(0.0, f32::max));
    let draws = normals(&mut stream(wish.seed, 0, "patch noise"), pixels.len());
    let noise = space.noise(&draws, size, Scale::Peak(peak)).map_err(|error| match error {
        BasisError::Trivial { pixels: inputs } => SynthesisError::NothingLost { side, inputs, width },
        error => error.into(),
    })?;
    let wall = |level: f32| std::array::from_fn(|channel| (level / 255.0 - mean[channel]) / std[channel]);
    // Where a pixel is black or white, noise may go one way only. Most of it is led there, to a little within the walls, so that what
    // is left over does not cross them.
    let margin = MARGIN.min(wish.amount as f32 / 4.0);
    let noise = space.fitted(&noise, &pixels, size, (wall(margin), wall(255.0 - margin)), ROUNDS)?;
    // On the way back onto the nullspace it may have grown.
    let largest = noise.iter().fold(0.0f32, |most, value| most.max(value.abs()));
    let within = (peak as f32 / largest.max(f32::MIN_POSITIVE)).min(1.0);
    let noise: Vec<f32> = noise.into_iter().map(|value| value * within).collect();
    let noise = space.shrunk(&noise, &pixels, size, (wall(0.0), wall(255.0)))?;
    let other = permuted(&noise, &permutation(noise.len(), wish.seed, 0));
    let plus = |noise: Vec<f32>| {
        let noise = Tensor::<4>::from_data(TensorData::new(noise, image.dims()), &image.device());
        Made::Image(image.clone() + noise)
    };
    Ok(Box::new(Once::new(Made::Image(image.clone()), plus(noise)).with_control(plus(other))))
}

fn numbers(x: Tensor<4>) -> Vec<f32> {
    x.into_data().iter::<f32>().collect()
}
