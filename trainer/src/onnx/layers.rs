//! The layers that the families share, as operations of ONNX's opset 17.
//!
//! Tokens are `[b, n, c]` and maps `[b, c, y, x]` as everywhere here; the batch is known only when the graph runs, so every
//! reshape copies its length (0) from the input.

use std::f64::consts::SQRT_2;

use anyhow::Result;

use super::graph::{Builder, Wire, float, int, ints, last_axis};

/// Epsilon of the framework's batch norms.
const BATCH_NORM_EPSILON: f64 = 1e-5;

/// How a convolution moves.
#[derive(Clone, Copy)]
pub(super) struct Moves {
    pub(super) side: usize,
    pub(super) stride: usize,
    pub(super) padding: usize,
    pub(super) dilation: usize,
    pub(super) groups: usize,
}

impl Moves {
    /// 3×3, padding 1.
    pub(super) const SAME: Self = Self { side: 3, stride: 1, padding: 1, dilation: 1, groups: 1 };
}

impl Builder {
    /// Lengths of axes; 0 keeps the input's.
    pub(super) fn reshape(&mut self, x: &Wire, shape: &[i64]) -> Wire {
        let shape = self.integers(shape);
        self.node("Reshape", &[x, &shape], Vec::new())
    }

    pub(super) fn transpose(&mut self, x: &Wire, order: &[usize]) -> Wire {
        self.node("Transpose", &[x], vec![ints("perm", order)])
    }

    /// `[b, c, y, x]` → `[b, n, c]`.
    pub(super) fn tokens_of(&mut self, map: &Wire) -> Wire {
        let flat = self.reshape(map, &[0, 0, -1]);
        self.transpose(&flat, &[0, 2, 1])
    }

    /// `[b, n, c]` → `[b, c, y, x]`.
    pub(super) fn map_of(&mut self, tokens: &Wire, grid: usize) -> Wire {
        let turned = self.transpose(tokens, &[0, 2, 1]);
        self.reshape(&turned, &[0, 0, grid as i64, grid as i64])
    }

    /// Places `from` up to `to` of an axis.
    pub(super) fn slice(&mut self, x: &Wire, axis: usize, from: usize, to: usize) -> Wire {
        let [from, to, axis] = [from, to, axis].map(|number| self.integers(&[number as i64]));
        self.node("Slice", &[x, &from, &to, &axis], Vec::new())
    }

    pub(super) fn concat(&mut self, parts: &[&Wire], axis: usize) -> Wire {
        self.node("Concat", parts, vec![int("axis", axis)])
    }

    pub(super) fn add(&mut self, a: &Wire, b: &Wire) -> Wire {
        self.node("Add", &[a, b], Vec::new())
    }

    pub(super) fn multiply(&mut self, a: &Wire, b: &Wire) -> Wire {
        self.node("Mul", &[a, b], Vec::new())
    }

    pub(super) fn product(&mut self, a: &Wire, b: &Wire) -> Wire {
        self.node("MatMul", &[a, b], Vec::new())
    }

    pub(super) fn softmax(&mut self, x: &Wire, axis: usize) -> Wire {
        self.node("Softmax", &[x], vec![int("axis", axis)])
    }

    pub(super) fn sum(&mut self, x: &Wire, axis: usize) -> Wire {
        let axis = self.integers(&[axis as i64]);
        self.node("ReduceSum", &[x, &axis], Vec::new())
    }

    /// The mean over an axis, which stays with length 1.
    pub(super) fn mean(&mut self, x: &Wire, axis: usize) -> Wire {
        self.node("ReduceMean", &[x], vec![ints("axes", &[axis])])
    }

    /// Times a learned number for each channel, the last axis.
    pub(super) fn scaled(&mut self, x: &Wire, name: &str) -> Result<Wire> {
        let scale = self.weight(name)?;
        Ok(self.multiply(x, &scale))
    }

    /// x·W + b.
    pub(super) fn linear(&mut self, x: &Wire, place: &str) -> Result<Wire> {
        let [weight, bias] = [self.weight(&format!("{place}.weight"))?, self.weight(&format!("{place}.bias"))?];
        let product = self.product(x, &weight);
        Ok(self.add(&product, &bias))
    }

    /// The layer `place` cut into `parts` equal parts of its outputs.
    pub(super) fn linear_parts(&mut self, x: &Wire, place: &str, parts: usize, width: usize) -> Result<Vec<Wire>> {
        let whole = self.linear(x, place)?;
        Ok((0..parts).map(|part| self.slice(&whole, 2, part * width, (part + 1) * width)).collect())
    }

    pub(super) fn layer_norm(&mut self, x: &Wire, place: &str, epsilon: f64) -> Result<Wire> {
        let [gamma, beta] = [self.weight(&format!("{place}.gamma"))?, self.weight(&format!("{place}.beta"))?];
        Ok(self.node("LayerNormalization", &[x, &gamma, &beta], vec![last_axis(), float("epsilon", epsilon)]))
    }

    /// On maps `[b, c, …]`, with the running statistics.
    pub(super) fn batch_norm(&mut self, x: &Wire, place: &str) -> Result<Wire> {
        let mut part = |name: &str| self.weight(&format!("{place}.{name}"));
        let [gamma, beta, mean, var] = [part("gamma")?, part("beta")?, part("running_mean")?, part("running_var")?];
        let epsilon = float("epsilon", BATCH_NORM_EPSILON);
        Ok(self.node("BatchNormalization", &[x, &gamma, &beta, &mean, &var], vec![epsilon]))
    }

