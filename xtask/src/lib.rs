//! The chores behind `cargo xtask`, as a library: the browser tests serve the page and drive Chromium with the same code.
//!
//! [`workspace`] knows where things are, [`step`] runs commands and says how long they take, [`tools`] and [`system`] install what
//! is missing, [`page`] builds the page, [`module`] says what of it may be published, [`javascript`] checks its scripts, [`serve`] serves it,
//! [`browser`] drives Chromium and [`compare`] reads the page. On these stand one file per chore:
//! [`demo`], [`suite`] (`cargo xtask test`), [`zoo`], [`readme`], [`elements`], [`gallery`], [`opening`], [`bench`], [`dist`].
#![deny(missing_docs)]

pub mod bench;
pub mod browser;
pub mod compare;
pub mod demo;
pub mod elements;
mod example;
pub mod gallery;
pub mod javascript;
pub mod module;
mod offline;
pub mod opening;
pub mod page;
pub mod publish;
pub mod readme;
pub mod serve;
pub mod step;
pub mod suite;
pub mod system;
pub mod tally;
pub mod tools;
pub mod workspace;
pub mod zoo;
