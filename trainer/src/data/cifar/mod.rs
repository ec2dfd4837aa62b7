//! CIFAR-10 and CIFAR-100 as they are downloaded. The binary version: `data_batch_1.bin` to `data_batch_5.bin`, `test_batch.bin`
//! and `batches.meta.txt`, or `train.bin`, `test.bin` and `fine_label_names.txt`. The version for Python: the same batches as
//! pickles, with the names in `batches.meta` or `meta`.
//!
//! A binary record is the label (CIFAR-100: the coarse one, then the fine one) and 32×32 pixels, a plane each of red, green and
//! blue; a pickle has a list of labels and an array of such pixels. The images stay where they are in their batch; each becomes a
//! file in the folder of its class, with the same name in both versions.

mod pickle;

use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};

use super::files::{File, Pixels};
use super::names;
use super::source::{Kind, Origin};
use pickle::Pickle;

/// The kind.
pub(super) const KIND: Kind = Kind {
    name: "cifar",
    words: "CIFAR-10 or CIFAR-100 as downloaded, binary or for Python, in a folder or an archive",
    origin: Origin::Files { detect, arrange, alone: None },
};

/// Pixels of a side.
const SIDE: usize = 32;
/// Bytes of the pixels of an image.
const PIXELS: usize = 3 * SIDE * SIDE;

/// One of the datasets in one of its forms.
struct Version {
    /// What makes a folder one of this version.
    marks: &'static [&'static str],
    train: &'static [&'static str],
    test: &'static str,
    /// The file that names the classes.
    names: &'static str,
    classes: usize,
    form: Form,
}

enum Form {
    /// Records after each other, with so many labels before the pixels; the last one counts. A class is on each line.
    Binary { labels: usize },
    /// Dictionaries, with the keys of labels and of names.
    Pickled { labels: &'static str, names: &'static str },
}

const VERSIONS: &[Version] = &[
    Version {
        marks: &["data_batch_1.bin"],
        train: &["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"],
        test: "test_batch.bin",
        names: "batches.meta.txt",
        classes: 10,
        form: Form::Binary { labels: 1 },
    },
    Version {
        marks: &["train.bin", "fine_label_names.txt"],
        train: &["train.bin"],
        test: "test.bin",
        names: "fine_label_names.txt",
        classes: 100,
        form: Form::Binary { labels: 2 },
    },
    Version {
        marks: &["data_batch_1", "batches.meta"],
        train: &["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"],
        test: "test_batch",
        names: "batches.meta",
        classes: 10,
        form: Form::Pickled { labels: "labels", names: "label_names" },
    },
    Version {
        marks: &["train", "test", "meta"],
        train: &["train"],
        test: "test",
        names: "meta",
        classes: 100,
        form: Form::Pickled { labels: "fine_labels", names: "fine_label_names" },
    },
];

fn detect(files: &[File]) -> bool {
    version(files).is_some()
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
    let Some((version, folder)) = version(&files) else { return Ok(files) };
    let file =
        |name: &str| find(&files, &folder, name).with_context(|| format!("{name} is missing; download it again"));
    let names = names(file(version.names)?, version)?;
    let mut images = Vec::new();
    for (split, batches) in [("train", version.train), ("test", &[version.test])] {
        for batch in batches {
            let file = file(batch)?;
            let records = Records::of(file, version)?;
            let stem = batch.trim_end_matches(".bin");
            for (index, Record { label, at, step }) in records.images.into_iter().enumerate() {
                let name = usize::try_from(label).ok().and_then(|label| names.get(label)).with_context(|| {
                    let last = version.classes - 1;
                    format!("record {index} of {} has label {label}, not 0 to {last}; download it again", file.name())
                })?;
                let path = vec![split.to_owned(), name.clone(), format!("{stem}-{index:05}.png")];
                images.push(File::of_pixels(path, Pixels { file: records.bytes.clone(), at, step, side: SIDE }));
            }
        }
    }
    Ok(images)
}

fn names(file: &File, version: &Version) -> Result<Vec<String>> {
    let (bytes, shown) = (file.read()?, file.name());
    let names: Vec<String> = match version.form {
        Form::Binary { .. } => {
            let text = std::str::from_utf8(&bytes).with_context(|| format!("{shown} is no text; download it again"))?;
            text.lines().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
        }
        Form::Pickled { names, .. } => {
            let read = Pickle::read(&bytes).and_then(|pickle| pickle.texts(pickle.item(names)?));
            read.with_context(|| format!("{shown} cannot be read; download it again"))?
        }
    };
    let (found, wanted) = (names.len(), version.classes);
    ensure!(found == wanted, "{shown} names {found} classes instead of {wanted}; download it again");
    let names: Vec<String> = names.iter().map(|name| names::folder(name)).collect();
    let repeated = names.iter().enumerate().find(|(index, name)| names[..*index].contains(name));
    if let Some((_, name)) = repeated {
        bail!("{shown} names {} twice; download it again", names::shown(name));
    }
    Ok(names)
}

/// The images of a batch.
struct Records {
    bytes: Arc<Vec<u8>>,
    images: Vec<Record>,
}

/// An image: its label, where its pixels begin, and how far it is from one to the next.
struct Record {
    label: i64,
    at: usize,
    step: usize,
}

impl Records {
    fn of(file: &File, version: &Version) -> Result<Self> {
        let bytes = file.read()?;
        let images = match version.form {
            Form::Binary { labels } => binary(&bytes, labels),
            Form::Pickled { labels, .. } => pickled(&bytes, labels),
        };
        Ok(Self { images: images.with_context(|| format!("{}; download it again", file.name()))?, bytes })
    }
}

fn binary(bytes: &[u8], labels: usize) -> Result<Vec<Record>> {
    let record = labels + PIXELS;
    let count = bytes.len() / record;
    ensure!(
        count > 0 && bytes.len().is_multiple_of(record),
        "it has {} bytes, which are no whole records of {record}",
        bytes.len()
    );
    let starts = (0..count).map(|index| index * record + labels);
    Ok(starts.map(|at| Record { label: bytes[at - 1].into(), at, step: 1 }).collect())
}

fn pickled(bytes: &[u8], labels: &str) -> Result<Vec<Record>> {
    let pickle = Pickle::read(bytes)?;
    let (rows, found) = (pickle.rows(pickle.item("data")?, PIXELS)?, pickle.numbers(pickle.item(labels)?)?);
    ensure!(rows.count == found.len() && rows.count > 0, "it has {} images and {} labels", rows.count, found.len());
    let (step, to_next) = rows.steps;
    let record = |(index, label): (usize, i64)| Record { label, at: rows.at + index * to_next, step };
    Ok(found.into_iter().enumerate().map(record).collect())
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
}
