//! Which processor computes: the CPU engine, any graphics card through wgpu, or NVIDIA's through CUDA; and which others
//! share its batches.

use std::fmt;

use anyhow::{Result, bail};
use burn::tensor::Device;
#[cfg(any(feature = "gpu", feature = "cuda"))]
use burn::tensor::DeviceType;
use clap::ValueEnum;

use crate::places::{Place, Places};

/// The CPU engine in results, and in a list of devices.
const FLEX: &str = "cpu (flex)";
const CPU: &str = "cpu";

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

/// What the command line asks for, with the devices that share batches opened.
#[derive(Clone, Debug, Default)]
pub struct Devices {
    /// Where the weights are, unless one of the places of this machine keeps them.
    pub choice: Choice,
    /// Who shares batches; empty: nobody.
    pub places: Places,
}

impl From<Choice> for Devices {
    fn from(choice: Choice) -> Self {
        Self { choice, places: Places::default() }
    }
}

/// A processor, chosen.
#[derive(Clone, Debug)]
pub struct Processor {
    /// The engine's device, without gradients.
    pub device: Device,
    /// Whether it is the CPU engine.
    pub is_cpu: bool,
    /// Who shares its batches; empty: it has them to itself, or shares them out over CPU workers.
    pub places: Places,
    name: String,
}

impl fmt::Display for Processor {
    /// Without how many places of a kind there are: that is the number of workers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut kinds = vec![self.name.as_str()];
        for place in self.places.all() {
            if !kinds.contains(&place.kind()) {
                kinds.push(place.kind());
            }
        }
        f.write_str(&kinds.join(" + "))
    }
}

impl Processor {
    fn new(device: Device, name: String) -> Self {
        let is_cpu = device == Device::flex();
        Self { device, is_cpu, places: Places::default(), name }
    }

    /// Runs `work` on one image, which has no parts to be shared out: on the CPU on a thread that has those of all cores beside
    /// it. Cards are talked to from one thread.
    pub fn alone<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        if self.is_cpu { rayon::scope(|_| work()) } else { work() }
    }

    /// Whether several share a batch, each of whom makes the images of its shard.
    pub fn shares_batches(&self) -> bool {
        self.is_cpu || !self.places.is_empty()
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

/// What was asked for, ready: the processor that keeps the weights, with those who share its batches.
pub fn open(devices: &Devices) -> Result<Processor> {
    let Devices { choice, places } = devices;
    let processor = match places.first_here() {
        Some(place) => Processor::new(place.device.clone(), place.kind().to_owned()),
        None => choose(*choice)?,
    };
    Ok(Processor { places: places.clone(), ..processor })
}

/// The devices of this machine that `names` lists: `cpu` is one of its cores, a number one of the cards of `choice`.
pub fn listed(choice: Choice, names: &[String]) -> Result<Vec<Place>> {
    names
        .iter()
        .map(|name| if name == CPU { Ok(Place::here(Device::flex(), FLEX)) } else { card(choice, name) })
        .collect()
}

fn card(choice: Choice, name: &str) -> Result<Place> {
    let Ok(index) = name.parse::<usize>() else {
        bail!("--devices has `{name}`; take numbers of cards, such as 0,1, or `{CPU}` for a core")
    };
    let (engine, cards) = match choice {
        Choice::Cpu => bail!("--devices {index} is a card, and --device cpu asks for none; take --device gpu or cuda"),
        Choice::Cuda => ("cuda", cuda_cards()?),
        Choice::Auto | Choice::Gpu => ("wgpu", wgpu_cards()?),
    };
    let count = cards.len();
    let Some(device) = cards.into_iter().nth(index) else {
        bail!("--devices has {index}, but this machine has {count} cards for {engine}; they are counted from 0")
    };
    Ok(Place::here(device, &format!("gpu ({engine}, card {index})")))
}

fn cpu() -> Processor {
    Processor::new(Device::flex(), FLEX.to_owned())
}

/// A card that is not a CPU in disguise. Asking opens no card.
#[cfg(feature = "gpu")]
fn real_gpu() -> Option<Processor> {
    use burn::tensor::DeviceKind;
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
        .map(|(name, device)| Processor::new(device, format!("gpu (wgpu, {name})")))
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
    use burn::tensor::DeviceKind;
    let device = Device::wgpu(DeviceKind::Cpu);
    let present = Device::enumerate(DeviceType::Wgpu).into_vec();
    let name = "gpu (wgpu, software adapter)".to_owned();
    present.contains(&device).then(|| Processor::new(device, name))
}

#[cfg(not(feature = "gpu"))]
fn real_gpu() -> Option<Processor> {
    None
}

#[cfg(not(feature = "gpu"))]
fn software_gpu() -> Option<Processor> {
    None
}

#[cfg(feature = "gpu")]
fn wgpu_cards() -> Result<Vec<Device>> {
    Ok(Device::enumerate(DeviceType::Wgpu).into_vec())
}

#[cfg(not(feature = "gpu"))]
fn wgpu_cards() -> Result<Vec<Device>> {
    bail!("this build has no cards; list `cpu`, or build with `cargo build -p vitro-cli --features gpu`")
}

#[cfg(feature = "cuda")]
fn cuda_cards() -> Result<Vec<Device>> {
    Ok(Device::enumerate(DeviceType::Cuda).into_vec())
}

#[cfg(not(feature = "cuda"))]
fn cuda_cards() -> Result<Vec<Device>> {
    cuda().map(|processor| vec![processor.device])
}

#[cfg(feature = "cuda")]
fn cuda() -> Result<Processor> {
    match Device::enumerate(DeviceType::Cuda).into_vec().into_iter().next() {
        Some(device) => Ok(Processor::new(device, "gpu (cuda)".to_owned())),
        None => bail!("found no NVIDIA card; use --device gpu or --device cpu"),
    }
}

#[cfg(not(feature = "cuda"))]
fn cuda() -> Result<Processor> {
    bail!("this build has no CUDA; use --device gpu, or build with `cargo build -p vitro-cli --features cuda`")
}
