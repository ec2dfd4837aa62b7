//! Whether a file holds a whole image of an allowed size, told without its pixels, for those who leave the pixels to another
//! decoder: browsers show half of an image where the rest is missing.

use super::declared::{self, Format, at};
use super::{ImageError, check_size, jpeg};

/// Refuses a file as decoding it would, as far as its structure shows: no image of ours, no pixels or too many, and pixels
/// that are missing.
///
/// # Errors
/// Then.
pub fn examine(bytes: &[u8]) -> Result<(), ImageError> {
    let format = declared::format(bytes).ok_or(ImageError::UnknownFormat)?;
    if let Some((width, height)) = declared::size(bytes) {
        check_size(width, height)?;
    }
    let cut = match format {
        Format::Jpeg => return jpeg::examine(bytes),
        Format::Png => png(bytes).is_none(),
        Format::WebP => webp(bytes).is_none(),
        Format::Bmp => bmp(bytes).is_none(),
    };
    if cut { Err(ImageError::Incomplete("it ends before its last pixel")) } else { Ok(()) }
}

/// Chunks of pixels, and another chunk behind the last of them (PNG, third edition, section 5).
fn png(bytes: &[u8]) -> Option<()> {
    let (mut start, mut pixels) = (8, false);
    loop {
        let (length, kind) = (u32::from_be_bytes(at(bytes, start)?), at::<4>(bytes, start + 4)?);
        match (kind == *b"IDAT", pixels) {
            (false, true) => return Some(()),
            (here, _) => pixels = here,
        }
        start = start.checked_add(length as usize)?.checked_add(12)?;
    }
}

/// The length of everything behind the first eight bytes.
fn webp(bytes: &[u8]) -> Option<()> {
    let length = u32::from_le_bytes(at(bytes, 4)?) as usize;
    (bytes.len() - 8 >= length).then_some(())
}

/// The rows of a bitmap that is not compressed, each a multiple of four bytes.
fn bmp(bytes: &[u8]) -> Option<()> {
    let (width, height) = declared::size(bytes)?;
    // The oldest header, of 12 bytes, has no word for compression.
    let oldest = u32::from_le_bytes(at(bytes, 14)?) == 12;
    let bits = u16::from_le_bytes(at(bytes, if oldest { 24 } else { 28 })?);
    let compression = if oldest { 0 } else { u32::from_le_bytes(at(bytes, 30)?) };
    if matches!(compression, 1 | 2) {
        return Some(());
    }
    let row = (u64::from(width) * u64::from(bits)).div_ceil(32) * 4;
    let end = u64::from(u32::from_le_bytes(at(bytes, 10)?)) + row * u64::from(height);
    (bytes.len() as u64 >= end).then_some(())
}
