//! Evolving Attention: three attention-augmented convolutions, as the released code has them, that share one chain of
//! scores. Convolutions, projections and the bias of relative positions are put together here; how scores evolve is ours.

use anyhow::{Context, Result};
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;
use burn::tensor::TensorData;
use burn::tensor::activation::softmax;
use vitro::bundle::Checkpoint;
use vitro::model::mix::evolving::Evolution;

use super::vars_module::values;
use super::{Fixture, Verdict};

/// Scores and output of every layer.
pub(super) fn chain(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let hyper = &fixture.json["hyper"];
    let number = |key: &str| hyper[key].as_f64().with_context(|| format!("hyper.{key}"));
    let count = |key: &str| Ok::<_, anyhow::Error>(number(key)? as usize);
    let settings = Evolution { previous: number("beta_previous_share")?, residual: 1.0 - number("alpha_conv_share")? };
    let shape = Shape {
        heads: count("heads")?,
        keys: count("dk")?,
        values: count("dv")?,
        grid: [count("height")?, count("width")?],
    };
    let tolerance = |key: &str| fixture.json["tolerances"][key].as_f64().with_context(|| format!("tolerances.{key}"));
    let (scores_within, output_within) = (tolerance("logits_abs")?, tolerance("out_abs")?);

    let mut x = fixture.tensor::<4>("x", device)?;
    let mut before: Option<Tensor<4>> = None;
    for index in 0.. {
        let (scores_name, output_name) = (format!("logits{index}"), format!("out{index}"));
        let Ok(stored) = fixture.array(&scores_name) else { break };
        let layer = Layer { fixture, place: format!("weights.layer{index}."), device };
        let [q, k, v] = shape.projected(layer.convolution("conv1")?.forward(x.clone()));
        let scores = q.clone().matmul(k.swap_dims(2, 3)) + shape.relative(q, &layer)?;
        let (scores, output) = match before {
            Some(before) => (settings.evolve(scores, before, &layer.convolution("conv2")?), "conv3"),
            None => (scores, "conv2"),
        };
        verdict.compare_within(&scores_name, stored, &values(&scores), (scores_within, 0.0));

        let mixed = shape.on_grid(softmax(scores.clone(), 3).matmul(v));
        let attended = layer.convolution(output)?.forward(mixed);
        x = Tensor::cat(vec![layer.convolution("conv0")?.forward(x), attended], 1);
        verdict.compare_within(&output_name, fixture.array(&output_name)?, &values(&x), (output_within, 0.0));
        before = Some(scores);
    }
    verdict.expect_all_but(fixture, &["weights.", "x"]);
    Ok(())
}

/// Heads, channels of all keys and of all values, rows and columns.
struct Shape {
    heads: usize,
    keys: usize,
    values: usize,
    grid: [usize; 2],
}

impl Shape {
    /// A map of keys, queries and values, in this order → scaled queries, keys and values `[b, h, n, d]`.
    fn projected(&self, map: Tensor<4>) -> [Tensor<4>; 3] {
        let [b, _, rows, columns] = map.dims();
        let part = |first: usize, channels: usize| {
            let heads = map.clone().narrow(1, first, channels);
            heads.reshape([b, self.heads, channels / self.heads, rows * columns]).swap_dims(2, 3)
        };
        let scale = ((self.keys / self.heads) as f64).powf(-0.5);
        [part(self.keys, self.keys).mul_scalar(scale), part(0, self.keys), part(2 * self.keys, self.values)]
    }

    /// Heads `[b, h, n, d]` → a map `[b, h·d, y, x]`.
    fn on_grid(&self, heads: Tensor<4>) -> Tensor<4> {
        let [b, h, _, d] = heads.dims();
        heads.swap_dims(2, 3).reshape([b, h * d, self.grid[0], self.grid[1]])
    }

    /// What queries `[b, h, n, d]` make of learned vectors, one for each difference of rows and one for each of columns.
    fn relative(&self, q: Tensor<4>, layer: &Layer<'_>) -> Result<Tensor<4>> {
        let ([_, _, n, d], [rows, columns]) = (q.dims(), self.grid);
        let table = |name: &str, length: usize, place: &dyn Fn(usize) -> usize| -> Result<Tensor<4>> {
            let vectors = layer.fixture.tensor::<2>(&format!("{}{name}", layer.place), layer.device)?;
            let pairs = (0..n * n).map(|i| (place(i % n) + length - 1 - place(i / n)) as i32).collect::<Vec<_>>();
            let pairs = Tensor::<1, Int>::from_data(TensorData::new(pairs, [n * n]), layer.device);
            // Each query meets the vectors of its own pairs: [n, 1, d] · [n, d, n].
            let vectors = vectors.select(0, pairs).reshape([1, n, n, d]).swap_dims(2, 3).unsqueeze_dim::<5>(1);
            let [b, h, ..] = q.dims();
            Ok(q.clone().unsqueeze_dim::<5>(3).matmul(vectors).reshape([b, h, n, n]))
        };
        Ok(table("rel_h", rows, &|token| token / columns)? + table("rel_w", columns, &|token| token % columns)?)
    }
}

/// Where a layer's weights are.
struct Layer<'a> {
    fixture: &'a Fixture,
    place: String,
    device: &'a Device,
}

impl Layer<'_> {
    /// The stored convolution `name`, padded so that maps keep their size.
    fn convolution(&self, name: &str) -> Result<Conv2d> {
        let weights = Checkpoint::within(&self.fixture.arrays, &format!("{}{name}.", self.place));
        let shape = &self.fixture.array(&format!("{}{name}.weight", self.place))?.shape;
        let pad = shape[2] / 2;
        let mut convolution = Conv2dConfig::new([shape[1], shape[0]], [shape[2], shape[3]])
            .with_padding(PaddingConfig2d::Explicit(pad, pad, pad, pad))
            .with_bias(weights.iter().any(|(name, _)| name == "bias"))
            .init(self.device);
        weights.load_official(&mut convolution)?;
        Ok(convolution)
    }
}
