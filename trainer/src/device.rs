//! Which processor computes: the CPU engine, any graphics card through wgpu, or NVIDIA's through CUDA.

use std::fmt;

use anyhow::{Result, bail};
use burn::tensor::Device;
use clap::ValueEnum;

/// What the command line asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Choice {
    /// A GPU if the machine has one, else the CPU.
    #[default]
    Auto,
    /// The CPU engine, on all cores.
    Cpu,
    /// A graphics card (Vulkan, Metal, DX12).
    Gpu,
    /// An NVIDIA card through CUDA; needs a build with `--features cuda`.
    Cuda,
}

/// A processor, chosen.
#[derive(Clone, Debug)]
pub struct Processor {
    /// The engine's device, without gradients.
    pub device: Device,
    /// Whether batches are shared out over CPU workers.
    pub is_cpu: bool,
    name: String,
}

impl fmt::Display for Processor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// Finds what was asked for.
///
/// # Errors
/// When this machine or this build has no such processor.
pub fn choose(choice: Choice) -> Result<Processor> {
    match choice {
        Choice::Cpu => Ok(cpu()),
        Choice::Auto => Ok(real_gpu().unwrap_or_else(cpu)),
        Choice::Gpu => match real_gpu().or_else(software_gpu) {
            Some(gpu) => Ok(gpu),
            None => bail!("found no graphics card; use --device cpu, or install a Vulkan driver"),
        },
        Choice::Cuda => cuda(),
    }
}

fn cpu() -> Processor {
    Processor { device: Device::flex(), is_cpu: true, name: "cpu (flex)".into() }
}

/// A card that is not a CPU in disguise. Asking opens no card.
#[cfg(feature = "gpu")]
fn real_gpu() -> Option<Processor> {
    use burn::tensor::{DeviceKind, DeviceType};
    if !may_have_a_card() {
        return None;
    }
    let present = Device::enumerate(DeviceType::Wgpu).into_vec();
    let kinds = [
        ("discrete", DeviceKind::DiscreteGpu(0)),
        ("integrated", DeviceKind::IntegratedGpu(0)),
        ("virtual", DeviceKind::VirtualGpu(0)),
    ];
    kinds
        .into_iter()
        .map(|(name, kind)| (name, Device::wgpu(kind)))
        .find(|(_, device)| present.contains(device))
        .map(|(name, device)| Processor { device, is_cpu: false, name: format!("gpu (wgpu, {name})") })
}

/// On Linux a card shows as a device file. Without one, the drivers need not be loaded, some of which complain aloud.
#[cfg(feature = "gpu")]
fn may_have_a_card() -> bool {
    let files = ["/dev/dri", "/dev/nvidiactl", "/dev/dxg", "/dev/kfd"];
    !cfg!(target_os = "linux") || files.iter().any(|file| std::path::Path::new(file).exists())
}

/// A software adapter: slow, but it runs the same code as a card does.
#[cfg(feature = "gpu")]
fn software_gpu() -> Option<Processor> {
    use burn::tensor::{DeviceKind, DeviceType};
    let device = Device::wgpu(DeviceKind::Cpu);
    let present = Device::enumerate(DeviceType::Wgpu).into_vec();
    let name = "gpu (wgpu, software adapter)".to_owned();
    present.contains(&device).then_some(Processor { device, is_cpu: false, name })
}

#[cfg(not(feature = "gpu"))]
fn real_gpu() -> Option<Processor> {
    None
}

#[cfg(not(feature = "gpu"))]
fn software_gpu() -> Option<Processor> {
    None
}

#[cfg(feature = "cuda")]
fn cuda() -> Result<Processor> {
    use burn::tensor::DeviceType;
    match Device::enumerate(DeviceType::Cuda).into_vec().into_iter().next() {
        Some(device) => Ok(Processor { device, is_cpu: false, name: "gpu (cuda)".into() }),
        None => bail!("found no NVIDIA card; use --device gpu or --device cpu"),
    }
}

#[cfg(not(feature = "cuda"))]
fn cuda() -> Result<Processor> {
    bail!("this build has no CUDA; use --device gpu, or build with `cargo build -p vitro-cli --features cuda`")
}
