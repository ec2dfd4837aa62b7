//! `engine-corrupt`: images and corruptions, no models. The module behind `<vitro-corrupt>`, small enough for any page.

// Linked for their exports.
pub use vitro_web::{Image, corruptions};

/// Runs when JavaScript starts the module.
fn main() {
    vitro_web::report_panics();
}
