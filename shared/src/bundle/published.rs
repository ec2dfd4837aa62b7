//! The weights of a model as named arrays: under our own names, or under the authors' keys in PyTorch's layout, the way back of
//! [`Checkpoint::load_official`].

use burn::store::{BurnToPyTorchAdapter, ModuleAdapter, ModuleSnapshot};
use burn::tensor::TensorData;

use super::{Array, BundleError, Checkpoint, CheckpointError, keys};
use crate::model::Model;

impl Checkpoint {
    /// The weights of `model` under our own names, in the layout of bundles.
    ///
    /// # Errors
    /// When one is not finite.
    pub fn of(model: &Model) -> Result<Self, BundleError> {
        let mut checkpoint = Self::default();
        for (name, Array { shape, values }) in arrays(model, None)? {
            checkpoint.insert(name, shape, values);
        }
        Ok(checkpoint)
    }

    /// The weights of `model` under the authors' keys and in PyTorch's layout: of a plain ViT, timm's.
    ///
    /// # Errors
    /// When one is not finite.
    pub fn published(model: &Model) -> Result<Self, BundleError> {
        let mut checkpoint = Self::default();
        for (name, Array { shape, values }) in arrays(model, Some(Box::new(BurnToPyTorchAdapter)))? {
            checkpoint.insert(keys::their_name(&name, model.info().keys), shape, values);
        }
        Ok(checkpoint)
    }

    /// The array called `name`.
    pub fn get(&self, name: &str) -> Option<&Array> {
        self.iter().find(|(key, _)| *key == name).map(|(_, array)| array)
    }
}

/// The floats of `model` in its own order, as `adapter` names and lays them out.
pub(super) fn arrays(
    model: &Model,
    adapter: Option<Box<dyn ModuleAdapter>>,
) -> Result<Vec<(String, Array)>, BundleError> {
    let mut arrays = Vec::new();
    for tensor in model.collect(None, adapter, true) {
        let (name, dtype, shape, _, bytes) =
            tensor.into_parts().map_err(|error| BundleError::Device(error.to_string()))?;
        if !dtype.is_float() {
            continue;
        }
        let values = TensorData::from_bytes(bytes, shape.clone(), dtype).convert::<f32>();
        let values = values.try_to_vec::<f32>().map_err(|error| BundleError::Device(format!("{error:?}")))?;
        if values.iter().any(|value| !value.is_finite()) {
            return Err(CheckpointError::NotFinite(name).into());
        }
        arrays.push((name, Array { shape: shape.to_vec(), values }));
    }
    Ok(arrays)
}
