//! Building the page: three engines as WebAssembly, their JavaScript, and the files beside them.
//!
//! The whole site is static and works under any path: every address in it is relative, and file names stay as they are, so
//! that other pages can import `vitro/vitro.js`. wasm-bindgen is a library of this crate in exactly the version that the
//! engines are compiled against, so no tool has to be installed beside the compiler.
//!
//! A build has a name, a hash of every file of the folder `vitro/`. It becomes part of the address of each file that the
//! folder's scripts ask for, so that no cache on the way can pair a new script with an old engine, and an unchanged build
//! keeps its addresses. Only `vitro.js`, which other pages name, has an address without it. The page around the elements has a
//! name of its own, a hash of everything that it consists of.

mod name;

use crate::{elements, module, offline, opening, step, tools, workspace};
use anyhow::{Context, Result, bail};
use name::{name_build, name_page};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

/// The line of `web/element/engine/worker/known.js` that holds what is known of the engines.
const UNKNOWN: &str = "export const FILES = {};";

/// How much time goes into a smaller page.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// With the names of functions, so that a stack trace says something: looking for mistakes.
    Dev,
    /// What visitors get: small, and quick where it computes. Tests see the same.
    Page,
}

impl Profile {
    /// Cargo's name of the profile for an engine, and its folder below `target/`.
    fn of(self, engine: Engine) -> (&'static str, &'static str) {
        match self {
            Self::Dev => ("dev", "debug"),
            Self::Page => (engine.profile, engine.profile),
        }
    }

    /// Whether visitors get what it builds.
    fn is_published(self) -> bool {
        self != Self::Dev
    }
}

/// An engine of the page, a WebAssembly module of its own.
#[derive(Clone, Copy, Debug)]
pub struct Engine {
    /// The binary of `vitro-web`, and the stem of its files.
    bin: &'static str,
    /// The feature of `vitro-web` that it is built with, alone.
    feature: &'static str,
    /// Cargo's profile for what visitors get.
    profile: &'static str,
    title: &'static str,
    /// How long it takes.
    expected: &'static str,
}

/// The engine of `<vitro-corrupt>`, without networks.
pub const CORRUPT: Engine = Engine {
    bin: "engine-corrupt",
    feature: "corrupt",
    profile: "small",
    title: "engine of corruptions",
    expected: "about a minute on two cores",
};

/// The engine that answers first. The page works with it alone.
pub const CPU: Engine = Engine {
    bin: "engine-cpu",
    feature: "cpu",
    profile: "page",
    title: "processor engine",
    expected: "about 4 minutes on two cores the first time, seconds after that",
};

/// The engine for graphics cards, which the page fetches behind the first.
pub const WEBGPU: Engine = Engine {
    bin: "engine-webgpu",
    feature: "webgpu",
    profile: "page",
    title: "WebGPU engine",
    expected: "about 7 minutes on two cores the first time, under a minute after that",
};

/// The processor engine with gradients, which a visitor fetches who wants to see an image being changed.
pub const SYNTHESIS: Engine = Engine {
    bin: "engine-synthesis",
    feature: "synthesis",
    profile: "page",
    title: "engine with gradients",
    expected: "about 4 minutes on two cores the first time, seconds after that",
};

/// All, in the order in which they are compiled.
pub const ENGINES: [Engine; 4] = [CORRUPT, CPU, SYNTHESIS, WEBGPU];

/// What is copied as it is: a file or folder of the workspace, and its place in the site.
const FILES: [(&str, &str); 7] = [
    ("index.html", "index.html"),
    ("embed.html", "embed.html"),
    ("web/element", "vitro"),
    ("web/page", "page"),
    ("web/opening", "opening"),
    ("web/sw.js", offline::SCRIPT),
    ("zoo", "vitro/zoo"),
];

/// What of the zoo tables are rendered from, and no visitor needs.
const MEASURED: [&str; 2] = ["evaluations", "results.json"];

/// Builds the page with these engines into [`workspace::dist_dir`]. The processor engine is enough for every answer, and the
/// engine of corruptions for its element.
///
/// # Errors
/// An engine does not compile, or a file cannot be written.
pub fn build(engines: &[Engine], profile: Profile) -> Result<()> {
    let root = workspace::root();
    if !root.join("index.html").is_file() {
        bail!("{} has no index.html: run this from a checkout of the workspace", root.display());
    }
    tools::ensure_wasm_target()?;
    let modules = engines.iter().map(|engine| compile(*engine, profile)).collect::<Result<Vec<_>>>()?;
    let dist = workspace::dist_dir();
    // The site changes from the old one to the new one at once: nobody is served half of each.
    let fresh = beside(&dist, "new");
    remove(&fresh)?;
    for (from, to) in FILES {
        copy(&root.join(from), &fresh.join(to))?;
    }
    for measured in MEASURED {
        remove(&fresh.join("vitro").join("zoo").join(measured))?;
    }
    for (engine, module) in engines.iter().zip(&modules) {
        bind(*engine, profile, module, &fresh.join("vitro"))?;
    }
    know_engines(&fresh.join("vitro"))?;
    let elements = name_build(&fresh)?;
    opening::insert(&fresh)?;
    elements::site::write(&fresh.join("docs"))?;
    let site = name_page(&fresh, &elements)?;
    offline::name(&fresh, &site, &elements)?;
    offline::list(&fresh)?;
    let old = beside(&dist, "old");
    remove(&old)?;
    if dist.exists() {
        fs::rename(&dist, &old).with_context(|| format!("cannot move {} away", dist.display()))?;
    }
    fs::rename(&fresh, &dist).with_context(|| format!("cannot write {}", dist.display()))?;
    remove(&old)
}

