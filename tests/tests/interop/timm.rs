//! `vitro export --to timm`.

use std::fs;

use serde_json::Value;
use vitro::bundle::Checkpoint;
use vitro_tests::command::{refused, works};

use crate::proof::{assert_confirmed, folder, write_bundle, write_reference};

const KIND: &str = "timm";

/// Keys of a block of timm's plain ViT.
const BLOCK: &[&str] = &[
    "attn.proj.bias",
    "attn.proj.weight",
    "attn.qkv.bias",
    "attn.qkv.weight",
    "mlp.fc1.bias",
    "mlp.fc1.weight",
    "mlp.fc2.bias",
    "mlp.fc2.weight",
    "norm1.bias",
    "norm1.weight",
    "norm2.bias",
    "norm2.weight",
];

#[test]
fn a_plain_vit_has_the_keys_and_shapes_of_timm_and_a_configuration_that_builds_it() {
    let (manifest, model) = write_bundle(KIND, "vit");
    write_reference(KIND, "vit", &manifest, &model);
    let said = works(&folder(KIND), &["export", "vit.safetensors", "--to", "timm", "-o", "vit-timm"]);
    assert!(said.contains("timm.create_model(\"local-dir:vit-timm\""), "{said}");
    let bytes = fs::read(folder(KIND).join("vit-timm/model.safetensors")).unwrap();
    let written = Checkpoint::from_safetensors(&bytes).unwrap();
    let mut keys: Vec<String> =
        (0..2).flat_map(|block| BLOCK.iter().map(move |key| format!("blocks.{block}.{key}"))).collect();
    let rest = ["cls_token", "head.bias", "head.weight", "norm.bias", "norm.weight"];
    keys.extend(
        rest.into_iter().chain(["patch_embed.proj.bias", "patch_embed.proj.weight", "pos_embed"]).map(str::to_owned),
    );
    assert_eq!(written.iter().map(|(key, _)| key).collect::<Vec<_>>(), keys);
    for (key, shape) in [
        ("blocks.0.attn.qkv.weight", &[48, 16][..]),
        ("head.weight", &[5, 16]),
        ("patch_embed.proj.weight", &[16, 3, 8, 8]),
        ("pos_embed", &[1, 17, 16]),
    ] {
        assert_eq!(written.get(key).unwrap().shape, shape, "{key}");
    }
    let config: Value = serde_json::from_slice(&fs::read(folder(KIND).join("vit-timm/config.json")).unwrap()).unwrap();
    assert_eq!(config["model_args"]["num_heads"], 2);
    assert_eq!(config["pretrained_cfg"]["input_size"], serde_json::json!([3, 32, 32]));
    assert_eq!(config["label_names"].as_array().unwrap().len(), 5);
    assert_confirmed(KIND, "vit", &bytes);
}

#[test]
fn other_networks_have_the_authors_keys_and_it_is_said_that_timm_has_none_of_them() {
    write_bundle(KIND, "tap_fan");
    let said = works(&folder(KIND), &["export", "tap_fan.safetensors", "--to", "timm", "-o", "tap_fan-timm"]);
    assert!(said.contains("timm has no such FAN"), "{said}");
    let bytes = fs::read(folder(KIND).join("tap_fan-timm/model.safetensors")).unwrap();
    let written = Checkpoint::from_safetensors(&bytes).unwrap();
    for key in [
        "pos_embed.token_projection.weight",
        "patch_embed.proj.0.0.weight",
        "blocks.1.dilation_predictor.proj.2.weight",
    ] {
        assert!(written.get(key).is_some(), "{key}");
    }
    let config: Value =
        serde_json::from_slice(&fs::read(folder(KIND).join("tap_fan-timm/config.json")).unwrap()).unwrap();
    assert_eq!((&config["architecture"], &config["model_args"]["tap_scales"]), (&"fan".into(), &4.into()));
}

#[test]
fn what_only_a_bundle_has_is_refused_elsewhere() {
    write_bundle(KIND, "fan");
    let export = ["export", "fan.safetensors", "-o", "nothing", "--to"];
    let said = refused(&folder(KIND), &[&export[..], &["onnx", "--precision", "f16"]].concat());
    assert!(said.contains("--precision f16 is for bundles"), "{said}");
    let said = refused(&folder(KIND), &[&export[..], &["timm", "--results", "eval.json"]].concat());
    assert!(said.contains("--results is for bundles"), "{said}");
    assert!(!folder(KIND).join("nothing").exists());
}
