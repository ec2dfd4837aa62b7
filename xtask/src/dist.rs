//! `cargo xtask dist`: the page for publishing, and what a visitor downloads.

use crate::page::{self, Profile};
use crate::{system, workspace};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Builds the page with the slow profile and prints the size of each file, plain and compressed.
///
/// # Errors
/// The page does not build.
pub fn run() -> Result<()> {
    page::build(&page::ENGINES, Profile::Dist)?;
    let dist = workspace::dist_dir();
    let brotli = system::on_path("brotli");
    println!("{:>12} {:>12}", "bytes", "brotli");
    let mut sums = (0, 0);
    for file in files(&dist)? {
        let plain = fs::metadata(&file)?.len();
        let compressed = brotli.as_deref().map(|brotli| compressed_size(brotli, &file)).transpose()?;
        let shown = compressed.map_or("-".to_owned(), |size| size.to_string());
        println!("{plain:>12} {shown:>12}  {}", file.strip_prefix(&dist).unwrap_or(&file).display());
        sums = (sums.0 + plain, sums.1 + compressed.unwrap_or(0));
    }
    println!("{:>12} {:>12}  together", sums.0, if brotli.is_some() { sums.1.to_string() } else { "-".to_owned() });
    if brotli.is_none() {
        println!("For the compressed sizes install the brotli command (Debian: apt-get install brotli).");
    }
    println!("The page is in {}: copy it to any static host.", dist.display());
    Ok(())
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

fn compressed_size(brotli: &Path, file: &Path) -> Result<usize> {
    let mut command = Command::new(brotli);
    let output = command.args(["--stdout", "--quality=11"]).arg(file).stderr(Stdio::inherit()).output()?;
    Ok(output.stdout.len())
}
