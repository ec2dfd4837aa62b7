//! Every operation against its reference, value and gradients, and against finite differences; in shapes that fill whole
//! vectors and shapes that do not.

mod sparse;

use burn::module::Param;
use burn::nn::{BatchNorm, BatchNormConfig};
use burn::prelude::*;
use burn::tensor::{TensorData, activation};
use rand::RngExt;

use super::{batch_norm, channel_gate, gelu, layer_norm, linear, products, scale_channels, softmax, swap_middle};
use crate::random::stream;

/// Inputs of an operation, each a list of numbers in the shape that the operation gives it.
type Inputs = Vec<Vec<f32>>;

/// Numbers of both signs.
fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut random = stream(seed, 0, "operations");
    (0..count).map(|_| random.random_range(-2.0f32..2.0)).collect()
}

/// What `operation` gives, and the gradients of a weighted sum of it. The weights differ, so that no error hides in a sum.
fn run(operation: impl Fn(Vec<Tensor<1>>) -> Tensor<1>, inputs: &Inputs) -> (Vec<f32>, Inputs) {
    let device = Device::flex().autodiff();
    let leaf = |values: &Vec<f32>| {
        let data = TensorData::new(values.clone(), [values.len()]);
        Tensor::<1>::from_data(data, &device).require_grad()
    };
    let leaves: Vec<Tensor<1>> = inputs.iter().map(leaf).collect();
    let output = operation(leaves.clone());
    let weights = Tensor::<1>::from_data(TensorData::new(numbers(output.dims()[0], 99), output.dims()), &device);
    let gradients = (output.clone() * weights).sum().backward();
    let gradient = |leaf: &Tensor<1>| list(leaf.grad(&gradients).expect("every input is used"));
    (list(output.inner()), leaves.iter().map(gradient).collect())
}

fn list(x: Tensor<1>) -> Vec<f32> {
    x.into_data().try_to_vec().expect("32-bit numbers")
}

/// Both of one value and of one gradient within `tolerance` of the greatest number in sight.
fn agree(
    what: &str,
    inputs: &Inputs,
    ours: impl Fn(Vec<Tensor<1>>) -> Tensor<1>,
    reference: impl Fn(Vec<Tensor<1>>) -> Tensor<1>,
) {
    let ((a, a_gradients), (b, b_gradients)) = (run(ours, inputs), run(reference, inputs));
    near(&format!("{what}: output"), &a, &b);
    for (i, (a, b)) in a_gradients.iter().zip(&b_gradients).enumerate() {
        near(&format!("{what}: gradient of input {i}"), a, b);
    }
}

fn near(what: &str, a: &[f32], b: &[f32]) {
    assert_eq!(a.len(), b.len(), "{what}");
    let scale = b.iter().fold(1.0f32, |most, x| most.max(x.abs()));
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        assert!((a - b).abs() <= 4e-6 * scale, "{what}, element {i}: {a} against {b}, scale {scale}");
    }
}

/// Gradients against differences of the weighted sum, in the direction of a random vector for each input.
fn differences(what: &str, inputs: &Inputs, operation: impl Fn(Vec<Tensor<1>>) -> Tensor<1>) {
    let (output, gradients) = run(&operation, inputs);
    let weights = numbers(output.len(), 99);
    let total = |inputs: &Inputs| -> f64 {
        let (output, _) = run(&operation, inputs);
        output.iter().zip(&weights).map(|(y, w)| f64::from(*y) * f64::from(*w)).sum()
    };
    for (i, gradient) in gradients.iter().enumerate() {
        let direction = numbers(gradient.len(), 7 + i as u64);
        let step = 2e-3;
        let moved = |sign: f32| {
            let mut moved = inputs.clone();
            moved[i].iter_mut().zip(&direction).for_each(|(x, d)| *x += sign * step * d);
            total(&moved)
        };
        let slope = (moved(1.0) - moved(-1.0)) / (2.0 * f64::from(step));
        let terms = || gradient.iter().zip(&direction).map(|(g, d)| f64::from(*g) * f64::from(*d));
        let scale = terms().map(f64::abs).sum::<f64>().max(1.0);
        let found: f64 = terms().sum();
        assert!((slope - found).abs() < 2e-3 * scale, "{what}, input {i}: {found} against {slope}, scale {scale}");
    }
}

