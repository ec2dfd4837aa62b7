//! Errors for JavaScript: an `Error` whose `name` is a short code and whose message says what to do next.

use std::fmt::Display;

use wasm_bindgen::JsValue;

/// What went wrong, in one word that JavaScript can compare.
#[derive(Clone, Copy)]
pub(crate) enum Code {
    /// An image cannot be read.
    Image,
    /// A file is in none of the formats that we read; the browser may know it.
    Format,
    /// A corruption or a severity does not exist.
    Corruption,
    /// A bundle cannot be read.
    Bundle,
    /// The engine could not compute.
    Engine,
}

impl Code {
    fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Format => "format",
            Self::Corruption => "corruption",
            Self::Bundle => "bundle",
            Self::Engine => "engine",
        }
    }

    /// The JavaScript error of this code.
    pub(crate) fn error(self, message: impl Display) -> JsValue {
        let error = js_sys::Error::new(&message.to_string());
        error.set_name(self.name());
        error.into()
    }
}
