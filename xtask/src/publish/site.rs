//! The built site as a visitor gets it: its files, with the elements' scripts joined, and which file asks for which.

use super::join;
use crate::page;
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The elements' folder.
pub(super) const ELEMENTS: &str = "vitro";

/// The page's own folder.
pub(super) const PAGE: &str = "page";

/// The site.
pub(super) struct Site {
    root: PathBuf,
    /// Scripts by their path, joined as they are published, and what else is made small.
    scripts: BTreeMap<PathBuf, Vec<u8>>,
    files: BTreeSet<PathBuf>,
}

/// What of a script is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Follow {
    /// Modules that it imports: what a page loads before anything runs.
    Imports,
    /// Every file that it names: workers and engines as well.
    Names,
}

impl Site {
    /// Reads what is built in `root`. Node and its packages are needed, see [`javascript::ensure`].
    pub(super) fn read(root: &Path) -> Result<Self> {
        if !root.join("index.html").is_file() {
            bail!("nothing is built in {}: build it with `cargo xtask dist`", root.display());
        }
        let joined = tempfile::tempdir().context("cannot make a folder for what is not kept")?;
        let (changed, others): (Vec<_>, Vec<_>) = below(root)?.into_iter().partition(|path| is_joined(path));
        for path in &changed {
            page::copy(&root.join(path), &joined.path().join(path))?;
        }
        join::join(&joined.path().join(ELEMENTS))?;
        join::join_page(&joined.path().join(PAGE))?;
        let own = below(joined.path())?;
        let texts = others.iter().filter(|path| is_script(path)).map(|path| (root, path));
        let texts = texts.chain(own.iter().map(|path| (joined.path(), path)));
        let scripts =
            texts.map(|(folder, path)| Ok((path.clone(), read(&folder.join(path))?))).collect::<Result<_>>()?;
        let files = others.into_iter().chain(own).collect();
        Ok(Self { root: root.to_owned(), scripts, files })
    }

    /// A file's content.
    pub(super) fn bytes(&self, path: &Path) -> Result<Vec<u8>> {
        match self.scripts.get(path) {
            Some(script) => Ok(script.clone()),
            None => read(&self.root.join(path)),
        }
    }

    /// Every file, sorted.
    pub(super) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        self.files.iter()
    }

    /// A file that must be there.
    pub(super) fn file(&self, path: &str) -> Result<PathBuf> {
        match self.files.get(Path::new(path)) {
            Some(file) => Ok(file.clone()),
            None => bail!("the site in {} has no {path}: build it with `cargo xtask dist`", self.root.display()),
        }
    }

    /// A script and everything that is reached from it.
    pub(super) fn reach(&self, script: &str, follow: Follow) -> Result<BTreeSet<PathBuf>> {
        let mut found = BTreeSet::from([self.file(script)?]);
        let mut open: Vec<PathBuf> = found.iter().cloned().collect();
        while let Some(path) = open.pop() {
            let text = String::from_utf8_lossy(self.scripts.get(&path).map_or(&[][..], Vec::as_slice)).into_owned();
            for address in asked(&text).filter(|asked| follow == Follow::Names || asked.is_import) {
                if let Some(file) = self.find(&path, address.path).filter(|file| !found.contains(file)) {
                    found.insert(file.clone());
                    open.push(file);
                }
            }
        }
        Ok(found)
    }

    /// The modules that these scripts import, and the scripts themselves, by their path in the elements' folder.
    pub(super) fn imported(&self, scripts: &[String]) -> Result<BTreeSet<String>> {
        let mut found = BTreeSet::new();
        for script in scripts {
            let reached = self.reach(&format!("{ELEMENTS}/{script}"), Follow::Imports)?;
            found.extend(reached.iter().map(|file| inside(file)));
        }
        Ok(found)
    }

    /// The file that a script means: beside itself, or in the elements' folder.
    fn find(&self, script: &Path, name: &str) -> Option<PathBuf> {
        let beside = normal(&script.parent().unwrap_or(Path::new("")).join(name));
        let places = [beside, normal(&Path::new(ELEMENTS).join(name))];
        places.into_iter().find(|path| self.files.contains(path))
    }
}

/// A file that a script names.
struct Asked<'a> {
    path: &'a str,
    is_import: bool,
}

