//! What the paper on nullspaces observes before it fine-tunes: the first generation's search, and how much of a noise is seen.
//! No training uses them; parity and properties do.

pub mod controls;
pub mod gradient_search;
pub mod metrics;
