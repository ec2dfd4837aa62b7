//! One fixture: what its JSON says and the arrays beside it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use burn::prelude::*;
use burn::tensor::TensorData;
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;
use vitro::bundle::{Array, Checkpoint};

/// A stored run of the published code.
pub struct Fixture {
    /// Which module or computation it is.
    pub case: String,
    /// The whole JSON.
    pub json: Value,
    folder: PathBuf,
    /// All arrays: `weights.*`, `inputs.*`, `out.*`, `mid.*`, `grads.*`, `buffers_after.*`.
    pub arrays: Checkpoint,
    /// All arrays of integers: choices, indices, counters.
    pub integers: BTreeMap<String, Vec<i64>>,
    /// All arrays of bytes: images.
    pub bytes: Checkpoint,
}

impl Fixture {
    /// Reads `json` and the safetensors file of the same name, if there is one.
    pub fn read(json: &Path) -> Result<Self> {
        let (case, value) = header(json)?;
        let none = Self {
            case,
            json: value,
            folder: json.parent().unwrap_or(Path::new(".")).to_owned(),
            arrays: Checkpoint::default(),
            integers: BTreeMap::new(),
            bytes: Checkpoint::default(),
        };
        let arrays = json.with_extension("safetensors");
        if arrays.exists() { none.with_arrays(&arrays) } else { Ok(none) }
    }

    /// The same with the arrays of another file of the folder, which the JSON names.
    pub fn beside(&self, file: &str) -> Result<Self> {
        let Self { case, json, folder, .. } = self;
        let (arrays, integers, bytes) = (Checkpoint::default(), BTreeMap::new(), Checkpoint::default());
        let none = Self { case: case.clone(), json: json.clone(), folder: folder.clone(), arrays, integers, bytes };
        none.with_arrays(&folder.join(file))
    }

    fn with_arrays(self, path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let arrays = Checkpoint::from_safetensors(&bytes).with_context(|| format!("{}", path.display()))?;
        Ok(Self { arrays, integers: integers(&bytes)?, bytes: images(&bytes)?, ..self })
    }

    /// The constructor arguments of the module.
    pub fn config(&self) -> &Value {
        &self.json["config"]
    }

    /// A count from the configuration.
    pub fn count(&self, key: &str) -> Result<usize> {
        count(&self.config()[key]).with_context(|| format!("config.{key}"))
    }

    /// A number from the configuration, or `default` where it is not given.
    pub fn number(&self, key: &str, default: f64) -> f64 {
        self.config()[key].as_f64().unwrap_or(default)
    }

    /// A switch from the configuration, or `default` where it is not given.
    pub fn switch(&self, key: &str, default: bool) -> bool {
        self.config()[key].as_bool().unwrap_or(default)
    }

    /// The token grid (rows, columns) of a module fixture.
    pub fn grid(&self) -> Result<[usize; 2]> {
        let grid = &self.config()["grid"];
        Ok([count(&grid[0]).context("config.grid[0]")?, count(&grid[1]).context("config.grid[1]")?])
    }

    /// Whether the module ran in training mode.
    pub fn training(&self) -> bool {
        self.json["mode"] == "train"
    }

    /// Whether gradients are stored.
    pub fn has_gradients(&self) -> bool {
        self.arrays.iter().any(|(name, _)| name.starts_with("grads."))
    }

    /// A stored array.
    pub fn array(&self, name: &str) -> Result<&Array> {
        let found = self.arrays.iter().find(|(other, _)| *other == name);
        found.map(|(_, array)| array).ok_or_else(|| anyhow!("the fixture has no array \"{name}\""))
    }

    /// A stored array of bytes, as numbers.
    pub fn byte_array(&self, name: &str) -> Result<&Array> {
        let found = self.bytes.iter().find(|(other, _)| *other == name);
        found.map(|(_, array)| array).ok_or_else(|| anyhow!("the fixture has no array of bytes \"{name}\""))
    }

    /// A stored array of integers.
    pub fn integer_array(&self, name: &str) -> Result<&[i64]> {
        let found = self.integers.get(name).map(Vec::as_slice);
        found.ok_or_else(|| anyhow!("the fixture has no array of integers \"{name}\""))
    }

    /// A stored array as a tensor.
    pub fn tensor<const D: usize>(&self, name: &str, device: &Device) -> Result<Tensor<D>> {
        let array = self.array(name)?;
        Ok(Tensor::from_data(TensorData::new(array.values.clone(), array.shape.clone()), device))
    }

    /// The weights, without the `weights.` and the wrapper that holds a lone module (`attn.`, `mlp.`, `cls.`).
    pub fn weights(&self, wrapper: &str) -> Checkpoint {
        self.arrays.within(&format!("weights.{wrapper}"))
    }
}

fn header(json: &Path) -> Result<(String, Value)> {
    let text = std::fs::read_to_string(json).with_context(|| format!("cannot read {}", json.display()))?;
    let value: Value = serde_json::from_str(&text).with_context(|| format!("{}", json.display()))?;
    let case = value["case"].as_str().ok_or_else(|| anyhow!("{} has no \"case\"", json.display()))?;
    Ok((case.to_owned(), value))
}

/// Every array of 32-bit or 64-bit integers in a safetensors file.
fn integers(bytes: &[u8]) -> Result<BTreeMap<String, Vec<i64>>> {
    let file = SafeTensors::deserialize(bytes)?;
    let values = file.iter().filter_map(|(name, view)| {
        let values: Vec<i64> = match view.dtype() {
            Dtype::I32 => view.data().as_chunks().0.iter().map(|b| i64::from(i32::from_le_bytes(*b))).collect(),
            Dtype::I64 => view.data().as_chunks().0.iter().map(|b| i64::from_le_bytes(*b)).collect(),
            _ => return None,
        };
        Some((name.to_owned(), values))
    });
    Ok(values.collect())
}

/// Every array of bytes in a safetensors file.
fn images(bytes: &[u8]) -> Result<Checkpoint> {
    let mut found = Checkpoint::default();
    for (name, view) in SafeTensors::deserialize(bytes)?.iter().filter(|(_, view)| view.dtype() == Dtype::U8) {
        found.insert(name, view.shape().to_vec(), view.data().iter().map(|byte| f32::from(*byte)).collect());
    }
    Ok(found)
}

fn count(value: &Value) -> Result<usize> {
    value.as_u64().map(|n| n as usize).ok_or_else(|| anyhow!("a count is missing"))
}
