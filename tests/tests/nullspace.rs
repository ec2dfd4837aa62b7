//! Nullspace noise: what no patch embedding sees, what a search learns, and that neither touches the weights.

use std::ops::ControlFlow;

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::prelude::*;
use burn::tensor::Distribution;
use vitro::method::cross_entropy::{cross_entropy, one_hot};
use vitro::method::nullspace::basis::{BasisError, Channels, PatchNullspace, Scale};
use vitro::method::nullspace::controls::{norm, permutation, permuted};
use vitro::method::nullspace::fine_tune::second_pass;
use vitro::method::nullspace::noise_search::{NoiseSearchConfig, Outcome, Step};
use vitro::model::fan::FanConfig;
use vitro::model::rvt::{RvtConfig, RvtStage};
use vitro::model::swin::FanSwinConfig;
use vitro::model::vit::VitConfig;
use vitro::model::{Model, ModelConfig, ModelError};
use vitro_tests::examine::{arrays, largest_difference, values};
use vitro_tests::nullspace::controls::gaussian;
use vitro_tests::nullspace::gradient_search::GradientSearchConfig;

const SIDE: usize = 32;

fn vit() -> ModelConfig {
    ModelConfig::Vit(VitConfig { drop_path: 0.5, ..VitConfig::new(SIDE, 8, 24, 2, 3, 5) })
}

/// A model of every family that takes token noise, with stochastic depth and, in some, batch norms.
fn noisy_models() -> Vec<(&'static str, ModelConfig)> {
    let fan = FanConfig { drop_path: 0.5, tap_scales: Some(2), ..FanConfig::new(SIDE, 8, 16, 2, 2, 5) };
    let stages = vec![RvtStage { width: 16, depth: 2, heads: 2 }];
    let rvt = RvtConfig { drop_path: 0.5, ..RvtConfig::new(SIDE, 8, stages, 5) };
    vec![("vit", vit()), ("fan", ModelConfig::Fan(fan)), ("rvt", ModelConfig::Rvt(rvt))]
}

fn model(config: &ModelConfig, device: &Device) -> Model {
    device.seed(5);
    config.init(device).expect("a legal model")
}

fn images(device: &Device) -> Tensor<4> {
    device.seed(7);
    Tensor::random([2, 3, SIDE, SIDE], Distribution::Normal(0.0, 1.0), device)
}

fn image_noise(values: Vec<f32>, device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(values, [1, 3, SIDE, SIDE]), device)
}

#[test]
fn nullspace_noise_leaves_the_logits_and_its_permutation_does_not() {
    let device = Device::flex();
    let model = model(&vit(), &device);
    let kernel = model.patch_kernel().expect("a ViT has one");
    let (shape, kernel) = (kernel.dims(), values(kernel));
    let x = images(&device);
    let clean = values(model.forward(x.clone()));
    let shift = |noise: Vec<f32>| {
        let noisy = values(model.forward(x.clone() + image_noise(noise, &device)));
        largest_difference(&clean, &noisy)
    };
    for channels in [Channels::Joint, Channels::Separate] {
        let space = PatchNullspace::new(&kernel, shape, channels).expect("weights");
        let draws = gaussian(3 * SIDE * SIDE, 1, 0);
        let noise = space.noise(&draws, [SIDE; 2], Scale::Peak(2.0)).expect("noise");
        assert!((noise.iter().fold(0.0f32, |most, v| most.max(v.abs())) - 2.0).abs() < 1e-5);
        let order = permutation(noise.len(), 2, 0);
        let other = permuted(&noise, &order);
        assert!((norm(&noise) - norm(&other)).abs() < 1e-3);
        let (null, moved) = (shift(noise), shift(other));
        assert!(null < 1e-5, "{channels:?}: {null}");
        assert!(moved > 100.0 * null && moved > 1e-3, "{channels:?}: {moved}");
    }
}

