//! An observer that keeps what a forward pass shows.

use std::collections::BTreeMap;

use burn::Tensor;
use burn::tensor::TensorData;
use vitro::model::observer::Observer;

use super::{Fixture, Verdict};

/// Intermediate tensors by place.
#[derive(Default)]
pub(super) struct Record(BTreeMap<String, TensorData>);

impl Observer for Record {
    fn see<const D: usize>(&mut self, name: &str, tensor: &Tensor<D>) {
        let data = tensor.to_data();
        // A deep copy: on adapters that share memory with the host, what was read is a view of the device's buffer, and
        // the next operation in place would change it.
        let values: Vec<f32> = data.iter::<f32>().collect();
        self.0.insert(name.to_owned(), TensorData::new(values, tensor.dims()));
    }
}

impl Record {
    /// Compares every stored array under `prefix` whose place was seen; the places are the authors' module paths.
    pub(super) fn compare(&self, prefix: &str, fixture: &Fixture, verdict: &mut Verdict) {
        for (name, stored) in fixture.arrays.iter() {
            let place = name.strip_prefix(prefix);
            if let Some(ours) = place.and_then(|place| self.0.get(place)) {
                verdict.compare(name, stored, ours);
            }
        }
    }

    /// What was seen at `place`.
    pub(super) fn get(&self, place: &str) -> Option<&TensorData> {
        self.0.get(place)
    }
}
