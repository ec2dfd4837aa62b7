//! The images that `vitro corrupt` takes: one file, or a part of a dataset, with the paths that the copies get.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use super::files::{self, File};
use super::names::sort_classes;
use super::{layout, shards};

/// Which part of a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Test images; everything when there are no splits.
    Test,
    /// Training images; everything when there are no splits.
    Train,
    /// Everything, with its whole path.
    All,
}

/// Images in the order in which datasets are read: sorted by path.
#[derive(Debug)]
pub struct Images {
    /// Each with its path below the split folder, `class/file`.
    pub files: Vec<(PathBuf, File)>,
    /// The rank of each one's class folder among those of the whole dataset; none where images lie outside of them.
    pub labels: Option<Vec<usize>>,
}

/// Lists the images of a file, a folder or an archive.
pub fn list(input: &Path, part: Part) -> Result<Images> {
    ensure!(
        shards::first(input).exists(),
        "there is nothing at {}; name an image, a folder or an archive",
        input.display()
    );
    let is_file = input.is_file() && !super::is_archive(input);
    let found = if is_file { vec![File::on_disk(input)] } else { files::list(input)? };
    let is_image = |(_, file): &(PathBuf, File)| is_file || file.is_said_to_be_image();
    let split = |split| layout::part(found.clone(), split).into_iter().filter(is_image).collect::<Vec<_>>();
    let (files, labels) = match part {
        Part::All => {
            let whole = found.into_iter().map(|file| (file.path.iter().collect(), file));
            (whole.filter(is_image).collect(), None)
        }
        Part::Test => {
            let test = split(layout::Split::Test);
            let labels = labels(&test, &split(layout::Split::Train));
            (test, labels)
        }
        Part::Train => {
            let train = split(layout::Split::Train);
            let labels = labels(&train, &[]);
            (train, labels)
        }
    };
    ensure!(!files.is_empty(), "{} holds no JPEG, PNG, WebP or BMP images", input.display());
    let mut copies: Vec<PathBuf> = files.iter().map(|(path, _)| path.with_extension("")).collect();
    copies.sort();
    if let Some(pair) = copies.windows(2).find(|pair| pair[0] == pair[1]) {
        anyhow::bail!("two images would become {}; rename one of them", pair[0].display());
    }
    Ok(Images { files, labels })
}

/// The rank of each image's class among those of `files` and `others`.
fn labels(files: &[(PathBuf, File)], others: &[(PathBuf, File)]) -> Option<Vec<usize>> {
    let class = |path: &Path| -> Option<String> {
        let mut parts = path.components();
        let first = parts.next()?.as_os_str().to_string_lossy().into_owned();
        parts.next().map(|_| first)
    };
    let classes: Vec<String> = files.iter().map(|(path, _)| class(path)).collect::<Option<_>>()?;
    let more = others.iter().filter_map(|(path, _)| class(path));
    let mut known: Vec<String> = classes.iter().cloned().chain(more).collect::<BTreeSet<_>>().into_iter().collect();
    sort_classes(&mut known);
    let ranks: HashMap<&str, usize> = known.iter().enumerate().map(|(rank, class)| (class.as_str(), rank)).collect();
    Some(classes.iter().map(|class| ranks.get(class.as_str()).copied().unwrap_or_default()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(paths: &[&str]) -> Vec<(PathBuf, File)> {
        let file = |path: &&str| {
            let parts = path.split('/').map(str::to_owned).collect();
            (PathBuf::from(path), File::in_memory(parts, Default::default()))
        };
        paths.iter().map(file).collect()
    }

    #[test]
    fn labels_count_classes_that_only_training_has() {
        let test = files(&["b/1.png", "d/1.png", "d/2.png"]);
        assert_eq!(labels(&test, &files(&["a/9.png", "b/9.png", "c/9.png", "d/9.png"])), Some(vec![1, 3, 3]));
        assert_eq!(labels(&test, &[]), Some(vec![0, 1, 1]));
        assert_eq!(labels(&files(&["b/1.png", "loose.png"]), &[]), None);
        assert_eq!(labels(&files(&["0/1.png", "2/1.png", "10/1.png"]), &[]), Some(vec![0, 1, 2]));
    }
}