fn check(
    what: &str,
    inputs: &Inputs,
    ours: impl Fn(Vec<Tensor<1>>) -> Tensor<1>,
    reference: impl Fn(Vec<Tensor<1>>) -> Tensor<1>,
) {
    differences(what, inputs, &ours);
    agree(what, inputs, ours, reference);
}

fn one<const D: usize>(inputs: &[Tensor<1>], i: usize, shape: [usize; D]) -> Tensor<D> {
    inputs[i].clone().reshape(shape)
}

fn flat<const D: usize>(x: Tensor<D>) -> Tensor<1> {
    x.flatten(0, D - 1)
}

#[test]
fn gelu_is_its_formula() {
    for count in [1, 33, 640] {
        check("GELU", &vec![numbers(count, 1)], |x| gelu(x[0].clone()), |x| super::gelu::reference(x[0].clone()));
    }
}

#[test]
fn softmax_is_the_engine_s_over_every_axis() {
    for (shape, axis) in [([2, 3, 64], 2), ([2, 3, 19], 2), ([2, 5, 70], 1), ([3, 4, 7], 0), ([1, 1, 1], 2)] {
        let inputs = vec![numbers(shape.iter().product(), 2)];
        check(
            &format!("softmax of {shape:?} over axis {axis}"),
            &inputs,
            |x| flat(softmax(one(&x, 0, shape), axis)),
            |x| flat(activation::softmax(one(&x, 0, shape), axis)),
        );
    }
}

#[test]
fn softmax_keeps_apart_what_must_not_meet_and_survives_great_numbers() {
    let x = Tensor::<1>::from_floats([1000.0, f32::NEG_INFINITY, 999.0, -1e30], &Device::flex());
    let y = list(softmax(x, 0));
    let e = 1.0 / (1.0 + f32::exp(-1.0));
    near("softmax", &y, &[e, 0.0, 1.0 - e, 0.0]);
    assert_eq!((y[1], y[3]), (0.0, 0.0));
    let x = Tensor::<1>::from_floats([0.0, f32::NAN], &Device::flex());
    assert!(list(softmax(x, 0)).iter().all(|y| y.is_nan()));
}

#[test]
fn layer_norm_is_the_engine_s() {
    for (rows, c) in [(1, 16), (5, 96), (3, 37), (70, 8)] {
        let inputs = vec![numbers(rows * c, 3), numbers(c, 4), numbers(c, 5)];
        let parts = |x: &[Tensor<1>]| (one(x, 0, [rows, c]), x[1].clone(), x[2].clone());
        check(
            &format!("layer norm of {rows}×{c}"),
            &inputs,
            |x| {
                let (x, gamma, beta) = parts(&x);
                flat(layer_norm(x, gamma, beta, 1e-6))
            },
            |x| {
                let (x, gamma, beta) = parts(&x);
                flat(super::layer_norm::reference(x, gamma, beta, 1e-6))
            },
        );
    }
}

#[test]
fn a_linear_layer_is_a_product_and_a_sum() {
    for [b, n, c, d] in [[1, 1, 1, 1], [2, 64, 24, 40], [3, 5, 7, 17]] {
        let inputs = vec![numbers(b * n * c, 6), numbers(c * d, 7), numbers(d, 8)];
        check(
            &format!("linear layer of {b}×{n}×{c} to {d}"),
            &inputs,
            |x| flat(linear(one(&x, 0, [b, n, c]), one(&x, 1, [c, d]), Some(x[2].clone()))),
            |x| {
                let y = one(&x, 0, [b, n, c]).matmul(one::<2>(&x, 1, [c, d]).unsqueeze());
                flat(y + x[2].clone().reshape([1, 1, d]))
            },
        );
    }
}

#[test]
fn a_depthwise_convolution_of_tokens_is_the_engine_s_of_maps() {
    for (b, grid, c, side) in
        [(2, [4, 4], 64, 3), (1, [3, 5], 77, 3), (1, [2, 1], 9, 3), (2, [5, 9], 12, 7), (1, [1, 1], 3, 3)]
    {
        let n = grid[0] * grid[1];
        let inputs = vec![numbers(b * n * c, 9), numbers(c * side * side, 10), numbers(c, 11)];
        type Convolution = fn(Tensor<3>, Tensor<4>, Option<Tensor<1>>, [usize; 2]) -> Tensor<3>;
        let run = |x: Vec<Tensor<1>>, convolution: Convolution| {
            flat(convolution(one(&x, 0, [b, n, c]), one(&x, 1, [c, 1, side, side]), Some(x[2].clone()), grid))
        };
        check(
            &format!("{side}×{side} convolution of {b} {grid:?} grids of {c} channels"),
            &inputs,
            |x| run(x, super::depthwise::convolve),
            |x| run(x, super::depthwise::reference),
        );
    }
}

