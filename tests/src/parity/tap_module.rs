//! TAP alone. The authors' layer works on maps `[b, c, y, x]`, ours on tokens; the values are the same.

use anyhow::Result;
use burn::prelude::*;
use vitro::model::mix::tap::{Tap, TapConfig, pool};

use super::fan_module::check;
use super::{Fixture, Verdict};

/// TAP under the name that blocks give it, so that the importer finds it.
#[derive(Module, Debug)]
struct Holder {
    tap: Tap,
}

/// The layer, its weights and its pools.
pub(super) fn tap(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let config = TapConfig::new(fixture.count("dim")?).with_scales(fixture.count("num_scales")?);
    let grid = fixture.grid()?;
    let build = |device: &Device| Holder { tap: config.init(device) };
    let inner = [("out.weights_bhwk", "tap_weights")];
    check(fixture, verdict, device, (build, ""), &inner, |holder, map: Tensor<4>, record| {
        to_map(holder.tap.forward(to_tokens(map), grid, record), grid)
    })?;

    if let Ok(stored) = fixture.array("out.pooled_bchwk") {
        let map = fixture.tensor::<4>("inputs.x", device)?;
        let pools =
            (0..config.scales).map(|k| to_map(pool(to_tokens(map.clone()), grid, k), grid).unsqueeze_dim::<5>(4));
        verdict.compare("out.pooled_bchwk", stored, &Tensor::cat(pools.collect(), 4).to_data());
    }
    Ok(())
}

fn to_tokens(map: Tensor<4>) -> Tensor<3> {
    map.flatten::<3>(2, 3).swap_dims(1, 2)
}

fn to_map(tokens: Tensor<3>, grid: [usize; 2]) -> Tensor<4> {
    let [b, _, c] = tokens.dims();
    tokens.swap_dims(1, 2).reshape([b, c, grid[0], grid[1]])
}
