//! `cargo xtask dist --report`: what a visitor downloads, in groups, each with the most that it may be.
//!
//! Sizes are those on the way: compressed by the host, as hosts do with each kind of file. brotli's highest quality takes a minute
//! or two for the largest engine, so it is asked for only where it decides.

use super::join::without_lost_modules;
use super::site::{ELEMENTS, Follow, Site};
use anyhow::{Context, Result, bail};
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Deserialize;
use std::io::Write;
use std::path::PathBuf;

/// Files that a visitor downloads for one purpose.
struct Group {
    name: &'static str,
    packing: Packing,
    /// The most bytes.
    budget: u64,
    files: Files,
}

/// Which files of a site belong to a group.
type Files = fn(&Site) -> Result<Vec<PathBuf>>;

/// How files are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    /// All together, each compressed by gzip.
    Gzip,
    /// All together, each compressed by brotli.
    Brotli,
    /// The largest of them, as it is: weights do not compress.
    Largest,
}

/// brotli's quality that is always tried. It takes a tenth of the time.
const QUICK: i32 = 9;
const HIGHEST: i32 = 11;
/// What the highest quality can make of the size at the quick one, in percent, at the best. Engines come to 87.
const AT_BEST: u64 = 80;

const GROUPS: &[Group] = &[
    group("page before a visitor acts", Packing::Gzip, 100_000, shell),
    group("scripts of vitro-compare", Packing::Gzip, 20_000, |site| scripts(site, "compare.js")),
    group("scripts of vitro-classify", Packing::Gzip, 20_000, |site| scripts(site, "classify.js")),
    group("scripts of vitro-corrupt", Packing::Gzip, 20_000, |site| scripts(site, "corrupt.js")),
    group("scripts of vitro-sweep", Packing::Gzip, 20_000, |site| scripts(site, "sweep.js")),
    group("vitro-corrupt alone", Packing::Brotli, 150_000, corrupt),
    group("processor engine", Packing::Brotli, 800_000, |site| engine(site, "cpu")),
    group("engine with gradients", Packing::Brotli, 1_000_000, |site| engine(site, "synthesis")),
    group("WebGPU engine", Packing::Brotli, 2_800_000, |site| engine(site, "webgpu")),
    group("largest model of the zoo, 16 bits", Packing::Largest, 2_000_000, |site| zoo(site, 2)),
    group("largest model of the zoo, 32 bits", Packing::Largest, 4_000_000, |site| zoo(site, 4)),
];

/// A group.
const fn group(name: &'static str, packing: Packing, budget: u64, files: Files) -> Group {
    Group { name, packing, budget, files }
}

/// Prints every group with its size.
///
/// # Errors
/// A group is above its budget; the sentence names all that are. Or a file is missing.
pub(super) fn check(site: &Site) -> Result<()> {
    let mut above = Vec::new();
    println!("{:>12} {:>12}", "bytes", "at most");
    for group in GROUPS {
        let most = group.budget;
        let size = group.size(site)?;
        println!("{size:>12} {most:>12}  {} ({})", group.name, group.packing.title());
        if size > most {
            above.push(format!("{} ({size} bytes, at most {most})", group.name));
        }
    }
    if !above.is_empty() {
        bail!("above what a visitor may be asked to download: {}", above.join(", "));
    }
    Ok(())
}

impl Group {
    /// Its size, as exact as it must be to compare it with its budget.
    fn size(&self, site: &Site) -> Result<u64> {
        let files = (self.files)(site)?;
        let contents = files.iter().map(|path| site.bytes(path)).collect::<Result<Vec<_>>>()?;
        let sum = |size: &dyn Fn(&[u8]) -> Result<u64>| contents.iter().map(|bytes| size(bytes)).sum::<Result<u64>>();
        Ok(match self.packing {
            Packing::Gzip => sum(&gzip)?,
            Packing::Brotli => match sum(&|bytes| brotli(bytes, QUICK))? {
                quick if quick <= self.budget || quick * AT_BEST / 100 > self.budget => quick,
                _ => sum(&|bytes| brotli(bytes, HIGHEST))?,
            },
            Packing::Largest => contents.iter().map(|bytes| bytes.len() as u64).max().unwrap_or(0),
        })
    }
}

impl Packing {
    fn title(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Brotli => "brotli",
            Self::Largest => "as it is",
        }
    }
}

