//! From pixels to the bytes of an image file.
//!
//! The JPEG writer keeps full colour resolution (4:4:4), for images to look at. Files like those of the published sets
//! are `corruption::jpeg_compression::file`.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageResult};

use super::Rgb8;

/// Writes a JPEG file at `quality` 1–100.
///
/// JPEG stores sides of at most 65 535 pixels; for a larger image the result is empty. Use PNG there.
pub fn encode_jpeg(image: &Rgb8, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, quality.clamp(1, 100));
    let written = write(image, encoder);
    if written.is_ok() { bytes } else { Vec::new() }
}

/// Writes a PNG file.
pub fn encode_png(image: &Rgb8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = write(image, PngEncoder::new(&mut bytes));
    if written.is_ok() { bytes } else { Vec::new() }
}

fn write(image: &Rgb8, encoder: impl ImageEncoder) -> ImageResult<()> {
    encoder.write_image(image.bytes(), image.width() as u32, image.height() as u32, ExtendedColorType::Rgb8)
}