#[test]
fn the_basis_is_orthonormal_spans_the_projector_and_is_killed_by_the_weights() {
    let device = Device::flex();
    let kernel = model(&vit(), &device).patch_kernel().expect("a ViT has one");
    let (shape, kernel) = (kernel.dims(), values(kernel));
    let space = PatchNullspace::new(&kernel, shape, Channels::Joint).expect("weights");
    let [width, channels, patch, _] = shape;
    let pixels = channels * patch * patch;
    assert_eq!(space.dimensions(), [pixels - width]);
    let basis = &space.bases()[0];
    assert_eq!(basis.len(), pixels - width);
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    for (i, a) in basis.iter().enumerate() {
        for (j, b) in basis.iter().enumerate() {
            assert!((dot(a, b) - f64::from(u8::from(i == j))).abs() < 1e-10, "{i} {j}");
        }
        for row in kernel.chunks_exact(pixels) {
            let row: Vec<f64> = row.iter().map(|value| f64::from(*value)).collect();
            assert!(dot(&row, a).abs() < 1e-10);
        }
    }
    let projector = &space.projectors()[0];
    for (i, row) in projector.chunks_exact(pixels).enumerate() {
        let rebuilt: Vec<f64> = (0..pixels).map(|j| basis.iter().map(|b| b[i] * b[j]).sum()).collect();
        assert!(row.iter().zip(&rebuilt).all(|(a, b)| (a - b).abs() < 1e-10), "row {i}");
    }
}

#[test]
fn a_rank_deficient_embedding_has_a_larger_nullspace() {
    // Two rows are equal, and one vanishes beside the others in f32.
    let row = |frequency: usize, scale: f32| (0..12).map(move |i| ((i * frequency + 1) as f32).sin() * scale);
    let kernel: Vec<f32> = row(1, 1.0).chain(row(1, 1.0)).chain(row(2, 1.0)).chain(row(3, 1e-9)).collect();
    let space = PatchNullspace::new(&kernel, [4, 3, 2, 2], Channels::Joint).expect("weights");
    assert_eq!(space.dimensions(), [10]);
}

#[test]
fn an_embedding_without_a_nullspace_says_so_and_wrong_sizes_are_refused() {
    let kernel = gaussian(48 * 48, 1, 0);
    let space = PatchNullspace::new(&kernel, [48, 3, 4, 4], Channels::Joint).expect("weights");
    assert_eq!(space.dimensions(), [0]);
    let refusal = space.noise(&gaussian(3 * 64, 1, 0), [8, 8], Scale::Keep).expect_err("nothing to see");
    assert_eq!(refusal, BasisError::Trivial { pixels: 48 });
    assert!(matches!(PatchNullspace::new(&kernel, [48, 3, 4, 5], Channels::Joint), Err(BasisError::Kernel { .. })));
    assert_eq!(PatchNullspace::new(&[f32::NAN; 48], [1, 3, 4, 4], Channels::Joint).err(), Some(BasisError::NotFinite));
    let space = PatchNullspace::new(&gaussian(48, 1, 0), [1, 3, 4, 4], Channels::Joint).expect("weights");
    assert!(matches!(space.noise(&[0.0; 3 * 54], [6, 9], Scale::Keep), Err(BasisError::Image { .. })));
    assert!(space.noise(&[0.0; 48], [4, 4], Scale::Peak(1.0)).expect("no draws").iter().all(|value| *value == 0.0));
}

#[test]
fn shrunk_noise_keeps_pixels_valid_and_is_still_not_seen() {
    let device = Device::flex();
    let model = model(&vit(), &device);
    let kernel = model.patch_kernel().expect("a ViT has one");
    let space = PatchNullspace::new(&values(kernel.clone()), kernel.dims(), Channels::Joint).expect("weights");
    let noise = space.noise(&gaussian(3 * SIDE * SIDE, 3, 0), [SIDE; 2], Scale::Peak(3.0)).expect("noise");
    let x = images(&device).narrow(0, 0, 1).clamp(-1.9, 1.9);
    let image = values(x.clone());
    let bounds = ([-2.0f32, -1.95, -1.9], [1.9f32, 1.95, 2.0]);
    let shrunk = space.shrunk(&noise, &image, [SIDE; 2], bounds).expect("the same size");
    for (i, (value, step)) in image.iter().zip(&shrunk).enumerate() {
        let channel = i / (SIDE * SIDE);
        let sum = value + step;
        assert!(sum >= bounds.0[channel] && sum <= bounds.1[channel], "{i}: {sum}");
    }
    assert!(norm(&shrunk) > 0.0 && norm(&shrunk) < norm(&noise));
    let moved = values(model.forward(x.clone() + image_noise(shrunk, &device)));
    assert!(largest_difference(&values(model.forward(x)), &moved) < 1e-5);
}

