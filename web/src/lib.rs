//! The engine behind the page: images, corruptions and models for JavaScript, used inside a worker.
//!
//! Two modules are built from this crate. `engine-cpu` is small and answers at once; it also makes every image and every
//! corruption. `engine-webgpu` only runs models. Both are the same [`Engine`]; the binaries pick the device.
//! At the border, images are RGBA bytes (what a canvas takes), registries are JSON, errors carry a code in their name.

mod engine;
mod image;
mod refusal;
mod registry;
mod rgba;
mod sweep;

pub use engine::{Answer, Engine};
pub use image::Image;
pub use registry::corruptions;
pub use sweep::{Sweep, SweptScene};
