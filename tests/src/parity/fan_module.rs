//! Lone modules of FAN.

use anyhow::{Context, Result};
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::prelude::*;
use burn::store::ModuleSnapshot;
use vitro::model::evaluating;
use vitro::model::fan;
use vitro::model::mix::softmax::SoftmaxConfig;
use vitro::model::mix::{Context as Tokens, Mix, Mixer, Projection};

use super::fan_model::RUNS;
use super::gradient::{compare_buffers, compare_gradients};
use super::record::Record;
use super::{Fixture, Verdict};

/// Fills `module` with the fixture's weights, runs it, and compares output, gradients and buffers.
///
/// `forward` gives the output; the record it fills is compared with `out.*` by the pairs of (stored name, place).
pub(super) fn check<M: Module + ModuleSnapshot, const D: usize>(
    fixture: &Fixture,
    verdict: &mut Verdict,
    device: &Device,
    (build, wrapper): (impl Fn(&Device) -> M, &str),
    inner: &[(&str, &str)],
    forward: impl Fn(&M, Tensor<D>, &mut Record) -> Tensor<D>,
) -> Result<()> {
    // Training mode of batch norm and gradients both need a device that records.
    let recording = fixture.training() || fixture.has_gradients();
    let device = if recording { device.clone().autodiff() } else { device.clone() };
    let mut module = build(&device);
    fixture.weights(wrapper).load_official(&mut module)?;
    let module = if fixture.training() { module } else { evaluating(module) };

    let x = fixture.tensor::<D>("inputs.x", &device)?;
    let x = if recording { x.require_grad() } else { x };
    let mut record = Record::default();
    let y = forward(&module, x.clone(), &mut record);
    verdict.compare("out.y", fixture.array("out.y")?, &y.to_data());
    for (name, place) in inner {
        if let Ok(stored) = fixture.array(name) {
            let ours = record.get(place).with_context(|| format!("{place} was not observed"))?;
            verdict.compare(name, stored, ours);
        }
    }
    if fixture.has_gradients() {
        let loss = (y * fixture.tensor::<D>("inputs.cotangent", &device)?).sum();
        let gradients = loss.backward();
        let input = x.grad(&gradients).context("no gradient reached the input")?;
        verdict.compare("grads.inputs.x", fixture.array("grads.inputs.x")?, &input.to_data());
        let gradients = GradientsParams::from_grads(gradients, &module);
        compare_gradients(&module, gradients, wrapper, fixture, verdict)?;
    }
    if fixture.training() {
        compare_buffers(&module, wrapper, fixture, verdict)?;
    }
    Ok(())
}

/// FAN's token attention.
pub(super) fn token_attention(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let (width, heads) = (fixture.count("dim")?, fixture.count("num_heads")?);
    let build = |d: &Device| softmax(width, heads, d);
    check(fixture, verdict, device, (build, "attn."), &[], |module, x: Tensor<3>, record| {
        module.forward(x, Tokens::default(), record).tokens
    })
}

/// Softmax attention as FAN projects it.
fn softmax(width: usize, heads: usize, device: &Device) -> Mixer {
    Mixer::Softmax(SoftmaxConfig::new(width, heads).with_projection(Projection::KeyValue).init(device))
}

/// FAN's channel attention.
pub(super) fn channel_attention(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    channel_attention_with(fixture, device, verdict, true)
}

/// The channel attention of FAN-Swin, whose MLP has no skip.
pub(super) fn channel_attention_of_swin(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    channel_attention_with(fixture, device, verdict, false)
}

fn channel_attention_with(fixture: &Fixture, device: &Device, verdict: &mut Verdict, skip: bool) -> Result<()> {
    let width = fixture.count("dim")?;
    let hidden = fixture.count("mlp_hidden_dim").unwrap_or(4 * width);
    let config = fan::ChannelAttentionConfig::new(width, fixture.count("num_heads")?, hidden)
        .with_value_epsilon(fixture.number("norm_v_eps", 1e-5))
        .with_mlp_skip(skip);
    let grid = fixture.grid()?;
    let inner = [("out.gate", "gate"), ("out.v", "v"), ("out.v_mlp", "mlp_v"), ("out.dw", "mlp_v.dwconv")];
    check(fixture, verdict, device, (|d: &Device| config.init(d), "mlp."), &inner, |module, x: Tensor<3>, record| {
        module.forward(x, grid, record)
    })
}

/// A block of FAN's trunk, with TAP where the configuration has scales.
pub(super) fn block(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let (width, heads) = (fixture.count("dim")?, fixture.count("num_heads")?);
    let config = fan::FanBlockConfig::new(width, heads, 4 * width)
        .with_epsilon(fixture.number("eps", 1e-6))
        .with_tap_scales(fixture.count("num_scales").ok());
    let grid = fixture.grid()?;
    let inner = [("out.attn_map", "attn_map"), ("out.tap_weights", "tap_weights")];
    let build = |d: &Device| config.init(softmax(width, heads, d), d);
    check(fixture, verdict, device, (build, ""), &inner, |module, x: Tensor<3>, record| {
        module.forward(x, Tokens::on(grid), record).0.tokens
    })
}

