//! Arrays as `corruption.npy` beside `labels.npy`: CIFAR-10-C and CIFAR-100-C.
//!
//! An array holds n images at severity 1, the same n at severity 2, and so on to 5, as bytes `[5n, y, x, 3]`. The published
//! labels repeat the n labels five times; n labels alone will do.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use vitro::corruption::{self, Corruption, Severity};
use vitro::image::Rgb8;

use crate::npy::{Kind, Npy};

/// The arrays, open.
pub(super) struct Arrays {
    labels: Vec<usize>,
    files: BTreeMap<&'static str, Npy>,
}

impl Arrays {
    /// Opens the arrays of `root` that are `wanted`.
    pub(super) fn open(root: &Path, wanted: impl Fn(&Corruption, Severity) -> bool) -> Result<Self> {
        let mut files = BTreeMap::new();
        for corruption in corruption::ALL {
            let path = root.join(format!("{}.npy", corruption.name));
            if path.is_file() && Severity::ALL.iter().any(|severity| wanted(corruption, *severity)) {
                let file = Npy::open(&path)?;
                let images = file.kind == Kind::U8 && file.shape.len() == 4 && file.shape[3] == 3;
                ensure!(
                    images && file.shape[1] > 0 && file.shape[2] > 0,
                    "{} holds {:?}; images are bytes [5·n, height, width, 3]",
                    path.display(),
                    file.shape
                );
                files.insert(corruption.name, file);
            }
        }
        let shown = root.display();
        ensure!(!files.is_empty(), "{shown} holds labels.npy but no array that was asked for, such as fog.npy");
        let rows = files.values().next().map_or(0, Npy::len);
        for (name, file) in &files {
            ensure!(file.len() == rows, "{name}.npy has {} rows where others have {rows}; write it again", file.len());
        }
        ensure!(
            rows > 0 && rows.is_multiple_of(5),
            "the arrays of {shown} have {rows} rows, not five times the test images"
        );
        let labels = labels(&root.join("labels.npy"), rows / 5)?;
        Ok(Self { labels, files })
    }

    pub(super) fn has(&self, corruption: &str) -> bool {
        self.files.contains_key(corruption)
    }

    pub(super) fn size(&self) -> [usize; 2] {
        self.files.values().next().map_or([0, 0], |file| [file.shape[2], file.shape[1]])
    }

    pub(super) fn labels(&self) -> &[usize] {
        &self.labels
    }

    pub(super) fn image(&self, corruption: &str, severity: Severity, index: usize) -> Result<Rgb8> {
        let file = self.files.get(corruption).with_context(|| format!("{corruption}.npy is not there"))?;
        let row = (usize::from(severity.get()) - 1) * self.labels.len() + index;
        let image = Rgb8::new(file.shape[2], file.shape[1], file.row(row)?);
        image.with_context(|| format!("row {row} of {corruption}.npy is no image"))
    }
}

/// The `count` labels of one severity.
fn labels(path: &Path, count: usize) -> Result<Vec<usize>> {
    let file = Npy::open(path)?;
    let numbers = file.integers()?;
    let shown = path.display();
    ensure!(
        numbers.len() == count || numbers.len() == 5 * count,
        "{shown} has {} labels for {count} images at five severities",
        numbers.len()
    );
    ensure!(
        numbers.chunks(count).all(|part| part == &numbers[..count]),
        "{shown} has other labels at one severity than at another; write it again"
    );
    let label = |number: &i64| usize::try_from(*number).ok();
    let labels = numbers[..count].iter().map(label).collect::<Option<Vec<usize>>>();
    labels.with_context(|| format!("{shown} has labels below 0; labels count classes from 0"))
}
