//! Gradients and buffers under the authors' names.
//!
//! The stored gradients are loaded into a copy of the module through the public importer, as if they were weights. So
//! renaming and transposing happen once, in the importer, and both sides can be compared place by place.

use std::collections::BTreeMap;

use anyhow::Result;
use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::prelude::*;
use burn::store::ModuleSnapshot;
use burn::tensor::TensorData;
use vitro::bundle::{Array, Checkpoint};

use super::{Fixture, Verdict};

/// What stands before the names of weights, gradients and buffers in a fixture.
pub(super) struct Prefixes<'a> {
    pub(super) weights: &'a str,
    pub(super) gradients: &'a str,
    pub(super) buffers: &'a str,
}

const USUAL: Prefixes<'_> = Prefixes { weights: "weights.", gradients: "grads.", buffers: "buffers_after." };

/// Compares the gradients of a loss with `grads.*`. `wrapper` stands before a lone module's keys.
pub(super) fn compare_gradients<M: Module>(
    module: &M,
    gradients: GradientsParams,
    wrapper: &str,
    fixture: &Fixture,
    verdict: &mut Verdict,
) -> Result<()> {
    compare_gradients_under(&USUAL, module, gradients, wrapper, fixture, verdict)
}

/// [`compare_gradients`] for fixtures with other prefixes.
pub(super) fn compare_gradients_under<M: Module>(
    prefixes: &Prefixes<'_>,
    module: &M,
    gradients: GradientsParams,
    wrapper: &str,
    fixture: &Fixture,
    verdict: &mut Verdict,
) -> Result<()> {
    let stored = fixture.arrays.within(prefixes.gradients);
    let mut as_weights = Checkpoint::default();
    for (name, weight) in fixture.arrays.within(&format!("{}{wrapper}", prefixes.weights)).iter() {
        let gradient = stored.iter().find(|(other, _)| *other == format!("{wrapper}{name}")).map(|(_, g)| g.clone());
        // Buffers have no gradient; parameters that the loss does not reach have none stored: both count as zero.
        let array =
            gradient.unwrap_or_else(|| Array { shape: weight.shape.clone(), values: vec![0.0; weight.values.len()] });
        as_weights.insert(name, array.shape, array.values);
    }
    let mut expected = module.clone();
    as_weights.load_official(&mut expected)?;
    let expected = places(&expected)?;

    let ours = by_place(module, &gradients);
    for (name, _) in stored.iter() {
        if let Some(key) = name.strip_prefix(wrapper).filter(|_| !name.starts_with("input")) {
            let full = format!("{}{name}", prefixes.gradients);
            verdict_of(key, &full, &as_weights, module, &expected, &ours, verdict)?;
        }
    }
    Ok(())
}

/// The gradients of a loss by place.
pub(super) fn by_place<M: Module>(module: &M, gradients: &GradientsParams) -> BTreeMap<String, TensorData> {
    let mut ours = Gradients { path: Vec::new(), gradients, found: BTreeMap::new() };
    module.visit(&mut ours);
    ours.found
}

/// Compares running statistics after one forward pass with `buffers_after.*`.
pub(super) fn compare_buffers<M: Module>(
    module: &M,
    wrapper: &str,
    fixture: &Fixture,
    verdict: &mut Verdict,
) -> Result<()> {
    compare_buffers_under(&USUAL, module, wrapper, fixture, verdict)
}

/// [`compare_buffers`] for fixtures with other prefixes.
pub(super) fn compare_buffers_under<M: Module>(
    prefixes: &Prefixes<'_>,
    module: &M,
    wrapper: &str,
    fixture: &Fixture,
    verdict: &mut Verdict,
) -> Result<()> {
    let after = fixture.arrays.within(prefixes.buffers);
    let mut weights = fixture.arrays.within(&format!("{}{wrapper}", prefixes.weights));
    for (name, array) in after.iter() {
        weights.insert(name.strip_prefix(wrapper).unwrap_or(name), array.shape.clone(), array.values.clone());
    }
    let mut expected = module.clone();
    weights.load_official(&mut expected)?;
    let (expected, ours) = (places(&expected)?, places(module)?);
    for (name, _) in after.iter() {
        let key = name.strip_prefix(wrapper).unwrap_or(name);
        let full = format!("{}{name}", prefixes.buffers);
        verdict_of(key, &full, &weights, module, &expected, &ours, verdict)?;
    }
    Ok(())
}

/// Compares at the place that official key `key` fills.
fn verdict_of<M: Module>(
    key: &str,
    name: &str,
    weights: &Checkpoint,
    module: &M,
    expected: &BTreeMap<String, TensorData>,
    ours: &BTreeMap<String, TensorData>,
    verdict: &mut Verdict,
) -> Result<()> {
    let Some(place) = place_of(key, weights, module)? else {
        verdict.failures.push(format!("{name}: fills no place of the module"));
        return Ok(());
    };
    let stored = Array { shape: Vec::new(), values: expected[&place].clone().convert::<f32>().iter::<f32>().collect() };
    let zeros = TensorData::new(vec![0.0f32; stored.values.len()], [stored.values.len()]);
    verdict.compare(name, &stored, ours.get(&place).unwrap_or(&zeros));
    Ok(())
}

/// The place in `module` that the official key `key` of `weights` fills, found by marking it.
pub(super) fn place_of<M: Module>(key: &str, weights: &Checkpoint, module: &M) -> Result<Option<String>> {
    const MARK: f32 = 12_345.0;
    let mut marked = Checkpoint::default();
    for (other, array) in weights.iter() {
        let value = if other == key { MARK } else { 0.0 };
        marked.insert(other, array.shape.clone(), vec![value; array.values.len()]);
    }
    let mut probe = module.clone();
    marked.load_official(&mut probe)?;
    let is_marked = |data: &TensorData| data.clone().convert::<f32>().iter::<f32>().next() == Some(MARK);
    Ok(places(&probe)?.into_iter().find(|(_, data)| is_marked(data)).map(|(place, _)| place))
}

/// Every array of a module by place.
pub(super) fn places<M: Module>(module: &M) -> Result<BTreeMap<String, TensorData>> {
    let mut found = BTreeMap::new();
    for tensor in module.collect(None, None, true) {
        let (name, dtype, shape, _, bytes) = tensor.into_parts().map_err(|error| anyhow::anyhow!("{error}"))?;
        found.insert(name, TensorData::from_bytes(bytes, shape, dtype));
    }
    Ok(found)
}

struct Gradients<'a> {
    path: Vec<String>,
    gradients: &'a GradientsParams,
    found: BTreeMap<String, TensorData>,
}

impl ModuleVisitor for Gradients<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        // Enum variants are not part of a place.
        self.path.push(if container.starts_with("Enum:") { String::new() } else { name.to_owned() });
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            let parts: Vec<&str> = self.path.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
            self.found.insert(parts.join("."), gradient.into_data());
        }
    }
}