fn norm(x: &[Tensor<1>], c: usize) -> BatchNorm {
    let mut layer = BatchNormConfig::new(c).init(&Device::flex().autodiff());
    layer.gamma = Param::from_tensor(x[1].clone());
    layer.beta = Param::from_tensor(x[2].clone());
    layer
}

#[test]
fn batch_norm_of_tokens_is_the_engine_s() {
    for [b, n, c] in [[2, 4, 8], [3, 50, 33], [1, 3, 70]] {
        let inputs = vec![numbers(b * n * c, 12), numbers(c, 13), numbers(c, 14)];
        check(
            &format!("batch norm of {b}×{n}×{c}"),
            &inputs,
            |x| flat(batch_norm(&norm(&x, c), one(&x, 0, [b, n, c]))),
            |x| flat(super::batch_norm::reference(&norm(&x, c), one(&x, 0, [b, n, c]))),
        );
    }
}

#[test]
fn batch_norm_moves_its_running_moments_and_then_uses_them_as_the_engine_s_does() {
    let (device, [b, n, c]) = (Device::flex().autodiff(), [2, 9, 5]);
    let x = || Tensor::<1>::from_data(TensorData::new(numbers(b * n * c, 15), [b * n * c]), &device).reshape([b, n, c]);
    let layers = [0, 1].map(|_| BatchNormConfig::new(c).init(&device));
    for _ in 0..3 {
        batch_norm(&layers[0], x());
        super::batch_norm::reference(&layers[1], x());
    }
    let moments = |layer: &BatchNorm| [&layer.running_mean, &layer.running_var].map(|state| list(state.value_sync()));
    for (ours, reference) in moments(&layers[0]).iter().zip(&moments(&layers[1])) {
        near("running moments", ours, reference);
        assert!(ours.iter().any(|value| *value != 0.0 && *value != 1.0), "the moments did not move");
    }
    let [ours, reference] = layers.map(|layer| layer.valid());
    let x = x().inner();
    near(
        "batch norm of a trained layer",
        &list(flat(batch_norm(&ours, x.clone()))),
        &list(flat(super::batch_norm::reference(&reference, x))),
    );
}

#[test]
fn heads_are_swapped_as_by_the_engine() {
    for [b, p, q, d] in [[2, 3, 5, 32], [1, 1, 4, 7]] {
        check(
            "swapped axes",
            &vec![numbers(b * p * q * d, 16)],
            |x| flat(swap_middle(one(&x, 0, [b, p, q, d]))),
            |x| flat(one::<4>(&x, 0, [b, p, q, d]).swap_dims(1, 2)),
        );
    }
}

#[test]
fn scalar_products_of_tokens_are_the_engine_s() {
    let (q, k) = ([2, 3, 5, 8], [2, 3, 7, 8]);
    check(
        "scalar products",
        &vec![numbers(240, 17), numbers(336, 18)],
        |x| flat(products(one(&x, 0, q), one(&x, 1, k))),
        |x| flat(one::<4>(&x, 0, q).matmul(one::<4>(&x, 1, k).swap_dims(2, 3))),
    );
}

#[test]
fn channels_are_scaled_for_all_images_or_for_each() {
    for (shape, images) in [([3, 5, 24], 1), ([3, 5, 24], 3), ([1, 2, 9], 1)] {
        let [b, n, c] = shape;
        check(
            "scaled channels",
            &vec![numbers(b * n * c, 19), numbers(images * c, 20)],
            |x| flat(scale_channels(one(&x, 0, shape), one(&x, 1, [images, 1, c]))),
            |x| flat(one::<3>(&x, 0, shape) * one::<3>(&x, 1, [images, 1, c])),
        );
    }
}

#[test]
fn the_channel_gate_is_its_formula() {
    for ([b, n, c], heads) in [([2, 6, 32], 4), ([1, 5, 21], 3)] {
        let shape = [b, n, c];
        check(
            "channel gate",
            &vec![numbers(b * n * c, 21), numbers(b * n * c, 22)],
            |x| flat(channel_gate(one(&x, 0, shape), one(&x, 1, shape), heads)),
            |x| flat(super::channel_gate::reference(one(&x, 0, shape), one(&x, 1, shape), heads)),
        );
    }
}