/// Compiles an engine; returns the WebAssembly module.
fn compile(engine: Engine, profile: Profile) -> Result<PathBuf> {
    let (cargo_profile, folder) = profile.of(engine);
    step::timed(&format!("Compiling the {}", engine.title), engine.expected, || {
        step::run(
            Command::new("cargo")
                .args(["build", "--package", "vitro-web", "--locked", "--target", tools::WASM_TARGET])
                .args([
                    "--bin",
                    engine.bin,
                    "--no-default-features",
                    "--features",
                    engine.feature,
                    "--profile",
                    cargo_profile,
                ])
                .current_dir(workspace::root()),
        )
    })?;
    let module = format!("{}.wasm", engine.bin);
    Ok(workspace::target_dir().join(tools::WASM_TARGET).join(folder).join(module))
}

/// Writes the module as browsers load it, with its JavaScript, into `folder`, and makes sure that it may be published.
fn bind(engine: Engine, profile: Profile, wasm: &Path, folder: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(wasm)
        .web(true)
        .and_then(|bindgen| {
            bindgen
                .typescript(false)
                .omit_default_module_path(false)
                .out_name(engine.bin)
                .remove_name_section(profile.is_published())
                .remove_producers_section(profile.is_published())
                .generate(folder)
        })
        .with_context(|| format!("cannot write the JavaScript of the {}", engine.title))?;
    if !profile.is_published() {
        return Ok(());
    }
    let written = folder.join(format!("{}_bg.wasm", engine.bin));
    let bytes = fs::read(&written).with_context(|| format!("cannot read {}", written.display()))?;
    module::check(&bytes).with_context(|| format!("the module of the {} cannot be published", engine.title))
}

/// Copies a file, or a folder with everything in it.
///
/// # Errors
/// A file cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

/// A folder beside `dist` for what is not finished, on the same disk so that it can be renamed.
fn beside(dist: &Path, word: &str) -> PathBuf {
    let name = dist.file_name().unwrap_or_default().to_string_lossy();
    dist.with_file_name(format!("{name}.{word}.tmp"))
}

fn remove(path: &Path) -> Result<()> {
    let removed = match path {
        file if file.is_file() => fs::remove_file(file),
        folder if folder.exists() => fs::remove_dir_all(folder),
        _ => Ok(()),
    };
    removed.with_context(|| format!("cannot remove {}", path.display()))
}

/// Writes into `known.js` how large each engine is, and its hash: what arrives is compared with both.
fn know_engines(folder: &Path) -> Result<()> {
    let mut known = serde_json::Map::new();
    for engine in ENGINES {
        let name = format!("{}_bg.wasm", engine.bin);
        let path = folder.join(&name);
        if path.is_file() {
            let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            known.insert(name, json!({ "bytes": bytes.len(), "sha256": offline::sha256(&bytes) }));
        }
    }
    let place = folder.join("engine/worker/known.js");
    let text = fs::read_to_string(&place).with_context(|| format!("cannot read {}", place.display()))?;
    if !text.contains(UNKNOWN) {
        bail!("{} has no line `{UNKNOWN}`: build the page anew", place.display());
    }
    let line = UNKNOWN.replace("{}", &Value::from(known).to_string());
    fs::write(&place, text.replace(UNKNOWN, &line)).with_context(|| format!("cannot write {}", place.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_place_for_the_name_and_for_what_is_known_of_the_engines() {
        for (file, line) in [("base/build.js", name::UNNAMED), ("engine/worker/known.js", UNKNOWN)] {
            let text = fs::read_to_string(workspace::root().join("web/element").join(file)).unwrap();
            assert_eq!(text.matches(line).count(), 1, "{file}");
        }
    }

    #[test]
    fn engines_are_known_by_their_size_and_hash() {
        let folder = tempfile::tempdir().unwrap();
        let known = folder.path().join("engine/worker/known.js");
        fs::create_dir_all(folder.path().join("engine/worker")).unwrap();
        fs::write(&known, format!("{UNKNOWN}\n")).unwrap();
        fs::write(folder.path().join("engine-cpu_bg.wasm"), "abc").unwrap();
        know_engines(folder.path()).unwrap();
        let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let line = format!("export const FILES = {{\"engine-cpu_bg.wasm\":{{\"bytes\":3,\"sha256\":\"{hash}\"}}}};\n");
        assert_eq!(fs::read_to_string(&known).unwrap(), line);
    }
}
