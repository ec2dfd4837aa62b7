//! One step of AdamW on one parameter, "Decoupled Weight Decay Regularization" (arXiv 1711.05101), algorithm 2, and a moving
//! average: one pass over the memory each, in place, shared out over the threads at hand.

use burn::prelude::*;

/// Numbers that are the same for every element of a parameter.
#[derive(Clone, Copy, Debug)]
pub struct AdamwRates {
    /// How far a step goes.
    pub learning_rate: f64,
    /// Decay of the mean of the gradients, and of the mean of their squares.
    pub betas: [f64; 2],
    /// What the two means are divided by, since they start at zero: 1 − βᵗ.
    pub corrections: [f64; 2],
    /// Keeps a zero mean of squares from dividing.
    pub epsilon: f64,
    /// Decoupled weight decay.
    pub decay: f64,
}

/// Moves `weight` down `gradient` times `factor` (one number, on the device), and `moments`, the two means, with it.
pub fn adamw<const D: usize>(
    weight: Tensor<D>,
    gradient: Tensor<D>,
    moments: [Tensor<D>; 2],
    factor: Tensor<1>,
    rates: &AdamwRates,
) -> (Tensor<D>, [Tensor<D>; 2]) {
    #[cfg(feature = "flex")]
    if super::engine::is_ours(&weight) {
        return fast::adamw(weight, gradient, moments, factor, rates);
    }
    reference(weight, gradient, moments, factor, rates)
}

/// Moves `average` towards `value`: average · `decay` + value · (1 − `decay`).
pub fn blend<const D: usize>(average: Tensor<D>, value: Tensor<D>, decay: f64) -> Tensor<D> {
    #[cfg(feature = "flex")]
    if super::engine::is_ours(&average) {
        return fast::blend(average, value, decay);
    }
    average.mul_scalar(decay) + value.mul_scalar(1.0 - decay)
}

/// By the engine, a pass for each term.
pub(super) fn reference<const D: usize>(
    weight: Tensor<D>,
    gradient: Tensor<D>,
    [first, second]: [Tensor<D>; 2],
    factor: Tensor<1>,
    rates: &AdamwRates,
) -> (Tensor<D>, [Tensor<D>; 2]) {
    let gradient = gradient * factor.reshape([1; D]);
    let [beta_1, beta_2] = rates.betas;
    let first = first.mul_scalar(beta_1) + gradient.clone().mul_scalar(1.0 - beta_1);
    let second = second.mul_scalar(beta_2) + gradient.square().mul_scalar(1.0 - beta_2);
    let spread = second.clone().div_scalar(rates.corrections[1]).sqrt().add_scalar(rates.epsilon);
    let step = first.clone().mul_scalar(rates.learning_rate / rates.corrections[0]) / spread;
    (weight.mul_scalar(1.0 - rates.learning_rate * rates.decay) - step, [first, second])
}

#[cfg(feature = "flex")]
mod fast {
    use burn::backend::{Backend, Dispatch, Flex, backend_extension, tensor::FloatTensor};
    use burn::prelude::*;

    use super::AdamwRates;
    use crate::lanes::widest;
    use crate::ops::engine::{Flat, in_order, rewrite, values};
    use crate::ops::vector::share_out_three;

    /// A parameter and its two means.
    type Three<B> = (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>);

    /// Both as operations of the processor engine.
    #[backend_extension(Flex)]
    pub(crate) trait Optimise: Backend {
        /// One step of AdamW.
        fn adamw_step(
            weight: FloatTensor<Self>,
            gradient: FloatTensor<Self>,
            first: FloatTensor<Self>,
            second: FloatTensor<Self>,
            factor: FloatTensor<Self>,
            rates: AdamwRates,
        ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

        /// average · decay + value · (1 − decay).
        fn blend(average: FloatTensor<Self>, value: FloatTensor<Self>, decay: f64) -> FloatTensor<Self>;
    }

    pub(super) fn adamw<const D: usize>(
        weight: Tensor<D>,
        gradient: Tensor<D>,
        [first, second]: [Tensor<D>; 2],
        factor: Tensor<1>,
        rates: &AdamwRates,
    ) -> (Tensor<D>, [Tensor<D>; 2]) {
        let (weight, gradient, factor) = (weight.into_dispatch(), gradient.into_dispatch(), factor.into_dispatch());
        let (first, second) = (first.into_dispatch(), second.into_dispatch());
        let (weight, first, second) = Dispatch::adamw_step(weight, gradient, first, second, factor, *rates);
        (Tensor::from_dispatch(weight), [first, second].map(Tensor::from_dispatch))
    }

    pub(super) fn blend<const D: usize>(average: Tensor<D>, value: Tensor<D>, decay: f64) -> Tensor<D> {
        Tensor::from_dispatch(<Dispatch as Optimise>::blend(average.into_dispatch(), value.into_dispatch(), decay))
    }

    impl Optimise for Flex {
        fn adamw_step(
            weight: Flat,
            gradient: Flat,
            first: Flat,
            second: Flat,
            factor: Flat,
            rates: AdamwRates,
        ) -> Three<Self> {
            let [mut weight, gradient, mut first, mut second, factor] =
                [weight, gradient, first, second, factor].map(in_order);
            let (gradient, factor) = (values(&gradient), values(&factor)[0]);
            let [[keep_1, keep_2], [new_1, new_2]] =
                [rates.betas, rates.betas.map(|beta| 1.0 - beta)].map(|pair| pair.map(|x| x as f32));
            let (kept, rate) = (1.0 - rates.learning_rate * rates.decay, rates.learning_rate / rates.corrections[0]);
            let (kept, rate, epsilon) = (kept as f32, rate as f32, rates.epsilon as f32);
            let correction = rates.corrections[1] as f32;
            let three = [&mut weight, &mut first, &mut second].map(|x| x.storage_mut::<f32>());
            share_out_three(three, |from, [weight, first, second]| {
                widest!({
                    let moments = first.iter_mut().zip(second.iter_mut());
                    for ((w, g), (m, v)) in weight.iter_mut().zip(&gradient[from..]).zip(moments) {
                        let g = g * factor;
                        *m = *m * keep_1 + g * new_1;
                        *v = *v * keep_2 + g * g * new_2;
                        *w = *w * kept - *m * rate / ((*v / correction).sqrt() + epsilon);
                    }
                });
            });
            (weight, first, second)
        }

        fn blend(average: Flat, value: Flat, decay: f64) -> Flat {
            let value = in_order(value);
            let (keep, new) = (decay as f32, (1.0 - decay) as f32);
            rewrite!(average, 1, |first, average| {
                for (average, value) in average.iter_mut().zip(&values(&value)[first..]) {
                    *average = *average * keep + value * new;
                }
            })
        }
    }
}
