//! The values of a model by name: to checkpoints, from checkpoints, and between copies of a model.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use burn::Tensor;
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::optim::GradientsParams;
use burn::tensor::{DType, TensorData};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use vitro::model::Role;

/// One value per parameter, keyed by the parameter's id: gradients, moments, averages.
pub type Values = GradientsParams;

/// Whether a parameter's path names a buffer: kept and averaged, never trained.
pub fn is_buffer(path: &str) -> bool {
    Role::of(path, 1) == Role::Statistic
}

/// Path, id and shape of every float parameter, in the model's own order.
pub fn each<M: Module>(model: &M, see: impl FnMut(&str, ParamId, &[usize])) {
    struct Names<F> {
        path: Vec<String>,
        see: F,
    }
    impl<F: FnMut(&str, ParamId, &[usize])> ModuleVisitor for Names<F> {
        fn enter_module(&mut self, name: &str, _kind: &str) {
            self.path.push(name.to_owned());
        }
        fn exit_module(&mut self, _name: &str, _kind: &str) {
            self.path.pop();
        }
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            (self.see)(&self.path.join("."), param.id, &param.shape());
        }
    }
    model.visit(&mut Names { path: Vec::new(), see });
}

/// The current values of `model`; with a filter on the paths.
pub fn values<M: Module>(model: &M, keep: fn(&str) -> bool) -> Values {
    struct Collect {
        path: Vec<String>,
        keep: fn(&str) -> bool,
        values: Values,
    }
    impl ModuleVisitor for Collect {
        fn enter_module(&mut self, name: &str, _kind: &str) {
            self.path.push(name.to_owned());
        }
        fn exit_module(&mut self, _name: &str, _kind: &str) {
            self.path.pop();
        }
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if (self.keep)(&self.path.join(".")) {
                self.values.register(param.id, param.val().inner());
            }
        }
    }
    let mut collect = Collect { path: Vec::new(), keep, values: Values::new() };
    model.visit(&mut collect);
    collect.values
}

/// Named bytes of one tensor, ready for a file.
pub struct Stored {
    name: String,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Stored {
    /// One tensor under a name of its own.
    pub fn new<const D: usize>(name: &str, tensor: &Tensor<D>) -> Result<Self> {
        let numbers: Vec<f32> = tensor.clone().inner().into_data().convert::<f32>().iter::<f32>().collect();
        let bytes = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        Ok(Self { name: name.to_owned(), shape: tensor.dims().to_vec(), bytes })
    }

    /// Its name in the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether all of its numbers are finite.
    pub fn is_finite(&self) -> bool {
        all_finite(&self.bytes)
    }
}

/// Whether `bytes`, f32 in little-endian order, are finite numbers.
pub fn all_finite(bytes: &[u8]) -> bool {
    bytes.as_chunks().0.iter().all(|number| f32::from_le_bytes(*number).is_finite())
}

/// A tensor that was stored under a name of its own; `None` when the file has none.
pub fn lone<const D: usize>(file: &SafeTensors<'_>, name: &str, device: &burn::tensor::Device) -> Option<Tensor<D>> {
    let view = file.tensor(name).ok().filter(|view| view.shape().len() == D)?;
    let data = TensorData::from_bytes_vec(view.data().to_vec(), view.shape().to_vec(), DType::F32);
    Some(Tensor::from_data(data, device))
}

/// The name of the parameter at `path` in a file: without the variants of enums, which say how a model is put together and
/// change when that does. Fields are written in lower case, variants are not.
fn stored_name(path: &str) -> String {
    let is_variant = |part: &&str| part.starts_with(|first: char| first.is_ascii_uppercase());
    path.split('.').filter(|part| !is_variant(part)).collect::<Vec<_>>().join(".")
}

/// Appends `prefix/path` for every parameter that `values` has an entry for.
pub fn store<M: Module>(model: &M, values: &Values, prefix: &str, out: &mut Vec<Stored>) -> Result<()> {
    struct Store<'a> {
        path: Vec<String>,
        values: &'a Values,
        prefix: &'a str,
        out: &'a mut Vec<Stored>,
        problem: Option<anyhow::Error>,
    }
    impl ModuleVisitor for Store<'_> {
        fn enter_module(&mut self, name: &str, _kind: &str) {
            self.path.push(name.to_owned());
        }
        fn exit_module(&mut self, _name: &str, _kind: &str) {
            self.path.pop();
        }
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let Some(value) = self.values.get::<D>(param.id) else { return };
            let name = format!("{}/{}", self.prefix, stored_name(&self.path.join(".")));
            match value.into_data().try_into_vec::<f32>() {
                Ok(numbers) => self.out.push(Stored {
                    name,
                    shape: param.shape().to_vec(),
                    bytes: numbers.iter().flat_map(|number| number.to_le_bytes()).collect(),
                }),
                Err(error) => self.problem = Some(anyhow::anyhow!("{name} is not 32-bit: {error:?}")),
            }
        }
    }
    let mut visitor = Store { path: Vec::new(), values, prefix, out, problem: None };
    model.visit(&mut visitor);
    visitor.problem.map_or(Ok(()), Err)
}

