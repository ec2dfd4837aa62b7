//! Images: an 8-bit RGB buffer, decoding and encoding, resizing as Pillow does it, cropping, and the way into a model.
//!
//! # Examples
//!
//! ```
//! use vitro::image::{Filter, Rgb8, decode, encode_png};
//!
//! let file = encode_png(&Rgb8::from_fn(32, 24, |x, y| [8 * x as u8, 8 * y as u8, 0]));
//! let image = decode(&file)?;
//! let small = image.resize(16, 12, Filter::Bicubic);
//! assert_eq!((small.width(), small.height()), (16, 12));
//! # Ok::<(), vitro::image::ImageError>(())
//! ```

mod crop;
mod declared;
#[cfg(feature = "image-files")]
mod decode;
#[cfg(feature = "image-files")]
mod encode;
mod error;
mod examine;
mod jpeg;
mod preprocess;
mod resize;
mod rgb8;

#[cfg(feature = "image-files")]
pub use decode::{decode, size};
#[cfg(feature = "image-files")]
pub use encode::{encode_jpeg, encode_png};
pub use error::{ImageError, check_size};
pub use examine::examine;
pub use preprocess::Preprocess;
pub use resize::Filter;
#[cfg(feature = "model")]
pub(crate) use resize::resampling;
pub use rgb8::Rgb8;
