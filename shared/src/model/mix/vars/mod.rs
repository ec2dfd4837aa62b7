//! Attention by recurrent sparse reconstruction, "Visual Attention Emerges from Recurrent Sparse Reconstruction" (VARS,
//! ICML 2022, arXiv 2204.10962): what its mixers are made of.
//!
//! The values of the tokens are written as a sparse combination of a dictionary's atoms; a few steps of a recurrence find
//! the combination, and what it reconstructs is the output. [`VarsAttention`] takes the dictionary from the tokens
//! themselves (VARS-D), or adds fixed atoms to it (VARS-SD). [`VarsSBlock`] has fixed atoms alone (VARS-S): filters, one
//! bank for each channel, applied in the Fourier domain. [`AttentionKind`](super::AttentionKind) chooses among them in a model's configuration.
//!
//! With one step and no sparsity, VARS-D is attention with the kernel Q Qᵀ; further steps subtract what is explained already.

mod attention;
mod block;
mod codes;
mod dictionary;
mod features;
mod recurrent_code;
mod spectral;

pub use attention::{VarsAttention, VarsAttentionConfig};
pub use block::{VarsSBlock, VarsSBlockConfig};
pub use codes::Codes;
pub use dictionary::{dictionary, gram};
pub use features::random_features;
pub use recurrent_code::{Step, recurrent_code, row_bound, smooth_shrink, soft_threshold};
pub use spectral::{Dft, DftMatrices, SpectralKernel, Spectrum};
