//! Robust vision transformers, common corruptions and rendered scenes.
//!
//! Everything here is pure: bytes and values in, values out. No file, no network, no clock, no printing; threads only with the
//! feature `rayon`, and the same numbers with them.
//! The same code runs natively and in WebAssembly. Start at [`model`] for the networks, [`method`] for what each paper adds
//! to them, `attack` for images that are made to mislead them, `synthesis` for making them and their like before one's eyes, [`training`] for what the papers' recipes do outside the
//! network, [`corruption`] for the common corruptions and [`perturbation`] for their moving relatives, [`scene`] for the
//! rendered dataset, [`bundle`] for trained weights, [`measurement`] for the way from test images to right answers, [`metric`] for
//! what predictions are worth and [`chart`] for drawings of it.
#![deny(missing_docs)]

#[cfg(feature = "autodiff")]
pub mod attack;
pub mod augment;
#[cfg(feature = "model")]
pub mod bundle;
pub mod chart;
pub mod corruption;
pub mod image;
mod lanes;
pub mod measurement;
#[cfg(feature = "model")]
pub mod method;
pub mod metric;
#[cfg(feature = "model")]
pub mod model;
pub mod name;
#[cfg(feature = "model")]
pub mod ops;
pub mod perturbation;
#[cfg(feature = "model")]
pub mod probe;
pub mod protocol;
pub mod random;
pub mod scene;
#[cfg(feature = "synthesis")]
pub mod synthesis;
pub mod training;
pub mod view;
