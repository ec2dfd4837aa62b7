//! What the service worker of the page keeps on a visitor's device: every file of the built site with its SHA-256, and whether it is
//! kept before anybody asks for it. The worker is `web/sw.js`; the build writes three of its lines.

use crate::publish;
use anyhow::{Context, Result, bail};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The worker's file.
pub(crate) const SCRIPT: &str = "sw.js";

/// What the worker knows of a file.
#[derive(Serialize)]
struct File {
    sha256: String,
    ahead: bool,
}

/// Writes the names of the site's build and of the elements' into the worker.
///
/// # Errors
/// The worker is not there, or has no line for a name.
pub(crate) fn name(dist: &Path, site: &str, elements: &str) -> Result<()> {
    set(dist, &[("SITE", format!("'{site}'")), ("ELEMENTS", format!("'{elements}'"))])
}

/// Writes the list of files into the worker: of what is in `dist` now.
///
/// # Errors
/// A file cannot be read, or the worker has no line for the list.
pub(crate) fn list(dist: &Path) -> Result<()> {
    let mut files = BTreeMap::new();
    for file in publish::files(dist)? {
        let path = file.strip_prefix(dist)?.to_string_lossy().replace('\\', "/");
        if path != SCRIPT {
            let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let ahead = is_ahead(&path);
            files.insert(path, File { sha256: sha256(&bytes), ahead });
        }
    }
    set(dist, &[("FILES", serde_json::to_string(&files)?)])
}

/// The SHA-256 of these bytes, in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether the page may need a file at any moment: everything but the documentation, the engine that it does not use, and what is
/// large and kept once it was asked for.
fn is_ahead(path: &str) -> bool {
    let other = ["vitro/engine-webgpu", "vitro/engine-corrupt", "vitro/engine-synthesis"]
        .iter()
        .any(|engine| path.starts_with(engine));
    let of_elements = path.starts_with("vitro/") && (path.ends_with(".js") || path.ends_with(".wasm")) && !other;
    let own = (path.starts_with("page/") || path.starts_with("opening/")) && !path.ends_with(".md");
    path == "index.html" || path == "vitro/zoo/index.json" || own || of_elements
}

/// Sets constants of the worker.
fn set(dist: &Path, constants: &[(&str, String)]) -> Result<()> {
    let path = dist.join(SCRIPT);
    let mut text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    for (name, value) in constants {
        let start = format!("  const {name} = ");
        let Some(line) = text.lines().find(|line| line.starts_with(&start)).map(str::to_owned) else {
            bail!("{} has no line `{}`: build the page anew", path.display(), start.trim());
        };
        text = text.replacen(&line, &format!("{start}{value};"), 1);
    }
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    #[test]
    fn the_worker_knows_every_file_but_itself_and_can_be_told_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir_all(path("vitro/zoo")).unwrap();
        fs::copy(workspace::root().join("web/sw.js"), path(SCRIPT)).unwrap();
        fs::write(path("index.html"), "abc").unwrap();
        fs::write(path("vitro/zoo/vit.safetensors"), "weights").unwrap();
        name(folder.path(), "01", "02").unwrap();
        list(folder.path()).unwrap();
        let worker = || fs::read_to_string(path(SCRIPT)).unwrap();
        let first = worker();
        assert!(first.contains("  const SITE = '01';\n") && first.contains("  const ELEMENTS = '02';\n"), "{first}");
        let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert!(first.contains(&format!(r#""index.html":{{"sha256":"{hash}","ahead":true}}"#)), "{first}");
        assert!(first.contains(r#""vitro/zoo/vit.safetensors":"#) && !first.contains(r#""sw.js":"#), "{first}");
        list(folder.path()).unwrap();
        assert_eq!(worker(), first);
        fs::write(path("index.html"), "abcd").unwrap();
        list(folder.path()).unwrap();
        assert_ne!(worker(), first);
    }

    #[test]
    fn what_the_page_may_need_is_kept_ahead_and_what_is_large_or_elsewhere_is_not() {
        for path in [
            "index.html",
            "page/page.js",
            "page/icon.svg",
            "opening/clean.jpg",
            "vitro/vitro.js",
            "vitro/sweep/worker.js",
            "vitro/corrupt/corrupt.js",
            "vitro/engine-cpu_bg.wasm",
        ] {
            assert!(is_ahead(path), "{path}");
        }
        for path in [
            "embed.html",
            "docs/index.html",
            "vitro/engine-webgpu_bg.wasm",
            "vitro/engine-webgpu.js",
            "vitro/engine-corrupt_bg.wasm",
            "vitro/engine-synthesis_bg.wasm",
            "vitro/zoo/vit.safetensors",
            "vitro/types/vitro.d.ts",
        ] {
            assert!(!is_ahead(path), "{path}");
        }
    }
}