/// The files that a script names between quotes. There are no comments in it.
fn asked(text: &str) -> impl Iterator<Item = Asked<'_>> {
    let quotes = ['"', '\'', '`'];
    let ends = [".js", ".wasm"].iter().flat_map(|ending| text.match_indices(ending).map(|(at, _)| at + ending.len()));
    ends.filter_map(move |end| {
        let start = text[..end].rfind(quotes)?;
        let quote = text[start..].chars().next()?;
        let (query, after) = text[end..].split_once(quote)?;
        let before = text[..start].trim_end();
        // The key of a table asks for nothing.
        if before.ends_with(['{', ',']) && after.trim_start().starts_with(':') {
            return None;
        }
        let is_import = before.ends_with("from") || before.ends_with("import");
        let is_whole = query.is_empty() || query.starts_with('?');
        is_whole.then_some(Asked { path: &text[start + 1..end], is_import })
    })
}

/// A file's path in the elements' folder.
pub(super) fn inside(file: &Path) -> String {
    file.strip_prefix(ELEMENTS).unwrap_or(file).to_string_lossy().replace('\\', "/")
}

/// A path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut short = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => _ = short.pop(),
            part => short.push(part),
        }
    }
    short
}

/// Whether a file is published otherwise than it is built.
fn is_joined(path: &Path) -> bool {
    let own = is_script(path) || path.extension().is_some_and(|ending| ending == "css");
    (is_script(path) && path.starts_with(ELEMENTS)) || (own && path.starts_with(PAGE))
}

pub(super) fn is_script(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "js")
}

/// The files below a folder, by their paths in it.
fn below(root: &Path) -> Result<Vec<PathBuf>> {
    let found = super::files(root)?;
    Ok(found.iter().filter_map(|path| path.strip_prefix(root).ok()).map(Path::to_owned).collect())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A small site in a folder of its own, not minified.
    pub(in crate::publish) fn site(files: &[(&str, &str)]) -> (tempfile::TempDir, Site) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let names = || files.iter().map(|(name, text)| (PathBuf::from(name), text.as_bytes().to_vec()));
        let scripts = names().filter(|(name, _)| is_script(name)).collect();
        let files = names().map(|(name, _)| name).collect();
        let root = folder.path().to_owned();
        (folder, Site { root, scripts, files })
    }

    pub(in crate::publish) const FILES: [(&str, &str); 6] = [
        ("vitro/a.js", "import{b}from\"./base/b.js?v=12\";import\"./base/c.js?v=12\";const m=\"none.js\";"),
        ("vitro/base/b.js", "export const b=new URL(`../worker/w.js`,import.meta.url);"),
        ("vitro/base/c.js", "fetch('not-c.json')"),
        ("vitro/worker/w.js", "import x from'../engine.js';"),
        ("vitro/engine.js", "new URL(\"engine_bg.wasm\",import.meta.url)"),
        ("vitro/engine_bg.wasm", "asm"),
    ];

    #[test]
    fn modules_are_followed_by_their_imports_and_engines_by_their_names() {
        let (_folder, site) = site(&FILES);
        let names =
            |follow| site.reach("vitro/a.js", follow).unwrap().into_iter().map(|path| path.display().to_string());
        let imports: Vec<_> = names(Follow::Imports).collect();
        assert_eq!(imports, ["vitro/a.js", "vitro/base/b.js", "vitro/base/c.js"]);
        assert_eq!(names(Follow::Names).collect::<Vec<_>>(), {
            let mut all = FILES.map(|(name, _)| name);
            all.sort_unstable();
            all
        });
    }

    #[test]
    fn a_table_of_files_asks_for_none_of_them() {
        let table = "const t={\"a_bg.wasm\":{bytes:1},\"b_bg.wasm\":{bytes:2}};const c=d?\"c_bg.wasm\":0;";
        let wasm = ["vitro/a_bg.wasm", "vitro/b_bg.wasm", "vitro/c_bg.wasm"].map(|name| (name, "asm"));
        let (_folder, site) = site(&[[("vitro/t.js", table)].as_slice(), &wasm].concat());
        let found: Vec<_> = site.reach("vitro/t.js", Follow::Names).unwrap().into_iter().collect();
        assert_eq!(found, [Path::new("vitro/c_bg.wasm"), Path::new("vitro/t.js")]);
    }

    #[test]
    fn imported_modules_are_known_by_their_path_in_the_elements_folder() {
        let (_folder, site) = site(&FILES);
        let found: Vec<_> = site.imported(&["a.js".to_owned()]).unwrap().into_iter().collect();
        assert_eq!(found, ["a.js", "base/b.js", "base/c.js"]);
    }
}
