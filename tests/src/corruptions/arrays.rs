//! Arrays of a safetensors file, widened to f64.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use safetensors::{Dtype, SafeTensors};
use vitro::image::Rgb8;

/// One array.
pub(super) struct Array {
    pub(super) shape: Vec<usize>,
    pub(super) values: Vec<f64>,
}

/// All arrays of one file by name.
pub(super) struct Arrays {
    pub(super) file: String,
    by_name: BTreeMap<String, Array>,
}

impl Arrays {
    pub(super) fn read(folder: &Path, file: &str) -> Result<Self> {
        let bytes = std::fs::read(folder.join(file)).with_context(|| format!("cannot read {file}"))?;
        let tensors = SafeTensors::deserialize(&bytes).with_context(|| format!("{file} is no safetensors file"))?;
        let mut by_name = BTreeMap::new();
        for (name, tensor) in tensors.iter() {
            let values = widened(tensor.dtype(), tensor.data()).with_context(|| format!("{file}: {name}"))?;
            by_name.insert(name.to_owned(), Array { shape: tensor.shape().to_vec(), values });
        }
        Ok(Self { file: file.to_owned(), by_name })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Array)> {
        self.by_name.iter().map(|(name, array)| (name.as_str(), array))
    }

    pub(super) fn get(&self, name: &str) -> Result<&Array> {
        self.by_name.get(name).with_context(|| format!("{} has no array `{name}`", self.file))
    }

    pub(super) fn floats(&self, name: &str) -> Result<Vec<f32>> {
        Ok(self.get(name)?.values.iter().map(|value| *value as f32).collect())
    }

    pub(super) fn image(&self, name: &str) -> Result<Rgb8> {
        let array = self.get(name)?;
        let [height, width, 3] = array.shape[..] else {
            bail!("{}: `{name}` has shape {:?}, an image has [y, x, 3]", self.file, array.shape);
        };
        let data = array.values.iter().map(|value| *value as u8).collect();
        Rgb8::new(width, height, data).with_context(|| format!("{}: `{name}` is empty", self.file))
    }
}

fn widened(dtype: Dtype, data: &[u8]) -> Result<Vec<f64>> {
    Ok(match dtype {
        Dtype::U8 => data.iter().map(|value| f64::from(*value)).collect(),
        Dtype::I8 => data.iter().map(|value| f64::from(*value as i8)).collect(),
        Dtype::I16 => data.as_chunks().0.iter().map(|bytes| f64::from(i16::from_le_bytes(*bytes))).collect(),
        Dtype::U16 => data.as_chunks().0.iter().map(|bytes| f64::from(u16::from_le_bytes(*bytes))).collect(),
        Dtype::I32 => data.as_chunks().0.iter().map(|bytes| f64::from(i32::from_le_bytes(*bytes))).collect(),
        Dtype::F32 => data.as_chunks().0.iter().map(|bytes| f64::from(f32::from_le_bytes(*bytes))).collect(),
        Dtype::F64 => data.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect(),
        other => bail!("type {other:?} is not expected here"),
    })
}
