//! What the tests share: the parity harness that compares our modules with stored outputs of the published code, and what
//! the browser tests compare the page with.

pub mod browser;
pub mod command;
pub mod corruptions;
pub mod examine;
pub mod nullspace;
pub mod parity;
pub mod server;
pub mod small_models;
pub mod sweep;
