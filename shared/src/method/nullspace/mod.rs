//! Noise that a vision transformer does not see, after "Approximate Nullspace Augmented Finetuning for Robust Vision
//! Transformers" (CPAL 2025, arXiv 2403.10476).
//!
//! The patch embedding is linear and mostly wide: whole directions of a patch never reach the encoder ([`basis`]). The encoder
//! is not linear, but noise on its patch tokens can be learned that hardly moves the logits (`noise_search`, and the
//! first generation's `gradient_search`). Training against such noise makes that set larger ([`fine_tune`]). [`metrics`] says
//! how much a noise is seen, [`controls`] draws the noises that a learned one must be compared with.
//!
//! The searches differentiate, so they need the feature `autodiff`.

pub mod basis;
pub mod controls;
pub mod fine_tune;
#[cfg(feature = "autodiff")]
pub mod gradient_search;
pub mod metrics;
#[cfg(feature = "autodiff")]
pub mod noise_search;
#[cfg(feature = "autodiff")]
pub mod trial;
