//! `cargo +nightly fuzz run corrupt`: see `body.rs`.
#![no_main]

mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::corrupt(data));