/// Writes stored tensors and a text as one safetensors file.
pub fn to_safetensors(tensors: &[Stored], key: &str, text: String) -> Result<Vec<u8>> {
    let views = tensors
        .iter()
        .map(|stored| Ok((stored.name.as_str(), TensorView::new(Dtype::F32, stored.shape.clone(), &stored.bytes)?)))
        .collect::<Result<Vec<_>>>()?;
    Ok(safetensors::serialize(views, Some([(key.to_owned(), text)].into()))?)
}

/// Loads `prefix/path` into every parameter of `model`.
///
/// # Errors
/// When one is missing or has another shape.
pub fn restore<M: Module>(model: M, file: &SafeTensors<'_>, prefix: &str) -> Result<M> {
    let loaded = load(&model, file, prefix)?;
    let mut missing = None;
    each(&model, |path, id, shape| {
        if !contains(&loaded, id, shape.len()) {
            missing.get_or_insert(path.to_owned());
        }
    });
    ensure!(missing.is_none(), "{} is missing; start again without --resume", missing.unwrap_or_default());
    Ok(replace(model, loaded))
}

/// Reads `prefix/path` for every parameter of `model` that the file has one for.
pub fn load<M: Module>(model: &M, file: &SafeTensors<'_>, prefix: &str) -> Result<Values> {
    struct Load<'a> {
        path: Vec<String>,
        file: &'a SafeTensors<'a>,
        /// The file's own names by ours: files of earlier versions have variants in theirs.
        names: BTreeMap<String, &'a str>,
        prefix: &'a str,
        values: Values,
        problem: Option<anyhow::Error>,
    }
    impl ModuleVisitor for Load<'_> {
        fn enter_module(&mut self, name: &str, _kind: &str) {
            self.path.push(name.to_owned());
        }
        fn exit_module(&mut self, _name: &str, _kind: &str) {
            self.path.pop();
        }
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let name = format!("{}/{}", self.prefix, stored_name(&self.path.join(".")));
            let Some(view) = self.names.get(&name).and_then(|name| self.file.tensor(name).ok()) else { return };
            if view.dtype() != Dtype::F32 || view.shape() != param.shape().as_slice() {
                self.problem = Some(anyhow::anyhow!("{name} has another shape; the model changed since"));
                return;
            }
            let data = TensorData::from_bytes_vec(view.data().to_vec(), param.shape(), DType::F32);
            self.values.register(param.id, Tensor::<D>::from_data(data, &param.val().device().inner()));
        }
    }
    let ours = |name: &str| match name.split_once('/') {
        Some((prefix, path)) => format!("{prefix}/{}", stored_name(path)),
        None => name.to_owned(),
    };
    let names = file.names().into_iter().map(|name| (ours(name), name)).collect();
    let mut visitor = Load { path: Vec::new(), file, names, prefix, values: Values::new(), problem: None };
    model.visit(&mut visitor);
    match visitor.problem {
        Some(problem) => Err(problem).context("the checkpoint does not fit the recipe; start again without --resume"),
        None => Ok(visitor.values),
    }
}

