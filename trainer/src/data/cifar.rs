//! CIFAR-10 and CIFAR-100 as the binary version is downloaded: `data_batch_1.bin` to `data_batch_5.bin`, `test_batch.bin` and
//! `batches.meta.txt`, or `train.bin`, `test.bin` and `fine_label_names.txt`.
//!
//! A record is the label (CIFAR-100: the coarse one, then the fine one) and 32×32 pixels, a plane each of red, green and blue.
//! The images stay where they are in their batch; each becomes a file in the folder of its class.

use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};

use super::files::{File, Pixels};
use super::source::{Kind, Origin};

/// The kind.
pub(super) const KIND: Kind = Kind {
    name: "cifar",
    words: "the binary version of CIFAR-10 or CIFAR-100, in a folder or an archive",
    origin: Origin::Files { detect, arrange },
};

/// Pixels of a side.
const SIDE: usize = 32;

/// One of the two datasets.
struct Version {
    /// What makes a folder one of this version.
    marks: &'static [&'static str],
    train: &'static [&'static str],
    test: &'static str,
    /// A class on each line.
    names: &'static str,
    classes: usize,
    /// Bytes before the pixels; the last one is the label.
    labels: usize,
}

const VERSIONS: &[Version] = &[
    Version {
        marks: &["data_batch_1.bin"],
        train: &["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"],
        test: "test_batch.bin",
        names: "batches.meta.txt",
        classes: 10,
        labels: 1,
    },
    Version {
        marks: &["train.bin", "fine_label_names.txt"],
        train: &["train.bin"],
        test: "test.bin",
        names: "fine_label_names.txt",
        classes: 100,
        labels: 2,
    },
];

/// Files of the version for Python, which only Python can read.
const PICKLED: &[&[&str]] = &[&["data_batch_1", "batches.meta"], &["train", "test", "meta"]];

fn detect(files: &[File]) -> bool {
    PICKLED.iter().any(|names| folder_of(files, names).is_some()) || version(files).is_some()
}

fn version(files: &[File]) -> Option<(&'static Version, Vec<String>)> {
    VERSIONS.iter().find_map(|version| Some((version, folder_of(files, version.marks)?)))
}

/// The folder that holds files of all these names.
fn folder_of(files: &[File], names: &[&str]) -> Option<Vec<String>> {
    let (first, others) = names.split_first()?;
    let folders = files.iter().filter_map(|file| {
        let (name, folder) = file.path.split_last()?;
        (name == first).then_some(folder)
    });
    let mut whole = folders.filter(|folder| others.iter().all(|name| find(files, folder, name).is_some()));
    whole.next().map(<[String]>::to_vec)
}

fn find<'a>(files: &'a [File], folder: &[String], name: &str) -> Option<&'a File> {
    files.iter().find(|file| file.path.split_last().is_some_and(|(last, above)| last == name && above == folder))
}

fn arrange(files: Vec<File>) -> Result<Vec<File>> {
    let Some((version, folder)) = version(&files) else {
        bail!("this is the version for Python, which other programs cannot read; download the binary version");
    };
    let file =
        |name: &str| find(&files, &folder, name).with_context(|| format!("{name} is missing; download it again"));
    let names = names(file(version.names)?, version)?;
    let mut images = Vec::new();
    for (split, batches) in [("train", version.train), ("test", &[version.test])] {
        for batch in batches {
            records(file(batch)?, split, version, &names, &mut images)?;
        }
    }
    Ok(images)
}

fn names(file: &File, version: &Version) -> Result<Vec<String>> {
    let bytes = file.read()?;
    let text = std::str::from_utf8(&bytes).with_context(|| format!("{} is no text; download it again", file.name()))?;
    let names: Vec<String> = text.lines().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let (found, wanted) = (names.len(), version.classes);
    ensure!(found == wanted, "{} names {found} classes instead of {wanted}; download it again", file.name());
    let repeated = names.iter().enumerate().find(|(index, name)| names[..*index].contains(name));
    if let Some((_, name)) = repeated {
        bail!("{} names {} twice; download it again", file.name(), super::names::shown(name));
    }
    Ok(names)
}

/// Adds the images of one batch.
fn records(file: &File, split: &str, version: &Version, names: &[String], images: &mut Vec<File>) -> Result<()> {
    let bytes: Arc<Vec<u8>> = file.read()?;
    let record = version.labels + 3 * SIDE * SIDE;
    let count = bytes.len() / record;
    ensure!(
        count > 0 && bytes.len().is_multiple_of(record),
        "{} has {} bytes, which are no whole records of {record}; download it again",
        file.name(),
        bytes.len()
    );
    let batch = file.path.last().map_or("", |name| name.trim_end_matches(".bin"));
    for index in 0..count {
        let at = index * record + version.labels;
        let label = bytes[at - 1];
        let name = names.get(usize::from(label)).with_context(|| {
            let last = version.classes - 1;
            format!("record {index} of {} has label {label}, above {last}; download it again", file.name())
        })?;
        let path = vec![split.to_owned(), name.clone(), format!("{batch}-{index:05}.png")];
        images.push(File::of_pixels(path, Pixels { file: bytes.clone(), at, side: SIDE }));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, bytes: Vec<u8>) -> File {
        File::in_memory(path.split('/').map(str::to_owned).collect(), Arc::new(bytes))
    }

    #[test]
    fn planes_become_pixels_and_labels_become_folders() {
        let mut record = vec![0, 3];
        record.extend([[10; 1024], [20; 1024], [30; 1024]].concat());
        record[2 + 33] = 99;
        let names: String = (0..100).map(|class| format!("thing {class:02}\n")).collect();
        let files = vec![
            file("c/fine_label_names.txt", names.into_bytes()),
            file("c/train.bin", record.clone()),
            file("c/test.bin", record),
        ];
        assert!(detect(&files));
        let images = arrange(files).unwrap();
        assert_eq!(images[1].name(), "test/thing 03/test-00000.png");
        let image = images[0].image().unwrap();
        assert_eq!((image.width(), image.pixel(0, 0), image.pixel(1, 1)), (32, [10, 20, 30], [99, 20, 30]));
        assert_eq!(vitro::image::decode(&images[0].read().unwrap()).unwrap().bytes(), image.bytes());
    }

    #[test]
    fn the_version_for_python_is_refused_with_the_way_out() {
        let files = vec![file("c/data_batch_1", Vec::new()), file("c/batches.meta", Vec::new())];
        assert!(detect(&files));
        assert!(arrange(files).unwrap_err().to_string().contains("binary version"));
    }
}
