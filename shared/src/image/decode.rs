//! From the bytes of a picture file to pixels: JPEG, PNG, WebP and BMP, told apart by content.
//!
//! The size is read and judged before any pixel is decoded, so a small file cannot ask for a large buffer. The EXIF
//! orientation is applied. Grey and CMYK become RGB; transparency is laid over white; 16-bit samples are cut to 8.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader};

use super::Rgb8;

/// Pictures above this many pixels are refused.
const MAX_PIXELS: u64 = 100_000_000;

/// Why a picture could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The content is none of the formats we read.
    #[error("this is not a JPEG, PNG, WebP or BMP picture; convert it to one of them")]
    UnknownFormat,
    /// The header or the pixels are damaged, or use a part of the format that is not supported.
    #[error("the picture cannot be decoded ({0}); open it in a viewer and save it again")]
    Damaged(String),
    /// A side of zero pixels.
    #[error("the picture is {width}×{height} pixels; it needs at least one pixel")]
    Empty {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// More than 100 megapixels.
    #[error("the picture is {width}×{height} pixels; shrink it below 100 megapixels")]
    TooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
}

/// Decodes a picture file.
///
/// # Errors
/// For content that is not a readable picture, and for pictures that are empty or larger than 100 megapixels.
pub fn decode(bytes: &[u8]) -> Result<Rgb8, ImageError> {
    let (decoder, orientation) = open(bytes)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refusal)?;
    picture.apply_orientation(orientation);
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let data = if picture.color().has_alpha() { over_white(&picture) } else { picture.into_rgb8().into_raw() };
    Rgb8::new(width, height, data).ok_or_else(|| ImageError::Damaged("pixels are missing".into()))
}

/// Width and height of the picture that [`decode`] would give, from the file's header alone.
///
/// # Errors
/// As [`decode`], except for what only the pixels show.
pub fn size(bytes: &[u8]) -> Result<(usize, usize), ImageError> {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    let (decoder, orientation) = open(bytes)?;
    let (width, height) = decoder.dimensions();
    let lies = matches!(orientation, Rotate90 | Rotate90FlipH | Rotate270 | Rotate270FlipH);
    let (width, height) = if lies { (height, width) } else { (width, height) };
    Ok((width as usize, height as usize))
}

/// Reads the header and judges the size.
fn open(bytes: &[u8]) -> Result<(impl ImageDecoder, Orientation), ImageError> {
    let reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| ImageError::Damaged(error.to_string()))?;
    if reader.format().is_none() {
        return Err(ImageError::UnknownFormat);
    }
    let mut decoder = reader.into_decoder().map_err(refusal)?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(ImageError::Empty { width, height });
    }
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(ImageError::TooLarge { width, height });
    }
    // A damaged EXIF block is no reason to refuse the pixels.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Ok((decoder, orientation))
}

fn refusal(error: image::ImageError) -> ImageError {
    match error {
        image::ImageError::Unsupported(inner)
            if matches!(inner.kind(), image::error::UnsupportedErrorKind::Format(_)) =>
        {
            ImageError::UnknownFormat
        }
        other => ImageError::Damaged(other.to_string()),
    }
}

/// `[y, x, c]` bytes of `picture` on a white ground.
fn over_white(picture: &DynamicImage) -> Vec<u8> {
    let rgba = picture.to_rgba8();
    let mut data = Vec::with_capacity(rgba.len() / 4 * 3);
    for pixel in rgba.pixels() {
        let [red, green, blue, alpha] = pixel.0.map(u32::from);
        data.extend([red, green, blue].map(|c| ((c * alpha + 255 * (255 - alpha) + 127) / 255) as u8));
    }
    data
}

#[cfg(test)]
mod tests {
    use super::super::{encode_jpeg, encode_png};
    use super::*;

    fn picture() -> Rgb8 {
        Rgb8::from_fn(20, 13, |x, y| [x as u8 * 9, y as u8 * 11, 90])
    }

    #[test]
    fn png_comes_back_unchanged() {
        assert_eq!(decode(&encode_png(&picture())).unwrap(), picture());
    }

    #[test]
    fn the_size_is_known_without_the_pixels() {
        let bytes = encode_png(&picture());
        assert_eq!(size(&bytes[..60]).ok(), Some((20, 13)));
        assert_eq!(size(&encode_jpeg(&picture(), 80)).ok(), Some((20, 13)));
    }

    #[test]
    fn a_picture_that_lies_on_its_side_is_sized_as_it_is_shown() {
        let jpeg = encode_jpeg(&picture(), 80);
        // An EXIF block of one entry, orientation 6, after the start of the file.
        let exif = b"\xFF\xE1\x00\x22Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let turned = [&jpeg[..2], exif, &jpeg[2..]].concat();
        let shown = decode(&turned).unwrap();
        assert_eq!((shown.width(), shown.height()), (13, 20));
        assert_eq!(size(&turned).ok(), Some((13, 20)));
    }

    #[test]
    fn jpeg_comes_back_nearly_unchanged() {
        let back = decode(&encode_jpeg(&picture(), 95)).unwrap();
        let worst = back.bytes().iter().zip(picture().bytes()).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(worst < Some(20), "{worst:?}");
    }

    #[test]
    fn transparent_pixels_are_laid_over_white() {
        let mut bytes = Vec::new();
        let rgba = image::RgbaImage::from_raw(2, 1, vec![10, 20, 30, 0, 10, 20, 30, 255]).unwrap();
        rgba.write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Png).unwrap();
        assert_eq!(decode(&bytes).unwrap().bytes(), [255, 255, 255, 10, 20, 30]);
    }

    #[test]
    fn other_content_is_refused_with_advice() {
        assert!(matches!(decode(b"hello"), Err(ImageError::UnknownFormat)));
        assert!(matches!(decode(&[]), Err(ImageError::UnknownFormat)));
        let cut = &encode_png(&picture())[..60];
        assert!(matches!(decode(cut), Err(ImageError::Damaged(_))));
    }

    #[test]
    fn a_huge_header_is_refused_before_its_pixels_are_read() {
        let mut bmp = vec![0u8; 54];
        bmp[..2].copy_from_slice(b"BM");
        bmp[10] = 54;
        bmp[14] = 40;
        bmp[18..22].copy_from_slice(&20_000i32.to_le_bytes());
        bmp[22..26].copy_from_slice(&20_000i32.to_le_bytes());
        bmp[26] = 1;
        bmp[28] = 24;
        assert!(matches!(decode(&bmp), Err(ImageError::TooLarge { width: 20_000, height: 20_000 })));
    }
}