/// `model` with the weights of `start`. Where the classes differ, the heads keep their fresh weights.
///
/// # Errors
/// When the two are different networks. A head that only the start has, such as STL's token head, is left behind.
pub fn adopt<M: Module>(model: M, start: &M, same_classes: bool) -> Result<M> {
    let mut stored = Vec::new();
    store(start, &values(start, |_| true), "start", &mut stored)?;
    stored.retain(|tensor| same_classes || !is_head(tensor.name.trim_start_matches("start/")));
    let bytes = to_safetensors(&stored, "of", String::new())?;
    let different = "the start is another network than the recipe's; set [model] as it was trained";
    let loaded = load(&model, &SafeTensors::deserialize(&bytes)?, "start").context(different)?;
    let (mut missing, mut taken) = (None, 0);
    each(&model, |path, id, shape| {
        let kept = !same_classes && is_head(path);
        if contains(&loaded, id, shape.len()) {
            taken += usize::from(!is_head(path));
        } else if !kept {
            missing.get_or_insert(path.to_owned());
        }
    });
    ensure!(missing.is_none(), "{different} (it has no {})", missing.unwrap_or_default());
    let trunk = stored.iter().filter(|tensor| !is_head(tensor.name.trim_start_matches("start/"))).count();
    ensure!(taken == trunk, "{different} (it has {} more parameters)", trunk - taken);
    Ok(replace(model, loaded))
}

/// Whether a parameter's path names a layer whose size is the number of classes.
fn is_head(path: &str) -> bool {
    path.split('.').any(|part| part == "head" || part.ends_with("_head"))
}

/// Puts `values` into the parameters that they belong to.
pub fn replace<M: Module>(model: M, values: Values) -> M {
    struct Replace(Values);
    impl ModuleMapper for Replace {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            match self.0.remove::<D>(param.id) {
                Some(value) => param.map(|_| value),
                None => param,
            }
        }
    }
    model.map(&mut Replace(values))
}

fn contains(values: &Values, id: ParamId, rank: usize) -> bool {
    match rank {
        1 => values.get::<1>(id).is_some(),
        2 => values.get::<2>(id).is_some(),
        3 => values.get::<3>(id).is_some(),
        4 => values.get::<4>(id).is_some(),
        5 => values.get::<5>(id).is_some(),
        _ => values.get::<6>(id).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitro::model::{Model, ModelConfig, preset};

    fn model(attention: &str) -> Model {
        let mut fields = serde_json::to_value(preset("vit_nano_p4_32").unwrap().config(3)).unwrap();
        fields["depth"] = 1.into();
        fields["attention"]["kind"] = attention.into();
        serde_json::from_value::<ModelConfig>(fields).unwrap().init(&burn::tensor::Device::flex()).unwrap()
    }

    #[test]
    fn checkpoints_whose_names_tell_how_the_model_was_put_together_can_be_read() {
        let model = model("softmax");
        let mut stored = Vec::new();
        store(&model, &values(&model, |_| true), "model", &mut stored).unwrap();
        for tensor in &mut stored {
            tensor.name = tensor.name.replace("model/", "model/Vit.").replace("blocks.0", "blocks.0.Plain");
        }
        let bytes = to_safetensors(&stored, "of", String::new()).unwrap();
        assert!(restore(model, &SafeTensors::deserialize(&bytes).unwrap(), "model").is_ok());
    }

    #[test]
    fn a_start_with_parameters_that_the_model_lacks_is_another_network() {
        let refusal = adopt(model("softmax"), &model("performer"), true).unwrap_err().to_string();
        assert!(refusal.contains("another network"), "{refusal}");
        assert!(adopt(model("softmax"), &model("softmax"), true).is_ok());
    }
}
