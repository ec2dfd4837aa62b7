//! Where images come from: what `data.source` says, and the kinds of datasets that are known.
//!
//! A kind is a file beside this one and a line of [`ALL`]. It is asked for by its name and makes its images, or it is
//! recognised by its files, in a folder or an archive, and says which of them are `train/<class>/…` and `test/<class>/…`.

use std::convert::Infallible;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::files::File;
use super::{Set, archive, cifar, folder, parquet, scenes, shards, tiny_imagenet, webdataset};
use crate::recipe::Data;

/// The kinds, in the order in which files are compared with them; the last one takes whatever there is.
pub const ALL: &[&Kind] = &[
    &scenes::KIND,
    &scenes::UNSEEN,
    &cifar::KIND,
    &tiny_imagenet::KIND,
    &parquet::KIND,
    &webdataset::KIND,
    &folder::KIND,
];

/// A kind of dataset.
#[derive(Debug)]
pub struct Kind {
    /// Its name; for images that are made, what `data.source` says.
    pub name: &'static str,
    /// What it is, for the help.
    pub words: &'static str,
    /// How to get at the images.
    pub(super) origin: Origin,
}

/// How the images of a kind are had.
#[derive(Debug)]
pub(super) enum Origin {
    /// They are made.
    Made(fn(&Data, String) -> Set),
    /// They are files.
    Files {
        /// Whether a list of files is of this kind.
        detect: fn(&[File]) -> bool,
        /// The same images, as class folders below `train` and `test`.
        arrange: fn(Vec<File>) -> Result<Vec<File>>,
        /// Whether one file by itself is a dataset of this kind, and no archive to unpack.
        alone: Option<fn(&Path) -> bool>,
    },
}

/// What `data.source` says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Source {
    /// Images that are made.
    Made(&'static Kind),
    /// A folder, an archive, or a list of shards in braces.
    Disk(PathBuf),
}

impl Source {
    /// The kind of images called `name` that are made, if there is one.
    pub fn made(name: &str) -> Option<Self> {
        let is_made = |kind: &&&Kind| matches!(kind.origin, Origin::Made(_)) && kind.name == name;
        ALL.iter().find(is_made).map(|kind| Self::Made(kind))
    }

    /// Name of the dataset for people.
    pub fn title(&self) -> String {
        match self {
            Self::Made(kind) => kind.name.to_owned(),
            Self::Disk(path) => archive::stem(&std::path::absolute(path).unwrap_or_else(|_| path.clone())),
        }
    }

    /// Whether it can be had from the working folder.
    pub fn is_here(&self) -> bool {
        match self {
            Self::Made(_) => true,
            Self::Disk(path) => shards::first(path).exists(),
        }
    }

    /// Where the files are: a relative path counts from the working folder or, if nothing is there, from `base`. Images that
    /// are made are nowhere.
    ///
    /// # Errors
    /// When nothing is there.
    pub fn locate(&self, base: &Path) -> Result<Option<PathBuf>> {
        let Self::Disk(path) = self else { return Ok(None) };
        let beside = base.join(path);
        let found = if self.is_here() { path } else { &beside };
        let names =
            ALL.iter().filter(|kind| matches!(kind.origin, Origin::Made(_))).map(|kind| format!("`{}`", kind.name));
        let names = names.collect::<Vec<_>>().join(", ");
        ensure!(
            shards::first(found).exists(),
            "there is no data at {}; set data.source to {names}, a folder or an archive",
            path.display()
        );
        Ok(Some(found.clone()))
    }

    /// The same source wherever the program is started.
    ///
    /// # Errors
    /// When nothing is there.
    pub fn absolute(&self, base: &Path) -> Result<Self> {
        Ok(match self.locate(base)? {
            Some(path) => Self::Disk(std::path::absolute(path)?),
            None => self.clone(),
        })
    }

    /// Whether both are the same place or the same images that are made.
    pub fn is_same(&self, base: &Path, other: &Self, others_base: &Path) -> bool {
        let place = |source: &Self, base: &Path| shards::first(&source.locate(base).ok()??).canonicalize().ok();
        match (self, other) {
            (Self::Made(one), Self::Made(other)) => one.name == other.name,
            _ => place(self, base).is_some_and(|one| place(other, others_base) == Some(one)),
        }
    }
}

/// The files of a dataset as class folders below `train` and `test`, by the first kind that they are of.
pub(super) fn arranged(files: Vec<File>) -> Result<Vec<File>> {
    for kind in ALL {
        if let Origin::Files { detect, arrange, .. } = kind.origin
            && detect(&files)
        {
            return arrange(files).with_context(|| format!("this is {}", kind.words));
        }
    }
    Ok(files)
}

/// Whether a file is a dataset by itself.
pub(super) fn is_alone(path: &Path) -> bool {
    ALL.iter().any(|kind| matches!(kind.origin, Origin::Files { alone: Some(is_alone), .. } if is_alone(path)))
}

/// What a source can be, a line for each kind.
pub fn help() -> String {
    let lines = ALL.iter().map(|kind| match kind.origin {
        Origin::Made(_) => format!("`{}`: {}", kind.name, kind.words),
        Origin::Files { .. } => format!("a path: {}", kind.words),
    });
    lines.collect::<Vec<_>>().join("\n")
}

impl Default for Source {
    fn default() -> Self {
        Self::Made(&scenes::KIND)
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Made(kind) => formatter.write_str(kind.name),
            Self::Disk(path) => write!(formatter, "{}", path.display()),
        }
    }
}

impl From<&str> for Source {
    fn from(text: &str) -> Self {
        Self::made(text).unwrap_or_else(|| Self::Disk(text.into()))
    }
}

impl From<String> for Source {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<Source> for String {
    fn from(source: Source) -> Self {
        source.to_string()
    }
}

impl FromStr for Source {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_known_name_or_a_path_and_stays_what_was_written() {
        assert!(matches!(Source::from(scenes::KIND.name), Source::Made(_)));
        for text in [scenes::KIND.name, "a/set.tar.zst", "folder", tiny_imagenet::KIND.name] {
            assert_eq!(Source::from(text).to_string(), text);
        }
        assert!(
            matches!(Source::from(tiny_imagenet::KIND.name), Source::Disk(_)),
            "a kind on disk has to be pointed to"
        );
        assert_eq!(Source::from("some/set.tar.zst").title(), "set");
    }

    #[test]
    fn the_help_tells_every_kind() {
        let help = help();
        assert!(ALL.iter().all(|kind| help.contains(kind.words)), "{help}");
    }
}