type Step = fn(Tensor<1>, Tensor<1>, [Tensor<1>; 2], Tensor<1>, &super::AdamwRates) -> (Tensor<1>, [Tensor<1>; 2]);

#[test]
fn a_step_of_adamw_and_a_moving_average_are_their_formulas() {
    let device = Device::flex();
    let of = |seed: u64, count: usize| Tensor::<1>::from_data(TensorData::new(numbers(count, seed), [count]), &device);
    let rates = super::AdamwRates {
        learning_rate: 1e-2,
        betas: [0.9, 0.999],
        corrections: [0.271, 0.002_997],
        epsilon: 1e-8,
        decay: 0.05,
    };
    for count in [1, 37, 70_000] {
        let step = |run: Step| {
            let moments = [of(25, count), of(26, count).abs()];
            let (weight, [first, second]) =
                run(of(23, count), of(24, count), moments, Tensor::from_floats([0.7], &device), &rates);
            [weight, first, second].map(list)
        };
        for (ours, reference) in step(super::adamw).iter().zip(&step(super::adamw::reference)) {
            near("AdamW", ours, reference);
        }
        let plain = of(27, count).mul_scalar(0.9) + of(28, count).mul_scalar(0.1);
        near("moving average", &list(super::blend(of(27, count), of(28, count), 0.9)), &list(plain));
    }
}

#[test]
fn dilated_averages_are_those_of_banded_products() {
    for ([b, c, k], grid) in [([2, 24, 4], [4, 4]), ([1, 7, 3], [2, 5]), ([1, 16, 4], [1, 1])] {
        let n = grid[0] * grid[1];
        check(
            &format!("dilated averages on {grid:?}"),
            &vec![numbers(b * n * c, 29), numbers(b * n * k, 30)],
            |x| flat(super::dilated_average(one(&x, 0, [b, n, c]), one(&x, 1, [b, n, k]), grid)),
            |x| flat(super::dilated_average::reference(one(&x, 0, [b, n, c]), one(&x, 1, [b, n, k]), grid)),
        );
    }
}

#[test]
fn a_convolution_of_tokens_is_the_engine_s_of_maps() {
    for ([b, c, d, side], grid) in [([2, 24, 4, 3], [4, 4]), ([1, 5, 3, 5], [2, 6]), ([1, 4, 1, 3], [1, 1])] {
        let n = grid[0] * grid[1];
        check(
            &format!("{side}×{side} convolution on {grid:?}"),
            &vec![numbers(b * n * c, 31), numbers(d * c * side * side, 32)],
            |x| flat(super::convolution::convolve(one(&x, 0, [b, n, c]), one(&x, 1, [d, c, side, side]), grid)),
            |x| flat(super::convolution::reference(one(&x, 0, [b, n, c]), one(&x, 1, [d, c, side, side]), grid)),
        );
    }
}

#[test]
fn a_strided_convolution_of_tokens_is_the_engine_s_of_maps() {
    use burn::tensor::{module::conv2d, ops::ConvOptions};

    use crate::model::layers::{to_map, to_tokens};
    for ([b, c, d], grid, [side, stride, padding]) in [
        ([2, 3, 8], [8, 8], [3, 2, 1]),
        ([1, 5, 4], [7, 9], [3, 2, 1]),
        ([1, 2, 3], [8, 4], [4, 4, 0]),
        ([1, 2, 3], [9, 8], [5, 3, 2]),
    ] {
        let (n, moves) = (grid[0] * grid[1], super::Moves { side, stride, padding });
        check(
            &format!("{side}×{side} convolution that moves by {stride} on {grid:?}"),
            &vec![numbers(b * n * c, 33), numbers(d * c * side * side, 34), numbers(d, 35)],
            |x| {
                let (weight, bias) = (one(&x, 1, [d, c, side, side]), Some(x[2].clone()));
                flat(super::strided::convolve(one(&x, 0, [b, n, c]), weight, bias, grid, moves))
            },
            |x| {
                let (weight, bias) = (one(&x, 1, [d, c, side, side]), Some(x[2].clone()));
                let options = ConvOptions::new([stride; 2], [padding; 2], [1, 1], 1);
                flat(to_tokens(conv2d(to_map(one(&x, 0, [b, n, c]), grid), weight, bias, options)))
            },
        );
    }
}
