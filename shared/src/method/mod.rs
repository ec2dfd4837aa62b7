//! What each paper adds to training: losses on what a forward pass shows, searches, images of a second pass. What papers
//! add to a network is in [`crate::model`]: token mixers in [`crate::model::mix`].

pub mod adl;
pub mod consistency;
pub mod cross_entropy;
pub mod distillation;
pub mod nullspace;
pub mod patch_augmentation;
pub mod stl;
