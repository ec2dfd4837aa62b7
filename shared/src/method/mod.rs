//! What each paper adds to a model: layers that plug into blocks, and losses on what a forward pass shows.

pub mod adl;
pub mod cross_entropy;
pub mod distillation;
pub mod nullspace;
pub mod patch_augmentation;
pub mod stl;
pub mod tap;
pub mod vars;
