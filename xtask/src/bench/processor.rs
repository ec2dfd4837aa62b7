//! Networks on the processor beside PyTorch: for each row ours, theirs, ours, theirs, …, each call of the clock in a process of
//! its own, so that both meet the same hour of the same machine.

use super::compare::{Amount, Choice};
use super::ours::{self, Build, Vitro};
use super::python::TORCH;
use super::stored::{Conditions, Contender, Keyed, NetworkRow, Round, Section};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::process::Stdio;

/// The models, as `vitro bench` and the yardstick know them.
pub(super) const MODELS: [&str; 7] = [
    "vit_nano_p8_64",
    "vit_small_p8_64",
    "deit_tiny_patch16_224",
    "fan_nano_p8_64",
    "tap_fan_nano_p8_64+adl",
    "fan_tiny_12_p16_224",
    "tap_fan_tiny_12_p16_224+adl",
];

/// What is timed of each: the work and the images of a batch.
const WORKS: [(&str, usize); 3] = [("forward", 1), ("forward", 32), ("train", 32)];

#[derive(Deserialize)]
struct Report {
    build: Build,
    rows: Vec<Round>,
}

/// The conditions of a measurement that starts now.
pub(super) fn conditions(amount: &Amount) -> Result<Conditions> {
    TORCH.ensure()?;
    Ok(Conditions { machine: ours::machine(), versions: TORCH.versions()?, settings: amount.to_string() })
}

/// Measures the rows that are chosen.
pub(super) fn measure(vitro: &Vitro, choice: &Choice, amount: &Amount) -> Result<Section<NetworkRow>> {
    let conditions = conditions(amount)?;
    let rows = rows(choice)?.into_iter().map(|row| measure_row(vitro, row, choice, amount));
    Ok(Section { conditions, rows: rows.collect::<Result<_>>()? })
}

/// The rows that are chosen, not measured yet.
pub(super) fn rows(choice: &Choice) -> Result<Vec<NetworkRow>> {
    let of = |model: &str, (work, batch): (&str, usize)| NetworkRow {
        model: model.to_owned(),
        work: work.to_owned(),
        batch,
        origin: Default::default(),
        ours: Contender::default(),
        torch: Contender::default(),
        compiled: None,
    };
    choice.of(MODELS.iter().flat_map(|model| WORKS.map(|work| of(model, work))).collect())
}

fn measure_row(vitro: &Vitro, mut row: NetworkRow, choice: &Choice, amount: &Amount) -> Result<NetworkRow> {
    print!("{:<36}", row.key());
    let (batch, workers) = (row.batch.to_string(), ours::cores().to_string());
    let (runs, seconds) = (amount.runs.to_string(), amount.seconds.to_string());
    let ours = ["--device", "cpu", "--work", &row.work, "--input", "noise", "--batch", &batch, "--workers", &workers];
    let much = ["--runs", &runs, "--seconds", &seconds];
    let ours = [&[row.model.as_str()][..], &ours, &much].concat();
    let theirs = [&[row.model.as_str(), &row.work, &batch, "--threads", &workers][..], &much].concat();
    let torch = |more: &[&str]| -> Result<Round> { Ok(TORCH.lines(&[&theirs[..], more].concat())?.remove(0)) };
    let mut compiled = Contender::default();
    for _ in 0..amount.rounds {
        let Report { build, rows } = vitro.bench(&ours, Stdio::piped())?;
        row.origin = build.origin()?;
        row.ours.rounds.push(rows.into_iter().next().context("vitro bench printed no row")?);
        row.torch.rounds.push(torch(&[])?);
        if choice.with_compiled {
            compiled.rounds.push(torch(&["--compile"])?);
        }
    }
    row.compiled = choice.with_compiled.then_some(compiled);
    let ratio = row.ours.ratio(&row.torch);
    println!(
        "{:>10.2} ms {:>10.2} ms   ratio {:.2} ({:.2} to {:.2})",
        row.ours.median(),
        row.torch.median(),
        ratio.value,
        ratio.lowest,
        ratio.highest
    );
    Ok(row)
}
