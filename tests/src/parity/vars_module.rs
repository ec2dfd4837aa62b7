//! Lone modules of VARS: attention with every step of the recurrence, masked attention, the filters.

use anyhow::{Context, Result};
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::prelude::*;
use burn::store::ModuleSnapshot;
use burn::tensor::TensorData;
use vitro::model::mix::performer::Features;
use vitro::model::mix::softmax::SoftmaxConfig;
use vitro::model::mix::vars::{
    Dft, DftMatrices, SpectralKernel, VarsAttentionConfig, dictionary, gram, random_features, soft_threshold,
};
use vitro::model::mix::vars_d::Recurrence;
use vitro::model::mix::vars_s::SpectralRecurrence;
use vitro::model::mix::{AttentionKind, Context as Tokens, Mix, Mixed};

use super::gradient::{Prefixes, compare_gradients_under};
use super::record::Record;
use super::{Fixture, Verdict};

const PREFIXES: Prefixes<'_> = Prefixes { weights: "weights.", gradients: "grad.", buffers: "after." };

/// The settings of VARS-D and VARS-SD from the authors' constructor arguments.
pub(super) fn recurrence(fixture: &Fixture) -> Result<Recurrence> {
    Ok(Recurrence {
        num_step: fixture.count("num_step")?,
        lambda: fixture.config()["lam"].as_f64().context("config.lam")?,
        ratio: fixture.count("rand_feat_dim_ratio")?,
    })
}

/// The attention that the authors call by `config.attention`. Their Performer and VARS-S take no settings.
pub(super) fn kind(fixture: &Fixture) -> Result<AttentionKind> {
    Ok(match fixture.config()["attention"].as_str().context("config.attention")? {
        "self-att" => AttentionKind::Softmax,
        "perf" => AttentionKind::Performer(Features::default()),
        "vars_d" => AttentionKind::VarsD(recurrence(fixture)?),
        "vars_sd" => AttentionKind::VarsSd(recurrence(fixture)?),
        "vars_s" => AttentionKind::VarsS(SpectralRecurrence::default()),
        other => anyhow::bail!("no attention \"{other}\""),
    })
}

/// VARS-D, or VARS-SD where static atoms are stored: every intermediate tensor, and all gradients.
pub(super) fn attention(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let device = device.clone().autodiff();
    let static_tokens = fixture.array("weights.kernel").is_ok().then(|| fixture.count("tokens")).transpose()?;
    let config = VarsAttentionConfig::new(fixture.count("dim")?, fixture.count("heads")?, recurrence(fixture)?)
        .with_static_tokens(static_tokens);
    let module = loaded(config.init(&device), fixture)?;
    let x = fixture.tensor::<3>("input", &device)?.require_grad();
    let mut record = Record::default();
    let Mixed { tokens, codes, .. } = module.forward(x.clone(), Tokens::default(), &mut record);
    verdict.compare("output", fixture.array("output")?, &tokens.to_data());
    record.compare("inter.", fixture, verdict);
    let codes = codes.context("no codes")?.steps;
    anyhow::ensure!(codes.len() == fixture.count("num_step")? + 1, "{} codes", codes.len());

    let gradients = (tokens * fixture.tensor::<3>("grad_seed", &device)?).sum().backward();
    let input = x.grad(&gradients).context("no gradient reached the input")?;
    verdict.compare("grad.input", fixture.array("grad.input")?, &input.to_data());
    let gradients = GradientsParams::from_grads(gradients, &module);
    compare_gradients_under(&PREFIXES, &module, gradients, "", fixture, verdict)?;
    verdict.expect_all_but(fixture, &["weights.", "input", "grad_seed"]);
    Ok(())
}

/// Softmax attention whose scores are scaled by position.
pub(super) fn masked_attention(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let tokens = fixture.array("input")?.shape[1];
    let config = SoftmaxConfig::new(fixture.count("dim")?, fixture.count("heads")?);
    let module = loaded(config.with_mask_tokens(Some(tokens)).init(device), fixture)?;
    let mixed = module.forward(fixture.tensor("input", device)?, Tokens::default(), &mut ());
    verdict.compare("output", fixture.array("output")?, &mixed.tokens.to_data());
    verdict.expect_all_but(fixture, &["weights.", "input"]);
    Ok(())
}

