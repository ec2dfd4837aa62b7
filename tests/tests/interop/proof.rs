//! Models with weights that are the same everywhere, their files for other programs, and the digests that those confirmed.

use std::fs;
use std::path::{Path, PathBuf};

use burn::prelude::*;
use burn::tensor::TensorData;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::Value;
use sha2::{Digest, Sha256};
use vitro::bundle::{self, Manifest, Precision};
use vitro::model::{Model, ModelConfig};
use vitro_tests::examine::values;
use vitro_tests::parity::hash_init;
use vitro_tests::small_models::{manifest, small_models};

/// Where the files of a kind, `timm` or `onnx`, stay for the script.
pub(crate) fn folder(kind: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("interop").join(kind);
    fs::create_dir_all(&folder).expect("a disk");
    folder
}

/// The small model called `name`, weights rebuilt from their names.
pub(crate) fn small(name: &str) -> (ModelConfig, Model) {
    let (_, config) = small_models().into_iter().find(|(known, _)| *known == name).expect(name);
    let mut model = config.init(&Device::flex()).expect(name);
    hash_init::fill(&mut model, 7).expect(name);
    (config, model)
}

/// Writes the bundle `NAME.safetensors` of a small model.
pub(crate) fn write_bundle(kind: &str, name: &str) -> (Manifest, Model) {
    let (config, model) = small(name);
    let manifest = Manifest { name: name.to_owned(), ..manifest(config) };
    let bytes = bundle::write(&manifest, &model, Precision::F32).expect("a bundle");
    fs::write(folder(kind).join(name).with_extension("safetensors"), bytes).expect("a disk");
    (manifest, model)
}

/// Writes two images in 0..1 and the logits that `model` gives for them, `NAME.reference.safetensors`.
pub(crate) fn write_reference(kind: &str, name: &str, manifest: &Manifest, model: &Model) {
    let side = manifest.preprocess.image_size;
    let images: Vec<f32> = hash_init::image(2, side, 11).into_iter().map(|value| value / 4.0 + 0.5).collect();
    let device = Device::flex();
    let channels = |numbers: [f32; 3]| Tensor::<4>::from_data(TensorData::new(numbers.to_vec(), [1, 3, 1, 1]), &device);
    let x = Tensor::<4>::from_data(TensorData::new(images.clone(), [2, 3, side, side]), &device);
    let x = (x - channels(manifest.preprocess.mean)) / channels(manifest.preprocess.std);
    let logits = values(model.forward(x));
    let bytes = |numbers: &[f32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let (image_bytes, logit_bytes) = (bytes(&images), bytes(&logits));
    let view = |shape: Vec<usize>, bytes| TensorView::new(Dtype::F32, shape, bytes).expect("as many as the shape says");
    let views = [
        ("images", view(vec![2, 3, side, side], &image_bytes)),
        ("logits", view(vec![2, logits.len() / 2], &logit_bytes)),
    ];
    let file = safetensors::serialize(views, None).expect("a file");
    fs::write(folder(kind).join(format!("{name}.reference.safetensors")), file).expect("a disk");
}

/// Leaves the digest of what was written of `name` for the script, and compares it with the one that it confirmed.
pub(crate) fn assert_confirmed(kind: &str, name: &str, bytes: &[u8]) {
    let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    fs::write(folder(kind).join(format!("{name}.sha256")), &digest).expect("a disk");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("proofs/interop/proof.json");
    let proof: Value = serde_json::from_slice(&fs::read(path).expect("proof.json")).expect("JSON");
    assert_eq!(
        proof[kind][name]["sha256"], digest,
        "{name} is written otherwise than what other programs confirmed; run proofs/interop/read.py"
    );
    assert!(proof[kind][name]["largest_difference"].as_f64().expect("a difference") < 1e-4);
}
