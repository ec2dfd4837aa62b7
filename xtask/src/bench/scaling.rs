//! Networks alone: with one worker and with one per core, on noise and on scenes that are rendered and augmented meanwhile.

use super::compare::{Amount, Choice};
use super::ours::{self, Build, Vitro};
use super::processor::MODELS;
use super::stored::{Computed, Conditions, Measured, ScalingRow, Section};
use anyhow::Result;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::process::Stdio;

/// What is timed of each: the work, and where its images come from.
const WORKS: [(&str, &str); 3] = [("forward", "noise"), ("train", "noise"), ("train", "scenes")];

/// Images of a batch.
const BATCH: usize = 32;

#[derive(Deserialize)]
struct Report {
    build: Build,
    rows: Vec<Measured>,
    scaling: Vec<Computed>,
}

/// The conditions of a measurement that starts now.
pub(super) fn conditions(amount: &Amount) -> Conditions {
    let settings = Amount { rounds: 1, ..*amount }.to_string();
    Conditions { machine: ours::machine(), versions: BTreeMap::new(), settings }
}

/// Measures the rows that are chosen.
pub(super) fn measure(vitro: &Vitro, choice: &Choice, amount: &Amount) -> Result<Section<ScalingRow>> {
    let rows = rows(choice)?.into_iter().map(|row| measure_row(vitro, row, amount));
    Ok(Section { conditions: conditions(amount), rows: rows.collect::<Result<_>>()? })
}

/// The rows that are chosen, not measured yet.
pub(super) fn rows(choice: &Choice) -> Result<Vec<ScalingRow>> {
    let of = |model: &str, (work, input): (&str, &str)| ScalingRow {
        model: model.to_owned(),
        work: work.to_owned(),
        batch: BATCH,
        input: input.to_owned(),
        origin: Default::default(),
        measured: Vec::new(),
        computed: None,
    };
    choice.of(MODELS.iter().flat_map(|model| WORKS.map(|work| of(model, work))).collect())
}

fn measure_row(vitro: &Vitro, row: ScalingRow, amount: &Amount) -> Result<ScalingRow> {
    let (batch, runs, seconds) = (row.batch.to_string(), amount.runs.to_string(), amount.seconds.to_string());
    let what = ["--device", "cpu", "--work", &row.work, "--input", &row.input, "--batch", &batch, "--workers", "1,0"];
    let much = ["--runs", &runs, "--seconds", &seconds];
    let args = [&[row.model.as_str()][..], &what, &much].concat();
    let Report { build, rows, scaling } = vitro.bench(&args, Stdio::inherit())?;
    Ok(ScalingRow { origin: build.origin()?, measured: rows, computed: scaling.into_iter().next(), ..row })
}
