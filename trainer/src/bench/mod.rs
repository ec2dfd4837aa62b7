//! Times of this machine, together with what one has to know to read them.
//!
//! [`row`] is one measured row and the document around the rows; everything that is printed is rendered from it. [`network`]
//! times forward passes and training steps, [`corruptions`] the corruptions, both with the [`stopwatch`]; [`data`] starts trainings on large
//! datasets; [`machine`] says what
//! was measured on, [`scaling`] computes what more cores would give, and [`table`] is the form for people.
//!
//! A row of a network is measured in a process of its own, which ends afterwards: its peak memory is then its own, and no
//! row finds a warm cache, a grown heap or a compiled shader of another one.

pub mod corruptions;
pub mod data;
pub mod machine;
pub mod network;
pub mod row;
pub mod scaling;
pub mod stopwatch;
pub mod table;
