//! Corruptions beside the public Python packages: the same images, one thread each, in turn.

use super::compare::{Amount, Choice};
use super::ours::{self, Build, Vitro};
use super::python::CORRUPTIONS;
use super::stored::{Conditions, CorruptionRow, Round, Section};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::{env, fs, process};

#[derive(Deserialize)]
struct Report {
    build: Build,
    rows: Vec<Ours>,
}

#[derive(Deserialize)]
struct Ours {
    corruption: String,
    #[serde(flatten)]
    round: Round,
}

#[derive(Deserialize)]
struct Theirs {
    corruption: String,
    packages: BTreeMap<String, Option<Round>>,
}

/// What is corrupted.
#[derive(Clone, Debug)]
pub(super) struct Images {
    /// A folder of photographs; none: rendered scenes.
    pub(super) photographs: Option<PathBuf>,
    /// How many.
    pub(super) count: usize,
}

/// The conditions of a measurement that starts now.
pub(super) fn conditions(images: &Images, amount: &Amount) -> Result<Conditions> {
    CORRUPTIONS.ensure()?;
    let kind = if images.photographs.is_some() { "photographs" } else { "rendered scenes" };
    let settings = format!("{} rounds of {} {kind}, 224 pixels, severity 3, one thread", amount.rounds, images.count);
    Ok(Conditions { machine: ours::machine(), versions: CORRUPTIONS.versions()?, settings })
}

/// Measures all, and keeps the rows that are chosen: a package is started for all of its corruptions.
pub(super) fn measure(
    vitro: &Vitro,
    choice: &Choice,
    images: &Images,
    amount: &Amount,
) -> Result<Section<CorruptionRow>> {
    let conditions = conditions(images, amount)?;
    let folder = Folder::new()?;
    let path = folder.0.to_string_lossy().into_owned();
    let count = images.count.to_string();
    let mut args = vec!["--corruptions", "--images", &count, "--keep-images", &path];
    let photographs = images.photographs.as_deref().map(Path::to_string_lossy);
    if let Some(photographs) = &photographs {
        args.extend(["--photographs", photographs]);
    }
    let mut rows: Vec<CorruptionRow> = Vec::new();
    for round in 0..amount.rounds {
        println!("round {} of {}", round + 1, amount.rounds);
        let Report { build, rows: ours } = vitro.bench(&args, Stdio::piped())?;
        for Ours { corruption, round } in ours {
            let row = entry(&mut rows, corruption);
            row.origin = build.origin()?;
            row.ours.rounds.push(round);
        }
        for Theirs { corruption, packages } in CORRUPTIONS.lines(&[&path])? {
            let row = entry(&mut rows, corruption);
            for (package, round) in packages.into_iter().filter_map(|(package, round)| Some((package, round?))) {
                row.packages.entry(package).or_default().rounds.push(round);
            }
        }
    }
    // What only the packages have is not ours to compare.
    rows.retain(|row| !row.ours.rounds.is_empty());
    Ok(Section { conditions, rows: choice.of(rows)? })
}

fn entry(rows: &mut Vec<CorruptionRow>, corruption: String) -> &mut CorruptionRow {
    let index = rows.iter().position(|row| row.corruption == corruption).unwrap_or_else(|| {
        rows.push(CorruptionRow {
            corruption,
            origin: Default::default(),
            ours: Default::default(),
            packages: BTreeMap::new(),
        });
        rows.len() - 1
    });
    &mut rows[index]
}

/// A folder for the images, which goes with this value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self> {
        let path = env::temp_dir().join(format!("vitro-yardstick-{}", process::id()));
        fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