    /// x · Φ(x), from the error function: the operator of its own is of a later opset.
    pub(super) fn gelu(&mut self, x: &Wire) -> Wire {
        let [root, one, half] = [SQRT_2, 1.0, 0.5].map(|number| self.scalar(number));
        let scaled = self.node("Div", &[x, &root], Vec::new());
        let erf = self.node("Erf", &[&scaled], Vec::new());
        let sum = self.add(&erf, &one);
        let product = self.multiply(x, &sum);
        self.multiply(&product, &half)
    }

    /// On maps; the layer may have no bias.
    pub(super) fn convolution(&mut self, map: &Wire, place: &str, moves: Moves) -> Result<Wire> {
        let weight = self.weight(&format!("{place}.weight"))?;
        let bias = format!("{place}.bias");
        let bias = if self.has(&bias) { Some(self.weight(&bias)?) } else { None };
        Ok(self.convolved(map, &weight, bias.as_ref(), moves))
    }

    pub(super) fn convolved(&mut self, map: &Wire, weight: &Wire, bias: Option<&Wire>, moves: Moves) -> Wire {
        let Moves { side, stride, padding, dilation, groups } = moves;
        let attributes = vec![
            ints("kernel_shape", &[side; 2]),
            ints("strides", &[stride; 2]),
            ints("pads", &[padding; 4]),
            ints("dilations", &[dilation; 2]),
            int("group", groups),
        ];
        let inputs: Vec<&Wire> = [map, weight].into_iter().chain(bias).collect();
        self.node("Conv", &inputs, attributes)
    }

    /// `[b, n, h·d]` → `[b, h, n, d]`.
    pub(super) fn heads(&mut self, tokens: &Wire, heads: usize) -> Wire {
        let split = self.reshape(tokens, &[0, 0, heads as i64, -1]);
        self.transpose(&split, &[0, 2, 1, 3])
    }

    /// Softmax attention of `q` `[b, m, c]` over `k`, `v` `[b, n, c]`; `gate` multiplies the scores `[b, h, m, n]`.
    pub(super) fn attend(&mut self, [q, k, v]: [&Wire; 3], width: usize, heads: usize, gate: Option<&Wire>) -> Wire {
        let scale = self.scalar(((width / heads) as f64).powf(-0.5));
        let [q, k, v] = [q, k, v].map(|tokens| self.heads(tokens, heads));
        let q = self.multiply(&q, &scale);
        let k = self.transpose(&k, &[0, 1, 3, 2]);
        let scores = self.product(&q, &k);
        let scores = gate.map_or_else(|| scores.clone(), |gate| self.multiply(&scores, gate));
        let weights = self.softmax(&scores, 3);
        let mixed = self.product(&weights, &v);
        let mixed = self.transpose(&mixed, &[0, 2, 1, 3]);
        self.reshape(&mixed, &[0, 0, width as i64])
    }

    /// TAP: each token takes of every dilated average of its neighbourhood as much as the predictor says, `[b, n, c]`.
    pub(super) fn tap(&mut self, tokens: &Wire, place: &str, width: usize, scales: usize, grid: usize) -> Result<Wire> {
        let map = self.map_of(tokens, grid);
        let scores = self.convolution(&map, &format!("{place}.predictor"), Moves::SAME)?;
        let scores = self.batch_norm(&scores, &format!("{place}.norm"))?;
        let scores = self.convolution(&scores, &format!("{place}.mix"), Moves::SAME)?;
        let shares = self.softmax(&scores, 1);
        let ninth = self.floats(&format!("{place}.average"), &[width, 1, 3, 3], &vec![1.0 / 9.0; 9 * width]);
        let mut sum = None;
        for scale in 0..scales {
            let pool = if scale == 0 {
                map.clone()
            } else {
                let moves = Moves { padding: scale, dilation: scale, groups: width, ..Moves::SAME };
                self.convolved(&map, &ninth, None, moves)
            };
            let share = self.slice(&shares, 1, scale, scale + 1);
            let part = self.multiply(&pool, &share);
            sum = Some(sum.map_or_else(|| part.clone(), |sum| self.add(&sum, &part)));
        }
        let pooled = sum.unwrap_or(map);
        Ok(self.tokens_of(&pooled))
    }

    /// Puts a learned token before `tokens` `[b, n, c]` and adds `rows` `[n + 1, c]`, whose first row is that token's.
    pub(super) fn with_class_token(&mut self, tokens: &Wire, rows: &Wire) -> Wire {
        let pads = self.integers(&[0, 1, 0, 0, 0, 0]);
        let padded = self.node("Pad", &[tokens, &pads], Vec::new());
        self.add(&padded, rows)
    }

    /// The class row of `[b, n, c]`, normalised and scored: `[b, classes]` under the name `logits`.
    pub(super) fn classify(&mut self, tokens: &Wire, epsilon: f64) -> Result<Wire> {
        let first = self.slice(tokens, 1, 0, 1);
        let normed = self.layer_norm(&first, "norm", epsilon)?;
        let row = self.reshape(&normed, &[0, -1]);
        self.logits(&row)
    }

    /// Scores of `[b, c]` under the name `logits`.
    pub(super) fn logits(&mut self, row: &Wire) -> Result<Wire> {
        let [weight, bias] = [self.weight("head.weight")?, self.weight("head.bias")?];
        let product = self.product(row, &weight);
        Ok(self.named("Add", &[&product, &bias], Vec::new(), "logits"))
    }
}
