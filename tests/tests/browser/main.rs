//! The page in a real browser: headless Chromium opens the built page and a test reads from it what a visitor would see.
//!
//! `cargo xtask test` builds the page first and leaves its folder in `VITRO_DIST`; without a built page these tests fail and
//! say so. Every test starts a server and a browser of its own and reads the `state` of the page's `<vitro-compare>`.
//! WebGPU runs on Chromium's software adapter, the same on every machine, where one answer takes seconds.

// The name of this module tells these tests from those that need no page.
mod browser;
