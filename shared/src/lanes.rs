//! Loops over many numbers, at the width of the processor at hand.
//!
//! A build for x86-64 may count on registers of two doubles, and most processors have some of four. [`widest!`] compiles a
//! piece of code for both and chooses when it runs. The bytes do not depend on it: every lane rounds as a single number
//! would, and nothing is fused that the code does not fuse. Other platforms, WebAssembly among them, have one width.
//!
//! Only what is inlined into the piece is compiled twice, so the functions that it calls are `#[inline(always)]`.

#[cfg(target_arch = "x86_64")]
macro_rules! widest {
    ($work:expr) => {
        match pulp::x86::V3::try_new() {
            Some(wide) => wide.vectorize(|| $work),
            None => $work,
        }
    };
}

#[cfg(not(target_arch = "x86_64"))]
macro_rules! widest {
    ($work:expr) => {
        $work
    };
}

pub(crate) use widest;
