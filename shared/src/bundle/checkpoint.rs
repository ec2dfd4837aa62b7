//! Weights as they come from outside: named arrays, from safetensors or PyTorch files, under the authors' key names.

use std::collections::{BTreeMap, BTreeSet};

use burn::module::ModuleVisitor;
use burn::store::burn_pack::Tensor as PackTensor;
use burn::store::{ModuleAdapter, ModuleSnapshot, PyTorchToBurnAdapter};
use burn::tensor::{Bytes, DType};
use half::{bf16, f16};
use safetensors::{Dtype, SafeTensors};
use thiserror::Error;

use super::{header, keys, wrapper};
use crate::model::Role;

/// Ends of the names of the classifier's bias, in any of the published layouts.
const HEAD: &str = "head.bias";

/// Named arrays in f32, whatever the file stored.
#[derive(Clone, Debug, Default)]
pub struct Checkpoint {
    arrays: BTreeMap<String, Array>,
    /// Arrays of numbers that are no weights here, or in a coding that is not read: what their numbers are, by name.
    foreign: BTreeMap<String, String>,
    /// What stood beside these in the file and was not read, with the number of arrays.
    left: BTreeMap<String, usize>,
}

/// One array of a checkpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Length of each axis.
    pub shape: Vec<usize>,
    /// Values, last axis fastest.
    pub values: Vec<f32>,
}

/// What happened to each array when a checkpoint was loaded into a module. All lists are sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// Which dictionary of a training archive the weights were taken from (`state_dict_ema`); empty for a bare state dict.
    pub taken_from: String,
    /// Places in the module that were filled.
    pub applied: Vec<String>,
    /// Places in the module that the checkpoint has nothing for.
    pub missing: Vec<String>,
    /// Arrays of the checkpoint that the module has no place for.
    pub unused: Vec<String>,
    /// Arrays that have a place but do not fit it, with the reason.
    pub errors: Vec<String>,
    /// Entries of the checkpoint that hold no weights, counters and what is computed from the shape: they were passed over.
    pub computed: Vec<String>,
    /// Parts of a training archive beside the weights (`optimizer`), with the number of their arrays.
    pub left: Vec<(String, usize)>,
}

/// Why weights could not be read or loaded.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CheckpointError {
    /// The bytes are not a safetensors file.
    #[error("this is not a whole safetensors file ({0}); it may be cut short: fetch or write it again")]
    Safetensors(String),
    /// The bytes are not a PyTorch file that can be read.
    #[error("this PyTorch file cannot be read ({0}); save its state_dict alone with torch.save, or as safetensors")]
    Pytorch(String),
    /// Two arrays of one name.
    #[error(
        "the array {0} stands in this file twice, and which one counts is not known; save it again without the other"
    )]
    Twice(String),
    /// A weight in numbers that are not read.
    #[error("the weights {name} are stored as {kind}, which is not read; save them as f32, f16 or bf16")]
    Kind {
        /// Name of the array.
        name: String,
        /// What its numbers are.
        kind: String,
    },
    /// A weight that is no number, or that 32 bits cannot hold.
    #[error("the weights {0} hold a value that is not a finite number of 32 bits; take a checkpoint from before that")]
    NotFinite(String),
    /// Loading would leave the model half filled.
    #[error("{}", half_loaded(.0))]
    HalfLoaded(Box<LoadReport>),
}

fn half_loaded(report: &LoadReport) -> String {
    let list = |title: &str, names: &[String]| match names.len() {
        0 => String::new(),
        count => {
            let shown: Vec<&str> = names.iter().take(4).map(String::as_str).collect();
            format!("; {count} {title}: {}{}", shown.join(", "), if count > 4 { ", …" } else { "" })
        }
    };
    format!(
        "the weights do not fit the model ({} arrays fit{}{}{}); name the model that they were trained as",
        report.applied.len(),
        list("missing", &report.missing),
        list("not used", &report.unused),
        list("wrong", &report.errors),
    )
}

impl Checkpoint {
    /// Reads a safetensors file in f16, bf16, f32 or f64; arrays of other numbers are kept in mind, since they may be
    /// counters, or weights in a coding that is not read.
    ///
    /// # Errors
    /// When it is none, or names an array twice.
    pub fn from_safetensors(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let file = SafeTensors::deserialize(bytes).map_err(|error| CheckpointError::Safetensors(error.to_string()))?;
        if let Some(name) = header::twice(bytes) {
            return Err(CheckpointError::Twice(name));
        }
        let mut checkpoint = Self::default();
        for (name, view) in file.iter() {
            match floats(view.dtype(), view.data()) {
                Some(values) => checkpoint.insert(name, view.shape().to_vec(), values),
                None => drop(checkpoint.foreign.insert(name.to_owned(), view.dtype().to_string())),
            }
        }
        Ok(checkpoint)
    }

