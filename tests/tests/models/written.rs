//! Configurations as manifests hold them: what is read is written back the same.

use burn::prelude::*;
use vitro::model::vit::VitConfig;
use vitro::model::{ModelConfig, ModelError, parameters};
use vitro_tests::small_models::{small_models, vit};

/// The model as the manifest of a bundle in `zoo/` has it.
fn written_model(bundle: &std::path::Path) -> serde_json::Value {
    let bytes = std::fs::read(bundle).expect("a bundle");
    let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).expect("a header");
    let text = header.metadata().as_ref().and_then(|all| all.get("vitro")).expect("a manifest").clone();
    serde_json::from_str::<serde_json::Value>(&text).expect("JSON")["model"].clone()
}

#[test]
fn shapes_in_the_manifests_of_the_zoo_are_written_as_they_were_read() {
    let zoo = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../zoo");
    let bundles = std::fs::read_dir(zoo).expect("the zoo").map(|entry| entry.expect("a file").path());
    let bundles: Vec<_> = bundles.filter(|path| path.extension().is_some_and(|end| end == "safetensors")).collect();
    assert!(!bundles.is_empty());
    for bundle in bundles {
        let model = written_model(&bundle);
        let config: ModelConfig = serde_json::from_value(model.clone()).expect("a model");
        assert_eq!(serde_json::to_value(config).expect("JSON"), model, "{}", bundle.display());
    }
}

#[test]
fn an_mlp_can_be_any_multiple_of_its_width_and_whole_ones_are_written_as_integers() {
    let device = Device::flex();
    let with = |mlp_ratio| ModelConfig::Vit(VitConfig { mlp_ratio, ..vit() });
    let count = |ratio| parameters(&with(ratio).init(&device).expect("a legal model"));
    // Each hidden channel has a weight from and to all 16 channels and a bias; ⌊16 · 2.57⌋ = 41.
    assert_eq!(count(2.57) - count(2.0), 2 * (41 - 32) * (16 + 16 + 1));
    let written = |ratio| serde_json::to_value(with(ratio)).expect("JSON")["mlp_ratio"].to_string();
    assert_eq!((written(4.0), written(2.57)), ("4".to_owned(), "2.57".to_owned()));
    for ratio in [4.0, 2.57] {
        let again: ModelConfig =
            serde_json::from_value(serde_json::to_value(with(ratio)).expect("JSON")).expect("a model");
        assert_eq!(again, with(ratio));
    }
    let refusal = with(0.0).init(&device).expect_err("no MLP");
    assert_eq!(refusal, ModelError::MlpRatio { ratio: 0.0, width: 16 });
}

#[test]
fn models_written_before_there_was_a_choice_of_attention_can_still_be_read() {
    let text = r#"{"family":"vit","image_size":32,"patch_size":8,"width":16,"depth":2,"heads":2,"classes":5}"#;
    assert_eq!(serde_json::from_str::<ModelConfig>(text).expect("an old manifest"), ModelConfig::Vit(vit()));
    for (name, config) in small_models() {
        let text = serde_json::to_string(&config).expect(name);
        assert_eq!(serde_json::from_str::<ModelConfig>(&text).expect(name), config);
    }
}
