//! Writes what the page shows before its engine has arrived: `cargo xtask opening` runs it.
//!
//! One photograph, clean and in fog, as image files, and what every model of its set says about it at each severity, as JSON: the
//! same pixels, networks and probes as in the browser, so that the page's own answers take over without a change.

use std::error::Error;
use std::path::Path;

use burn::prelude::*;
use burn::tensor::activation::softmax;
use serde_json::{Value, json};
use vitro::bundle::{self, Manifest};
use vitro::corruption::{self, Corruption, Severity};
use vitro::image::{Rgb8, decode, encode_jpeg, encode_png};
use vitro::measurement::Single;
use vitro::model::{Forward, Model};
use vitro::probe::{self, Probe, Reading};
use vitro::view;

/// The photograph that the page opens with, from the page's folder; index.html says the same.
const PHOTOGRAPH: &str = "page/photographs/chelsea.jpg";
/// The set of the zoo that knows such photographs.
const SET: &str = "cifar10";
/// What is done to it.
const CORRUPTION: &str = "fog";
const SEVERITY: u8 = 3;
const SEED: u64 = 0;
/// Quality of the clean image's file. It is shown for seconds, in place of the exact pixels.
const QUALITY: u8 = 70;
const ZOO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../zoo");
const WEB: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../web");

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("give the folder to write into")?;
    let folder = Path::new(&folder);
    let photograph = Single::File(decode(&std::fs::read(Path::new(WEB).join(PHOTOGRAPH))?)?);
    let corruption = corruption::find(CORRUPTION)?;
    let zoo: Vec<Value> = serde_json::from_slice(&std::fs::read(Path::new(ZOO).join("index.json"))?)?;
    let answers = zoo
        .iter()
        .filter(|entry| entry["set"] == SET && entry["aside"] != true)
        .map(|entry| answer(entry, &photograph, corruption));
    let (models, seen): (Vec<_>, Vec<_>) = answers.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
    // The corrupted image is the one that the first model sees, exactly.
    let corrupted = seen.first().ok_or("the zoo has no model of photographs")?;
    std::fs::write(folder.join("clean.jpg"), encode_jpeg(&photograph.square(), QUALITY))?;
    std::fs::write(folder.join("corrupted.png"), encode_png(corrupted))?;
    let registry = corruption::ALL.iter().map(|entry| {
        json!({ "name": entry.name, "title": entry.title, "group": entry.group, "set": entry.set, "stochastic": entry.stochastic() })
    });
    let opening = json!({
        "src": PHOTOGRAPH,
        "set": SET,
        "corruption": CORRUPTION,
        "severity": SEVERITY,
        "seed": SEED,
        "protocol": "measured",
        "side": view::SIDE,
        "seen": corrupted.width(),
        "models": models,
        "corruptions": registry.collect::<Vec<_>>(),
    });
    std::fs::write(folder.join("opening.json"), serde_json::to_string_pretty(&opening)? + "\n")?;
    Ok(())
}

/// What the model of a line of the zoo's list says about the corrupted image and its top class at every severity; and that
/// image, as it sees it.
fn answer(entry: &Value, photograph: &Single, corruption: &Corruption) -> Result<(Value, Rgb8), Box<dyn Error>> {
    let file = Path::new(ZOO).join(entry["file"].as_str().ok_or("the zoo's list names no file")?);
    let (manifest, model) = bundle::read(&std::fs::read(file)?, &Device::flex())?;
    let preprocess = &manifest.preprocess;
    // By severity, 0 being the clean image.
    let mut images = vec![photograph.prepared(preprocess)];
    for severity in Severity::ALL {
        images.push(photograph.corrupted(&images[0], preprocess, (corruption, severity), SEED));
    }
    let mut levels = Vec::new();
    for image in &images {
        let probabilities = numbers(softmax(forward(&model, &manifest, image).logits, 1))?;
        levels.push(probabilities.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map(|(class, _)| class));
    }
    let image = images.swap_remove(usize::from(SEVERITY));
    let seen = forward(&model, &manifest, &image);
    let [rows, columns] = seen.grid;
    let (mut attention, mut iterations, mut patches, mut said) = (Vec::new(), Vec::new(), 0, Vec::new());
    for probe in probe::ALL {
        let Some(taken) = probe.take(&seen) else { continue };
        match probe.read(&numbers(taken)?, rows * columns) {
            Reading::Map(map) => attention = map,
            Reading::Maps(maps) => iterations = maps.concat(),
            Reading::Number { value, words } => {
                if probe.key == probe::FOCUS.key {
                    patches = value as usize;
                }
                let Probe { key, title, meaning, .. } = probe;
                said.push(
                    json!({ "key": key, "title": title, "meaning": meaning, "value": rounded(value), "words": words }),
                );
            }
        }
    }
    let said = json!({
        "name": entry["name"],
        "title": manifest.title,
        "classes": manifest.classes,
        "methods": manifest.methods,
        "preprocess": {
            "image_size": preprocess.image_size,
            "filter": preprocess.filter,
            "crop_pct": preprocess.crop_pct,
        },
        "probabilities": all_rounded(&numbers(softmax(seen.logits, 1))?),
        "levels": levels,
        "attention": all_rounded(&attention),
        "iterations": all_rounded(&iterations),
        "rows": rows,
        "columns": columns,
        "patches": patches,
        "numbers": said,
    });
    Ok((said, image))
}

fn forward(model: &Model, manifest: &Manifest, image: &Rgb8) -> Forward {
    let side = manifest.preprocess.image_size;
    let mut values = Vec::new();
    manifest.preprocess.normalise(image, &mut values);
    model.trace(Tensor::<4>::from_data(TensorData::new(values, [1, 3, side, side]), &Device::flex()))
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, Box<dyn Error>> {
    tensor.into_data().try_into_vec().map_err(|error| format!("the engine gave no numbers back: {error:?}").into())
}

fn all_rounded(values: &[f32]) -> Vec<f64> {
    values.iter().copied().map(rounded).collect()
}

/// With five digits behind the point: more than is seen, and the file stays small.
fn rounded(value: f32) -> f64 {
    (f64::from(value) * 1e5).round() / 1e5
}
