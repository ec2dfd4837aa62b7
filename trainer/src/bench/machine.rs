//! What was measured on and what was measured: a time means nothing without them.

use std::fs;
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::run::versions;
use crate::workers::Workers;

/// The machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's own name for itself.
    pub processor: String,
    /// Cores that we may use.
    pub cores: usize,
    /// What its vector units can do.
    pub features: Vec<String>,
    /// Instruction set.
    pub architecture: String,
    /// Operating system.
    pub system: String,
}

/// The program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Build {
    /// Version of vitro.
    pub version: String,
    /// Version of the engine.
    pub engine: String,
    /// Commit of the source, with `+` after it when files differ; none where its checkout is gone.
    pub commit: Option<String>,
    /// Cargo's profile.
    pub profile: String,
    /// What was built in beside the CPU engine.
    pub engines: Vec<String>,
}

impl Machine {
    /// This one.
    pub fn this() -> Self {
        Self {
            processor: processor(),
            cores: Workers::cores(),
            features: features(),
            architecture: std::env::consts::ARCH.to_owned(),
            system: std::env::consts::OS.to_owned(),
        }
    }
}

impl Build {
    /// This one.
    pub fn this() -> Self {
        let versions = versions::versions();
        let version = |name: &str| versions.get(name).cloned().unwrap_or_default();
        let engines =
            [("gpu", cfg!(feature = "gpu")), ("cuda", cfg!(feature = "cuda")), ("tuned", cfg!(feature = "tuned"))];
        Self {
            version: version("vitro"),
            engine: version("burn"),
            commit: versions::git(),
            profile: env!("VITRO_PROFILE").to_owned(),
            engines: engines.into_iter().filter(|(_, is_in)| *is_in).map(|(name, _)| name.to_owned()).collect(),
        }
    }
}

/// The largest resident size of this process so far, MiB. Linux only.
pub fn peak_memory_mib() -> Option<f64> {
    peak_of(&fs::read_to_string("/proc/self/status").ok()?)
}

/// The largest resident size that a process's `status` of /proc tells, MiB.
pub(super) fn peak_of(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes / 1024.0)
}

fn processor() -> String {
    let linux = || {
        let text = fs::read_to_string("/proc/cpuinfo").ok()?;
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let mac = || {
        let output = Command::new("sysctl").args(["-n", "machdep.cpu.brand_string"]).output().ok()?;
        let name = String::from_utf8(output.stdout).ok()?.trim().to_owned();
        (output.status.success() && !name.is_empty()).then_some(name)
    };
    linux().or_else(mac).unwrap_or_else(|| format!("unnamed {} processor", std::env::consts::ARCH))
}

#[cfg(target_arch = "x86_64")]
fn features() -> Vec<String> {
    let all = [
        ("avx2", std::arch::is_x86_feature_detected!("avx2")),
        ("fma", std::arch::is_x86_feature_detected!("fma")),
        ("avx512f", std::arch::is_x86_feature_detected!("avx512f")),
        ("avx512vnni", std::arch::is_x86_feature_detected!("avx512vnni")),
        ("avx512bf16", std::arch::is_x86_feature_detected!("avx512bf16")),
    ];
    all.into_iter().filter(|(_, has)| *has).map(|(name, _)| name.to_owned()).collect()
}

#[cfg(target_arch = "aarch64")]
fn features() -> Vec<String> {
    let all = [
        ("neon", std::arch::is_aarch64_feature_detected!("neon")),
        ("sve", std::arch::is_aarch64_feature_detected!("sve")),
        ("bf16", std::arch::is_aarch64_feature_detected!("bf16")),
    ];
    all.into_iter().filter(|(_, has)| *has).map(|(name, _)| name.to_owned()).collect()
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn features() -> Vec<String> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_read_in_mebibytes_and_is_not_guessed() {
        assert_eq!(peak_of("Name:\tvitro\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n"), Some(2.0));
        assert_eq!(peak_of("VmRSS:\t    1024 kB\n"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn memory_that_was_used_and_freed_counts() {
        let before = peak_memory_mib().unwrap();
        let used = vec![1_u8; 64 << 20];
        assert!(used.iter().map(|byte| u64::from(*byte)).sum::<u64>() == 64 << 20);
        drop(used);
        // Other tests allocate beside this one, which only adds to it.
        assert!(peak_memory_mib().unwrap() >= before.max(64.0));
    }
}
