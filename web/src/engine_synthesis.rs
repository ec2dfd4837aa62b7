//! `engine-synthesis`: models on the processor that can be differentiated, for what is done to an image before the visitor's eyes.
//! It is fetched when that is asked for.

use burn::prelude::Device;
use vitro_web::Engine;
use wasm_bindgen::prelude::wasm_bindgen;

// Linked for their exports.
pub use vitro_web::{Course, Image, Shown, corruptions, syntheses};

/// An engine on the processor.
#[wasm_bindgen]
pub fn open() -> Engine {
    Engine::on(Device::flex())
}

fn main() {}
