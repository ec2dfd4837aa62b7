//! Who decodes the pixels of a JPEG file.

use std::io::Read;

use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage};
use jpeg_decoder::{ColorTransform, Decoder, PixelFormat};

use super::account::{self, Account, Colour};
use super::{ImageError, check_size};

/// Width and height from the frame header, and how the image is turned; for files that the first decoder does not open.
pub(in crate::image) fn header(bytes: &[u8]) -> Result<((u32, u32), Orientation), ImageError> {
    let (frame, exif) = account::header(bytes)?;
    Ok(((frame.width, frame.height), turned(exif)))
}

/// The pixels of a file that the first decoder would get wrong, and how they are turned; `None` leaves the file to it.
///
/// # Errors
/// When pixels are missing, or nobody here gets them right.
pub(in crate::image) fn decode(bytes: &[u8]) -> Result<Option<(DynamicImage, Orientation)>, ImageError> {
    let ((width, height), _) = header(bytes)?;
    check_size(width, height)?;
    let account = account::account(bytes)?;
    if account.is_plain() {
        return Ok(None);
    }
    account.check_unusual()?;
    Ok(Some((second(bytes, &account)?, turned(account.exif))))
}

/// What the second decoder reads.
fn second(bytes: &[u8], account: &Account<'_>) -> Result<DynamicImage, ImageError> {
    // It wants an end marker even where all pixels are there; one too many does no harm.
    let end: &[u8] = if account.ends { &[] } else { &[0xFF, 0xD9] };
    let mut decoder = Decoder::new(bytes.chain(end));
    decoder.set_color_transform(transform(account.colour));
    let pixels = decoder.decode().map_err(|error| ImageError::Damaged(error.to_string()))?;
    let (width, height) = (account.frame.width, account.frame.height);
    let image = match decoder.info().map(|info| info.pixel_format) {
        Some(PixelFormat::L8) => GrayImage::from_raw(width, height, pixels).map(DynamicImage::from),
        Some(PixelFormat::RGB24) => RgbImage::from_raw(width, height, pixels).map(DynamicImage::from),
        _ => None,
    };
    image.ok_or_else(|| ImageError::Damaged("pixels are missing".to_owned()))
}

/// A damaged EXIF block is no reason to refuse the pixels.
fn turned(exif: Option<&[u8]>) -> Orientation {
    exif.and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms)
}

/// The components' meaning for the second decoder.
fn transform(colour: Colour) -> ColorTransform {
    match colour {
        Colour::Grey => ColorTransform::Grayscale,
        Colour::Ycc => ColorTransform::YCbCr,
        Colour::Rgb => ColorTransform::RGB,
        Colour::Four => ColorTransform::CMYK,
    }
}
