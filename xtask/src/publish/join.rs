//! Scripts as they are published: a few files in place of many, without comments and spaces.
//!
//! Those of the page become one, and one for each part that a visitor asks for. Of the elements, modules that pages import and
//! scripts that run as workers keep their names; what several of them need goes into `parts/`. All scripts
//! that run on the page lie one folder deep, and so do the parts, so that the addresses in them (`../engine/worker/worker.js`) stay true.

use super::site::is_script;
use crate::javascript;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;

/// What pages import. It keeps its name.
const MODULES: [&str; 5] = ["vitro.js", "compare.js", "classify.js", "corrupt.js", "sweep.js"];
/// What the page imports later, when a visitor asks for it. It is joined apart: what it has in common with the others would cut those into
/// more files, which every visitor would pay for.
const LATER: [&str; 1] = ["synthesis/client.js"];
/// What runs as a worker. It keeps its name, and is joined apart: a browser shares nothing between the two, and what both need
/// would fall into many small files.
const WORKERS: [&str; 6] = [
    "engine/worker/worker.js",
    "engine/worker/webgpu-worker.js",
    "corrupt/worker.js",
    "sweep/worker.js",
    "sweep/webgpu-worker.js",
    "synthesis/worker.js",
];
/// Where the rest goes.
const PARTS: &str = "parts";

/// The page's script, with everything that it imports but [`OTHERS`].
const PAGE: &str = "page.js";
/// What it imports before all else, and what runs then: it takes hold of the markup before the elements' script replaces that.
const FIRST: &str = "opening.js";
/// What it imports as files of their own, told apart by the name of their build, in this order.
const OTHERS: [&str; 2] = ["./opening.js*", "../vitro/*"];
/// What runs before it, each by itself, also in browsers from before modules.
const EARLY: [&str; 2] = ["early.js", "start.js"];
/// A script of the page that is there until they are joined.
const UNJOINED: &str = "address.js";

/// The scripts that belong to a WebAssembly module each. They are loaded beside it.
pub(super) const ENGINES: [&str; 4] = ["engine-corrupt.js", "engine-cpu.js", "engine-synthesis.js", "engine-webgpu.js"];

