//! The pictures that `vitro corrupt` takes: one file, or a part of a data set, with the paths that the copies get.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use super::files::{self, File};
use super::layout;

/// Which part of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Test pictures; everything when there are no splits.
    Test,
    /// Training pictures; everything when there are no splits.
    Train,
    /// Everything, with its whole path.
    All,
}

/// Pictures with the path below `corruption/severity`.
pub fn list(input: &Path, part: Part) -> Result<Vec<(PathBuf, File)>> {
    ensure!(input.exists(), "there is nothing at {}; name a picture, a folder or an archive", input.display());
    let is_file = input.is_file() && !super::is_archive(input);
    let files = if is_file { vec![File::on_disk(input)] } else { files::list(input)? };
    let chosen: Vec<(PathBuf, File)> = match part {
        Part::All => files.into_iter().map(|file| (file.path.iter().collect(), file)).collect(),
        Part::Test => layout::part(files, layout::Split::Test),
        Part::Train => layout::part(files, layout::Split::Train),
    };
    let pictures: Vec<(PathBuf, File)> = chosen
        .into_iter()
        .filter(|(path, _)| {
            let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
            is_file || layout::PICTURES.contains(&ending.as_str())
        })
        .collect();
    ensure!(!pictures.is_empty(), "{} holds no JPEG, PNG, WebP or BMP pictures", input.display());
    let mut copies: Vec<PathBuf> = pictures.iter().map(|(path, _)| path.with_extension("")).collect();
    copies.sort();
    if let Some(pair) = copies.windows(2).find(|pair| pair[0] == pair[1]) {
        anyhow::bail!("two pictures would become {}; rename one of them", pair[0].display());
    }
    Ok(pictures)
}
