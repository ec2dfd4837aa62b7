//! What the papers' training recipes do outside the network: orders and rates, as functions of numbers.

pub mod repeated_augmentation;
pub mod schedule;
