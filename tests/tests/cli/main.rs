//! The `vitro` command as a person uses it: what it writes, and how it refuses.
//!
//! Trainings here are as small as they can be: a network of a few thousand weights on a few dozen images.

mod archives;
mod bench;
mod bundles;
mod damaged;
mod data;
mod downloads;
mod evaluations;
mod fetch;
mod folders;
mod large;
mod locks;
mod own_images;
mod recipes;
mod resume;
mod sources;
mod training;
mod validation;
mod workplace;
