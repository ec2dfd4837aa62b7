//! Operations of our own where the engine's cost time: forward and backward in one pass each over the memory.
//!
//! An operation is a file: what it computes and its gradient, the public function that layers call, its reference of the
//! engine's primitives, and the processor engine's own code, natively and in WebAssembly. Every other engine takes the
//! reference, which it can fuse. `tests.rs` holds each against its reference and against finite differences.

mod adamw;
mod batch_norm;
mod channel_gate;
mod convolution;
mod depthwise;
mod dilated_average;
#[cfg(feature = "flex")]
mod engine;
mod exp;
mod gelu;
mod heads;
mod layer_norm;
mod linear;
mod scale;
mod shrink;
mod softmax;
mod strided;
#[cfg(all(test, feature = "flex", feature = "autodiff"))]
mod tests;
mod unit;
mod vector;

pub use adamw::{AdamwRates, adamw, blend};
pub(crate) use batch_norm::batch_norm;
pub(crate) use channel_gate::channel_gate;
pub(crate) use convolution::convolution;
pub(crate) use depthwise::depthwise;
pub(crate) use dilated_average::dilated_average;
pub(crate) use gelu::gelu;
pub(crate) use heads::{products, swap_middle};
pub(crate) use layer_norm::layer_norm;
pub(crate) use linear::linear;
pub(crate) use scale::scale_channels;
pub(crate) use shrink::{descend, shrink};
pub(crate) use softmax::softmax;
pub(crate) use strided::{Moves, strided};
pub(crate) use unit::unit;
