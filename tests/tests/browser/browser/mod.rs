//! One file for each thing that a visitor or a host does; `visitor` is the visitor's hands and eyes.

mod access;
mod answers;
mod article;
mod camera;
mod controls;
mod dropped;
mod elements;
mod engine;
mod failures;
mod firefox;
mod first_second;
mod folder;
mod hosts;
mod images;
mod modules;
mod offline;
mod packages;
mod page_sweep;
mod published;
mod sets;
mod share;
mod sweep;
mod synthesis;
mod thumbnails;
mod visitor;
