//! Errors for JavaScript: an `Error` whose `name` is a short code and whose message says what to do next.
//!
//! A panic is an error of the code `panic`. It leaves the module's memory as it was in the middle of the work, so whoever
//! gets one must start the module anew; an error of any other code leaves the engine as it was.

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
    #[cfg(feature = "models")]
    Bundle,
    /// The engine could not compute.
    #[cfg(feature = "models")]
    Engine,
    /// The engine broke down.
    Panic,
}

impl Code {
    fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Format => "format",
            Self::Corruption => "corruption",
            #[cfg(feature = "models")]
            Self::Bundle => "bundle",
            #[cfg(feature = "models")]
            Self::Engine => "engine",
            Self::Panic => "panic",
        }
    }

    /// The JavaScript error of this code.
    pub(crate) fn error(self, message: impl Display) -> JsValue {
        let error = js_sys::Error::new(&message.to_string());
        error.set_name(self.name());
        error.into()
    }
}

/// Makes every panic an error that JavaScript catches and whose message is the panic's. Without this it would be a trap
/// that says no more than "unreachable".
pub fn report_panics() {
    if cfg!(target_arch = "wasm32") {
        std::panic::set_hook(Box::new(|panic| wasm_bindgen::throw_val(Code::Panic.error(panic))));
    }
}
