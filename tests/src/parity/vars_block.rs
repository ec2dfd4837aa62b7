//! Blocks of RVT with the attentions of VARS: evaluation mode, training mode, and the upkeep of VARS-S's filters.

use anyhow::{Context, Result};
use burn::optim::GradientsParams;
use burn::prelude::*;
use vitro::bundle::Array;
use vitro::model::mix::vars::{SpectralKernel, Spectrum, VarsSBlock, VarsSBlockConfig};
use vitro::model::mix::vars_s::SpectralRecurrence;
use vitro::model::mix::{Context as Tokens, Fresh, Mix, Mixed, Site};
use vitro::model::rvt::RvtBlockConfig;

use super::gradient::{Prefixes, compare_buffers_under, compare_gradients_under, places};
use super::record::Record;
use super::vars_module::{kind, loaded, values};
use super::{Fixture, Verdict};

const PREFIXES: Prefixes<'_> = Prefixes { weights: "weights.", gradients: "train.grad.", buffers: "train.after." };

/// What a block's first fully connected layer has for each channel.
fn hidden(fixture: &Fixture) -> Result<usize> {
    Ok(fixture.count("dim")? * fixture.count("mlp_ratio")?)
}

/// A block whose attention replaces softmax attention: evaluation, then one pass with the statistics of the batch.
pub(super) fn block(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let side = fixture.count("image_size")?;
    let (width, heads) = (fixture.count("dim")?, fixture.count("heads")?);
    let config = RvtBlockConfig::new(width, hidden(fixture)?);
    let (kind, site) = (kind(fixture)?, Site { fresh: Fresh::Framework, ..Site::new(width, heads, side) });
    let run = |device: &Device, record: &mut Record| -> Result<_> {
        let module = loaded(config.init(kind.mixer(&site, "RVT", device)?, device), fixture)?;
        let mixed = module.forward(fixture.tensor("input", device)?, Tokens::on([side; 2]), record);
        Ok((module, values(&mixed.tokens)))
    };
    let mut record = Record::default();
    let (_, output) = run(device, &mut record)?;
    verdict.compare("output", fixture.array("output")?, &output);
    for (name, place) in [("inter.attention", "attn"), ("inter.mlp", "mlp")] {
        verdict.compare(name, fixture.array(name)?, record.get(place).context(place)?);
    }
    let (module, output) = run(&device.clone().autodiff(), &mut Record::default())?;
    verdict.compare("train.output", fixture.array("train.output")?, &output);
    compare_buffers_under(&PREFIXES, &module, "", fixture, verdict)?;
    verdict.expect_all_but(fixture, &["weights.", "input"]);
    Ok(())
}

/// The block of VARS-S: every step in evaluation mode, one training step, and the upkeep of its filters.
pub(super) fn spectral_block(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let side = fixture.count("image_size")?;
    let recurrence = SpectralRecurrence {
        num_step: fixture.count("steps")?,
        lambda: fixture.config()["lam"].as_f64().context("config.lam")?,
        templates: fixture.count("int_dim")?,
        normalize: false,
    };
    let config = VarsSBlockConfig::new(fixture.count("dim")?, side, hidden(fixture)?, recurrence);
    let module = loaded(config.init(device), fixture)?;
    let mut record = Record::default();
    let Mixed { tokens, codes, .. } =
        module.forward(fixture.tensor("input", device)?, Tokens::on([side; 2]), &mut record);
    verdict.compare("output", fixture.array("output")?, &values(&tokens));
    let codes = codes.context("no codes")?.steps;
    anyhow::ensure!(codes.len() == recurrence.num_step + 1, "{} codes", codes.len());
    for (name, stored) in fixture.arrays.iter() {
        let Some(place) = name.strip_prefix("inter.").filter(|place| *place != "gram") else { continue };
        let ours = record.get(place).or_else(|| record.get(&format!("attn.{place}")));
        verdict.compare(name, stored, ours.with_context(|| format!("{place} was not observed"))?);
    }
    let kernel = fixture.tensor("weights.kernel", device)?;
    verdict.compare("inter.gram", fixture.array("inter.gram")?, &values(&overlap(kernel)));

    train(&config, fixture, device, verdict)?;
    keep_up(&config, fixture, device, verdict)?;
    verdict.expect_all_but(fixture, &["weights.", "input", "train.grad_seed", "maint.kernel", "maint.L_before"]);
    Ok(())
}