#[test]
fn token_noise_of_nothing_changes_nothing_and_other_noise_does() {
    let device = Device::flex();
    for (name, config) in noisy_models() {
        let model = model(&config, &device);
        let shape = config.noise_shape().expect(name);
        let x = images(&device);
        let with =
            |noise: Option<Tensor<3>>| values(model.forward_with_noise(x.clone(), noise, &mut ()).expect(name).logits);
        let clean = values(model.forward(x.clone()));
        assert_eq!(with(None), clean, "{name}");
        assert_eq!(with(Some(Tensor::zeros(shape, &device))), clean, "{name}");
        // Not a constant: the layer norms take that away.
        let drawn = NoiseSearchConfig::default().start(shape, 1, 0, &device);
        assert!(largest_difference(&with(Some(drawn)), &clean) > 1e-4, "{name}");

        let [_, n, c] = shape;
        let wrong = Tensor::zeros([1, n + 1, c], &device);
        let refusal = model.forward_with_noise(x.clone(), Some(wrong), &mut ()).expect_err(name);
        assert_eq!(refusal, ModelError::NoiseShape { given: [1, n + 1, c], expected: shape }, "{name}");
    }
}

#[test]
fn a_family_without_token_noise_says_so() {
    let device = Device::flex();
    let swin = FanSwinConfig { image_size: SIDE, window: 8, ..FanSwinConfig::published(16, [1; 4], [2; 4], 5) };
    let swin = FanSwinConfig { stages: swin.stages[..1].to_vec(), ..swin };
    let config = ModelConfig::Swin(swin);
    assert_eq!(config.noise_shape(), None);
    let model = model(&config, &device);
    let refusal = model.forward_with_noise(images(&device), Some(Tensor::zeros([1, 64, 16], &device)), &mut ());
    assert_eq!(refusal.expect_err("no place for it"), ModelError::NoTokenNoise { family: "FAN-Swin" });
    assert!(model.forward_with_noise(images(&device), None, &mut ()).is_ok());
    assert!(model.patch_kernel().is_none());
}

#[test]
fn a_search_is_a_function_of_its_start_and_leaves_the_model_alone() {
    let device = Device::flex();
    for (name, config) in noisy_models() {
        // On a recording device with training flags on, the search must still see the model in evaluation mode.
        let model = model(&config, &device.clone().autodiff());
        let before = arrays(&model);
        let search = NoiseSearchConfig { threshold: 0.0, rounds: 2, share: 1.0, ..NoiseSearchConfig::default() };
        let learn = || {
            let start = search.start(config.noise_shape().expect(name), 1, 0, &device);
            let mut search = search.init(start, 3).expect("a legal search");
            let mut steps = Vec::new();
            let batch = |_| Ok::<_, ModelError>(images(&device));
            let watch = |step: &Step| {
                steps.push(*step);
                ControlFlow::Continue(())
            };
            search.run(&model, batch, watch).expect(name);
            (values(search.noise()), steps)
        };
        let (noise, steps) = learn();
        assert_eq!(learn().0, noise, "{name}: two searches from one start");
        assert_eq!((steps.len(), steps[0].of), (6, 6), "{name}");
        assert!(steps.iter().all(|step| step.outcome == Outcome::Moved));
        let objectives: Vec<f64> = steps.iter().map(|step| step.objective).collect();
        assert!(objectives[5] < objectives[0], "{name}: {objectives:?}");
        assert_eq!(arrays(&model), before, "{name}: weights or statistics moved");
    }
}

#[test]
fn the_stop_rule_returns_the_noise_as_it_was() {
    let device = Device::flex();
    let model = model(&vit(), &device);
    let start = NoiseSearchConfig::default().start([1, 16, 24], 4, 2, &device);
    let config = NoiseSearchConfig { threshold: 2.0, share: 1.0, ..NoiseSearchConfig::default() };
    let mut search = config.init(start.clone(), 2).expect("a legal search");
    assert_eq!(search.next_batch(), Some(0));
    let step = search.step(&model, images(&device)).expect("a step").expect("not over");
    assert_eq!((step.outcome, search.stopped_early(), search.next_batch()), (Outcome::Enough, true, None));
    assert_eq!(values(search.noise()), values(start));
    assert!(search.step(&model, images(&device)).expect("no step").is_none());
}

