//! Why an image is refused.

/// Images above this many pixels are refused.
const MAX_PIXELS: u64 = 100_000_000;

/// Why an image could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The content is none of the formats we read.
    #[error("this is not a JPEG, PNG, WebP or BMP image; convert it to one of them")]
    UnknownFormat,
    /// The header or the pixels are damaged, or use a part of the format that is not supported.
    #[error("the image cannot be decoded ({0}); open it in a viewer and save it again")]
    Damaged(String),
    /// A part of the file is missing, so that some pixels are not known.
    #[error("part of the image is missing ({0}); fetch or copy the file again")]
    Incomplete(&'static str),
    /// A kind of file that no decoder here gets right.
    #[error("the image is {0}, which is not supported; save it again as an ordinary JPEG or as PNG")]
    Unsupported(&'static str),
    /// A side of zero pixels.
    #[error("the image is {width}×{height} and so has no pixels; export or download it again")]
    Empty {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// More than 100 megapixels.
    #[error("the image is {width}×{height} pixels; shrink it below 100 megapixels")]
    TooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
}

/// Refuses images without pixels or with too many; for those that were decoded elsewhere as well.
///
/// # Errors
/// Then.
pub fn check_size(width: u32, height: u32) -> Result<(), ImageError> {
    if width == 0 || height == 0 {
        return Err(ImageError::Empty { width, height });
    }
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(ImageError::TooLarge { width, height });
    }
    Ok(())
}
