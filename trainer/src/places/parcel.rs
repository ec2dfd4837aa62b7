//! Values of a model on their way between devices, as one tensor: another machine is asked once, not for each parameter.

use burn::Tensor;
use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::tensor::Device;

use crate::weights::Values;

/// `values`, which belong to parameters of `model`, on `device`.
pub(crate) fn carried<M: Module>(values: Values, model: &M, device: &Device) -> Values {
    let mut packing = Packing { values, parts: Vec::new(), ids: Vec::new() };
    model.visit(&mut packing);
    let Packing { parts, ids, .. } = packing;
    if parts.is_empty() {
        return Values::new();
    }
    let all = Tensor::cat(parts, 0).to_device(device);
    let mut unpacking = Unpacking { all, start: 0, ids: ids.into_iter(), next: None, values: Values::new() };
    unpacking.next = unpacking.ids.next();
    model.visit(&mut unpacking);
    unpacking.values
}

struct Packing {
    values: Values,
    parts: Vec<Tensor<1>>,
    ids: Vec<ParamId>,
}

impl ModuleVisitor for Packing {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(value) = self.values.remove::<D>(param.id) {
            let count = value.dims().iter().product::<usize>();
            self.parts.push(value.reshape([count]));
            self.ids.push(param.id);
        }
    }
}

struct Unpacking<I> {
    all: Tensor<1>,
    start: usize,
    ids: I,
    next: Option<ParamId>,
    values: Values,
}

impl<I: Iterator<Item = ParamId>> ModuleVisitor for Unpacking<I> {
    /// In the order in which they were packed, which is the model's.
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if self.next != Some(param.id) {
            return;
        }
        let dims = param.val().dims();
        let count = dims.iter().product();
        let value: Tensor<D> = self.all.clone().narrow(0, self.start, count).reshape(dims);
        self.values.register(param.id, value);
        (self.start, self.next) = (self.start + count, self.ids.next());
    }
}

#[cfg(test)]
mod tests {
    use burn::nn::{Linear, LinearConfig};

    use super::*;

    #[test]
    fn what_is_carried_arrives_under_its_name_and_in_its_shape_and_what_is_not_there_stays_away() {
        let device = Device::flex();
        let layers: Vec<Linear> =
            [(3, 2), (2, 4)].map(|(inputs, outputs)| LinearConfig::new(inputs, outputs).init(&device)).into();
        let bias = |layer: &Linear| layer.bias.as_ref().unwrap().id;
        let matrix = Tensor::<2>::from_floats([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], &device);
        let vector = Tensor::<1>::from_floats([7.0, 8.0, 9.0, 10.0], &device);
        let mut values = Values::new();
        values.register(layers[0].weight.id, matrix.clone());
        values.register(bias(&layers[1]), vector.clone());
        let carried = carried(values, &layers, &device);
        assert_eq!(carried.get::<2>(layers[0].weight.id).unwrap().into_data(), matrix.into_data());
        assert_eq!(carried.get::<1>(bias(&layers[1])).unwrap().into_data(), vector.into_data());
        assert!(carried.get::<1>(bias(&layers[0])).is_none() && carried.get::<2>(layers[1].weight.id).is_none());
    }
}
