//! The folder for what can be had again: lists of large datasets, bundles from the hub. It may be deleted at any time.

use std::path::PathBuf;

/// Names the folder, if it is to be another one than the system's.
pub const VARIABLE: &str = "VITRO_CACHE";

/// Where it is; none on a system that has no place for such things.
pub fn folder() -> Option<PathBuf> {
    let of = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    of(VARIABLE)
        .or_else(|| of("XDG_CACHE_HOME").map(|path| path.join("vitro")))
        .or_else(|| of("LOCALAPPDATA").map(|path| path.join("vitro")))
        .or_else(|| of("HOME").map(|path| path.join(".cache/vitro")))
}
