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

use crate::{elements, module, offline, opening, publish, step, tools, workspace};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

/// The line of `web/element/base/build.js` that holds the name.
const UNNAMED: &str = "export const BUILD = '';";
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

/// All, in the order in which they are compiled.
pub const ENGINES: [Engine; 3] = [CORRUPT, CPU, WEBGPU];

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

/// Writes the build's name into `build.js`, into every address in the folder's scripts, and into what the page loads ahead;
/// returns the name.
fn name_build(dist: &Path) -> Result<String> {
    let folder = &dist.join("vitro");
    // Bundles have addresses of their own, by the hash of their weights.
    let mut files = publish::files(folder)?;
    files.retain(|file| !file.starts_with(folder.join("zoo")));
    let name = hash(folder, &files)?;
    let build = folder.join("base/build.js");
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
    fs::write(&index, page).with_context(|| format!("cannot write {}", index.display()))?;
    Ok(name)
}

/// Writes the name of the whole site into the addresses of the page's own files, and that of the elements into the one of
/// `vitro.js`, as this page asks for it; returns the site's name. What the page consists of is then told by the page alone.
fn name_page(dist: &Path, elements: &str) -> Result<String> {
    let name = hash(dist, &publish::files(dist)?)?;
    let own = ["page", "opening"].map(|folder| publish::files(&dist.join(folder)));
    let own = own.into_iter().collect::<Result<Vec<_>>>()?.concat();
    let index = dist.join("index.html");
    let mut page = fs::read_to_string(&index).with_context(|| format!("cannot read {}", index.display()))?;
    page = page.replace("\"vitro/vitro.js\"", &format!("\"vitro/vitro.js?v={elements}\""));
    for file in &own {
        let address = file.strip_prefix(dist)?.to_string_lossy().replace('\\', "/");
        page = page.replace(&format!("\"{address}\""), &format!("\"{address}?v={name}\""));
        if file.extension().is_some_and(|ending| ending == "js") {
            let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
            let of = |line: &str| if line.contains("'../vitro/") { elements.to_owned() } else { name.clone() };
            let named: String = text.split_inclusive('\n').map(|line| with_name(line, &of(line))).collect();
            fs::write(file, named).with_context(|| format!("cannot write {}", file.display()))?;
        }
    }
    fs::write(&index, page).with_context(|| format!("cannot write {}", index.display()))?;
    Ok(name)
}

/// A name for these files of a folder: it follows from their paths and contents.
fn hash(folder: &Path, files: &[PathBuf]) -> Result<String> {
    let mut hash = Fnv::default();
    for file in files {
        hash.add(file.strip_prefix(folder)?.to_string_lossy().as_bytes());
        hash.add(&fs::read(file).with_context(|| format!("cannot read {}", file.display()))?);
    }
    Ok(format!("{:016x}", hash.0))
}

/// A line of a script in which relative imports, and the files that `new URL` finds beside the script, are of that build.
fn with_name(line: &str, name: &str) -> String {
    let is_import = line.contains(" from '.") || line.starts_with("import '.");
    let line = if is_import { line.replace(".js';", &format!(".js?v={name}';")) } else { line.to_owned() };
    // Modules that are fetched when they are needed.
    let late = line.contains("import('.");
    let line = if late { line.replace(".js')", &format!(".js?v={name}')")) } else { line };
    let mut named = String::new();
    let mut rest = line.as_str();
    while let Some((before, behind)) = rest.split_once("new URL('.") {
        let Some((path, after)) = behind.split_once("', import.meta.url)") else { break };
        let suffix =
            if path.ends_with(".js") || path.ends_with(".wasm") { format!("?v={name}") } else { String::new() };
        named += &format!("{before}new URL('.{path}{suffix}', import.meta.url)");
        rest = after;
    }
    named + rest
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

    /// A small page before it is named; returns its two scripts and the page after the build was named.
    fn named(engine: &str) -> [String; 3] {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join("vitro").join(name);
        fs::create_dir_all(path("worker")).unwrap();
        fs::create_dir_all(path("base")).unwrap();
        let page = r#"<link href="vitro/vitro.js"><link href="vitro/worker/worker.js">"#;
        fs::write(path("../index.html"), page).unwrap();
        fs::write(path("base/build.js"), format!("// The build.\n{UNNAMED}\n")).unwrap();
        fs::write(path("engine_bg.wasm"), engine).unwrap();
        let script = "import { BUILD } from '../build.js';\nimport './a.js';\nconst from = 'x.js';\nawait import('./l.js');\n\
            new Worker(new URL('./w.js', import.meta.url)); new URL('../e.wasm', import.meta.url); new URL('..', HERE);\n";
        fs::write(path("worker/worker.js"), script).unwrap();
        name_build(folder.path()).unwrap();
        ["base/build.js", "worker/worker.js", "../index.html"].map(|file| fs::read_to_string(path(file)).unwrap())
    }

    #[test]
    fn every_import_asks_for_the_build_it_belongs_to() {
        let [build, script, page] = named("engine");
        let name = build.split('\'').nth(1).unwrap();
        assert_eq!(name.len(), 16);
        let import = format!("import {{ BUILD }} from '../build.js?v={name}';\nimport './a.js?v={name}';\n");
        let files = format!(
            "new Worker(new URL('./w.js?v={name}', import.meta.url)); new URL('../e.wasm?v={name}', import.meta.url); "
        );
        let late = format!("const from = 'x.js';\nawait import('./l.js?v={name}');\n");
        assert_eq!(script, import + &late + &files + "new URL('..', HERE);\n");
        let ahead = format!(r#"<link href="vitro/vitro.js"><link href="vitro/worker/worker.js?v={name}">"#);
        assert_eq!(page, ahead);
    }

    #[test]
    fn the_name_follows_the_content_and_not_the_clock() {
        assert_eq!(named("engine"), named("engine"));
        assert_ne!(named("engine"), named("another"));
    }

    #[test]
    fn there_is_a_place_for_the_name_and_for_what_is_known_of_the_engines() {
        for (file, line) in [("base/build.js", UNNAMED), ("engine/worker/known.js", UNKNOWN)] {
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

    #[test]
    fn the_page_names_the_build_of_everything_it_asks_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["page", "opening", "vitro"] {
            fs::create_dir_all(path(name)).unwrap();
        }
        let page = "<link href=\"page/a.css\"><img src=\"opening/b.jpg\"><link href=\"vitro/vitro.js\"><a href=\"docs/index.html\">";
        fs::write(path("index.html"), page).unwrap();
        fs::write(path("page/a.css"), "").unwrap();
        fs::write(path("opening/b.jpg"), "").unwrap();
        let script = "import { a } from './a.js';\nimport { engine } from '../vitro/vitro.js';\n";
        fs::write(path("page/page.js"), script).unwrap();
        let site = name_page(folder.path(), "02").unwrap();
        let read = |name: &str| fs::read_to_string(path(name)).unwrap();
        let named =
            format!("import {{ a }} from './a.js?v={site}';\nimport {{ engine }} from '../vitro/vitro.js?v=02';\n");
        assert_eq!(read("page/page.js"), named);
        let named = format!(
            "<link href=\"page/a.css?v={site}\"><img src=\"opening/b.jpg?v={site}\"><link href=\"vitro/vitro.js?v=02\"><a href=\"docs/index.html\">"
        );
        assert_eq!(read("index.html"), named);
    }
}