    /// Reads an opened PyTorch file: a state dict, or a training archive of which only the weights are kept, averaged ones
    /// where there are any. Arrays of integers are passed over.
    #[cfg(feature = "pytorch")]
    pub fn from_pytorch(file: super::PytorchReader) -> Result<Self, CheckpointError> {
        let tensors = file.into_tensors().into_iter().map(|(name, tensor)| (name.clone(), (name, tensor)));
        // Choosing first saves reading the optimiser's moments, which are twice the size of the weights.
        let wrapper::Unwrapped { entries: chosen, left, .. } = wrapper::unwrapped(tensors.collect(), &BTreeSet::new())?;
        // The arrays keep their whole names, so the path to them is told when they are loaded.
        let mut checkpoint = Self { left, ..Self::default() };
        for (name, tensor) in chosen.into_values() {
            match pytorch_floats(&tensor)? {
                Some(values) => checkpoint.insert(name, tensor.shape().to_vec(), values),
                None => drop(checkpoint.foreign.insert(name, format!("{:?}", tensor.dtype()))),
            }
        }
        Ok(checkpoint)
    }

    /// Number of logits: the length of the classifier's bias; `None` where there is no `head.bias`.
    ///
    /// # Errors
    /// When there is one, but in numbers that are not read.
    pub fn logits(&self) -> Result<Option<usize>, CheckpointError> {
        let is_head = |name: &str| name.ends_with(HEAD);
        if let Some((_, array)) = self.arrays.iter().find(|(name, _)| is_head(name)) {
            return Ok(Some(array.values.len()));
        }
        match self.foreign.iter().find(|(name, _)| is_head(name)) {
            Some((name, kind)) => Err(CheckpointError::Kind { name: name.clone(), kind: kind.clone() }),
            None => Ok(None),
        }
    }

    /// Adds or replaces an array. `values` must have as many elements as `shape` says.
    pub fn insert(&mut self, name: impl Into<String>, shape: Vec<usize>, values: Vec<f32>) {
        debug_assert_eq!(shape.iter().product::<usize>(), values.len());
        self.arrays.insert(name.into(), Array { shape, values });
    }

    /// The arrays in order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Array)> {
        self.arrays.iter().map(|(name, array)| (name.as_str(), array))
    }

    pub(super) fn arrays_mut(&mut self) -> &mut BTreeMap<String, Array> {
        &mut self.arrays
    }

    /// The arrays whose name begins with `prefix`, without it.
    pub fn within(&self, prefix: &str) -> Self {
        let inside = |(name, array): (&String, &Array)| Some((name.strip_prefix(prefix)?.to_owned(), array.clone()));
        Self { arrays: self.arrays.iter().filter_map(inside).collect(), ..Self::default() }
    }

    /// Loads arrays under the authors' key names into `module`: the state dict is taken out of what a training script put
    /// around it ([`wrapper`]), keys are renamed ([`keys`]), linear weights transposed. Refuses unless every place is filled
    /// and every array of the state dict is used.
    pub fn load_official(&self, module: &mut impl ModuleSnapshot) -> Result<LoadReport, CheckpointError> {
        let arrays = self.arrays.iter().map(|(name, array)| (name.clone(), Ok(array.clone())));
        let foreign = self.foreign.iter().map(|(name, kind)| (name.clone(), Err(kind.clone())));
        let wrapper::Unwrapped { entries, taken_from, left } =
            wrapper::unwrapped(arrays.chain(foreign).collect(), &parts(module))?;
        let (mut arrays, mut foreign, mut names) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        for (name, entry) in entries {
            if !names.insert(keys::our_name(&name)) {
                return Err(CheckpointError::Twice(name));
            }
            match entry {
                Ok(array) => drop(arrays.insert(name, array)),
                Err(kind) => drop(foreign.insert(keys::our_name(&name), kind)),
            }
        }
        let (arrays, mut computed) = keys::to_ours(arrays);
        let report = load(arrays, &foreign, module, Some(Box::new(PyTorchToBurnAdapter)))?;
        computed.extend(foreign.into_keys());
        computed.sort();
        let left = self.left.clone().into_iter().chain(left).collect();
        Ok(LoadReport { taken_from, computed, left, ..report })
    }

    /// Loads arrays under our own names and layout into `module`, with the same refusals.
    pub fn load(&self, module: &mut impl ModuleSnapshot) -> Result<LoadReport, CheckpointError> {
        load(self.arrays.clone(), &self.foreign, module, None)
    }
}

