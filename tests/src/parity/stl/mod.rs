//! Self-emerging token labeling: labels, losses, augmentation, and one step of a student.
//!
//! These fixtures name their arrays by content, so each case says which arrays are inputs; every other one must have been
//! compared.

mod erasing;
mod labels;
mod losses;
mod misc;
mod mixing;
mod operations;
mod paired;
mod step;

pub(super) use erasing::random_erasing;
pub(super) use labels::token_labels;
pub(super) use losses::losses;
pub(super) use misc::misc;
pub(super) use mixing::paired_mixup;
pub(super) use operations::augment_ops;
pub(super) use paired::paired_transform;
pub(super) use step::student_step;

use anyhow::{Context, Result, bail};
use burn::tensor::TensorData;
use serde_json::Value;
use vitro::augment::Interpolation;
use vitro::augment::randaugment::Op;
use vitro::bundle::Array;
use vitro::image::Rgb8;

use super::{Fixture, Verdict};

/// A stored image `[y, x, 3]`.
pub(super) fn image(array: &Array) -> Result<Rgb8> {
    let [height, width, 3] = array.shape[..] else { bail!("shape {:?} is not [y, x, 3]", array.shape) };
    Rgb8::new(width, height, array.values.iter().map(|value| *value as u8).collect()).context("an empty image")
}

/// Stored images `[b, 3, y, x]`, or one `[3, y, x]`.
fn images(array: &Array) -> Result<Vec<Rgb8>> {
    let [.., 3, height, width] = array.shape[..] else { bail!("shape {:?} is not [b, 3, y, x]", array.shape) };
    let plane = height * width;
    let pixel = |planes: &[f32], at: usize| [0, 1, 2].map(|channel| planes[channel * plane + at] as u8);
    let each = array.values.chunks_exact(3 * plane);
    Ok(each.map(|planes| Rgb8::from_fn(width, height, |x, y| pixel(planes, y * width + x))).collect())
}

/// Images as they are stored, `[b, 3, y, x]`.
fn planes(images: &[Rgb8]) -> TensorData {
    let channel = |image: &Rgb8, c: usize| {
        image.bytes().iter().skip(c).step_by(3).map(|byte| f32::from(*byte)).collect::<Vec<_>>()
    };
    numbers(images.iter().flat_map(|image| [0, 1, 2].map(|c| channel(image, c)).concat()))
}

/// An image as it is stored, `[y, x, 3]`.
pub(super) fn bytes(image: &Rgb8) -> TensorData {
    numbers(image.bytes().iter().map(|byte| f32::from(*byte)))
}

pub(super) fn numbers(values: impl IntoIterator<Item = f32>) -> TensorData {
    let values: Vec<f32> = values.into_iter().collect();
    let count = values.len();
    TensorData::new(values, [count])
}

/// An operation by the authors' name and arguments.
fn operation(name: &str, arguments: &Value) -> Result<Op> {
    let number = || arguments[0].as_f64().with_context(|| format!("{name} without an argument"));
    Ok(match name {
        "AutoContrast" => Op::AutoContrast,
        "Equalize" => Op::Equalize,
        "Invert" => Op::Invert,
        "Rotate" => Op::Rotate { degrees: number()? },
        "Posterize" | "PosterizeIncreasing" => Op::Posterize { bits: number()? as u8 },
        "Solarize" | "SolarizeIncreasing" => Op::Solarize { threshold: number()? as u16 },
        "SolarizeAdd" => Op::SolarizeAdd { add: number()? as u8 },
        "Color" | "ColorIncreasing" => Op::Color { factor: number()? },
        "Contrast" | "ContrastIncreasing" => Op::Contrast { factor: number()? },
        "Brightness" | "BrightnessIncreasing" => Op::Brightness { factor: number()? },
        "Sharpness" | "SharpnessIncreasing" => Op::Sharpness { factor: number()? },
        "ShearX" => Op::ShearX { factor: number()? },
        "ShearY" => Op::ShearY { factor: number()? },
        "TranslateXRel" => Op::TranslateX { fraction: number()? },
        "TranslateYRel" => Op::TranslateY { fraction: number()? },
        _ => bail!("no operation is called {name}"),
    })
}

fn interpolation(name: &Value) -> Result<Interpolation> {
    match name.as_str() {
        Some("bilinear") => Ok(Interpolation::Bilinear),
        Some("bicubic") => Ok(Interpolation::Bicubic),
        _ => bail!("no interpolation is called {name}"),
    }
}

/// A list of counts.
fn counts(value: &Value) -> Result<Vec<usize>> {
    let list = value.as_array().with_context(|| format!("{value} is not a list"))?;
    list.iter()
        .map(|item| item.as_u64().map(|n| n as usize).with_context(|| format!("{item} is not a count")))
        .collect()
}

/// A list of objects.
fn list<'a>(fixture: &'a Fixture, key: &str) -> Result<&'a Vec<Value>> {
    fixture.json[key].as_array().with_context(|| format!("the list {key}"))
}
