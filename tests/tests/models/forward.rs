//! What a forward pass gives: shapes, attention whose rows sum to one, logits, and gradients for every weight.

use std::ops::Range;

use burn::module::Module;
use burn::prelude::*;
use vitro::model::mix::vars::Codes;
use vitro::model::rvt::{RvtConfig, RvtStage};
use vitro::model::{Draws, Model, ModelConfig};
use vitro_tests::examine::{images, values, without_gradient};
use vitro_tests::small_models::{rvt, small_models};

/// The shapes that a small model promises for two images.
struct Shapes {
    attention: Vec<[usize; 4]>,
    class_attention: Option<[usize; 3]>,
    tokens: [usize; 3],
    token_logits: Option<[usize; 3]>,
    grid: [usize; 2],
}

/// Two blocks on 4 × 4 patches, except where a model differs.
fn shapes(name: &str, config: &ModelConfig) -> Shapes {
    let (attends, is_rvt) = (config.attention().forms_attention(), matches!(config, ModelConfig::Rvt(_)));
    let n = if name.starts_with("vit") { 17 } else { 16 };
    let plain = Shapes {
        attention: vec![[2, 2, n, n]; 2],
        class_attention: Some([2, 2, 16]),
        tokens: [2, 17, 16],
        token_logits: None,
        grid: [4, 4],
    };
    match name {
        "fan_token" => Shapes { token_logits: Some([2, 16, 5]), ..plain },
        "fan_widening" => Shapes {
            // The grid is halved after the first block.
            attention: vec![[2, 2, 16, 16], [2, 3, 4, 4]],
            class_attention: Some([2, 3, 4]),
            tokens: [2, 5, 24],
            grid: [2, 2],
            ..plain
        },
        _ if matches!(config, ModelConfig::Swin(_)) => Shapes {
            // Four windows of an image in the first stage, one in the second.
            attention: if attends { vec![[8, 2, 16, 16], [8, 2, 16, 16], [2, 4, 16, 16]] } else { Vec::new() },
            class_attention: None,
            tokens: [2, 16, 16],
            ..plain
        },
        // No class token; and where no attention is formed, none to read.
        _ => Shapes {
            attention: if attends { plain.attention } else { Vec::new() },
            class_attention: plain.class_attention.filter(|_| attends && !is_rvt || name.starts_with("fan")),
            tokens: if is_rvt { [2, 16, 16] } else { plain.tokens },
            ..plain
        },
    }
}

#[test]
fn the_first_images_of_a_pass_are_shown_as_if_they_were_alone() {
    let device = Device::flex();
    for (name, config) in small_models() {
        let model = config.init(&device).expect(name);
        let all = images(4, &config, &device);
        let (first, alone) = (model.trace(all.clone()).of_first(2, 4), model.trace(all.narrow(0, 0, 2)));
        // The shrinkage of VARS jumps, so the last bit of a sum may move a code; its shapes are compared.
        let is_smooth = config.attention().forms_attention();
        let near = |what: &str, ours: Vec<f32>, theirs: Vec<f32>| {
            assert_eq!(ours.len(), theirs.len(), "{name}: {what}");
            let far = ours.iter().zip(&theirs).any(|(a, b)| (a - b).abs() > 1e-4 * (1.0 + b.abs()));
            assert!(!(far && is_smooth), "{name}: {what}");
        };
        near("logits", values(first.logits), values(alone.logits));
        near("tokens", values(first.tokens), values(alone.tokens));
        assert_eq!((first.attention.len(), first.codes.len()), (alone.attention.len(), alone.codes.len()), "{name}");
        for (ours, theirs) in first.attention.into_iter().zip(alone.attention) {
            near("attention", values(ours), values(theirs));
        }
        let maps = |codes: &[Codes]| codes.iter().flat_map(Codes::maps).flat_map(values).collect::<Vec<f32>>();
        near("codes", maps(&first.codes), maps(&alone.codes));
        let of = |part: Option<Tensor<3>>| part.map(values).unwrap_or_default();
        near("class attention", of(first.class_attention), of(alone.class_attention));
        near("token logits", of(first.token_logits), of(alone.token_logits));
    }
}

