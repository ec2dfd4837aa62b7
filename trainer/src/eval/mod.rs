//! Evaluation: clean accuracy, then every corruption at every severity on the same pictures.

pub mod alexnet;
pub mod measure;
pub mod report;
pub mod results;
pub mod score;
pub mod subject;
pub mod table;
