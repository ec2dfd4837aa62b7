//! A model as an ONNX file: opset 17, 32-bit floats, any number of images at once.
//!
//! `images` `[n, 3, s, s]` are red, green and blue in 0..1, resized and cropped as the metadata say; the normalisation is inside.
//! `logits` `[n, classes]` are the scores of evaluation. There is a file for each family that can be written; the layers that
//! they share are in [`layers`], the format in [`message`].

mod fan;
mod graph;
mod layers;
pub mod message;
mod rvt;
mod vit;

use anyhow::{Result, bail};
use burn::Tensor;
use burn::tensor::Device;
use prost::Message;
use vitro::bundle::{Checkpoint, Manifest};
use vitro::model::fan::FanConfig;
use vitro::model::observer::Observer;
use vitro::model::{Model, ModelConfig};

use graph::{Builder, Wire};
use message::{Dimension, Entry, FLOAT, Length, OperatorSet, Shape, TensorType, Type, Value};

/// Version of the operators. LayerNormalization came with it.
const OPSET: i64 = 17;

/// Version of the format that belongs to that opset.
const IR_VERSION: i64 = 8;

/// What can be written, in words.
const SUPPORTED: &str =
    "the plain ViT, FAN with convolutional patches and RVT, each with softmax attention, with or without TAP";

/// The bytes of an ONNX file of `model`.
///
/// # Errors
/// When the network is of a kind that cannot be written, or a weight is not finite.
pub fn write(manifest: &Manifest, model: &Model) -> Result<Vec<u8>> {
    ensure_supported(&manifest.model)?;
    let mut graph = Builder::new(&Checkpoint::of(model)?);
    let images = normalised(&mut graph, manifest);
    match &manifest.model {
        ModelConfig::Vit(config) => vit::vit(&mut graph, config, &images)?,
        ModelConfig::Fan(config) => fan::fan(&mut graph, config, &positions(model, config)?, &images)?,
        ModelConfig::Rvt(config) => rvt::rvt(&mut graph, config, &images)?,
        ModelConfig::Swin(_) => bail!("ONNX files are written of {SUPPORTED}"),
    }
    // STL's head on the tokens has a part in training alone.
    let mut graph = graph.finish(|name| name.starts_with("token_head."))?;
    graph.name = manifest.name.clone();
    let side = manifest.preprocess.image_size as i64;
    graph.input = vec![value("images", &[3, side, side])];
    graph.output = vec![value("logits", &[manifest.classes.len() as i64])];
    let file = message::Model {
        ir_version: IR_VERSION,
        producer_name: "vitro".to_owned(),
        producer_version: env!("CARGO_PKG_VERSION").to_owned(),
        doc_string: format!(
            "{}: images in 0..1 (red, green, blue; normalised inside) to logits of {} classes",
            manifest.title,
            manifest.classes.len()
        ),
        graph: Some(graph),
        opset_import: vec![OperatorSet { domain: String::new(), version: OPSET }],
        metadata_props: metadata(manifest)?,
    };
    Ok(file.encode_to_vec())
}

fn ensure_supported(model: &ModelConfig) -> Result<()> {
    let known = match model {
        ModelConfig::Vit(_) | ModelConfig::Rvt(_) => true,
        ModelConfig::Fan(fan) => fan.hybrid.is_none() && fan.block_widths.iter().all(|width| *width == fan.width),
        ModelConfig::Swin(_) => false,
    };
    if known && model.attention().is_softmax() {
        return Ok(());
    }
    let attention = if model.attention().is_softmax() { "" } else { model.attention().name() };
    let (title, with) = (model.info().title, if attention.is_empty() { "" } else { " with " });
    bail!("this {title}{with}{attention} cannot be written as ONNX; supported are {SUPPORTED}")
}

/// (images − mean) / std.
fn normalised(graph: &mut Builder, manifest: &Manifest) -> Wire {
    let mean = graph.floats("mean", &[1, 3, 1, 1], &manifest.preprocess.mean);
    let std = graph.floats("std", &[1, 3, 1, 1], &manifest.preprocess.std);
    let centred = graph.node("Sub", &[&Builder::input("images"), &mean], Vec::new());
    graph.node("Div", &[&centred, &std], Vec::new())
}

/// FAN's positions `[c, y, x]` at the size of its images, as the model computes them.
fn positions(model: &Model, config: &FanConfig) -> Result<Vec<f32>> {
    struct Positions(Vec<f32>);
    impl Observer for Positions {
        fn see<const D: usize>(&mut self, name: &str, tensor: &Tensor<D>) {
            if name == "pos_embed" {
                self.0 = tensor.to_data().convert::<f32>().iter::<f32>().collect();
            }
        }
    }
    let mut positions = Positions(Vec::new());
    let side = config.image_size;
    model.observe(Tensor::zeros([1, 3, side, side], &Device::flex()), &mut positions);
    Ok(positions.0)
}

/// A value with `n` rows of the given shape.
fn value(name: &str, shape: &[i64]) -> Value {
    let lengths = [Length::Name("n".to_owned())].into_iter().chain(shape.iter().map(|length| Length::Value(*length)));
    let dim = lengths.map(|length| Dimension { value: Some(length) }).collect();
    let tensor_type = TensorType { elem_type: FLOAT, shape: Some(Shape { dim }) };
    Value { name: name.to_owned(), r#type: Some(Type { tensor_type: Some(tensor_type) }) }
}

/// What a program needs to prepare images and to name what it sees.
fn metadata(manifest: &Manifest) -> Result<Vec<Entry>> {
    let entry = |key: &str, value: String| Entry { key: key.to_owned(), value };
    Ok(vec![
        entry("name", manifest.name.clone()),
        entry("classes", serde_json::to_string(&manifest.classes)?),
        entry("preprocess", serde_json::to_string(&manifest.preprocess)?),
        entry("methods", manifest.methods.join("+")),
        entry("weights_sha256", manifest.weights_sha256.clone()),
    ])
}
