//! Reading the comparison off the page: the `state` of its `<vitro-compare>` element, as typed values.

use crate::browser::Page;
use anyhow::{Context, Result};
use serde_json::Value;
use std::time::Duration;

/// JavaScript for the state once every model that was not refused has answered the current question, null before.
const SETTLED: &str = "(() => {
    const state = document.querySelector('vitro-compare')?.state;
    const models = state?.models?.filter(model => model.error === undefined) ?? [];
    const answered = models.length > 0 && models.every(model => model.probabilities?.length > 0);
    return answered && !state.busy ? { ...state, models } : null;
})()";

/// JavaScript for the engine's own account of WebGPU once it is final, null before.
const WEBGPU_DECIDED: &str = "import('./vitro/vitro.js').then(({ engine: { webgpu, note } }) =>
    ['ready', 'refused', 'lost', 'off'].includes(webgpu) ? { webgpu, note } : null)";

/// What the page shows at one moment.
#[derive(Clone, Debug)]
pub struct State {
    /// The engine that answers now: `cpu` or `webgpu`.
    pub backend: String,
    /// Name of the corruption.
    pub corruption: String,
    /// Severity, 0 for the clean image.
    pub severity: u64,
    /// Seed of the corruption.
    pub seed: u64,
    /// The models that answered, in the order of the columns.
    pub models: Vec<Prediction>,
}

/// One model's answer.
#[derive(Clone, Debug)]
pub struct Prediction {
    /// Name of the bundle.
    pub name: String,
    /// The engine that computed this answer: `cpu` or `webgpu`.
    pub backend: String,
    /// Class names, in the bundle's order.
    pub classes: Vec<String>,
    /// One probability per class.
    pub probabilities: Vec<f64>,
    /// Time of the forward pass.
    pub milliseconds: f64,
}

impl Prediction {
    /// The most probable class and its probability.
    pub fn top(&self) -> (&str, f64) {
        let best = self.probabilities.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
        best.map_or(("", 0.0), |(index, probability)| (self.classes.get(index).map_or("", String::as_str), probability))
    }
}

/// Waits until every model has answered what the page asks now.
///
/// # Errors
/// The page stays busy for longer than `patience`, or its state lacks something.
pub fn settled(page: &mut Page<'_>, patience: Duration) -> Result<State> {
    let value = page.wait_until(SETTLED, patience).context("the models do not answer")?;
    parse(&value).with_context(|| format!("the page's state is incomplete: {value}"))
}

/// Waits until the page knows whether WebGPU may answer. `Ok` and `Err` both hold the sentence that the page shows.
///
/// # Errors
/// The page does not decide within `patience`.
pub fn webgpu(page: &mut Page<'_>, patience: Duration) -> Result<std::result::Result<String, String>> {
    let decided = page.wait_until(WEBGPU_DECIDED, patience).context("the page does not decide about WebGPU")?;
    let note = decided["note"].as_str().unwrap_or_default().to_owned();
    Ok(if decided["webgpu"] == "ready" { Ok(note) } else { Err(note) })
}

/// The state of an element, as it tells it. None where something is missing.
pub fn parse(value: &Value) -> Option<State> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let models = value["models"].as_array()?.iter().map(|model| {
        Some(Prediction {
            name: text(&model["name"])?,
            backend: text(&model["backend"])?,
            classes: model["classes"].as_array()?.iter().map(text).collect::<Option<_>>()?,
            probabilities: model["probabilities"].as_array()?.iter().map(Value::as_f64).collect::<Option<_>>()?,
            milliseconds: model["milliseconds"].as_f64()?,
        })
    });
    Some(State {
        backend: text(&value["backend"])?,
        corruption: text(&value["corruption"])?,
        severity: value["severity"].as_u64()?,
        seed: value["seed"].as_u64()?,
        models: models.collect::<Option<_>>()?,
    })
}