/// The page, what it names in its head, and every module that its script imports.
fn shell(site: &Site) -> Result<Vec<PathBuf>> {
    let index = site.file("index.html")?;
    let text = String::from_utf8(site.bytes(&index)?).context("index.html is not UTF-8")?;
    let text = without_lost_modules(&text, |address| site.file(address).is_ok());
    let mut files = site.reach("page/page.js", Follow::Imports)?;
    files.insert(index);
    for attribute in ["href=\"", "src=\""] {
        for rest in text.split(attribute).skip(1) {
            let name = rest.split(['"', '?']).next().unwrap_or_default();
            // Links to other pages are not downloads.
            if !name.is_empty() && !name.ends_with(".html") && !name.contains(':') {
                files.insert(site.file(name)?);
            }
        }
    }
    Ok(files.into_iter().collect())
}

/// Every module that a page with that element loads before the element starts.
fn scripts(site: &Site, module: &str) -> Result<Vec<PathBuf>> {
    Ok(site.reach(&format!("{ELEMENTS}/{module}"), Follow::Imports)?.into_iter().collect())
}

/// The smallest element with its worker and its engine.
fn corrupt(site: &Site) -> Result<Vec<PathBuf>> {
    let files = site.reach(&format!("{ELEMENTS}/corrupt.js"), Follow::Names)?;
    if !files.iter().any(|path| path.extension().is_some_and(|ending| ending == "wasm")) {
        bail!("no engine is reached from corrupt.js: name its file in a script");
    }
    Ok(files.into_iter().collect())
}

fn engine(site: &Site, name: &str) -> Result<Vec<PathBuf>> {
    ["_bg.wasm", ".js"].iter().map(|ending| site.file(&format!("{ELEMENTS}/engine-{name}{ending}"))).collect()
}

/// The bundles of the zoo's list whose weights take so many bytes: two, or four where rounding would make another model.
fn zoo(site: &Site, width: u64) -> Result<Vec<PathBuf>> {
    #[derive(Deserialize)]
    struct Entry {
        file: String,
        bytes: u64,
        params: u64,
    }
    let index = site.bytes(&site.file(&format!("{ELEMENTS}/zoo/index.json"))?)?;
    let entries: Vec<Entry> = serde_json::from_slice(&index).context("the zoo's index.json is no list of bundles")?;
    // A bundle is its weights and a few kilobytes of text; some arrays of a bundle in 16 bits keep 32.
    let is_wide = |entry: &Entry| entry.bytes > 3 * entry.params;
    let of_width = entries.iter().filter(|entry| is_wide(entry) == (width > 2));
    of_width.map(|entry| site.file(&format!("{ELEMENTS}/zoo/{}", entry.file))).collect()
}

fn gzip(bytes: &[u8]) -> Result<u64> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len() as u64)
}

fn brotli(bytes: &[u8], quality: i32) -> Result<u64> {
    let parameters = BrotliEncoderParams { quality, lgwin: 24, size_hint: bytes.len(), ..Default::default() };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut packed, &parameters).context("cannot compress")?;
    Ok(packed.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::super::site::tests::site;
    use super::*;

    const FILES: [(&str, &str); 5] = [
        ("index.html", "<link href=\"page/page.css\"><link href=\"vitro/vitro.js?v=1\"><a href=\"docs/index.html\">"),
        ("page/page.css", "body {}"),
        ("page/page.js", "import { a } from '../vitro/vitro.js';"),
        ("vitro/vitro.js", "export const a=1,w=new Worker(\"worker.js\")"),
        ("vitro/worker.js", "postMessage(1)"),
    ];

    #[test]
    fn the_page_is_what_its_head_names_and_what_its_script_imports() {
        let (_folder, site) = site(&FILES);
        let found: Vec<_> = shell(&site).unwrap().into_iter().map(|path| path.display().to_string()).collect();
        assert_eq!(found, ["index.html", "page/page.css", "page/page.js", "vitro/vitro.js"]);
    }

    #[test]
    fn a_group_counts_its_files_as_they_travel() {
        let (_folder, site) = site(&FILES);
        let size = |packing, budget| group("", packing, budget, shell).size(&site).unwrap();
        assert_eq!(size(Packing::Largest, 0), FILES[0].1.len() as u64);
        assert!(size(Packing::Gzip, 0) > 4 * 20);
        let quick = size(Packing::Brotli, u64::MAX);
        assert_eq!(size(Packing::Brotli, 0), quick, "out of reach");
        // Of a few bytes, the highest quality makes as many.
        assert!(size(Packing::Brotli, quick - 1).abs_diff(quick) < 16);
    }

    #[test]
    fn an_element_without_its_engine_is_no_small_element() {
        let (_folder, site) = site(&[("vitro/corrupt.js", "export const a=1")]);
        assert!(corrupt(&site).unwrap_err().to_string().contains("no engine is reached"));
    }
}
