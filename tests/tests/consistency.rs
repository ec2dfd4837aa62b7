//! The consistency loss of AugMix: what views that agree or differ cost, and that no confidence breaks its gradient.

use burn::prelude::*;
use burn::tensor::TensorData;
use vitro::method::consistency::consistency;
use vitro_tests::examine::values;

/// Logits `[views, classes]` of one image.
fn views<const V: usize, const K: usize>(logits: [[f32; K]; V], device: &Device) -> Tensor<2> {
    Tensor::from_data(TensorData::new(logits.concat(), [V, K]), device)
}

fn cost<const V: usize, const K: usize>(logits: [[f32; K]; V]) -> f32 {
    values(consistency(views(logits, &Device::flex()), V))[0]
}

#[test]
fn views_that_say_the_same_cost_nothing_whatever_their_scale() {
    assert!(cost([[0.3, -1.0, 2.0]; 3]).abs() < 1e-6);
    // Adding a number to all scores of a view changes no probability.
    assert!(cost([[0.3, -1.0, 2.0], [5.3, 4.0, 7.0], [-0.7, -2.0, 1.0]]).abs() < 1e-6);
}

#[test]
fn views_that_are_sure_of_different_classes_cost_the_logarithm_of_their_number() {
    let sure = |class: usize| std::array::from_fn::<f32, 4, _>(|k| if k == class { 40.0 } else { 0.0 });
    assert!((cost([sure(0), sure(1)]) - 2f32.ln()).abs() < 1e-5);
    assert!((cost([sure(0), sure(1), sure(2)]) - 3f32.ln()).abs() < 1e-5);
    // One of three differs: the mean is a third and two thirds.
    let (third, two) = (3f32.ln() / 3.0, 1.5f32.ln() * 2.0 / 3.0);
    assert!((cost([sure(0), sure(1), sure(0)]) - (third + two)).abs() < 1e-5);
}

#[test]
fn the_order_of_views_does_not_matter_and_images_are_averaged() {
    let (a, b, c) = ([1.0, 0.0, -1.0], [0.0, 2.0, 0.5], [0.2, 0.1, 0.0]);
    assert!((cost([a, b, c]) - cost([c, a, b])).abs() < 1e-6);
    // Two images, view after view: one whose views agree, one of the above.
    let both = [c, a, c, b, c, c];
    let two = values(consistency(views(both, &Device::flex()), 3))[0];
    assert!((two - cost([a, b, c]) / 2.0).abs() < 1e-6);
}

#[test]
fn gradients_reach_every_view_and_stay_numbers_where_probabilities_vanish() {
    let device = Device::flex().autodiff();
    let gradient = |logits: [[f32; 3]; 3]| {
        let logits = views(logits, &device).require_grad();
        let loss = consistency(logits.clone(), 3);
        assert!(values(loss.clone().inner()).iter().all(|value| value.is_finite()));
        values(logits.grad(&loss.backward()).expect("a gradient"))
    };
    let usual = gradient([[1.0, 0.0, -1.0], [0.0, 2.0, 0.5], [0.2, 0.1, 0.0]]);
    for view in usual.chunks(3) {
        assert!(view.iter().any(|value| value.abs() > 1e-3), "{usual:?}");
        // A softmax does not see what is added to all scores.
        assert!(view.iter().sum::<f32>().abs() < 1e-6, "{usual:?}");
    }
    // The last class is below any float in all three.
    let extreme = gradient([[400.0, 0.0, -400.0], [-400.0, 400.0, 0.0], [0.0, 0.0, -400.0]]);
    assert!(extreme.iter().all(|value| value.is_finite()), "{extreme:?}");
}
