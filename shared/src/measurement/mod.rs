//! Measuring models on test images: which images, which pixels, and when an answer is right.
//!
//! `vitro eval` and the page's sweep both go this way, so a count of one is a count of the other. [`Conditions`] make the
//! pixels of a cell, [`scenes`] are the test images of whoever has none, [`balanced`] chooses a part of them,
//! [`classes`] says which class of a model a folder is, and [`right`] looks at the answers. A [`Single`] image of a visitor goes the
//! same way.
//!
//! # Examples
//!
//! ```
//! use vitro::corruption::{self, Severity};
//! use vitro::image::Preprocess;
//! use vitro::measurement::{Conditions, scenes};
//!
//! let (preprocess, fog) = (Preprocess::imagenet(64), corruption::find("fog")?);
//! let conditions = Conditions::of(&preprocess, 0);
//! for index in scenes::chosen(20) {
//!     let scene = scenes::render(0, index, preprocess.image_size);
//!     let untouched = preprocess.prepare(&scene.image);
//!     let corrupted = conditions.corrupted(&untouched, index, fog, Severity::ALL[2]);
//!     assert_ne!(corrupted, untouched);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod balanced;
pub mod classes;
mod conditions;
#[cfg(feature = "model")]
mod judge;
mod reduced;
pub mod scenes;
mod single;

pub use balanced::balanced;
pub use conditions::{Conditions, image_seed};
#[cfg(feature = "model")]
pub use judge::{JudgeError, right};
pub use reduced::reduced;
pub use single::Single;
