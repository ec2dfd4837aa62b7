//! Loops over many numbers, at the width of the processor at hand.
//!
//! A build for x86-64 may count on registers of four numbers in 32 bits, and most processors have some of eight or sixteen.
//! [`widest!`] compiles a piece of code for each and chooses when it runs. The result does not depend on it: every lane rounds
//! as a single number would, and nothing is fused that the code does not fuse. Other platforms, WebAssembly among them, have
//! one width.
//!
//! Only what is inlined into the piece is compiled for each width, so the functions that it calls are `#[inline(always)]`. It is
//! a macro, not a function of a closure: every copy is written out, so each has one caller and is inlined into it. A closure
//! with several callers would stay a function of its own, compiled for the narrowest registers.

/// The widest registers that can be used.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
pub(crate) enum Width {
    /// AVX-512.
    #[cfg(feature = "x86-v4")]
    V4(pulp::x86::V4),
    /// AVX2.
    V3(pulp::x86::V3),
    /// What every processor of this kind has.
    Plain,
}

#[cfg(target_arch = "x86_64")]
impl Width {
    /// That of this processor.
    pub(crate) fn here() -> Self {
        static HERE: std::sync::LazyLock<Width> = std::sync::LazyLock::new(|| {
            #[cfg(feature = "x86-v4")]
            if let Some(wide) = pulp::x86::V4::try_new() {
                return Width::V4(wide);
            }
            pulp::x86::V3::try_new().map_or(Width::Plain, Width::V3)
        });
        *HERE
    }
}

#[cfg(target_arch = "x86_64")]
macro_rules! widest {
    ($work:expr) => {
        match $crate::lanes::Width::here() {
            #[cfg(feature = "x86-v4")]
            $crate::lanes::Width::V4(wide) => wide.vectorize(|| $work),
            $crate::lanes::Width::V3(wide) => wide.vectorize(|| $work),
            $crate::lanes::Width::Plain => $work,
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
