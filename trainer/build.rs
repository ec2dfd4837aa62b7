//! Tells `vitro bench` which of cargo's profiles the program is built with; nothing else in the program knows.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // …/target/PROFILE/build/vitro-cli-HASH/out: `PROFILE` itself names only the built-in profile that one inherits from.
    let out = std::env::var_os("OUT_DIR").unwrap_or_default();
    let profile = std::path::Path::new(&out).ancestors().nth(3).and_then(|folder| folder.file_name());
    let profile = profile.map_or_else(|| "unknown".into(), |name| name.to_string_lossy().into_owned());
    println!("cargo::rustc-env=VITRO_PROFILE={}", if profile == "debug" { "dev" } else { profile.as_str() });
}
