//! Probes of one image: what the registry holds, read back from the device.

use anyhow::{Result, anyhow};
use burn::prelude::*;
use vitro::model::Forward;
use vitro::probe::{self, Layer, Probe, Reading};

/// What each probe says about the only image of a forward pass, in the registry's order. Probes that this model gives
/// nothing for are left out.
///
/// # Errors
/// When the engine gives no numbers back.
pub fn readings(forward: &Forward) -> Result<Vec<(&'static Probe, Reading)>> {
    let patches = forward.grid[0] * forward.grid[1];
    let taken = probe::ALL.iter().filter_map(|probe| Some((probe, probe.take(forward)?)));
    taken.map(|(probe, tensor)| Ok((probe, probe.read(&numbers(tensor)?, patches)))).collect()
}

/// What each layer of the only image of a forward pass looks at, by name: a map for each head.
///
/// # Errors
/// When the engine gives no numbers back.
pub fn layers(forward: &Forward) -> Result<Vec<(String, Vec<Vec<f32>>)>> {
    let patches = forward.grid[0] * forward.grid[1];
    let read = |Layer { name, heads }: Layer| Ok((name, Layer::read(&numbers(heads)?, patches)));
    probe::layers(forward).into_iter().map(read).collect()
}

/// The numbers of a tensor, row by row.
///
/// # Errors
/// When the engine gives no numbers back.
pub fn numbers<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>> {
    tensor.into_data().try_into_vec().map_err(|error| anyhow!("the engine gave no numbers back: {error:?}"))
}
