//! `cargo xtask dist`: what is published. The page, the packages of the elements and of the zoo, and what a visitor downloads.
//!
//! The packages lie beside the site, in a folder with `-packages` after its name. They are made from the site's own files, so that
//! there is one build of everything.

mod archive;
mod join;
mod npm;
mod report;
mod site;

use crate::elements::Api;
use crate::page::{self, Profile};
use crate::{javascript, offline, step, workspace};
use anyhow::{Context, Result, bail};
use archive::Files;
use site::Site;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Where the files of the elements' package are served when nothing else is said.
const BASE: &str = "./vitro/";

/// What is built and told.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Check what a visitor downloads against its budgets; above one the exit code is 1.
    #[arg(long)]
    report: bool,
    /// Report on the page that was built before, and write nothing.
    #[arg(long, requires = "report")]
    built: bool,
    /// The address below which the files of the elements' package will be served, for importmap.json.
    #[arg(long, value_name = "ADDRESS", default_value = BASE, value_parser = base_address)]
    base: String,
}

/// Builds the page, writes the packages, and reports.
///
/// # Errors
/// The page does not build, or a file cannot be read or written.
pub fn run(args: &Args) -> Result<ExitCode> {
    javascript::ensure()?;
    let dist = workspace::dist_dir();
    if !args.built {
        page::build(&page::ENGINES, Profile::Page)?;
        shrink(&dist)?;
        let site = Site::read(&dist)?;
        publish(&site, &beside(&dist), &args.base)?;
        println!("The page is in {}: copy it to any static host.", dist.display());
    }
    if args.report
        && let Err(error) = report(&dist)
    {
        eprintln!("error: {error:#}");
        return Ok(ExitCode::from(1));
    }
    Ok(ExitCode::SUCCESS)
}

/// What a visitor downloads from the site in `dist`, against its budgets.
///
/// # Errors
/// A group of files is above its budget or not there.
pub fn report(dist: &Path) -> Result<()> {
    step::timed("Weighing what a visitor downloads", "under a minute", || report::check(&Site::read(dist)?))
}

/// Joins the scripts of the elements and of the page, where they are.
///
/// # Errors
/// Node's packages are not there, or a file cannot be read or written.
pub fn shrink(dist: &Path) -> Result<()> {
    join::join(&dist.join(site::ELEMENTS))?;
    join::join_page(&dist.join(site::PAGE))?;
    let index = dist.join("index.html");
    let page = fs::read_to_string(&index).with_context(|| format!("cannot read {}", index.display()))?;
    fs::write(&index, join::without_lost_modules(&page, |address| dist.join(address).is_file()))
        .with_context(|| format!("cannot write {}", index.display()))?;
    offline::list(dist)
}

/// Writes the packages of the site that is built in `dist` into a folder, which is made anew; returns their archives.
///
/// # Errors
/// Nothing is built there, or a file cannot be read or written.
pub fn pack(dist: &Path, folder: &Path) -> Result<Vec<PathBuf>> {
    publish(&Site::read(dist)?, folder, BASE)
}

/// Writes both packages, their hashes and the import map into a folder; returns the archives.
fn publish(site: &Site, folder: &Path, base: &str) -> Result<Vec<PathBuf>> {
    let api = Api::read()?;
    let elements = npm::elements(site, &api)?;
    let zoo = npm::zoo(site, &api)?;
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot write {}", folder.display()))?;
    let (mut hashes, mut archives) = (BTreeMap::new(), Vec::new());
    for (name, files) in [("elements", &elements), ("zoo", &zoo)] {
        let packed = archive::tgz(files)?;
        let archive = format!("vitro-{name}-{}.tgz", npm::VERSION);
        hashes.extend(integrities(name, files));
        hashes.insert(archive.clone(), archive::integrity(&packed));
        let path = folder.join(archive);
        write(&path, &packed)?;
        archives.push(path);
    }
    write(&folder.join("integrity.json"), (serde_json::to_string_pretty(&hashes)? + "\n").as_bytes())?;
    write(&folder.join("importmap.json"), npm::import_map(site, &api, &elements, base)?.as_bytes())?;
    Ok(archives)
}

/// The hash of every file of a package, by its path below the package's name.
fn integrities<'a>(package: &'a str, files: &'a Files) -> impl Iterator<Item = (String, String)> + 'a {
    files.iter().map(move |(path, bytes)| (format!("{package}/{path}"), archive::integrity(bytes)))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    println!("wrote {} ({} bytes)", path.display(), bytes.len());
    Ok(())
}

/// Where the packages lie.
fn beside(dist: &Path) -> PathBuf {
    let name = dist.file_name().unwrap_or_default().to_string_lossy();
    dist.with_file_name(format!("{name}-packages"))
}

/// An address that an import map takes.
fn base_address(text: &str) -> Result<String> {
    let starts = ["https://", "http://", "/", "./", "../"];
    if !starts.iter().any(|start| text.starts_with(start)) || !text.ends_with('/') {
        bail!("give an address that starts with https://, / or ./ and ends with a slash");
    }
    Ok(text.to_owned())
}

/// The files below a folder, sorted by path.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_a_folder_that_import_maps_take() {
        for good in ["https://cdn.example/vitro/", "/vitro/", "./vitro/"] {
            assert!(base_address(good).is_ok(), "{good}");
        }
        for bad in ["https://cdn.example/vitro", "vitro/", "ftp://a/", ""] {
            assert!(base_address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_packages_lie_beside_the_site() {
        assert_eq!(beside(Path::new("a/dist")), Path::new("a/dist-packages"));
    }
}
