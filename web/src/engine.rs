//! Models on one device. Nothing here knows which device it is.

use std::cell::RefCell;
use std::rc::Rc;

use burn::prelude::*;
use burn::tensor::TensorData;
use js_sys::Promise;
use serde_json::{Value, json};
use vitro::bundle::{self, Manifest};
use vitro::image::Rgb8;
use vitro::measurement::{self, JudgeError};
use vitro::model::Model;
use vitro::probe::{self, Layer, Probe, Reading};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use wasm_bindgen_futures::future_to_promise;

use crate::refusal::{self, Code};
use crate::rgba;

/// Bundles loaded on one device.
#[wasm_bindgen]
pub struct Engine {
    pub(crate) device: Device,
    bundles: RefCell<Vec<Option<Rc<Bundle>>>>,
}

/// A model with what it says of itself.
pub(crate) struct Bundle {
    pub(crate) manifest: Manifest,
    pub(crate) model: Model,
}

/// What one model says about one image.
#[wasm_bindgen(getter_with_clone)]
pub struct Answer {
    /// Scores before softmax, one per class.
    pub logits: Vec<f32>,
    /// Softmax of the scores.
    pub probabilities: Vec<f32>,
    /// How much the model looks at each patch, row by row, summing to one: its class token, or all tokens where there is
    /// none, or what its last recurrence reconstructs there. Empty when nothing lies on the grid.
    pub attention: Vec<f32>,
    /// Where the attention is a recurrence (VARS): the same map at each iteration of the last block, one after the other.
    pub iterations: Vec<f32>,
    /// Rows of patches.
    pub rows: usize,
    /// Columns of patches.
    pub columns: usize,
    /// The fewest patches that hold 80 % of the attention.
    pub patches: usize,
    /// The numbers of all probes, JSON: `[{"key", "title", "meaning", "value", "words"}]`.
    pub numbers: String,
}

impl Engine {
    /// An engine without models on `device`.
    pub fn on(device: Device) -> Self {
        refusal::report_panics();
        Self { device, bundles: RefCell::default() }
    }
}

#[wasm_bindgen]
impl Engine {
    /// Loads a bundle; returns its number.
    pub fn load(&self, bytes: &[u8]) -> Result<usize, JsValue> {
        let (manifest, model) = bundle::read(bytes, &self.device).map_err(|error| Code::Bundle.error(error))?;
        let mut bundles = self.bundles.borrow_mut();
        bundles.push(Some(Rc::new(Bundle { manifest, model })));
        Ok(bundles.len() - 1)
    }

    /// Frees a bundle's memory; its number is not given again.
    pub fn unload(&self, id: usize) {
        if let Some(bundle) = self.bundles.borrow_mut().get_mut(id) {
            *bundle = None;
        }
    }

    /// The manifest of a loaded bundle, JSON.
    pub fn manifest(&self, id: usize) -> Result<String, JsValue> {
        serde_json::to_string(&self.bundle(id)?.manifest).map_err(|error| Code::Bundle.error(error))
    }

    /// What every layer and every head of a model looks at in RGBA pixels of its size, and their rollout. Resolves to JSON:
    /// `[{"name", "heads": [[…]]}]`, a map for each head, row by row, summing to one.
    pub fn layers(&self, id: usize, pixels: &[u8], side: usize) -> Result<Promise, JsValue> {
        let bundle = self.bundle(id)?;
        let input = bundle.input(pixels, side, &self.device)?;
        Ok(future_to_promise(async move {
            let layers = bundle.layers(input).await.map_err(|error| Code::Engine.error(error))?;
            Ok(json!(layers).to_string().into())
        }))
    }

    /// Shows RGBA pixels of the model's size to it, as [`Engine::see`] gives them. Resolves to an [`Answer`].
    pub fn classify(&self, id: usize, pixels: &[u8], side: usize) -> Result<Promise, JsValue> {
        let bundle = self.bundle(id)?;
        let input = bundle.input(pixels, side, &self.device)?;
        Ok(future_to_promise(async move {
            let answer = bundle.answer(input).await.map_err(|error| Code::Engine.error(error))?;
            if answer.logits.iter().all(|logit| logit.is_finite()) {
                return Ok(answer.into());
            }
            Err(Code::Bundle.error(JudgeError::NotFinite))
        }))
    }
}

