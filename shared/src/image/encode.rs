//! From pixels to the bytes of a picture file.
//!
//! The JPEG writer keeps full colour resolution (4:4:4), for pictures to look at. Files like those of the published sets
//! are `corruption::jpeg_compression::file`.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageResult};

use super::Rgb8;

/// Writes a JPEG file at `quality` 1–100.
///
/// JPEG stores sides of at most 65 535 pixels; for a larger picture the result is empty. Use PNG there.
pub fn encode_jpeg(picture: &Rgb8, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, quality.clamp(1, 100));
    let written = write(picture, encoder);
    if written.is_ok() { bytes } else { Vec::new() }
}

/// Writes a PNG file.
pub fn encode_png(picture: &Rgb8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = write(picture, PngEncoder::new(&mut bytes));
    if written.is_ok() { bytes } else { Vec::new() }
}

fn write(picture: &Rgb8, encoder: impl ImageEncoder) -> ImageResult<()> {
    encoder.write_image(picture.bytes(), picture.width() as u32, picture.height() as u32, ExtendedColorType::Rgb8)
}
