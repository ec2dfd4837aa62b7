//! Classifies an image with a bundle: `cargo run -p vitro --features flex --example classify [BUNDLE [IMAGE]]`.
//!
//! Without arguments a model of the zoo looks at a rendered scene, clean and in fog.

use std::error::Error;
use std::path::Path;

use burn::prelude::*;
use burn::tensor::activation::softmax;
use vitro::bundle::{self, Manifest};
use vitro::corruption::{self, Severity, Variant};
use vitro::image::{Rgb8, decode};
use vitro::model::Model;
use vitro::scene::{self, Split};

/// A model of this repository.
const BUNDLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../zoo/fan-tap-adl.safetensors");

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let bundle = arguments.next().unwrap_or_else(|| BUNDLE.into());
    let image = match arguments.next() {
        Some(file) => decode(&std::fs::read(file)?)?,
        None => scene::render(0, 3, Split::Test, 64).image,
    };
    for (condition, class, probability) in predictions(Path::new(&bundle), &image)? {
        println!("{condition}: {class}, {:.0} %", 100.0 * probability);
    }
    Ok(())
}

/// What was done to the image, the most probable class, and its probability.
type Prediction = (&'static str, String, f32);

/// The most probable class of the image as it is and under fog.
fn predictions(file: &Path, image: &Rgb8) -> Result<Vec<Prediction>, Box<dyn Error>> {
    // Flex is the engine for processors; nothing else changes for a graphics card.
    let (manifest, model) = bundle::read(&std::fs::read(file)?, &Device::flex())?;
    // Resized and cut as the model was trained, and corrupted at that size.
    let clean = manifest.preprocess.prepare(image);
    let side = manifest.preprocess.image_size;
    let fog = corruption::find("fog")?;
    let foggy = corruption::corrupt(&clean, fog, Severity::try_from(4)?, Variant::for_side(side), 0);
    [("clean", &clean), ("in fog", &foggy)]
        .into_iter()
        .map(|(condition, image)| {
            let (class, probability) = top(&model, &manifest, image)?;
            Ok((condition, class, probability))
        })
        .collect()
}

fn top(model: &Model, manifest: &Manifest, image: &Rgb8) -> Result<(String, f32), Box<dyn Error>> {
    let side = manifest.preprocess.image_size;
    let mut values = Vec::new();
    manifest.preprocess.normalise(image, &mut values);
    let input = Tensor::<4>::from_data(TensorData::new(values, [1, 3, side, side]), &Device::flex());
    let probabilities = softmax(model.forward(input), 1).into_data();
    let best = probabilities.iter::<f32>().enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
    let (class, probability) = best.ok_or("a model without classes")?;
    Ok((manifest.classes[class].clone(), probability))
}

#[test]
fn the_model_of_the_zoo_knows_the_scene() {
    let scene = scene::render(0, 3, Split::Test, 64);
    let seen = predictions(Path::new(BUNDLE), &scene.image).unwrap();
    assert_eq!(seen[0].1, scene::CLASSES[scene.label]);
    assert!(seen[0].2 > 0.5 && seen[0].2 <= 1.0, "{seen:?}");
}
