//! The picture of a comparison, clean and corrupted, as RGBA bytes. Follows `vitro::view`, as the command line does.

use vitro::image::{Filter, Rgb8};
use vitro::{corruption, scene, view};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::refusal::Code;
use crate::rgba;

/// A square picture, ready to be corrupted and shown.
#[wasm_bindgen]
pub struct Picture {
    square: Rgb8,
    label: Option<&'static str>,
}

#[wasm_bindgen]
impl Picture {
    /// Reads a picture file (JPEG, PNG, WebP, BMP).
    pub fn decode(bytes: &[u8]) -> Result<Self, JsValue> {
        let picture = vitro::image::decode(bytes).map_err(|error| Code::Picture.error(error))?;
        Ok(Self { square: view::square(&picture), label: None })
    }

    /// Takes RGBA pixels that the browser decoded.
    #[wasm_bindgen(js_name = fromPixels)]
    pub fn from_pixels(pixels: &[u8], width: usize, height: usize) -> Result<Self, JsValue> {
        let picture = rgba::to_rgb(pixels, width, height)
            .ok_or_else(|| Code::Picture.error("the pixels do not fill the picture; choose another file"))?;
        Ok(Self { square: view::square(&picture), label: None })
    }

    /// Renders scene `index` of `seed`, from the held-out split that no bundle of ours was trained on.
    pub fn scene(seed: u32, index: u32) -> Self {
        let scene = scene::render(seed.into(), index.into(), scene::Split::Test, view::SIDE);
        Self { label: scene::CLASSES.get(scene.label).copied(), square: scene.image }
    }

    /// The known class, for scenes.
    #[wasm_bindgen(getter)]
    pub fn label(&self) -> Option<String> {
        self.label.map(str::to_owned)
    }

    /// Width and height in pixels.
    #[wasm_bindgen(getter)]
    pub fn side(&self) -> usize {
        self.square.width()
    }

    /// The clean picture, RGBA.
    pub fn clean(&self) -> Vec<u8> {
        rgba::from_rgb(&self.square)
    }

    /// The picture under a corruption, RGBA.
    pub fn corrupt(&self, corruption: &str, severity: u8, seed: u32) -> Result<Vec<u8>, JsValue> {
        self.corrupted(corruption, severity, seed).map(|picture| rgba::from_rgb(&picture))
    }

    /// The corrupted picture shrunk to `side` pixels, RGBA.
    pub fn thumbnail(&self, corruption: &str, severity: u8, seed: u32, side: usize) -> Result<Vec<u8>, JsValue> {
        let side = side.clamp(1, view::SIDE);
        let picture = self.corrupted(corruption, severity, seed)?;
        Ok(rgba::from_rgb(&picture.resize(side, side, Filter::Box)))
    }
}

impl Picture {
    fn corrupted(&self, corruption: &str, severity: u8, seed: u32) -> Result<Rgb8, JsValue> {
        let entry = corruption::find(corruption).map_err(|error| Code::Corruption.error(error))?;
        let severity = severity.try_into().map_err(|error: corruption::SeverityError| Code::Corruption.error(error))?;
        Ok(view::corrupt(&self.square, entry, severity, seed.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scene_comes_with_its_label_and_fills_the_canvas() {
        let picture = Picture::scene(7, 3);
        assert!(picture.label().is_some_and(|label| scene::CLASSES.contains(&label.as_str())));
        assert_eq!(picture.clean().len(), picture.side() * picture.side() * 4);
    }

    #[test]
    fn a_thumbnail_has_the_side_that_was_asked_for() {
        let name = corruption::ALL[0].name;
        let pixels = Picture::scene(7, 3).thumbnail(name, 5, 0, 48);
        assert_eq!(pixels.map(|bytes| bytes.len()).ok(), Some(48 * 48 * 4));
    }
}