#[test]
fn a_forward_pass_has_the_shapes_it_promises() {
    let device = Device::flex();
    for (name, config) in small_models() {
        let model = config.init(&device).expect(name);
        let seen = model.trace(images(2, &config, &device));
        let expected = shapes(name, &config);
        let fused = seen.fused_logits();
        assert_eq!(seen.logits.dims(), [2, 5], "{name}");
        assert_eq!(seen.grid, expected.grid, "{name}");
        assert_eq!(seen.attention.iter().map(Tensor::dims).collect::<Vec<_>>(), expected.attention, "{name}");
        assert_eq!(seen.class_attention.map(|weights| weights.dims()), expected.class_attention, "{name}");
        assert_eq!(seen.tokens.dims(), expected.tokens, "{name}");
        assert_eq!(seen.token_logits.map(|scores| scores.dims()), expected.token_logits, "{name}");
        assert_eq!(fused.map(|scores| scores.dims()), expected.token_logits.map(|[b, _, k]| [b, k]), "{name}");
    }
}

#[test]
fn an_rvt_of_two_stages_halves_its_grid_and_shows_every_blocks_attention() {
    let device = Device::flex();
    let stages = [(16, 2, 2), (32, 1, 4)].map(|(width, depth, heads)| RvtStage { width, depth, heads });
    let config = ModelConfig::Rvt(RvtConfig { stages: stages.to_vec(), image_size: 20, ..rvt() });
    let model = config.init(&device).expect("a legal model");
    assert_eq!(config.patches(), 25);
    let seen = model.trace(images(1, &config, &device));
    let shapes: Vec<_> = seen.attention.iter().map(|weights| weights.dims()).collect();
    assert_eq!(shapes, [[1, 2, 25, 25], [1, 2, 25, 25], [1, 4, 9, 9]]);
    assert_eq!((seen.grid, seen.tokens.dims(), seen.logits.dims()), ([3, 3], [1, 9, 32], [1, 5]));
}

#[test]
fn attention_rows_sum_to_one() {
    let device = Device::flex();
    for (name, config) in small_models() {
        let model = config.init(&device).expect(name);
        for weights in model.trace(images(2, &config, &device)).attention {
            let sums = values(weights.sum_dim(3));
            assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-5), "{name}: {sums:?}");
        }
    }
}

#[test]
fn a_gradient_reaches_every_parameter() {
    let device = Device::flex().autodiff();
    for (name, config) in small_models() {
        let model = config.init(&device).expect(name);
        let without = without_gradient(&model, images(3, &config, &device));
        assert!(without.is_empty(), "{name}: no gradient for {without:?}");
    }
}

#[test]
fn fused_logits_add_half_of_the_best_token() {
    let device = Device::flex();
    let logits = Tensor::<2>::from_data([[1.0, -1.0]], &device);
    let tokens = Tensor::<3>::from_data([[[4.0, -6.0], [2.0, -8.0]]], &device);
    assert_eq!(values(vitro::model::fan::fuse(logits, tokens)), [3.0, -4.0]);
}

/// Logits of a training step for samples with these numbers.
fn of_step(model: &Model, images: Tensor<4>, samples: Range<u64>) -> Vec<f32> {
    let mut copy = model.clone().train();
    copy.before_step(&Draws::new(1, samples));
    values(copy.forward(Tensor::from_inner(images)).inner())
}

#[test]
fn a_training_step_drops_what_its_samples_say_whatever_the_engine_draws() {
    let device = Device::flex();
    for (name, config) in small_models() {
        let mut fields = serde_json::to_value(&config).expect(name);
        fields["drop_path"] = 0.5.into();
        let config: ModelConfig = serde_json::from_value(fields).expect(name);
        let model = config.init(&device).expect(name);
        let images = images(4, &config, &device);
        let first = of_step(&model, images.clone(), 0..4);
        assert_eq!(of_step(&model, images.clone(), 0..4), first, "{name}");
        let others = (1..6).map(|batch| of_step(&model, images.clone(), 4 * batch..4 * batch + 4));
        assert!(others.into_iter().any(|other| other != first), "{name}");
        // A batch norm sees a shard at a time.
        if matches!(config, ModelConfig::Vit(_)) && !["vars", "tap"].iter().any(|norm| name.contains(norm)) {
            let half = |at: usize| of_step(&model, images.clone().narrow(0, at, 2), at as u64..at as u64 + 2);
            let apart = first.iter().zip([half(0), half(2)].concat()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(apart < 1e-4, "{name}: {apart}");
        }
    }
}
