//! Every fixture, one test each: `cargo test -p vitro-tests --test parity`.
//!
//! `VITRO_FIXTURES=FOLDER` walks another tree; `VITRO_DEVICE=gpu` runs the same cases on the graphics card (or lavapipe).

use std::path::{Path, PathBuf};
use std::process::ExitCode;

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
    let trials = fixtures.into_iter().map(|path| {
        let name = path.strip_prefix(&root).unwrap_or(&path).with_extension("").display().to_string();
        Trial::test(name.clone(), move || check(&path, &name))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

fn check(path: &Path, name: &str) -> Result<(), Failed> {
    let verdict = parity::run(path, &device()).map_err(|error| format!("{error:#}"))?;
    println!("{name}: {verdict}");
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