/// A block with a squeeze-and-excite MLP in place of the channel attention.
pub(super) fn squeeze_excite_block(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let (width, heads) = (fixture.count("dim")?, fixture.count("num_heads")?);
    let config = fan::FanBlockConfig::new(width, heads, 4 * width)
        .with_epsilon(fixture.number("eps", 1e-6))
        .with_squeeze_excite(true);
    let grid = fixture.grid()?;
    let build = |d: &Device| config.init(softmax(width, heads, d), d);
    check(fixture, verdict, device, (build, ""), &[], |module, x: Tensor<3>, record| {
        module.forward(x, Tokens::on(grid), record).0.tokens
    })
}

/// The two ConvNeXt stages of the hybrid stem, with each choice of norms that is stored.
pub(super) fn convnext(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let pair = |key: &str| {
        let value = |i: usize| fixture.config()[key][i].as_u64().with_context(|| format!("config.{key}"));
        Ok::<_, anyhow::Error>([value(0)? as usize, value(1)? as usize])
    };
    let base = fan::ConvNextConfig { widths: pair("dims")?, ..fan::ConvNextConfig::new(pair("depths")?) };
    for (ending, variance) in RUNS {
        let config = fan::ConvNextConfig { variance: *variance, ..base.clone() };
        if ending.is_empty() {
            let build = |d: &Device| config.init(d);
            check(fixture, verdict, device, (build, ""), &[], |module, x: Tensor<4>, record| {
                module.forward(x, record)
            })?;
        } else if let Ok(stored) = fixture.array(&format!("out.y{ending}")) {
            let mut module = config.init(device);
            fixture.weights("").load_official(&mut module)?;
            let y = module.forward(fixture.tensor::<4>("inputs.x", device)?, &mut ());
            verdict.compare(&format!("out.y{ending}"), stored, &y.to_data());
        }
    }
    Ok(())
}

/// FAN's class-attention block.
pub(super) fn class_attention_block(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let width = fixture.count("dim")?;
    let config = fan::ClassAttentionBlockConfig::new(width, fixture.count("num_heads")?, 4 * width)
        .with_epsilon(fixture.number("eps", 1e-6))
        .with_tokens_norm(fixture.switch("tokens_norm", true));
    let inner = [("out.norm1", "norm1"), ("out.norm2", "norm2"), ("out.cls_attn", "attn"), ("out.cls_mlp", "mlp")];
    check(fixture, verdict, device, (|d: &Device| config.init(d), "cls."), &inner, |module, x: Tensor<3>, record| {
        module.forward(x, record).0
    })
}

/// The convolutional patch embedding; its output is stored as tokens.
pub(super) fn patch_embed(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let mut module =
        fan::ConvPatchEmbedConfig::new(fixture.count("patch_size")?, fixture.count("embed_dim")?).init(device);
    fixture.weights("").load_official(&mut module)?;
    let map = module.forward(fixture.tensor::<4>("inputs.x", device)?);
    let tokens = map.flatten::<3>(2, 3).swap_dims(1, 2);
    verdict.compare("out.y", fixture.array("out.y")?, &tokens.to_data());
    Ok(())
}

/// The overlapping downsampling; its widths are those of the stored arrays.
pub(super) fn downsample(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let widths = |name: &str| Ok::<_, anyhow::Error>(*fixture.array(name)?.shape.last().context("a scalar")?);
    let config = fan::DownsampleConfig::new(widths("inputs.x")?, widths("out.y")?);
    let mut module = config.with_epsilon(fixture.number("eps", 1e-5)).init(device);
    fixture.weights("").load_official(&mut module)?;
    let (tokens, _) = module.forward(fixture.tensor::<3>("inputs.x", device)?, fixture.grid()?);
    verdict.compare("out.y", fixture.array("out.y")?, &tokens.to_data());
    Ok(())
}

/// The position encoding; stored outputs are named `out.pe_ROWSxCOLUMNS`.
pub(super) fn position(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let config = fan::FourierPositionConfig::new(fixture.count("dim")?)
        .with_features(fixture.count("hidden_dim")?)
        .with_temperature(fixture.number("temperature", 10_000.0));
    let mut module = config.init(device);
    fixture.weights("").load_official(&mut module)?;
    for (name, stored) in fixture.arrays.iter() {
        let sides = name.strip_prefix("out.pe_").and_then(|sides| sides.split_once('x'));
        if let Some((rows, columns)) = sides {
            let grid = [rows.parse().context("rows")?, columns.parse().context("columns")?];
            verdict.compare(name, stored, &module.forward(grid).to_data());
        }
    }
    Ok(())
}
