//! The engine behind the page: images, corruptions and models for JavaScript, used inside a worker.
//!
//! Four modules are built from this crate. `engine-cpu` is small and answers at once; it also makes every image and every
//! corruption. `engine-webgpu` only runs models. Both are the same `Engine`; the binaries pick the device. `engine-corrupt`
//! makes images and corruptions and knows no models: it is built without the feature `models`. `engine-synthesis` is the first with
//! gradients, for those who watch an image being changed.
//! At the border, images are RGBA bytes (what a canvas takes), registries are JSON, errors carry a code in their name.

#[cfg(feature = "models")]
mod engine;
mod image;
mod refusal;
mod registry;
mod rgba;
#[cfg(feature = "models")]
mod seen;
#[cfg(feature = "models")]
mod sweep;
#[cfg(feature = "synthesis")]
mod synthesis;

#[cfg(feature = "models")]
pub use engine::{Answer, Engine};
pub use image::Image;
pub use refusal::report_panics;
pub use registry::corruptions;
#[cfg(feature = "models")]
pub use sweep::{Sweep, SweptImage};
#[cfg(feature = "synthesis")]
pub use synthesis::{Course, Noise, Shown, Watched, syntheses};
