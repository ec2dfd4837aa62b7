//! The generator of portable weights itself: stored values of a few state-dict entries and of the input image.

use anyhow::{Context, Result};
use burn::prelude::Device;
use burn::tensor::TensorData;

use super::{Fixture, Verdict, hash_init};

/// Every stored entry by its key and shape, the input, and the image made of it.
pub(super) fn values(fixture: &Fixture, _device: &Device, verdict: &mut Verdict) -> Result<()> {
    let seed = fixture.json["seed"].as_u64().context("seed")?;
    for (name, stored) in fixture.arrays.iter() {
        let shape = &stored.shape;
        let ours = match name.strip_prefix("weights.") {
            Some(key) => hash_init::weights(key, shape, seed),
            None if name == "image" => hash_init::image(shape[0], shape[2], seed),
            None => hash_init::input(name, shape, seed),
        };
        verdict.compare(name, stored, &TensorData::new(ours, shape.clone()));
    }
    verdict.expect_all_but(fixture, &[]);
    Ok(())
}
