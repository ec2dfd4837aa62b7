//! Trained weights in one file: a safetensors file whose header also carries a manifest.
//!
//! One file is one download for the page, one thing to drop on it and one thing to keep; any safetensors reader can open
//! it. The manifest holds a hash of the weights, so a damaged file is refused and never half loaded.
//!
//! # Examples
//!
//! ```
//! # #[cfg(feature = "flex")] {
//! use burn::prelude::*;
//! use vitro::bundle;
//! use vitro::scene::{Split, render};
//!
//! let file = std::fs::read("../zoo/fan-tap-adl.safetensors")?;
//! let (manifest, model) = bundle::read(&file, &Device::flex())?;
//!
//! let (scene, side) = (render(0, 3, Split::Test, 64), manifest.preprocess.image_size);
//! let mut values = Vec::new();
//! manifest.preprocess.normalise(&manifest.preprocess.prepare(&scene.image), &mut values);
//! let images = Tensor::<4>::from_data(TensorData::new(values, [1, 3, side, side]), &Device::flex());
//! let prediction = model.forward(images).argmax(1).into_scalar::<i64>() as usize;
//! assert_eq!(manifest.classes[prediction], manifest.classes[scene.label]);
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod check;
mod checkpoint;
mod header;
mod keys;
mod manifest;
mod published;
mod refit;
#[cfg(all(test, feature = "flex"))]
mod tests;
mod wrapper;

/// An opened PyTorch file, for [`Checkpoint::from_pytorch`].
#[cfg(feature = "pytorch")]
pub use burn::store::pytorch_reader::PytorchReader;
pub use check::Contents;
pub use checkpoint::{Array, Checkpoint, CheckpointError, LoadReport};
pub use keys::our_name;
pub use manifest::{Cell, FORMAT, Manifest, Provenance, Results};

use std::collections::HashMap;

use burn::prelude::*;
use half::f16;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use sha2::{Digest, Sha256};
use thiserror::Error;

#[cfg(doc)]
use crate::model::mix::AttentionKind;
use crate::model::{Model, ModelError, Role, parameters};

/// Key of the manifest in the header of the file.
pub const MANIFEST_KEY: &str = "vitro";

/// How weights are stored. f16 halves the file and moves logits by about 5·10⁻⁴.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// 16-bit floats; statistics of batch norms stay in 32 bits, since small variances underflow, and so do arrays with
    /// values that 16 bits cannot hold ([`kept_wide`]) and every weight of a model whose codes jump ([`AttentionKind::jumps`]): rounded, it would be another model.
    F16,
    /// 32-bit floats: the exact weights.
    F32,
}

/// Why a bundle could not be read or written.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum BundleError {
    /// The weights could not be read or do not fit.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A safetensors file without a manifest.
    #[error("these weights have no vitro manifest; turn a checkpoint into a bundle with `vitro import`")]
    NoManifest,
    /// The manifest is not one.
    #[error("the manifest of this bundle cannot be read ({0}); write the bundle again with `vitro export`")]
    Manifest(String),
    /// A later layout.
    #[error("this bundle has format {found}, this program reads format {FORMAT}; update the program")]
    Format {
        /// Format of the file.
        found: u32,
    },
    /// The weights are not those that the manifest describes.
    #[error("the weights of bundle \"{name}\" are damaged (their hash differs); fetch or export it again")]
    Hash {
        /// Name of the bundle.
        name: String,
    },
    /// The number of class names is not the number of logits.
    #[error("bundle \"{name}\" names {names} classes for {logits} logits; export it again")]
    Classes {
        /// Name of the bundle.
        name: String,
        /// Class names.
        names: usize,
        /// Logits of the model.
        logits: usize,
    },
    /// The numbers of the manifest do not go together, or are beyond what a model can have.
    #[error("the manifest of bundle \"{name}\" cannot be right: {what}; export the bundle again")]
    Disagrees {
        /// Name of the bundle.
        name: String,
        /// The numbers.
        what: String,
    },
    /// The model cannot be built.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The engine did not give the weights back.
    #[error("the weights could not be read from the device ({0})")]
    Device(String),
}

/// Reads a bundle and builds its model on `device`.
pub fn read(bytes: &[u8], device: &Device) -> Result<(Manifest, Model), BundleError> {
    let manifest = read_manifest(bytes)?;
    let mut model = manifest.model.init(device)?;
    Checkpoint::from_safetensors(bytes)?.load(&mut model)?;
    let (said, held) = (manifest.params, parameters(&model));
    if said != held {
        let what = format!("it says {said} parameters, and the model has {held}");
        return Err(BundleError::Disagrees { name: manifest.name, what });
    }
    Ok((manifest, model))
}