/// One pass with the statistics of the batch, and the gradients of Σ output · seed.
fn train(config: &VarsSBlockConfig, fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let device = device.clone().autodiff();
    let module = loaded(config.init(&device), fixture)?;
    let x = fixture.tensor::<3>("input", &device)?.require_grad();
    let output = module.forward(x.clone(), Tokens::on([config.side; 2]), &mut ()).tokens;
    verdict.compare("train.output", fixture.array("train.output")?, &values(&output));
    let gradients = (output * fixture.tensor::<3>("train.grad_seed", &device)?).sum().backward();
    let input = x.grad(&gradients).context("no gradient reached the input")?;
    verdict.compare("train.grad.input", fixture.array("train.grad.input")?, &input.to_data());
    let gradients = GradientsParams::from_grads(gradients, &module);
    compare_gradients_under(&PREFIXES, &module, gradients, "", fixture, verdict)?;
    compare_buffers_under(&PREFIXES, &module, "", fixture, verdict)
}

/// The bound and the scale of filters, from those that are stored as a starting point.
fn keep_up(config: &VarsSBlockConfig, fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let with = |kernel: &str, bound: &str| -> Result<VarsSBlock> {
        let mut weights = fixture.weights("");
        for (place, name) in [("kernel", kernel), ("L", bound)] {
            let Array { shape, values } = fixture.array(name)?.clone();
            weights.insert(place, shape, values);
        }
        let mut module = config.init(device);
        weights.load_official(&mut module)?;
        Ok(module)
    };
    let compare = |name: &str, ours: Tensor<1>, verdict: &mut Verdict| -> Result<()> {
        verdict.compare(name, fixture.array(name)?, &values(&ours));
        Ok(())
    };
    let mut module = with("maint.kernel", "maint.L_before")?;
    compare("maint.L_true_hermitian", module.safe_lipschitz(), verdict)?;
    // What the step of training does, on the iterations that it does it on.
    module.after_step(1);
    compare("maint.L_before", module.lipschitz(), verdict)?;
    module.after_step(100);
    compare("maint.L_after_update", module.lipschitz(), verdict)?;
    module.normalize_kernel();
    let name = "maint.kernel_normalized";
    verdict.compare(name, fixture.array(name)?, &places(&module)?["kernel"]);
    let mut module = with("maint.kernel", "maint.L_before")?;
    module.update_lipschitz(1.0);
    compare("maint.L_real_part", module.lipschitz(), verdict)?;

    // Fresh filters have unit power, and a fresh bound is that of the filters.
    let mut module = with("init.kernel", "maint.L_before")?;
    module.normalize_kernel();
    verdict.compare("init.kernel", fixture.array("init.kernel")?, &places(&module)?["kernel"]);
    module.update_lipschitz(1.0);
    compare("init.L", module.lipschitz(), verdict)?;
    let fresh = places(&config.init(device))?;
    verdict.compare("init.kernel_norm", fixture.array("init.kernel_norm")?, &fresh["kernel_norm"]);
    Ok(())
}

/// The overlap K Kᴴ of filters `[c, o, 1, S, m, 2]` at every bin, `[c, o, o, S·m, 2]`: what the recurrence does to each unit
/// code.
fn overlap(kernel: Tensor<6>) -> Tensor<5> {
    let [channels, templates, _, side, half, _] = kernel.dims();
    let bins = side * half;
    let atoms = SpectralKernel::new(kernel.clone());
    let adjoint = atoms.adjoint();
    let column = |j: usize| {
        let row = |i: usize| {
            let value = if i == j { 1.0 } else { 0.0 };
            Tensor::<4>::full([1, channels, 1, bins], value, &kernel.device())
        };
        let unit = Tensor::cat((0..templates).map(row).collect(), 2);
        let Spectrum { re, im } = atoms.apply(&adjoint.apply(&Spectrum { im: unit.zeros_like(), re: unit }));
        let parts = vec![re.unsqueeze_dim::<5>(4), im.unsqueeze_dim::<5>(4)];
        Tensor::cat(parts, 4).reshape([channels, templates, 1, bins, 2])
    };
    Tensor::cat((0..templates).map(column).collect(), 2)
}
