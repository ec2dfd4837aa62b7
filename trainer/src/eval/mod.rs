//! Evaluation: clean accuracy, then every corruption at every severity on the same images, then what is asked for besides.
//!
//! [`table`] measures; [`source`] brings corrupted images, made here or [`stored`]; [`summary`] turns outcomes into numbers
//! with intervals ([`vitro::metric`], [`bootstrap`], [`normalised`], [`stability`]); [`results`] with its [`rows`] and [`outcomes`] are
//! what is kept, [`predictions`] what was said of each image, [`journal`] what a stopped evaluation leaves; [`report`] and [`comparison`] what is shown; [`paired`] compares models image by image.

pub mod alexnet;
pub mod baseline;
pub mod bootstrap;
pub mod card;
pub mod classes;
pub mod comparison;
pub mod current;
pub mod imagenet;
pub mod journal;
pub mod markdown;
pub mod measure;
pub mod normalised;
pub mod outcomes;
pub mod paired;
pub mod predictions;
pub mod protocols;
pub mod report;
pub mod results;
pub mod rows;
pub mod score;
pub mod source;
pub mod stability;
pub mod stored;
pub mod subset;
pub mod summary;
pub mod table;
