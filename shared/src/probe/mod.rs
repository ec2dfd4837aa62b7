//! What a trained model looks at.

mod focus;

pub use focus::{class_attention_map, patches_holding};
