//! The numbers that a step multiplies in.
//!
//! Weights, gradients' sums and the optimiser keep 32 bits whatever the precision: a copy of the model that takes a shard has
//! its matrices rounded, and what it finds is widened before it is added to anything. bf16 has the range of f32, so the loss
//! needs no scaling.

use anyhow::{Result, ensure};
use burn::Tensor;
use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{DType, Device, FloatDType};
use vitro::model::linear::with_matrices_of;

use crate::device::Processor;
use crate::recipe::Precision;

/// Refuses a precision that a device of `processor` does not compute in.
pub fn check(precision: Precision, processor: &Processor) -> Result<()> {
    let places = processor.places.all();
    let devices: Vec<&Device> = match places {
        [] => vec![&processor.device],
        places => places.iter().map(|place| &place.device).collect(),
    };
    ensure!(
        precision == Precision::F32 || devices.into_iter().all(|device| device.supports_dtype(FloatDType::BF16)),
        "train.precision is \"{precision}\", in which {processor} does not compute; set it to \"{}\"",
        Precision::F32
    );
    Ok(())
}

/// `model` as a step multiplies with it.
pub fn rounded<M: Module>(model: M, precision: Precision) -> M {
    match precision {
        Precision::F32 => model,
        Precision::Bf16 => with_matrices_of(model, FloatDType::BF16),
    }
}

/// `gradients` of the parameters of `model` in 32 bits.
pub fn widened<M: Module>(gradients: GradientsParams, model: &M) -> GradientsParams {
    struct Widen(GradientsParams);
    impl ModuleVisitor for Widen {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = self.0.remove::<D>(param.id) {
                self.0.register(param.id, gradient.cast(DType::F32));
            }
        }
    }
    let mut widen = Widen(gradients);
    model.visit(&mut widen);
    widen.0
}
