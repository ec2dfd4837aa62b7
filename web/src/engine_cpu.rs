//! `engine-cpu`: models on the processor, with images and corruptions. The small module that answers first.

use burn::prelude::Device;
use vitro_web::Engine;
use wasm_bindgen::prelude::wasm_bindgen;

// Linked for their exports.
pub use vitro_web::{Image, Sweep, corruptions};

/// An engine on the processor.
#[wasm_bindgen]
pub fn open() -> Engine {
    Engine::on(Device::flex())
}

fn main() {}