/// One step without sparsity is attention with the kernel Q Qᵀ.
pub(super) fn self_attention_relation(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let tensor = |name: &str| fixture.tensor::<4>(name, device);
    let v = tensor("v")?;
    let features = random_features(tensor("q")?, fixture.tensor("rand_matrix", device)?);
    verdict.compare("inter.random_feature", fixture.array("inter.random_feature")?, &features.to_data());
    let atoms = dictionary(features);
    verdict.compare("inter.dictionary", fixture.array("inter.dictionary")?, &atoms.to_data());
    let u = atoms.clone().swap_dims(2, 3).matmul(v.clone());
    let code = soft_threshold(u.clone(), u.zeros_like());
    let one_step = atoms.clone().matmul(code);
    verdict.compare("inter.one_step_output", fixture.array("inter.one_step_output")?, &one_step.to_data());
    // The overlap of the transposed dictionary is the kernel between tokens.
    let kernel = gram(atoms.swap_dims(2, 3));
    let attended = kernel.matmul(v);
    verdict.compare("inter.kernel_attention", fixture.array("inter.kernel_attention")?, &attended.to_data());
    verdict.expect_all_but(fixture, &["q", "v", "rand_matrix"]);
    Ok(())
}

/// Grouped filters, the spectra on the way, and the matrices that replace the FFT.
pub(super) fn spectral_filter(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let cases = fixture.json["cases"].as_array().context("cases")?;
    for (i, case) in cases.iter().enumerate() {
        let count = |key: &str| case[key].as_u64().map(|n| n as usize).with_context(|| format!("cases[{i}].{key}"));
        let (side, groups, inputs) = (count("side")?, count("groups")?, count("in_per_group")?);
        let batch = count("batch")?;
        let name = |part: &str| format!("case{i}.{part}");
        let dft = Dft::new(side, device);
        let maps = fixture.tensor::<3>(&name("input"), device)?.reshape([batch, groups, inputs, side * side]);
        let spectrum = dft.forward(maps);
        let parts = vec![spectrum.re.clone().unsqueeze_dim::<5>(4), spectrum.im.clone().unsqueeze_dim::<5>(4)];
        verdict.compare(&name("rfft"), fixture.array(&name("rfft"))?, &Tensor::cat(parts, 4).to_data());
        let kernel = SpectralKernel::new(fixture.tensor::<6>(&name("weight"), device)?);
        let filtered = dft.inverse(kernel.apply(&spectrum));
        verdict.compare(&name("output"), fixture.array(&name("output"))?, &filtered.to_data());
        let DftMatrices { cos, sin, cos_half, sin_half, cos_back, sin_back } = dft.matrices();
        let named =
            [("ch", cos), ("sh", sin), ("cw", cos_half), ("sw", sin_half), ("icw", cos_back), ("isw", sin_back)];
        for (part, matrix) in named {
            let name = name(&format!("dft.{part}"));
            if let Ok(stored) = fixture.array(&name) {
                verdict.compare(&name, stored, &matrix.to_data());
            }
        }
    }
    let inputs: Vec<String> =
        (0..cases.len()).flat_map(|i| [format!("case{i}.input"), format!("case{i}.weight")]).collect();
    verdict.expect_all_but(fixture, &inputs.iter().map(String::as_str).collect::<Vec<_>>());
    Ok(())
}

/// `module` with the fixture's weights.
pub(super) fn loaded<M: Module + ModuleSnapshot>(mut module: M, fixture: &Fixture) -> Result<M> {
    fixture.weights("").load_official(&mut module)?;
    Ok(module)
}

/// The values of `tensor`, which keep their place when the engine goes on.
pub(super) fn values<const D: usize>(tensor: &Tensor<D>) -> TensorData {
    let values: Vec<f32> = tensor.to_data().convert::<f32>().iter::<f32>().collect();
    TensorData::new(values, tensor.dims())
}