/// First names of the paths in `module`.
fn parts(module: &impl ModuleSnapshot) -> BTreeSet<String> {
    struct Parts {
        depth: usize,
        names: BTreeSet<String>,
    }
    impl ModuleVisitor for Parts {
        fn enter_module(&mut self, name: &str, container: &str) {
            if has_name(container) {
                if self.depth == 0 {
                    self.names.insert(name.to_owned());
                }
                self.depth += 1;
            }
        }
        fn exit_module(&mut self, _name: &str, container: &str) {
            if has_name(container) {
                self.depth = self.depth.saturating_sub(1);
            }
        }
    }
    let mut parts = Parts { depth: 0, names: BTreeSet::new() };
    module.visit(&mut parts);
    parts.names
}

/// What an enum holds has no name in a path.
fn has_name(container: &str) -> bool {
    !container.starts_with("Enum")
}

fn load(
    arrays: BTreeMap<String, Array>,
    foreign: &BTreeMap<String, String>,
    module: &mut impl ModuleSnapshot,
    adapter: Option<Box<dyn ModuleAdapter>>,
) -> Result<LoadReport, CheckpointError> {
    if let Some((name, _)) = arrays.iter().find(|(_, array)| array.values.iter().any(|value| !value.is_finite())) {
        return Err(CheckpointError::NotFinite(name.clone()));
    }
    let tensors = arrays
        .into_iter()
        .map(|(name, Array { shape, values })| {
            PackTensor::new(name, DType::F32, shape, None, Bytes::from_elems(values))
        })
        .collect();
    let result = module.apply(tensors, None, adapter, true);
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    let report = LoadReport {
        taken_from: String::new(),
        applied: sorted(result.applied),
        missing: sorted(result.missing.into_iter().map(|(path, _)| path).collect()),
        unused: sorted(result.unused),
        errors: sorted(result.errors.iter().map(ToString::to_string).collect()),
        computed: Vec::new(),
        left: Vec::new(),
    };
    if let Some((name, kind)) = unread(&report, foreign) {
        return Err(CheckpointError::Kind { name, kind });
    }
    let whole = report.missing.is_empty() && report.unused.is_empty() && report.errors.is_empty();
    if whole { Ok(report) } else { Err(CheckpointError::HalfLoaded(Box::new(report))) }
}

/// An array whose numbers are not read, of a layer that would have needed it. Its last name may be another here.
fn unread(report: &LoadReport, foreign: &BTreeMap<String, String>) -> Option<(String, String)> {
    let layer = |path: &str| path.rsplit_once('.').map_or(path, |(layer, _)| layer).to_owned();
    let missing: BTreeSet<String> = report.missing.iter().map(|path| layer(path)).collect();
    let weights = foreign.iter().filter(|(name, _)| Role::of(name, 1) != Role::Computed);
    let mut wanted = weights.filter(|(name, _)| missing.contains(&layer(name)));
    wanted.next().map(|(name, kind)| (name.clone(), kind.clone()))
}

/// Little-endian bytes of a float type to f32; `None` for other types.
fn floats(dtype: Dtype, bytes: &[u8]) -> Option<Vec<f32>> {
    fn each<const N: usize>(bytes: &[u8], convert: impl Fn([u8; N]) -> f32) -> Vec<f32> {
        let (chunks, _) = bytes.as_chunks::<N>();
        chunks.iter().map(|chunk| convert(*chunk)).collect()
    }
    match dtype {
        Dtype::F32 => Some(each(bytes, f32::from_le_bytes)),
        Dtype::F16 => Some(each(bytes, |b| f16::from_le_bytes(b).to_f32())),
        Dtype::BF16 => Some(each(bytes, |b| bf16::from_le_bytes(b).to_f32())),
        Dtype::F64 => Some(each(bytes, |b| f64::from_le_bytes(b) as f32)),
        _ => None,
    }
}

/// The values of a tensor of floats; `None` for other types.
#[cfg(feature = "pytorch")]
fn pytorch_floats(tensor: &burn::store::pytorch_reader::Tensor) -> Result<Option<Vec<f32>>, CheckpointError> {
    use burn::store::pytorch_reader::DType as Stored;
    use burn::tensor::TensorData;

    let dtype = match tensor.dtype() {
        Stored::F64 => DType::F64,
        Stored::F32 => DType::F32,
        Stored::F16 => DType::F16,
        Stored::BF16 => DType::BF16,
        _ => return Ok(None),
    };
    let bytes = tensor.read().map_err(|error| CheckpointError::Pytorch(error.to_string()))?;
    let data = TensorData::from_bytes_vec(bytes, tensor.shape().to_vec(), dtype).convert::<f32>();
    let values = data.try_into_vec::<f32>().map_err(|error| CheckpointError::Pytorch(format!("{error:?}")))?;
    Ok(Some(values))
}
