//! `vitro worker`: lends this machine's devices to `vitro train` and `vitro eval` on another (`--workers-at`).
//!
//! What travels is not encrypted: a worker belongs into a network that one trusts, or behind a tunnel.

use std::path::{Path, PathBuf};

use anyhow::Result;
#[cfg(not(feature = "remote"))]
use anyhow::bail;
use clap::Args;

use crate::device::{self, Choice};
use crate::places::Place;
#[cfg(feature = "remote")]
use crate::remote;

/// Flags of `vitro worker`.
#[derive(Debug, Args)]
pub struct WorkerArguments {
    /// Address of this machine to listen at, such as 10.0.0.2:7000; port 0 is any that is free.
    #[arg(long, value_name = "HOST:PORT")]
    listen: String,
    /// File with the token that lets a client in [default: the variable VITRO_TOKEN].
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Device to lend.
    #[arg(long, value_enum, default_value_t)]
    device: Choice,
    /// Devices to lend, all of one kind: numbers of cards, counted from 0, or `cpu` for each shard that the CPU takes.
    #[arg(long, value_delimiter = ',', value_name = "DEVICE,…")]
    devices: Vec<String>,
}

/// Lends, until it is told to end.
pub fn run(arguments: &WorkerArguments) -> Result<()> {
    let WorkerArguments { listen, token_file, device, devices } = arguments;
    let mut places = device::listed(*device, devices)?;
    if places.is_empty() {
        let processor = device::choose(*device)?;
        places.push(Place::here(processor.device.clone(), &processor.to_string()));
    }
    lend(places, listen, token_file.as_deref())
}

#[cfg(feature = "remote")]
fn lend(places: Vec<Place>, listen: &str, token_file: Option<&Path>) -> Result<()> {
    let token = remote::token(token_file)?;
    let (devices, kinds): (Vec<_>, Vec<_>) =
        places.into_iter().map(|place| (place.device.clone(), place.kind().to_owned())).unzip();
    remote::serve(listen, token, devices, |address| {
        println!("lends {} at {address}; Ctrl-C ends it", kinds.join(", "));
    })
}

#[cfg(not(feature = "remote"))]
fn lend(places: Vec<Place>, listen: &str, _token_file: Option<&Path>) -> Result<()> {
    bail!(
        "this build lends no devices ({} at {listen}); build with `cargo build -p vitro-cli --features remote`",
        places.len()
    )
}
