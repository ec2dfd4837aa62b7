//! Images: an 8-bit RGB buffer, decoding and encoding, resizing as Pillow does it, cropping, and the way into a model.

mod crop;
mod declared;
mod decode;
mod encode;
mod jpeg;
mod preprocess;
mod resize;
mod rgb8;

pub use decode::{ImageError, check_size, decode, size};
pub use encode::{encode_jpeg, encode_png};
pub use preprocess::Preprocess;
pub use resize::Filter;
pub use rgb8::Rgb8;
