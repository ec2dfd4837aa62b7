//! The image of a comparison, clean and corrupted, as RGBA bytes. Follows `vitro::view`, as the command line does; what
//! models see of it is in `seen.rs`.

use vitro::image::{Filter, ImageError, Rgb8, check_size};
#[cfg(feature = "models")]
use vitro::measurement::Single;
use vitro::{corruption, view};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::refusal::Code;
use crate::rgba;
#[cfg(feature = "models")]
use crate::seen::Prepared;

/// A square image, ready to be corrupted and shown.
#[wasm_bindgen]
pub struct Image {
    square: Rgb8,
    label: Option<&'static str>,
    /// For models.
    #[cfg(feature = "models")]
    pub(crate) prepared: Prepared,
}

#[wasm_bindgen]
impl Image {
    /// Refuses an image of the browser's decoder as a file of that size is refused.
    #[wasm_bindgen(js_name = checkSize)]
    pub fn check_size(width: u32, height: u32) -> Result<(), JsValue> {
        check_size(width, height).map_err(|error| Code::Image.error(error))
    }

    /// Takes RGBA pixels that the browser decoded.
    #[wasm_bindgen(js_name = fromPixels)]
    pub fn from_pixels(pixels: &[u8], width: u32, height: u32) -> Result<Self, JsValue> {
        Self::check_size(width, height)?;
        let image = rgba::to_rgb(pixels, width as usize, height as usize)
            .ok_or_else(|| Code::Image.error("the pixels do not fill the image; choose another file"))?;
        Ok(Self::of(image))
    }

    /// Renders scene `index` of `seed`, from the held-out split that no bundle of ours was trained on. A module without
    /// networks leaves scenes out: they are an eighth of its size.
    #[cfg(feature = "models")]
    pub fn scene(seed: u32, index: u32) -> Self {
        let scene = Single::Scene { seed: seed.into(), index: index as usize };
        Self { label: scene.label(), square: scene.square(), prepared: Prepared::of(scene) }
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

    /// The clean image, RGBA.
    pub fn clean(&self) -> Vec<u8> {
        rgba::from_rgb(&self.square)
    }

    /// The image under a corruption, RGBA.
    pub fn corrupt(&self, corruption: &str, severity: u8, seed: u32) -> Result<Vec<u8>, JsValue> {
        self.corrupted(corruption, severity, seed).map(|image| rgba::from_rgb(&image))
    }

    /// The corrupted image shrunk to `side` pixels, RGBA.
    pub fn thumbnail(&self, corruption: &str, severity: u8, seed: u32, side: usize) -> Result<Vec<u8>, JsValue> {
        let side = side.clamp(1, view::SIDE);
        let image = self.corrupted(corruption, severity, seed)?;
        Ok(rgba::from_rgb(&image.resize(side, side, Filter::Box)))
    }
}

/// Files, with our own decoders.
#[cfg(feature = "models")]
#[wasm_bindgen]
impl Image {
    /// Reads an image file (JPEG, PNG, WebP, BMP). The error of any other format is named `format`.
    pub fn decode(bytes: &[u8]) -> Result<Self, JsValue> {
        let image = vitro::image::decode(bytes).map_err(|error| code(&error).error(error))?;
        Ok(Self::of(image))
    }
}

/// Files in the small module, whose pixels the browser decodes: the decoders are more than all corruptions.
#[cfg(not(feature = "models"))]
#[wasm_bindgen]
impl Image {
    /// Refuses an image file as reading it would, as far as that shows without its pixels: parts that are missing, too many
    /// pixels. The error of a format that is not ours is named `format`.
    pub fn examine(bytes: &[u8]) -> Result<(), JsValue> {
        vitro::image::examine(bytes).map_err(|error| code(&error).error(error))
    }
}

impl Image {
    fn of(image: Rgb8) -> Self {
        Self {
            square: view::square(&image),
            label: None,
            #[cfg(feature = "models")]
            prepared: Prepared::of(Single::File(image)),
        }
    }

    pub(crate) fn corrupted(&self, corruption: &str, severity: u8, seed: u32) -> Result<Rgb8, JsValue> {
        let entry = corruption::find(corruption).map_err(|error| Code::Corruption.error(error))?;
        let severity = severity.try_into().map_err(|error: corruption::SeverityError| Code::Corruption.error(error))?;
        Ok(view::corrupt(&self.square, entry, severity, seed.into()))
    }
}

/// Only a format that is not ours may be somebody else's to decode.
fn code(error: &ImageError) -> Code {
    if matches!(error, ImageError::UnknownFormat) { Code::Format } else { Code::Image }
}

#[cfg(all(test, feature = "models"))]
mod tests {
    use super::*;
    use vitro::scene;

    /// The start of a BMP file.
    fn header(width: u32, height: u32) -> Vec<u8> {
        let mut bmp = vec![0; 54];
        bmp[..2].copy_from_slice(b"BM");
        (bmp[10], bmp[14], bmp[26], bmp[28]) = (54, 40, 1, 24);
        bmp[18..22].copy_from_slice(&width.to_le_bytes());
        bmp[22..26].copy_from_slice(&height.to_le_bytes());
        bmp
    }

    #[test]
    fn pixels_of_the_browser_have_the_limit_of_files() {
        let sentence = |refusal: Option<ImageError>| refusal.map(|error| error.to_string());
        let ours = |width, height| sentence(check_size(width, height).err());
        let of_files = |width, height| sentence(vitro::image::size(&header(width, height)).err());
        for (width, height) in [(10_001, 10_000), (20_000, 20_000), (0, 7)] {
            assert!(ours(width, height).is_some());
        }
        assert_eq!(ours(10_001, 10_000), of_files(10_001, 10_000));
        assert_eq!(ours(10_000, 10_000), None);
        assert!(!of_files(10_000, 10_000).is_some_and(|refusal| refusal.contains("megapixels")));
    }

    #[test]
    fn only_an_unknown_format_may_be_left_to_the_browser() {
        let refused = |bytes: &[u8]| vitro::image::decode(bytes).err().map(|error| code(&error));
        assert!(matches!(refused(b"GIF89a, more or less"), Some(Code::Format)));
        assert!(matches!(refused(b"this is no image"), Some(Code::Format)));
        assert!(matches!(refused(&header(20_000, 20_000)), Some(Code::Image)));
        let png = vitro::image::encode_png(&Rgb8::from_fn(20, 13, |x, y| [x as u8, y as u8, 90]));
        assert!(matches!(refused(&png[..60]), Some(Code::Image)));
    }

    #[test]
    fn a_scene_comes_with_its_label_and_fills_the_canvas() {
        let image = Image::scene(7, 3);
        assert!(image.label().is_some_and(|label| scene::CLASSES.contains(&label.as_str())));
        assert_eq!(image.clean().len(), image.side() * image.side() * 4);
    }

    #[test]
    fn a_thumbnail_has_the_side_that_was_asked_for() {
        let name = corruption::ALL[0].name;
        let pixels = Image::scene(7, 3).thumbnail(name, 5, 0, 48);
        assert_eq!(pixels.map(|bytes| bytes.len()).ok(), Some(48 * 48 * 4));
    }
}
