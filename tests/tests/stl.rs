//! Token labels as they are drawn: what the stored ones, whose noise is given, cannot show.

use burn::prelude::*;
use burn::tensor::TensorData;
use vitro::method::stl::{LabelMode, LossWeights, Spread, StlConfig, TokenLabels, gumbel, student_loss};
use vitro::random::stream;
use vitro_tests::examine::values;

/// `count` tokens with the same scores, `[1, count, 3]`.
fn tokens(scores: [f32; 3], count: usize, device: &Device) -> Tensor<3> {
    Tensor::from_data(TensorData::new(scores.repeat(count), [1, count, 3]), device)
}

#[test]
fn labels_are_samples_of_the_softmax_and_depend_on_the_stream_alone() {
    let device = Device::flex();
    let probabilities = [0.7f32, 0.2, 0.1];
    let logits = tokens(probabilities.map(f32::ln), 20_000, &device);
    let labels = TokenLabels { smoothing: 0.0, ..TokenLabels::default() };
    let drawn = |seed| values(labels.draw(logits.clone(), &mut stream(seed, 0, "labels")));
    assert_eq!(drawn(1), drawn(1));
    assert_ne!(drawn(1), drawn(2));
    for (class, probability) in probabilities.iter().enumerate() {
        let count: f32 = drawn(1).iter().skip(class).step_by(3).sum();
        assert!((count / 20_000.0 - probability).abs() < 0.012, "class {class}: {count}");
    }
}

#[test]
fn rows_sum_to_one_unless_the_released_constant_is_asked_for() {
    let device = Device::flex();
    let logits = tokens([0.3, -1.0, 2.0], 4, &device);
    for mode in [LabelMode::Gumbel, LabelMode::Argmax, LabelMode::Softmax] {
        let labels = TokenLabels { mode, ..TokenLabels::default() };
        let sums = values(labels.draw(logits.clone(), &mut stream(1, 0, "labels")).sum_dim(2));
        assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-6), "{mode:?}: {sums:?}");
    }
    let released = TokenLabels { spread: Spread::Released, ..TokenLabels::default() };
    let sums = values(released.draw(logits, &mut stream(1, 0, "labels")).sum_dim(2));
    assert!(sums.iter().all(|sum| (sum - 0.9003).abs() < 1e-6), "{sums:?}");
}

#[test]
fn gumbel_noise_has_its_mean_and_is_finite() {
    let noise = values(gumbel(&mut stream(1, 0, "labels"), [50_000], &Device::flex()));
    assert!(noise.iter().all(|value| value.is_finite()));
    let mean = noise.iter().sum::<f32>() / 50_000.0;
    // Euler's constant.
    assert!((mean - 0.577_215_7).abs() < 0.02, "{mean}");
}

#[test]
fn no_gradient_flows_into_the_labeler() {
    let device = Device::flex().autodiff();
    let teacher = tokens([0.3, -1.0, 2.0], 4, &device).require_grad();
    let student = tokens([0.0, 0.1, 0.2], 4, &device).require_grad();
    let labels = TokenLabels::default().draw(teacher.clone(), &mut stream(1, 0, "labels"));
    let class = Tensor::<2>::zeros([1, 3], &device);
    let target = Tensor::<2>::ones([1, 3], &device).div_scalar(3.0);
    let gradients = student_loss(LossWeights::default(), class, student.clone(), target, labels).backward();
    assert!(student.grad(&gradients).is_some());
    assert!(teacher.grad(&gradients).is_none());
}

#[test]
fn the_dynamic_weight_grows_to_its_full_value_at_epoch_300() {
    let config = StlConfig { dynamic: true, ..StlConfig::default() };
    let dense = |epoch| config.weights_at(epoch).dense;
    assert_eq!((dense(0.0), dense(75.0), dense(300.0), dense(350.0)), (0.0, 0.5, 1.0, 1.0));
    assert_eq!(StlConfig::default().weights_at(75.0), LossWeights::default());
}