/// Reads the manifest of a bundle and checks it against the weights, without building the model.
pub fn read_manifest(bytes: &[u8]) -> Result<Manifest, BundleError> {
    let broken = |error: safetensors::SafeTensorError| CheckpointError::Safetensors(error.to_string());
    let (header, metadata) = SafeTensors::read_metadata(bytes).map_err(broken)?;
    let text = metadata.metadata().as_ref().and_then(|all| all.get(MANIFEST_KEY)).ok_or(BundleError::NoManifest)?;
    let manifest: Manifest = parse(text)?;
    let weights = bytes.get(8 + header..).unwrap_or_default();
    if hash(weights) != manifest.weights_sha256 {
        return Err(BundleError::Hash { name: manifest.name });
    }
    manifest.check(&Contents::of(&metadata))?;
    Ok(manifest)
}

/// Parses a manifest; a later format is named as such, even when its fields differ.
fn parse(text: &str) -> Result<Manifest, BundleError> {
    let unreadable = |error: serde_json::Error| BundleError::Manifest(error.to_string());
    let value: serde_json::Value = serde_json::from_str(text).map_err(unreadable)?;
    match value.get("format").and_then(serde_json::Value::as_u64) {
        Some(found) if found == u64::from(FORMAT) => serde_json::from_value(value).map_err(unreadable),
        Some(found) => Err(BundleError::Format { found: u32::try_from(found).unwrap_or(u32::MAX) }),
        None => Err(BundleError::Manifest("it has no format number".to_owned())),
    }
}

/// Writes a bundle. Hash and number of parameters in the manifest are filled in here.
///
/// # Errors
/// When a weight is not finite, or [`read`] would refuse the manifest.
pub fn write(manifest: &Manifest, model: &Model, precision: Precision) -> Result<Vec<u8>, BundleError> {
    let jumps = manifest.model.attention().jumps();
    let mut stored = Vec::new();
    for (name, Array { shape, values }) in published::arrays(model, None)? {
        let kept = Role::of(&name, shape.len()) == Role::Statistic || !fits_half(&values);
        let half = precision == Precision::F16 && !jumps && !kept;
        let bytes: Vec<u8> = if half {
            values.iter().flat_map(|value| f16::from_f32(*value).to_le_bytes()).collect()
        } else {
            values.iter().flat_map(|value| value.to_le_bytes()).collect()
        };
        stored.push((name, if half { Dtype::F16 } else { Dtype::F32 }, shape, bytes));
    }
    // The file format orders arrays by type and name; the hash must see them in that order.
    let serialize = |metadata: Option<HashMap<String, String>>| {
        let views = stored.iter().map(|(name, dtype, shape, bytes)| {
            TensorView::new(*dtype, shape.clone(), bytes).map(|view| (name.clone(), view))
        });
        let views = views.collect::<Result<Vec<_>, _>>();
        views
            .and_then(|views| safetensors::serialize(views, metadata))
            .map_err(|error| CheckpointError::Safetensors(error.to_string()))
    };
    let bare = serialize(None)?;
    let (header, metadata) =
        SafeTensors::read_metadata(&bare).map_err(|e| CheckpointError::Safetensors(e.to_string()))?;
    let manifest = Manifest {
        params: parameters(model),
        weights_sha256: hash(bare.get(8 + header..).unwrap_or_default()),
        ..manifest.clone()
    };
    manifest.check(&Contents::of(&metadata))?;
    let text = serde_json::to_string(&manifest).map_err(|error| BundleError::Manifest(error.to_string()))?;
    Ok(serialize(Some(HashMap::from([(MANIFEST_KEY.to_owned(), text)])))?)
}

/// Whether 16 bits hold `values`: none overflows, and the largest is not so small that its rounding would count.
fn fits_half(values: &[f32]) -> bool {
    let largest = values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    f16::from_f32(largest).is_finite() && (largest == 0.0 || largest >= f16::MIN_POSITIVE.to_f32())
}

/// The arrays of a bundle in 16 bits that are kept in 32, since 16 cannot hold their values; sorted.
///
/// # Errors
/// When `bytes` are no bundle.
pub fn kept_wide(bytes: &[u8]) -> Result<Vec<String>, BundleError> {
    let broken = |error: safetensors::SafeTensorError| CheckpointError::Safetensors(error.to_string());
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(broken)?;
    let arrays = metadata.tensors();
    if arrays.values().all(|array| array.dtype != Dtype::F16) {
        return Ok(Vec::new());
    }
    let wide = |name: &str, rank: usize| Role::of(name, rank) != Role::Statistic;
    let mut kept: Vec<String> = arrays
        .into_iter()
        .filter(|(name, array)| array.dtype == Dtype::F32 && wide(name, array.shape.len()))
        .map(|(name, _)| name)
        .collect();
    kept.sort();
    Ok(kept)
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
