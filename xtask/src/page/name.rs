//! The names of a build: hashes of its files, written into every address that its pages and scripts ask for.
//!
//! An unchanged build keeps its addresses, and no cache on the way can pair a new script with an old engine. Only `vitro.js`, which
//! other pages name, has an address without a name.

use crate::publish;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// The line of `web/element/base/build.js` that holds the name.
pub(super) const UNNAMED: &str = "export const BUILD = '';";

/// The page's own photographs.
const PHOTOGRAPHS: &str = "page/photographs/";

/// Writes the build's name into `build.js`, into every address in the folder's scripts, and into what the page loads ahead;
/// returns the name.
pub(super) fn name_build(dist: &Path) -> Result<String> {
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
pub(super) fn name_page(dist: &Path, elements: &str) -> Result<String> {
    let name = hash(dist, &publish::files(dist)?)?;
    let own = ["page", "opening"].map(|folder| publish::files(&dist.join(folder)));
    let own = own.into_iter().collect::<Result<Vec<_>>>()?.concat();
    let index = dist.join("index.html");
    let mut page = fs::read_to_string(&index).with_context(|| format!("cannot read {}", index.display()))?;
    page = page.replace("\"vitro/vitro.js\"", &format!("\"vitro/vitro.js?v={elements}\""));
    for file in &own {
        let address = file.strip_prefix(dist)?.to_string_lossy().replace('\\', "/");
        // A photograph's address is what a visitor sends to others: it stays as it is.
        if !address.starts_with(PHOTOGRAPHS) {
            page = page.replace(&format!("\"{address}\""), &format!("\"{address}?v={name}\""));
        }
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
    fn the_page_names_the_build_of_everything_it_asks_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["page/photographs", "opening", "vitro"] {
            fs::create_dir_all(path(name)).unwrap();
        }
        fs::write(path("page/photographs/c.jpg"), "").unwrap();
        let page = "<a src=\"page/photographs/c.jpg\"><link href=\"page/a.css\"><img src=\"opening/b.jpg\"><link href=\"vitro/vitro.js\"><a href=\"docs/index.html\">";
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
            "<a src=\"page/photographs/c.jpg\"><link href=\"page/a.css?v={site}\"><img src=\"opening/b.jpg?v={site}\"><link href=\"vitro/vitro.js?v=02\"><a href=\"docs/index.html\">"
        );
        assert_eq!(read("index.html"), named);
    }
}
