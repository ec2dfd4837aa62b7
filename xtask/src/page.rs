//! Building the page with trunk, and naming the build.
//!
//! The name is a hash of every file of the built folder `vitro/`. It becomes part of the address of each file that the folder's
//! scripts ask for, so that no cache on the way can pair a new script with an old engine, and an unchanged build keeps its
//! addresses. Only `vitro.js`, which other pages name, has an address without it.

use crate::{dist, step, tools, workspace};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::Command;

/// The line of `web/element/build.js` that holds the name.
const UNNAMED: &str = "export const BUILD = '';";

/// How much time goes into a smaller page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Optimised for speed, quick to link: daily work and tests.
    Release,
    /// Optimised for size as well: publishing.
    Dist,
}

/// Builds the page into [`workspace::dist_dir`], installing the tools that are missing.
///
/// # Errors
/// A tool cannot be installed, or the page does not build.
pub fn build(profile: Profile) -> Result<()> {
    let root = workspace::root();
    if !root.join("index.html").is_file() {
        bail!("{} has no index.html: run this from a checkout of the workspace", root.display());
    }
    tools::ensure()?;
    // trunk stays offline (see `tools`), and so does the cargo it starts: fetch first.
    step::run(
        Command::new("cargo")
            .args(["fetch", "--locked", "--quiet", "--target", tools::WASM_TARGET, "--target", &tools::host()?])
            .current_dir(&root),
    )?;
    let (expected, profile_args): (_, &[&str]) = match profile {
        Profile::Release => ("about 8 minutes on two cores the first time, under a minute after that", &[]),
        Profile::Dist => ("about 25 minutes on two cores", &["--cargo-profile", "dist"]),
    };
    step::timed("Building the page", expected, || {
        step::run(
            Command::new("trunk")
                .args(["build", "--release", "--offline", "--skip-version-check", "--dist"])
                .arg(workspace::dist_dir())
                .args(profile_args)
                .env("PATH", tools::path()?)
                // trunk takes the variable for a flag of its own and refuses the value 1.
                .env_remove("NO_COLOR")
                .current_dir(&root),
        )?;
        name_build(&workspace::dist_dir())
    })
}

/// Writes the build's name into `build.js`, into every import of the folder's scripts, and into what the page loads ahead.
fn name_build(dist: &Path) -> Result<()> {
    let folder = &dist.join("vitro");
    // Bundles have addresses of their own, by the hash of their weights.
    let mut files = dist::files(folder)?;
    files.retain(|file| !file.starts_with(folder.join("zoo")));
    let mut hash = Fnv::default();
    for file in &files {
        hash.add(file.strip_prefix(folder)?.to_string_lossy().as_bytes());
        hash.add(&fs::read(file).with_context(|| format!("cannot read {}", file.display()))?);
    }
    let name = format!("{:016x}", hash.0);
    let build = folder.join("build.js");
    let text = fs::read_to_string(&build).with_context(|| format!("cannot read {}", build.display()))?;
    if !text.contains(UNNAMED) {
        bail!("{} has no line `{UNNAMED}`: build the page anew", build.display());
    }
    fs::write(&build, text.replace(UNNAMED, &UNNAMED.replace("''", &format!("'{name}'"))))?;
    let index = dist.join("index.html");
    let mut page = fs::read_to_string(&index).with_context(|| format!("cannot read {}", index.display()))?;
    for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "js")) {
        let address = format!("\"vitro/{}", file.strip_prefix(folder)?.display());
        if address != "\"vitro/vitro.js" {
            page = page.replace(&format!("{address}\""), &format!("{address}?v={name}\""));
        }
        let text = fs::read_to_string(file)?;
        let named: String = text.split_inclusive('\n').map(|line| with_name(line, &name)).collect();
        if named != text {
            fs::write(file, named)?;
        }
    }
    fs::write(&index, page).with_context(|| format!("cannot write {}", index.display()))
}

/// A line of a script whose relative import, if it is one, asks for the build of that name.
fn with_name(line: &str, name: &str) -> String {
    let is_import = line.contains(" from '.") || line.starts_with("import '.");
    if is_import { line.replace(".js';", &format!(".js?v={name}';")) } else { line.to_owned() }
}

/// The hash FNV-1a, 64 bits: enough to tell builds apart, and the same on every machine.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small page as trunk leaves it; returns its two scripts and the page after the build was named.
    fn named(engine: &str) -> [String; 3] {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join("vitro").join(name);
        fs::create_dir_all(path("worker")).unwrap();
        let page = r#"<link href="vitro/vitro.js"><link href="vitro/worker/worker.js">"#;
        fs::write(path("../index.html"), page).unwrap();
        fs::write(path("build.js"), format!("// The build.\n{UNNAMED}\n")).unwrap();
        fs::write(path("engine_bg.wasm"), engine).unwrap();
        let script = "import { BUILD } from '../build.js';\nimport './a.js';\nconst from = 'x.js';\n";
        fs::write(path("worker/worker.js"), script).unwrap();
        name_build(folder.path()).unwrap();
        ["build.js", "worker/worker.js", "../index.html"].map(|file| fs::read_to_string(path(file)).unwrap())
    }

    #[test]
    fn every_import_asks_for_the_build_it_belongs_to() {
        let [build, script, page] = named("engine");
        let name = build.split('\'').nth(1).unwrap();
        assert_eq!(name.len(), 16);
        let import = format!("import {{ BUILD }} from '../build.js?v={name}';\nimport './a.js?v={name}';\n");
        assert_eq!(script, import + "const from = 'x.js';\n");
        let ahead = format!(r#"<link href="vitro/vitro.js"><link href="vitro/worker/worker.js?v={name}">"#);
        assert_eq!(page, ahead);
    }

    #[test]
    fn the_name_follows_the_content_and_not_the_clock() {
        assert_eq!(named("engine"), named("engine"));
        assert_ne!(named("engine"), named("another"));
    }

    #[test]
    fn the_page_has_a_place_for_the_name() {
        let text = fs::read_to_string(workspace::root().join("web/element/build.js")).unwrap();
        assert_eq!(text.matches(UNNAMED).count(), 1);
    }
}
