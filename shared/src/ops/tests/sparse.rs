//! The operations of sparse reconstruction (VARS): a step of the recurrence, its shrinkage, vectors of unit length.

use burn::prelude::*;

use super::{check, flat, numbers, one, run};
use crate::ops::{descend, shrink, unit};

#[test]
fn a_step_of_a_recurrence_and_its_shrinkage_are_their_formulas() {
    for [b, h, m, d] in [[2, 3, 8, 4], [1, 2, 5, 7], [3, 1, 1, 1], [1, 1, 16, 33]] {
        let (codes, heads) = (b * h * m * d, b * h);
        // Away from zero: there the shrinkage jumps, and differences say nothing.
        let away = |seed| numbers(codes, seed).iter().map(|x| x + 0.3 * x.signum()).collect::<Vec<_>>();
        let of_codes = |x: &[Tensor<1>], i| one(x, i, [b, h, m, d]);
        let of_heads = |x: &[Tensor<1>], i| one(x, i, [b, h, 1, 1]);
        check(
            &format!("shrinkage of {b}×{h}×{m}×{d}"),
            &vec![away(11), numbers(heads, 12)],
            |x| flat(shrink(of_codes(&x, 0), of_heads(&x, 1))),
            |x| flat(crate::ops::shrink::reference_shrink(of_codes(&x, 0), of_heads(&x, 1))),
        );
        let step = |f: fn(Tensor<4>, Tensor<4>, Tensor<4>, Tensor<4>) -> Tensor<4>| {
            move |x: Vec<Tensor<1>>| flat(f(of_codes(&x, 0), of_codes(&x, 1), of_codes(&x, 2), of_heads(&x, 3)))
        };
        check(
            &format!("step of {b}×{h}×{m}×{d}"),
            &vec![numbers(codes, 13), numbers(codes, 14), numbers(codes, 15), numbers(heads, 16)],
            step(descend),
            step(crate::ops::shrink::reference_descend),
        );
    }
}

#[test]
fn vectors_of_unit_length_are_the_quotient_over_every_axis() {
    for (shape, axis) in [([2, 3, 64], 2), ([2, 3, 19], 2), ([2, 5, 70], 1), ([3, 4, 7], 0), ([1, 1, 1], 2)] {
        // Away from zero: a short vector turns at once.
        let away = |x: &f32| x + 0.5 * x.signum();
        let inputs = vec![numbers(shape.iter().product(), 17).iter().map(away).collect()];
        check(
            &format!("unit length of {shape:?} over axis {axis}"),
            &inputs,
            |x| flat(unit(one(&x, 0, shape), axis)),
            |x| flat(crate::ops::unit::reference(one(&x, 0, shape), axis)),
        );
    }
}

#[test]
fn a_vector_of_zeros_stays_one_and_passes_its_gradient_on_as_the_quotient_does() {
    let zeros = vec![vec![0.0; 6]];
    let ours = run(|x| flat(unit(one(&x, 0, [2, 3]), 1)), &zeros);
    let reference = run(|x| flat(crate::ops::unit::reference(one(&x, 0, [2, 3]), 1)), &zeros);
    assert_eq!(ours.0, vec![0.0; 6]);
    for (a, b) in ours.1[0].iter().zip(&reference.1[0]) {
        assert!((a - b).abs() <= 1e-6 * b.abs(), "{a} against {b}");
    }
}

#[test]
fn a_code_of_zero_stays_zero_and_has_no_gradient() {
    let (value, gradients) = run(
        |x| flat(shrink(one(&x, 0, [1, 1, 1, 4]), one(&x, 1, [1, 1, 1, 1]))),
        &vec![vec![0.0, -0.0, 1.0, -1.0], vec![0.5]],
    );
    assert_eq!((value[0].abs(), value[1].abs(), value[2]), (0.0, 0.0, -value[3]));
    assert_eq!((gradients[0][0], gradients[0][1]), (0.0, 0.0));
    assert_ne!(gradients[0][2], 0.0);
}
