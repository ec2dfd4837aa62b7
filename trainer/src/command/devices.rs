//! The flags that say where to compute: one device, several that share every batch, and the workers of other machines.

#[cfg(feature = "remote")]
use std::time::Duration;

use std::path::PathBuf;

#[cfg(not(feature = "remote"))]
use anyhow::bail;
use anyhow::{Result, ensure};
use clap::Args;

use crate::device::{self, Choice, Devices};
use crate::places::Place;
#[cfg(feature = "remote")]
use crate::remote;

/// Devices in a list, at most.
const MOST: usize = 1024;

/// Flags of commands that compute on batches.
#[derive(Clone, Debug, Args)]
pub(super) struct DeviceArguments {
    /// Device to compute on.
    #[arg(long, value_enum, default_value_t)]
    pub(super) device: Choice,
    /// Devices of this machine that share every batch: numbers of cards, counted from 0, or `cpu` for a core.
    #[arg(long, value_delimiter = ',', value_name = "DEVICE,…")]
    devices: Vec<String>,
    /// Workers on other machines that share every batch, each a `vitro worker`; needs a build with `--features remote`.
    #[arg(long, value_delimiter = ',', value_name = "HOST:PORT,…")]
    workers_at: Vec<String>,
    /// File with the workers' token [default: the variable VITRO_TOKEN].
    #[arg(long, value_name = "FILE", requires = "workers_at")]
    token_file: Option<PathBuf>,
    /// How long a worker may take for its part of a batch before it counts as lost.
    #[arg(long, value_name = "SECONDS", default_value_t = 300.0)]
    answer_within: f64,
}

impl DeviceArguments {
    /// Whether several devices share a batch.
    pub(super) fn are_several(&self) -> bool {
        !self.devices.is_empty() || !self.workers_at.is_empty()
    }

    /// Opens what is listed: workers are called, and must take the token.
    pub(super) fn open(&self) -> Result<Devices> {
        let mut places = device::listed(self.device, &self.devices)?;
        if !self.workers_at.is_empty() {
            let seconds = self.answer_within;
            ensure!((0.1..=86400.0).contains(&seconds), "--answer-within is {seconds}; take 0.1 to 86400 seconds");
            places.extend(self.elsewhere()?);
        }
        ensure!(places.len() <= MOST, "{} devices are more than the {MOST} that can share a batch", places.len());
        Ok(Devices { choice: self.device, places: places.into() })
    }

    #[cfg(feature = "remote")]
    fn elsewhere(&self) -> Result<Vec<Place>> {
        remote::check(&self.workers_at)?;
        let token = remote::token(self.token_file.as_deref())?;
        remote::connect(&self.workers_at, &token, Duration::from_secs_f64(self.answer_within))
    }

    #[cfg(not(feature = "remote"))]
    fn elsewhere(&self) -> Result<Vec<Place>> {
        bail!("this build takes no workers of other machines; build with `cargo build -p vitro-cli --features remote`")
    }

    /// What computes, in words, without opening any of it.
    pub(super) fn described(&self) -> Result<String> {
        let mut parts = Vec::new();
        if self.devices.is_empty() {
            parts.push(device::choose(self.device)?.to_string());
        } else {
            parts.push(self.devices.join(", "));
        }
        if !self.workers_at.is_empty() {
            parts.push(format!("{} workers elsewhere", self.workers_at.len()));
        }
        Ok(parts.join(" and "))
    }

    /// The same flags, for another process.
    pub(super) fn again(&self) -> Vec<String> {
        let mut flags = Vec::new();
        let mut flag = |name: &str, value: String| flags.extend([name.to_owned(), value]);
        if let Some(device) = clap::ValueEnum::to_possible_value(&self.device) {
            flag("--device", device.get_name().to_owned());
        }
        if !self.devices.is_empty() {
            flag("--devices", self.devices.join(","));
        }
        if !self.workers_at.is_empty() {
            flag("--workers-at", self.workers_at.join(","));
        }
        if let Some(file) = &self.token_file {
            flag("--token-file", file.to_string_lossy().into_owned());
        }
        flag("--answer-within", self.answer_within.to_string());
        flags
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        devices: DeviceArguments,
    }

    fn line(flags: &[&str]) -> DeviceArguments {
        Line::parse_from(["vitro"].iter().chain(flags)).devices
    }

    #[test]
    fn another_process_reads_the_flags_as_this_one_did() {
        let flags = ["--device", "cpu", "--devices", "cpu,cpu", "--workers-at", "a:1,b:2", "--token-file", "t"];
        let first = line(&[&flags[..], &["--answer-within", "2.5"]].concat());
        let second = first.again();
        let second = line(&second.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(format!("{first:?}"), format!("{second:?}"));
        assert!(second.are_several() && !line(&[]).are_several());
    }

    #[test]
    fn cores_are_listed_by_name_and_what_is_no_card_is_refused() {
        let devices = line(&["--device", "cpu", "--devices", "cpu,cpu"]).open().unwrap();
        assert_eq!(devices.places.all().len(), 2);
        let refused = |flags: &[&str]| line(flags).open().unwrap_err().to_string();
        assert!(refused(&["--devices", "cpus"]).contains("numbers of cards"));
        assert!(refused(&["--device", "cpu", "--devices", "0"]).contains("--device gpu or cuda"));
        assert!(refused(&["--workers-at", "a:1", "--answer-within", "0"]).contains("0.1 to 86400"));
    }
}
