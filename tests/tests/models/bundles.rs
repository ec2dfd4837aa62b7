//! Bundles give the same logits back, and damaged ones are refused.

use burn::prelude::*;
use vitro::bundle::{self, BundleError, Precision};
use vitro_tests::examine::{assert_half_precision_is_enough, through_a_bundle};
use vitro_tests::small_models::{manifest, small_models};

#[test]
fn a_bundle_in_f32_gives_the_same_logits() {
    for (name, config) in small_models() {
        let model = config.init(&Device::flex()).expect(name);
        let (before, after) = through_a_bundle(&model, &config, Precision::F32);
        assert_eq!(before, after, "{name}");
    }
}

#[test]
fn a_bundle_in_f16_gives_nearly_the_same_logits() {
    for (name, config) in small_models() {
        let model = config.init(&Device::flex()).expect(name);
        assert_half_precision_is_enough(name, &model, &config);
    }
}

#[test]
fn a_damaged_bundle_is_refused() {
    let (_, config) = small_models().remove(0);
    let device = Device::flex();
    let model = config.init(&device).expect("a legal model");
    let bytes = bundle::write(&manifest(config), &model, Precision::F32).expect("a bundle");

    let mut flipped = bytes.clone();
    *flipped.last_mut().expect("some bytes") ^= 1;
    assert!(matches!(bundle::read(&flipped, &device), Err(BundleError::Hash { .. })));
    let short = &bytes[..bytes.len() - 10];
    let message = bundle::read(short, &device).expect_err("a short file").to_string();
    assert!(message.contains("cut short"), "{message}");
    assert!(bundle::read(b"not a bundle", &device).is_err());
}
