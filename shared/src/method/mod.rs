//! What each paper adds to a model: layers that plug into blocks, and losses on what a forward pass shows.

pub mod adl;
pub mod tap;