impl Engine {
    pub(crate) fn bundle(&self, id: usize) -> Result<Rc<Bundle>, JsValue> {
        self.bundles
            .borrow()
            .get(id)
            .cloned()
            .flatten()
            .ok_or_else(|| Code::Bundle.error("this model is not loaded; load it again"))
    }
}

impl Bundle {
    /// RGBA pixels of the model's size as its input, `[1, 3, y, x]`.
    pub(crate) fn input(&self, pixels: &[u8], side: usize, device: &Device) -> Result<Tensor<4>, JsValue> {
        let preprocess = &self.manifest.preprocess;
        let size = preprocess.image_size;
        let image = rgba::to_rgb(pixels, side, side).filter(|image| image.width() == size);
        let image = image.ok_or_else(|| {
            Code::Image.error(format!("the pixels are no image of {size}×{size}; prepare it for the model first"))
        })?;
        let mut values = Vec::new();
        preprocess.normalise(&image, &mut values);
        Ok(Tensor::from_data(TensorData::new(values, [1, 3, size, size]), device))
    }

    /// The maps of every layer.
    async fn layers(&self, input: Tensor<4>) -> Result<Vec<Value>, String> {
        let forward = self.model.trace(input);
        let patches = forward.grid[0] * forward.grid[1];
        let mut maps = Vec::new();
        for Layer { name, heads } in probe::layers(&forward) {
            let numbers = values(heads.into_data_async().await)?;
            maps.push(json!({ "name": name, "heads": Layer::read(&numbers, patches) }));
        }
        Ok(maps)
    }

    /// Whether the model's best class is `column`, for images of its size.
    pub(crate) async fn right(&self, images: &[Rgb8], column: usize, device: &Device) -> Result<Vec<bool>, JsValue> {
        let right = measurement::right(&self.model, &self.manifest.preprocess, images, column, device).await;
        right.map_err(|error| match error {
            JudgeError::NotFinite => Code::Bundle.error(error),
            JudgeError::Size { .. } => Code::Image.error(error),
            JudgeError::Device(_) => Code::Engine.error(error),
        })
    }

    /// Runs the model on a normalised image `[1, 3, y, x]`. The browser only reads values back asynchronously.
    async fn answer(&self, input: Tensor<4>) -> Result<Answer, String> {
        let forward = self.model.trace(input);
        let [rows, columns] = forward.grid;
        let logits = values(forward.logits.clone().into_data_async().await)?;
        let (mut attention, mut iterations, mut patches) = (Vec::new(), Vec::new(), 0);
        let mut numbers = Vec::new();
        for probe in probe::ALL {
            let Some(taken) = probe.take(&forward) else { continue };
            match probe.read(&values(taken.into_data_async().await)?, rows * columns) {
                Reading::Map(map) => attention = map,
                Reading::Maps(maps) => iterations = maps.concat(),
                Reading::Number { value, words } => {
                    if probe.key == probe::FOCUS.key {
                        patches = value as usize;
                    }
                    let Probe { key, title, meaning, .. } = probe;
                    numbers.push(
                        json!({ "key": key, "title": title, "meaning": meaning, "value": value, "words": words }),
                    );
                }
            }
        }
        let numbers = json!(numbers).to_string();
        Ok(Answer { probabilities: softmax(&logits), logits, attention, iterations, rows, columns, patches, numbers })
    }
}

fn values<E: ToString>(data: Result<TensorData, E>) -> Result<Vec<f32>, String> {
    data.map_err(|error| error.to_string())?.try_into_vec().map_err(|error| format!("{error:?}"))
}

pub(crate) fn softmax(logits: &[f32]) -> Vec<f32> {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights: Vec<f32> = logits.iter().map(|logit| (logit - highest).exp()).collect();
    let total: f32 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_sum_to_one_and_keep_the_order_even_for_large_scores() {
        let probabilities = softmax(&[1000.0, 1001.0, -1000.0]);
        assert!((probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!(probabilities[1] > probabilities[0] && probabilities[0] > probabilities[2]);
    }
}
