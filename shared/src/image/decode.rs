//! From the bytes of an image file to pixels: JPEG, PNG, WebP and BMP, told apart by content.
//!
//! The size is read and judged before any pixel is decoded, so a small file cannot ask for a large buffer. The EXIF
//! orientation is applied. Grey and CMYK become RGB; transparency is laid over white; 16-bit samples are cut to 8.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};

use super::{ImageError, Rgb8, check_size, declared, jpeg};

/// Decodes an image file.
///
/// # Errors
/// For content that is not a readable image, and for images that are empty or larger than 100 megapixels.
pub fn decode(bytes: &[u8]) -> Result<Rgb8, ImageError> {
    let header = open(bytes)?;
    let special = if header.format == ImageFormat::Jpeg { jpeg::decode(bytes)? } else { None };
    let (mut image, orientation) = match (special, header.decoder) {
        (Some(read), _) => read,
        (None, Some(decoder)) => (DynamicImage::from_decoder(decoder).map_err(refusal)?, header.orientation),
        (None, None) => return Err(ImageError::Damaged("no decoder opens it".to_owned())),
    };
    image.apply_orientation(orientation);
    let (width, height) = (image.width() as usize, image.height() as usize);
    let data = if image.color().has_alpha() { over_white(&image) } else { image.into_rgb8().into_raw() };
    Rgb8::new(width, height, data).ok_or_else(|| ImageError::Damaged("pixels are missing".into()))
}

/// Width and height of the image that [`decode`] would give, from the file's header alone.
///
/// # Errors
/// As [`decode`], except for what only the pixels show.
pub fn size(bytes: &[u8]) -> Result<(usize, usize), ImageError> {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    let Header { size: (width, height), orientation, .. } = open(bytes)?;
    let lies = matches!(orientation, Rotate90 | Rotate90FlipH | Rotate270 | Rotate270FlipH);
    let (width, height) = if lies { (height, width) } else { (width, height) };
    Ok((width as usize, height as usize))
}

/// A file whose size is known and allowed.
struct Header<D> {
    format: ImageFormat,
    size: (u32, u32),
    orientation: Orientation,
    /// None for JPEGs of a kind that the decoder of the `image` crate does not open.
    decoder: Option<D>,
}

/// Reads the header and judges the size.
fn open(bytes: &[u8]) -> Result<Header<impl ImageDecoder>, ImageError> {
    let reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| ImageError::Damaged(error.to_string()))?;
    let Some(format) = reader.format() else { return Err(ImageError::UnknownFormat) };
    Ok(match reader.into_decoder() {
        Ok(mut decoder) => {
            let size = decoder.dimensions();
            check_size(size.0, size.1)?;
            // A damaged EXIF block is no reason to refuse the pixels.
            let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
            Header { format, size, orientation, decoder: Some(decoder) }
        }
        Err(error) => {
            if let Some((width, height)) = declared::size(bytes).filter(|(width, height)| *width == 0 || *height == 0) {
                return Err(ImageError::Empty { width, height });
            }
            if format != ImageFormat::Jpeg {
                return Err(refusal(error));
            }
            let (size, orientation) = jpeg::header(bytes)?;
            check_size(size.0, size.1)?;
            Header { format, size, orientation, decoder: None }
        }
    })
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

/// `[y, x, c]` bytes of `image` on a white ground.
fn over_white(image: &DynamicImage) -> Vec<u8> {
    let rgba = image.to_rgba8();
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

    fn image() -> Rgb8 {
        Rgb8::from_fn(20, 13, |x, y| [x as u8 * 9, y as u8 * 11, 90])
    }

    #[test]
    fn png_comes_back_unchanged() {
        assert_eq!(decode(&encode_png(&image())).unwrap(), image());
    }

    #[test]
    fn the_size_is_known_without_the_pixels() {
        let bytes = encode_png(&image());
        assert_eq!(size(&bytes[..60]).ok(), Some((20, 13)));
        assert_eq!(size(&encode_jpeg(&image(), 80)).ok(), Some((20, 13)));
    }

    #[test]
    fn an_image_that_lies_on_its_side_is_sized_as_it_is_shown() {
        let jpeg = encode_jpeg(&image(), 80);
        // An EXIF block of one entry, orientation 6, after the start of the file.
        let exif = b"\xFF\xE1\x00\x22Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let turned = [&jpeg[..2], exif, &jpeg[2..]].concat();
        let shown = decode(&turned).unwrap();
        assert_eq!((shown.width(), shown.height()), (13, 20));
        assert_eq!(size(&turned).ok(), Some((13, 20)));
    }

    #[test]
    fn jpeg_comes_back_nearly_unchanged() {
        let back = decode(&encode_jpeg(&image(), 95)).unwrap();
        let worst = back.bytes().iter().zip(image().bytes()).map(|(a, b)| a.abs_diff(*b)).max();
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
        let cut = &encode_png(&image())[..60];
        assert!(matches!(decode(cut), Err(ImageError::Damaged(_))));
    }

    /// The headers of a bitmap, without its pixels.
    fn bmp(width: i32, height: i32) -> Vec<u8> {
        let mut bmp = vec![0u8; 54];
        bmp[..2].copy_from_slice(b"BM");
        (bmp[10], bmp[14], bmp[26], bmp[28]) = (54, 40, 1, 24);
        bmp[18..22].copy_from_slice(&width.to_le_bytes());
        bmp[22..26].copy_from_slice(&height.to_le_bytes());
        bmp
    }

    #[test]
    fn a_huge_header_is_refused_before_its_pixels_are_read() {
        let huge = bmp(20_000, 20_000);
        assert!(matches!(decode(&huge), Err(ImageError::TooLarge { width: 20_000, height: 20_000 })));
    }

    #[test]
    fn an_image_without_pixels_is_refused_as_such_in_every_format() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\0\0\0\0\x05\x08\x02\0\0\0\xe4\x24\x7a\xf6";
        let jpeg = b"\xFF\xD8\xFF\xE0\0\x04ab\xFF\xC0\0\x11\x08\0\0\0\x05\x03\x01\x11\0\x02\x11\x01\x03\x11\x01";
        let webp = b"RIFF\x1e\0\0\0WEBPVP8 \x12\0\0\0\x10\0\0\x9d\x01\x2a\0\0\x05\x40\0\0\0\0\0\0\0\0";
        let mut oldest_bmp = bmp(0, 0);
        oldest_bmp[14..26].copy_from_slice(&[12, 0, 0, 0, 0, 0, 5, 0, 1, 0, 24, 0]);
        for (format, bytes) in [
            ("PNG", &png[..]),
            ("JPEG", &jpeg[..]),
            ("WebP", &webp[..]),
            ("BMP", &bmp(0, 5)[..]),
            ("BMP from the top", &bmp(0, -5)[..]),
            ("the oldest BMP", &oldest_bmp[..]),
        ] {
            let expected = if format == "JPEG" { "the image is 5×0 and" } else { "the image is 0×5 and" };
            for said in [decode(bytes).unwrap_err().to_string(), size(bytes).unwrap_err().to_string()] {
                assert!(said.starts_with(expected) && said.contains("no pixels"), "{format}: {said}");
            }
        }
        assert!(matches!(decode(&bmp(7, 0)), Err(ImageError::Empty { width: 7, height: 0 })));
    }

    #[test]
    fn a_damaged_image_with_sides_is_not_called_empty() {
        for damaged in [&bmp(5, -7)[..], &bmp(5, 7)[..40], &bmp(0, 7)[..24]] {
            assert!(matches!(decode(damaged), Err(ImageError::Damaged(_))));
        }
    }
}
