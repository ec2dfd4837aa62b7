//! Every fixture, one test each: `cargo test -p vitro-tests --test parity`.
//!
//! Beside the committed fixtures, those on photographs are walked where their folder is at hand; they may not be redistributed.
//! `VITRO_FIXTURES=FOLDER` walks another tree instead; `VITRO_DEVICE=gpu` runs the same cases on the graphics card (or
//! lavapipe). The last line sums up each family.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use anyhow::{Result, bail, ensure};
use burn::prelude::Device;
use libtest_mimic::{Arguments, Failed, Trial};
use vitro_tests::parity;

/// Fixtures on photographs, from the root of the repository.
const PHOTOGRAPHS: &str = "../shared/fixtures/corruptions";

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let (fixtures, device) = match fixtures().and_then(|fixtures| Ok((fixtures, device()?))) {
        Ok(found) => found,
        Err(error) => {
            eprintln!("{error:#}");
            return ExitCode::FAILURE;
        }
    };
    let summary = Arc::new(Mutex::new(Summary::default()));
    let trials = fixtures.into_iter().map(|(name, path)| {
        let (summary, device) = (Arc::clone(&summary), device.clone());
        Trial::test(name.clone(), move || check(&path, &name, &device, &summary))
    });
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    let summary = summary.lock().map(|summary| summary.line()).unwrap_or_default();
    // Whoever asks for the list of tests gets nothing else.
    if !arguments.list && !summary.is_empty() {
        println!("{summary}");
    }
    conclusion.exit_code()
}

/// The cases and the worst error of each family.
#[derive(Default)]
struct Summary(BTreeMap<String, (usize, f64)>);

impl Summary {
    fn add(&mut self, case: &str, error: f64) {
        let family = case.split('.').next().unwrap_or(case);
        let (cases, worst) = self.0.entry(family.to_owned()).or_default();
        *cases += 1;
        *worst = worst.max(error);
    }

    fn line(&self) -> String {
        let families =
            self.0.iter().map(|(family, (cases, worst))| format!("{family} {cases} cases, worst {worst:.1e}"));
        let families = families.collect::<Vec<_>>();
        if families.is_empty() { String::new() } else { format!("parity: {}", families.join("; ")) }
    }
}

fn check(path: &Path, name: &str, device: &Device, summary: &Mutex<Summary>) -> Result<(), Failed> {
    let verdict = parity::run(path, device).map_err(|error| format!("{error:#}"))?;
    println!("{name}: {verdict}");
    if let Ok(mut summary) = summary.lock() {
        summary.add(&verdict.case, verdict.max_error);
    }
    if verdict.failures.is_empty() { Ok(()) } else { Err(format!("{verdict}").into()) }
}

/// Every fixture with its name, a path from its root.
fn fixtures() -> Result<Vec<(String, PathBuf)>> {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR"));
    let roots = match std::env::var_os("VITRO_FIXTURES") {
        Some(root) => vec![PathBuf::from(root)],
        None => {
            let photographs = ours.join("..").join(PHOTOGRAPHS);
            let at_hand = photographs.is_dir().then_some(photographs);
            std::iter::once(ours.join("fixtures")).chain(at_hand).collect()
        }
    };
    let mut all = Vec::new();
    for root in roots {
        let found = parity::find(&root)?;
        ensure!(!found.is_empty(), "{} holds no fixtures; name a folder that does in VITRO_FIXTURES", root.display());
        // The committed tree has its families as folders, the other is a family itself.
        let base = if root.ends_with(PHOTOGRAPHS) { root.parent().unwrap_or(&root) } else { &root };
        let name = |path: &Path| path.strip_prefix(base).unwrap_or(path).with_extension("").display().to_string();
        all.extend(found.into_iter().map(|path| (name(&path), path)));
    }
    Ok(all)
}

/// The device that `VITRO_DEVICE` names; the processor without it.
fn device() -> Result<Device> {
    match std::env::var("VITRO_DEVICE").as_deref() {
        #[cfg(feature = "gpu")]
        Ok("gpu") => Ok(Device::wgpu(burn::tensor::DeviceKind::DefaultDevice)),
        Ok("cpu") | Err(_) => Ok(Device::flex()),
        Ok(other) => bail!("VITRO_DEVICE={other} is not known; set it to cpu, or to gpu in a build that has it"),
    }
}
