//! Lone modules of RVT, and its patch-wise augmentation.

use anyhow::{Context, Result, ensure};
use burn::prelude::*;
use vitro::image::Preprocess;
use vitro::method::patch_augmentation::{PatchAugmentation, flip};
use vitro::model::mix::softmax::SoftmaxConfig;
use vitro::model::mix::{Context as Tokens, Mix};
use vitro::model::observer::Observer;
use vitro::model::rvt;

use super::fan_module::check;
use super::rvt_model::mask_tokens;
use super::{Fixture, Verdict};

/// Self-attention, with position-aware scaling where the configuration has a mask.
pub(super) fn attention(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let mask = fixture.switch("use_mask", false).then(|| mask_tokens(fixture));
    let config = SoftmaxConfig::new(fixture.count("dim")?, fixture.count("num_heads")?).with_mask_tokens(mask);
    let inner = [("out.attn_map", "attn_map")];
    check(fixture, verdict, device, (|d: &Device| config.init(d), "attn."), &inner, |module, x: Tensor<3>, record| {
        let mixed = module.forward(x, Tokens::default(), record);
        if let Some(weights) = &mixed.attention {
            record.see("attn_map", weights);
        }
        mixed.tokens
    })
}

/// The convolutional MLP.
pub(super) fn convolutional_mlp(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    mlp(fixture, device, verdict, false)
}

/// The MLP of the plain network at width 768.
pub(super) fn linear_mlp(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    mlp(fixture, device, verdict, true)
}

fn mlp(fixture: &Fixture, device: &Device, verdict: &mut Verdict, linear: bool) -> Result<()> {
    let config = rvt::RvtMlpConfig::new(fixture.count("dim")?, fixture.count("hidden")?).with_linear(linear);
    let grid = fixture.grid()?;
    check(fixture, verdict, device, (|d: &Device| config.init(d), ""), &[], |module, x: Tensor<3>, _| {
        module.forward(x, grid)
    })
}

/// The convolutional stem.
pub(super) fn stem(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let config = rvt::ConvStemConfig::new(fixture.count("patch_size")?, fixture.count("out_channels")?);
    check(fixture, verdict, device, (|d: &Device| config.init(d), ""), &[], |module, x: Tensor<4>, _| {
        let [_, _, rows, columns] = x.dims();
        let map = module.forward(x);
        assert_eq!(map.dims()[2..], [config.tokens(rows), config.tokens(columns)], "the stem's own arithmetic");
        map
    })
}

/// The step between two stages.
pub(super) fn stage_pool(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let stride = fixture.count("stride").unwrap_or(2);
    ensure!(stride == 2, "stages are halved, but config.stride is {stride}");
    let config = rvt::StagePoolConfig::new(fixture.count("in_feature")?, fixture.count("out_feature")?);
    check(fixture, verdict, device, (|d: &Device| config.init(d), ""), &[], |module, x: Tensor<4>, _| module.forward(x))
}

/// Cutting, putting back and clamping; the random transform is replaced by stored flips and noise.
pub(super) fn patch_augmentation(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let x = fixture.tensor::<4>("inputs.x", device)?;
    let noise = fixture.tensor::<4>("inputs.noise", device)?;
    let flips = fixture.integers.get("inputs.flip").context("no integers \"inputs.flip\"")?;
    let flips: Vec<bool> = flips.iter().map(|flip| *flip != 0).collect();
    let Preprocess { mean, std, .. } = Preprocess::imagenet(x.dims()[2]);
    let augmentation = PatchAugmentation { side: fixture.count("patch")?, mean, std };
    let y = augmentation.each_patch(x, |patches| flip(patches, &flips) + noise)?;
    verdict.compare("out.y", fixture.array("out.y")?, &y.to_data());
    Ok(())
}
