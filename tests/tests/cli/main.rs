//! The `vitro` command as a person uses it: what it writes, and how it refuses.
//!
//! Trainings here are as small as they can be: a network of a few thousand weights on a few dozen images.

mod accumulation;
mod archives;
mod augmentation;
mod bench;
mod best;
mod bundles;
mod damaged;
mod data;
mod downloads;
mod evaluations;
mod fetch;
mod folders;
#[cfg(unix)]
mod jobs;
mod kills;
mod large;
mod learning_rates;
mod locks;
mod own_images;
mod precision;
mod published;
mod recipes;
mod resume;
mod safety;
mod sources;
mod training;
mod validation;
mod workplace;
