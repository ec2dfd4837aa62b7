//! Noise that a vision transformer does not see, after "Approximate Nullspace Augmented Finetuning for Robust Vision
//! Transformers" (CPAL 2025, arXiv 2403.10476).
//!
//! The patch embedding is linear and mostly wide: whole directions of a patch never reach the encoder. The encoder is not
//! linear, but noise on its patch tokens can be learned that hardly moves the logits (`noise_search`). Training against such
//! noise makes that set larger ([`fine_tune`]). [`controls`] draws the noise that a learned one must be compared with.
//!
//! The search differentiates, so it needs the feature `autodiff`; the directions that an embedding does not see ([`basis`]) need
//! `synthesis`.

#[cfg(feature = "synthesis")]
pub mod basis;
pub mod controls;
pub mod fine_tune;
#[cfg(feature = "autodiff")]
pub mod noise_search;
#[cfg(feature = "autodiff")]
pub mod trial;
