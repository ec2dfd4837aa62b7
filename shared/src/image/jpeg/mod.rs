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

#[cfg(all(test, feature = "image-files"))]
mod tests;

#[cfg(feature = "image-files")]
mod pixels;

use super::{ImageError, check_size};
#[cfg(feature = "image-files")]
pub(super) use pixels::{decode, header};

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

/// Refuses a file whose pixels are not all there, or that nobody here gets right.
pub(super) fn examine(bytes: &[u8]) -> Result<(), ImageError> {
    let (frame, _) = account::header(bytes)?;
    check_size(frame.width, frame.height)?;
    let account = account::account(bytes)?;
    if !account.is_plain() {
        account.check_unusual()?;
    }
    Ok(())
}
