//! Faults of the program itself: a panic becomes an error like any other, and so a sentence.
//!
//! What a panic has to say is kept until somebody asks for it, rather than printed by the thread in which it happens. Whoever sets
//! `RUST_BACKTRACE` sees it at once, with the way there.

use std::any::Any;
use std::env;
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Mutex;

use anyhow::Result;

/// Where the last panic was.
static PLACE: Mutex<Option<String>> = Mutex::new(None);

/// A panic.
#[derive(Debug)]
pub struct Fault {
    message: String,
    place: Option<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { message, place } = self;
        // The standard library's own words: printing has no other way to fail.
        if message.starts_with("failed printing to stdout") {
            return f.write_str("the standard output was closed before everything was printed");
        }
        let place = place.as_ref().map_or(String::new(), |place| format!(" at {place}"));
        write!(f, "this is a fault of the program, please report it: {message}{place}")
    }
}

impl std::error::Error for Fault {}

/// Has panics of all threads note where they are, and say nothing.
pub fn note_panics() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if let Ok(mut place) = PLACE.lock() {
            *place = panic.location().map(ToString::to_string);
        }
        if env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0") {
            usual(panic);
        }
    }));
}

/// What `work` gives; a [`Fault`] if it panics. The caller must not go on with what `work` left half-done.
///
/// # Errors
/// Those of `work`, and then.
pub fn caught<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(Fault::of(panic.as_ref()).into()))
}

impl Fault {
    /// What the panic had to say.
    pub fn message(&self) -> &str {
        &self.message
    }

    fn of(panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        let message = text.unwrap_or("a panic without words").to_owned();
        Self { message, place: PLACE.lock().ok().and_then(|mut place| place.take()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_with_its_words() {
        assert_eq!(caught(|| Ok(3)).unwrap(), 3);
        let said = caught::<()>(|| panic!("row {} is missing", 7)).unwrap_err();
        assert!(said.is::<Fault>() && said.to_string().contains("row 7 is missing"), "{said}");
        let said = caught::<()>(|| panic!("failed printing to stdout: Broken pipe")).unwrap_err().to_string();
        assert_eq!(said, "the standard output was closed before everything was printed");
    }
}