/// Joins the scripts in the elements' folder, in place. Does nothing where they are joined already.
pub(super) fn join(folder: &Path) -> Result<()> {
    if folder.join(PARTS).exists() {
        return Ok(());
    }
    let mut scripts = super::files(folder)?;
    let engines = ENGINES.map(|engine| folder.join(engine));
    scripts.retain(|path| is_script(path) && !engines.contains(path));
    for path in &scripts {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let plain: String = text.split_inclusive('\n').map(without_build).collect();
        let small = with_small_style(&plain, javascript::small_style).with_context(|| path.display().to_string())?;
        fs::write(path, small).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let others = engines.map(|engine| engine.display().to_string());
    for entries in [&MODULES[..], &LATER, &WORKERS] {
        javascript::join(folder, entries, &others, &format!("{PARTS}/[name]-[hash]"))?;
    }
    for path in entries().map(|entry| folder.join(entry)).chain(super::files(&folder.join(PARTS))?) {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let place = path.strip_prefix(folder)?.to_string_lossy().replace('\\', "/");
        fs::write(&path, with_engines(&place, &text)).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let kept: Vec<_> = entries().map(|entry| folder.join(entry)).collect();
    for path in scripts.iter().filter(|path| !kept.contains(path)) {
        fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

/// Joins the scripts in the page's folder, in place. Does nothing where they are joined already.
pub(super) fn join_page(folder: &Path) -> Result<()> {
    if !folder.join(UNJOINED).is_file() {
        return Ok(());
    }
    let mut scripts = super::files(folder)?;
    scripts.retain(|path| is_script(path));
    for path in &scripts {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let is_kept =
            |line: &str| OTHERS.iter().any(|other| line.contains(&format!("'{}", other.trim_end_matches('*'))));
        let plain: String = text
            .split_inclusive('\n')
            .map(|line| if is_kept(line) { line.to_owned() } else { without_build(line) })
            .collect();
        let small = with_small_style(&plain, javascript::small_style).with_context(|| path.display().to_string())?;
        fs::write(path, small).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let sheet = folder.join("page.css");
    let text = fs::read_to_string(&sheet).with_context(|| format!("cannot read {}", sheet.display()))?;
    fs::write(&sheet, javascript::small_style(&text)?).with_context(|| format!("cannot write {}", sheet.display()))?;
    javascript::shrink(folder, &EARLY)?;
    javascript::join(folder, &[PAGE], &OTHERS.map(str::to_owned), "[name]-[hash]")?;
    javascript::join(folder, &[FIRST], &[], "[name]-[hash]")?;
    let kept = [PAGE, FIRST, EARLY[0], EARLY[1]].map(|name| folder.join(name));
    scripts.retain(|path| !kept.contains(path));
    // Last what says that they are not joined yet.
    scripts.sort_by_key(|path| path.ends_with(UNJOINED));
    scripts
        .iter()
        .try_for_each(|path| fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display())))
}

fn entries() -> impl Iterator<Item = &'static str> {
    MODULES.into_iter().chain(LATER).chain(WORKERS)
}

/// Takes the addresses out of a page that ask the browser to fetch modules early which are not there any more.
pub(super) fn without_lost_modules(page: &str, is_there: impl Fn(&str) -> bool) -> String {
    let is_lost = |line: &str| {
        let address = line.split("href=\"").nth(1).and_then(|rest| rest.split(['"', '?']).next());
        line.contains("rel=\"modulepreload\"") && address.is_some_and(|address| !is_there(address))
    };
    page.split_inclusive('\n').filter(|line| !is_lost(line)).collect()
}

/// A line of a script whose import, if it is one, names no build: joined scripts are told apart by the hash in their own names.
fn without_build(line: &str) -> String {
    let is_import =
        [" from '.", "import('."].iter().any(|import| line.contains(import)) || line.starts_with("import '.");
    match line.split_once(".js?v=") {
        Some((start, rest)) if is_import => {
            format!("{start}.js{}", rest.trim_start_matches(|letter: char| letter.is_ascii_hexdigit()))
        }
        _ => line.to_owned(),
    }
}

/// A joined script whose imports of engines lead from its own folder: what joins them writes them as from the elements' folder.
fn with_engines(entry: &str, script: &str) -> String {
    let up = "../".repeat(entry.matches('/').count());
    ENGINES.iter().filter(|_| !up.is_empty()).fold(script.to_owned(), |script, engine| {
        script.replace(&format!("from\"./{engine}\""), &format!("from\"{up}{engine}\""))
    })
}

/// A script whose style sheet, if it has one, is as small as `small` makes it: to what joins scripts it is text.
fn with_small_style(script: &str, small: impl Fn(&str) -> Result<String>) -> Result<String> {
    let Some((start, rest)) = script.split_once("STYLE = `") else { return Ok(script.to_owned()) };
    let (sheet, end) = rest.split_once("`;").context("its style sheet does not end")?;
    ensure!(!sheet.contains(['\\', '$']), "its style sheet has escapes, which would be read twice");
    Ok(format!("{start}STYLE = `{}`;{end}", small(sheet)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_name_no_build_and_addresses_still_do() {
        assert_eq!(without_build("import { a } from '../a.js?v=0123abcd';\n"), "import { a } from '../a.js';\n");
        assert_eq!(without_build("await import('./a.js?v=0123abcd');\n"), "await import('./a.js');\n");
        let address = "const make = () => new Worker(new URL('../corrupt/worker.js?v=0123abcd', import.meta.url));\n";
        assert_eq!(without_build(address), address);
    }

    #[test]
    fn engines_are_imported_from_where_they_are() {
        let script = "import*as a from\"./engine-cpu.js\";import b from\"../parts/b.js\";";
        let there = "import*as a from\"../../engine-cpu.js\";import b from\"../parts/b.js\";";
        assert_eq!(with_engines("engine/worker/worker.js", script), there);
        assert_eq!(with_engines("vitro.js", script), script);
    }

    #[test]
    fn style_sheets_are_made_small_where_they_are() {
        let small = |sheet: &str| Ok(sheet.replace([' ', '\n'], ""));
        let script = "import { a } from './a.js';\nexport const WIDE_STYLE = `\na { b: c }\n`;\nconst d = `e f`;\n";
        let expected = "import { a } from './a.js';\nexport const WIDE_STYLE = `a{b:c}`;\nconst d = `e f`;\n";
        assert_eq!(with_small_style(script, small).unwrap(), expected);
        assert_eq!(with_small_style("const d = `e f`;", small).unwrap(), "const d = `e f`;");
        assert!(with_small_style("const STYLE = `a::before { content: \"${b}\" }`;", small).is_err());
    }

    #[test]
    fn a_page_asks_early_for_modules_that_are_there() {
        let page =
            "<link rel=\"modulepreload\" href=\"a.js?v=1\">\n<link rel=\"modulepreload\" href=\"b.js\">\n<p>b.js</p>\n";
        let left = "<link rel=\"modulepreload\" href=\"a.js?v=1\">\n<p>b.js</p>\n";
        assert_eq!(without_lost_modules(page, |address| address == "a.js"), left);
    }

    #[test]
    fn every_entry_is_a_script() {
        let web = crate::workspace::root().join("web");
        let of_page = [PAGE, FIRST, EARLY[0], EARLY[1], UNJOINED].map(|entry| web.join("page").join(entry));
        for entry in entries().map(|entry| web.join("element").join(entry)).chain(of_page) {
            assert!(entry.is_file(), "{}", entry.display());
        }
    }
}
