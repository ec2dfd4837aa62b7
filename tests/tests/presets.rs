//! Every preset at its smallest legal image: it answers in the shapes it promises, a gradient reaches every parameter,
//! and a bundle gives the same logits back. One trial per preset, since the largest ones take seconds each.

use burn::module::Module;
use burn::prelude::*;
use libtest_mimic::{Arguments, Failed, Trial};
use vitro::bundle::Precision;
use vitro::model::mix::AttentionKind;
use vitro::model::rvt::RvtConfig;
use vitro::model::{ModelConfig, PRESETS, Preset};
use vitro_tests::examine::{assert_half_precision_is_enough, images, through_a_bundle, values, without_gradient};

fn main() {
    let trials = PRESETS.iter().map(|preset| Trial::test(preset.name, || examine(preset))).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// The preset at the smallest image that it accepts, or as it is where its size is part of its weights.
fn at_its_smallest(preset: &Preset) -> ModelConfig {
    let device = Device::flex();
    let full = preset.config(3);
    let sizes = (4..full.image_size()).map(|size| {
        let mut fields = serde_json::to_value(&full).expect(preset.name);
        fields["image_size"] = size.into();
        serde_json::from_value::<ModelConfig>(fields).expect(preset.name)
    });
    // Weights are drawn when first used, so asking costs nothing. Where the grid shrinks on the way, 4 × 4 patches leave
    // more than one token: attention over a single token has no gradient, and hides mistakes of order.
    let legal = |config: &ModelConfig| config.init(&device).is_ok() && config.patches() >= 16;
    let smallest = sizes.into_iter().find(legal);
    smallest.unwrap_or(full)
}

/// The same model where nothing is dropped or silenced by chance, so that a gradient of zero means a mistake.
fn with_everything_awake(config: &ModelConfig) -> ModelConfig {
    let mut fields = serde_json::to_value(config).expect("a model");
    if let Some(drop_path) = fields.get_mut("drop_path") {
        *drop_path = 0.0.into();
    }
    let mut config = serde_json::from_value(fields).expect("the same model");
    if let ModelConfig::Rvt(RvtConfig { attention: AttentionKind::VarsS(settings), .. }) = &mut config {
        // The published sparsity silences fresh filters on images of noise.
        settings.lambda = 0.02;
    }
    config
}

fn examine(preset: &Preset) -> Result<(), Failed> {
    let device = Device::flex().autodiff();
    let config = with_everything_awake(&at_its_smallest(preset));
    let model = config.init(&device)?;

    let seen = model.trace(images(1, &config, &device));
    assert_eq!(seen.logits.dims(), [1, 3]);
    assert!(values(seen.logits).iter().all(|logit| logit.is_finite()));
    let [batch, tokens, _] = seen.tokens.dims();
    assert_eq!((batch, tokens >= seen.grid[0] * seen.grid[1]), (1, true));

    let without = without_gradient(&model, images(2, &config, &device));
    assert!(without.is_empty(), "no gradient for {without:?}");

    let model = model.valid();
    let (before, after) = through_a_bundle(&model, &config, Precision::F32);
    assert_eq!(before, after, "32 bits must be exact");
    assert_half_precision_is_enough(preset.name, &model, &config);
    Ok(())
}
