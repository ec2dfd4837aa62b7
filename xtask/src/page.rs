//! Building the page: two engines as WebAssembly, their JavaScript, and the files beside them.
//!
//! The whole site is static and works under any path: every address in it is relative, and file names stay as they are, so
//! that other pages can import `vitro/vitro.js`. wasm-bindgen is a library of this crate in exactly the version that the
//! engines are compiled against, so no tool has to be installed beside the compiler.

use crate::{step, tools, workspace};
use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

/// How much time goes into a smaller page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Optimised for speed, quick to link: daily work and tests.
    Release,
    /// Optimised for size as well, without the names of functions: publishing.
    Dist,
}

impl Profile {
    /// Cargo's name of the profile, which is also its folder below `target/`.
    fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Dist => "dist",
        }
    }
}

/// An engine of the page, a WebAssembly module of its own.
#[derive(Clone, Copy, Debug)]
pub struct Engine {
    /// The binary of `vitro-web`, and the stem of its files.
    bin: &'static str,
    /// The feature of `vitro-web` that chooses the device.
    feature: &'static str,
    title: &'static str,
    /// How long it takes in each profile.
    expected: [&'static str; 2],
}

/// The small engine that answers first. The page works with it alone.
pub const CPU: Engine = Engine {
    bin: "engine-cpu",
    feature: "cpu",
    title: "processor engine",
    expected: ["about 4 minutes on two cores the first time, seconds after that", "about 6 minutes on two cores"],
};

/// The engine for graphics cards, which the page fetches behind the first.
pub const WEBGPU: Engine = Engine {
    bin: "engine-webgpu",
    feature: "webgpu",
    title: "WebGPU engine",
    expected: ["about 7 minutes on two cores the first time, under a minute after that", "about 20 minutes on two cores"],
};

/// What is copied as it is: a file or folder of the workspace, and its place in the site.
const FILES: [(&str, &str); 5] = [
    ("index.html", "index.html"),
    ("embed.html", "embed.html"),
    ("web/element", "vitro"),
    ("web/page", "page"),
    ("zoo", "vitro/zoo"),
];

/// Builds the page with both engines into [`workspace::dist_dir`].
///
/// # Errors
/// An engine does not compile, or a file cannot be written.
pub fn build(profile: Profile) -> Result<()> {
    lay_out(profile)?;
    add(WEBGPU, profile)
}

/// Builds the page with the processor engine alone, which is enough for every answer. An engine for graphics cards that an
/// earlier build left is taken away, since its code may be another by now.
///
/// # Errors
/// The engine does not compile, or a file cannot be written.
pub fn lay_out(profile: Profile) -> Result<()> {
    let root = workspace::root();
    if !root.join("index.html").is_file() {
        bail!("{} has no index.html: run this from a checkout of the workspace", root.display());
    }
    tools::ensure_wasm_target()?;
    let wasm = compile(CPU, profile)?;
    let dist = workspace::dist_dir();
    // The site changes from the old one to the new one at once: nobody is served half of each.
    let fresh = beside(&dist, "new");
    remove(&fresh)?;
    for (from, to) in FILES {
        copy(&root.join(from), &fresh.join(to))?;
    }
    bind(CPU, profile, &wasm, &fresh.join("vitro"))?;
    let old = beside(&dist, "old");
    remove(&old)?;
    if dist.exists() {
        fs::rename(&dist, &old).with_context(|| format!("cannot move {} away", dist.display()))?;
    }
    fs::rename(&fresh, &dist).with_context(|| format!("cannot write {}", dist.display()))?;
    remove(&old)
}

/// Builds an engine and puts it into the page that [`lay_out`] made.
///
/// # Errors
/// The engine does not compile, or a file cannot be written.
pub fn add(engine: Engine, profile: Profile) -> Result<()> {
    let wasm = compile(engine, profile)?;
    let made = beside(&workspace::dist_dir(), engine.bin);
    remove(&made)?;
    bind(engine, profile, &wasm, &made)?;
    let mut files: Vec<PathBuf> =
        fs::read_dir(&made)?.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
    // The JavaScript last: whoever finds it finds the module that it names.
    files.sort_by_key(|path| path.extension() == Some(OsStr::new("js")));
    for file in files {
        let name = file.file_name().unwrap_or_default();
        fs::rename(&file, workspace::dist_dir().join("vitro").join(name))?;
    }
    remove(&made)
}

/// Compiles an engine; returns the WebAssembly module.
fn compile(engine: Engine, profile: Profile) -> Result<PathBuf> {
    let expected = engine.expected[usize::from(profile == Profile::Dist)];
    step::timed(&format!("Compiling the {}", engine.title), expected, || {
        step::run(
            Command::new("cargo")
                .args(["build", "--package", "vitro-web", "--locked", "--target", tools::WASM_TARGET])
                .args(["--bin", engine.bin, "--features", engine.feature, "--profile", profile.name()])
                .current_dir(workspace::root()),
        )
    })?;
    let module = format!("{}.wasm", engine.bin);
    Ok(workspace::target_dir().join(tools::WASM_TARGET).join(profile.name()).join(module))
}

/// Writes the module as browsers load it, with its JavaScript, into `folder`.
fn bind(engine: Engine, profile: Profile, wasm: &Path, folder: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(wasm)
        .web(true)
        .and_then(|bindgen| {
            bindgen.typescript(false).out_name(engine.bin).remove_name_section(profile == Profile::Dist).generate(folder)
        })
        .with_context(|| format!("cannot write the JavaScript of the {}", engine.title))
}

/// Copies a file, or a folder with everything in it.
fn copy(from: &Path, to: &Path) -> Result<()> {
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

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}