#[test]
fn a_search_without_batches_returns_its_start_and_a_watcher_may_break_off() {
    let device = Device::flex();
    let model = model(&vit(), &device);
    let config = NoiseSearchConfig { threshold: 0.0, ..NoiseSearchConfig::default() };
    let start = config.start([1, 16, 24], 4, 0, &device);
    let few = config.init(start.clone(), 9).expect("a legal search");
    assert_eq!((few.steps(), few.next_batch()), (0, None));

    let mut search = config.init(start, 40).expect("a legal search");
    assert_eq!(search.steps(), 12);
    let mut asked = Vec::new();
    let batch = |index| {
        asked.push(index);
        Ok::<_, ModelError>(images(&device))
    };
    let watch = |step: &Step| {
        if step.number == 4 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    search.run(&model, batch, watch).expect("steps");
    assert_eq!(asked, [0, 1, 2, 3, 0]);
    assert_eq!(search.next_batch(), Some(1));
}

#[test]
fn impossible_searches_are_refused_with_the_reason() {
    let start = || Tensor::<3>::zeros([1, 16, 24], &Device::flex());
    let refused = |config: NoiseSearchConfig| config.init(start(), 10).expect_err("an impossible search");
    let base = NoiseSearchConfig::default();
    assert_eq!(refused(NoiseSearchConfig { share: 1.5, ..base }).field, "share");
    assert_eq!(refused(NoiseSearchConfig { share: 0.0, ..base }).field, "share");
    assert_eq!(refused(NoiseSearchConfig { learning_rate: f64::NAN, ..base }).field, "learning_rate");
    assert_eq!(refused(NoiseSearchConfig { range: -1.0, ..base }).field, "range");
    assert_eq!(
        refused(NoiseSearchConfig { threshold: 3.0, ..base }).to_string(),
        "the noise search's threshold is 3; it must be between 0 (never stop) and 2"
    );
}

#[test]
fn zero_noise_is_a_minimum_with_a_finite_gradient() {
    let device = Device::flex();
    let model = model(&vit(), &device);
    let search = NoiseSearchConfig::default().init(Tensor::zeros([1, 16, 24], &device), 10).expect("a legal search");
    let trial = search.look(&model, images(&device)).expect("a look");
    assert!(trial.objective.into_scalar::<f32>() < 1e-6);
    assert!(values(trial.gradient).iter().all(|value| value.is_finite()));
}

#[test]
fn pixel_noise_of_the_first_generation_must_have_the_size_of_the_images() {
    let device = Device::flex();
    let model = model(&vit(), &device);
    let mut search = GradientSearchConfig::default().init(Tensor::<4>::zeros([1, 3, 16, 16], &device));
    let refusal = search.step(&model, images(&device)).expect_err("another size");
    assert!(refusal.to_string().contains("[1, 3, 16, 16]"), "{refusal}");
}

#[test]
fn the_second_pass_differs_by_its_noise_alone_and_reaches_every_weight() {
    let plain = Device::flex();
    let device = plain.clone().autodiff();
    let config = ModelConfig::Vit(VitConfig::new(SIDE, 8, 24, 2, 3, 5));
    let model = model(&config, &device);
    let noise = NoiseSearchConfig::default().start([1, 16, 24], 4, 0, &plain);
    let pass = |noise| second_pass(&model, images(&device), one_hot(&[1, 4], 5, &device), noise).expect("a loss");
    let clean = cross_entropy(model.forward(images(&device)), one_hot(&[1, 4], 5, &device));
    let parts = [clean, pass(None), pass(Some(noise.clone()))].map(|part| part.into_scalar::<f32>());
    assert!((parts[0] - parts[1]).abs() < 1e-6 && parts[0] != parts[2], "{parts:?}");
    let gradients = GradientsParams::from_grads(pass(Some(noise)).backward(), &model);
    struct Count(usize);
    impl ModuleVisitor for Count {
        fn visit_float<const D: usize>(&mut self, _param: &Param<Tensor<D>>) {
            self.0 += 1;
        }
    }
    let mut count = Count(0);
    model.visit(&mut count);
    assert_eq!(gradients.len(), count.0);
}
