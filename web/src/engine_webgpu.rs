//! `engine-webgpu`: models on the graphics card, fetched behind the processor engine.

use burn::prelude::Device;
use vitro_web::Engine;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

/// An engine on the graphics card, or the reason why there is none. To be called once: the device stays registered.
#[wasm_bindgen]
pub async fn open() -> Result<Engine, JsError> {
    let device = Device::wgpu_options().init_async().await.map_err(|error| JsError::new(&error.to_string()))?;
    Ok(Engine::on(device))
}

fn main() {}
