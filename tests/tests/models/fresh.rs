//! What fresh weights are drawn from, where a paper has a rule of its own for it.

use burn::prelude::*;
use vitro::model::fan::FanConfig;
use vitro::model::mix::softmax::SoftmaxConfig;
use vitro::model::{ModelConfig, preset};
use vitro_tests::examine::{arrays, images, values};

#[test]
fn a_fresh_mask_halves_every_score_and_stays_within_its_cut() {
    let device = Device::flex();
    device.seed(11);
    let masked = SoftmaxConfig::new(16, 2).with_mask_tokens(Some(196)).init(&device);
    let mask = arrays(&masked).into_iter().find(|values| values.len() == 2 * 196 * 196).expect("a mask");
    let count = mask.len() as f64;
    let mean = mask.iter().map(|value| f64::from(*value)).sum::<f64>() / count;
    let deviation = (mask.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>() / count).sqrt();
    let largest = mask.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
    // A normal distribution cut off at one deviation keeps 0.5396 of it.
    assert!((deviation / 0.02 - 0.5396).abs() < 5e-3, "{deviation}");
    assert!(mean.abs() < 2e-4 && (0.0199..=0.02 + 1e-7).contains(&largest), "{mean} {largest}");
}

#[test]
fn a_shrunk_head_begins_with_small_logits() {
    let device = Device::flex();
    let fan = FanConfig::new(32, 8, 16, 2, 2, 5);
    let spread = |head_scale: f64| {
        let config = ModelConfig::Fan(FanConfig { head_scale, ..fan.clone() });
        let logits = config.init(&device).expect("a legal model").forward(images(2, &config, &device));
        values(logits.abs().max())[0]
    };
    assert!(spread(0.001) < 0.01 * spread(1.0));
    let scale = |name: &str| match preset(name).expect(name).config(10) {
        ModelConfig::Fan(fan) => fan.head_scale,
        _ => panic!("{name} is a FAN"),
    };
    assert_eq!(scale("fan_large_16_p4_hybrid"), 0.001);
    assert_eq!(scale("fan_large_16_p4_hybrid_token"), 1.0);
    assert_eq!(scale("fan_base_16_p4_hybrid"), 1.0);
}
