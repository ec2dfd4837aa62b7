//! JPEG files: whether all their pixels are there, and who decodes them.
//!
//! The decoder of the `image` crate is fast, but gives other pixels for files with one scan per component or with chroma
//! finer than luma, and grey ones for files that are cut short. So the file's structure is read first ([`account`]): every
//! scan must hold its image ([`scan`]). What that decoder is known to read exactly it goes on reading, to the same bytes;
//! the rest goes to `jpeg-decoder`, which is slower, or is refused by name.

mod account;
mod bits;
mod frame;
mod huffman;
mod scan;

#[cfg(test)]
mod tests;

use std::io::Read;

use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage};
use jpeg_decoder::{Decoder, PixelFormat};

use super::{ImageError, check_size};
use account::Account;

/// Why the pixels of a JPEG file are not to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// A part of the file is missing.
    Missing(&'static str),
    /// A part of the file is no JPEG.
    Broken(&'static str),
    /// A kind of JPEG that nobody here reads.
    Foreign(&'static str),
}

impl From<Fault> for ImageError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Missing(what) => Self::Incomplete(what),
            Fault::Broken(what) => Self::Damaged(what.to_owned()),
            Fault::Foreign(what) => Self::Unsupported(what),
        }
    }
}

/// Width and height from the frame header, and how the image is turned; for files that the first decoder does not open.
pub(super) fn header(bytes: &[u8]) -> Result<((u32, u32), Orientation), ImageError> {
    let (frame, exif) = account::header(bytes)?;
    Ok(((frame.width, frame.height), turned(exif)))
}

/// The pixels of a file that the first decoder would get wrong, and how they are turned; `None` leaves the file to it.
///
/// # Errors
/// When pixels are missing, or nobody here gets them right.
pub(super) fn decode(bytes: &[u8]) -> Result<Option<(DynamicImage, Orientation)>, ImageError> {
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
    decoder.set_color_transform(account.colour.transform());
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
