//! Every fixture, one test each: `cargo test -p vitro-tests --test parity`.
//!
//! `VITRO_FIXTURES=FOLDER` walks another tree; `VITRO_DEVICE=gpu` runs the same cases on the graphics card (or lavapipe).
//! The last line sums up each family.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use burn::prelude::Device;
use libtest_mimic::{Arguments, Failed, Trial};
use vitro_tests::parity;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let root = std::env::var_os("VITRO_FIXTURES")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"), PathBuf::from);
    let fixtures = match parity::find(&root) {
        Ok(fixtures) => fixtures,
        Err(error) => {
            eprintln!("{error:#}");
            return ExitCode::FAILURE;
        }
    };
    let summary = Arc::new(Mutex::new(Summary::default()));
    let trials = fixtures.into_iter().map(|path| {
        let name = path.strip_prefix(&root).unwrap_or(&path).with_extension("").display().to_string();
        let summary = Arc::clone(&summary);
        Trial::test(name.clone(), move || check(&path, &name, &summary))
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

fn check(path: &Path, name: &str, summary: &Mutex<Summary>) -> Result<(), Failed> {
    let verdict = parity::run(path, &device()).map_err(|error| format!("{error:#}"))?;
    println!("{name}: {verdict}");
    if let Ok(mut summary) = summary.lock() {
        summary.add(&verdict.case, verdict.max_error);
    }
    if verdict.failures.is_empty() { Ok(()) } else { Err(format!("{verdict}").into()) }
}

/// The device that `VITRO_DEVICE` names; the processor without it.
fn device() -> Device {
    match std::env::var("VITRO_DEVICE").as_deref() {
        #[cfg(feature = "gpu")]
        Ok("gpu") => Device::wgpu(burn::tensor::DeviceKind::DefaultDevice),
        _ => Device::flex(),
    }
}
