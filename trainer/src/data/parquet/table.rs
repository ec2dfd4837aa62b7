//! One Parquet file of images: which columns are meant, the labels of all rows, and the bytes of one image at a time.
//!
//! A row group is read whole and kept where all groups together are small. Where they are not, whole pages are passed over
//! unread, and the page that holds the image is read for it alone.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use parquet::basic::{Compression, Type};
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::Result as ParquetResult;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;

use super::super::archive::{MEMBER, size};
use super::super::files::Container;
use super::super::names;

/// Columns of images, the likeliest first.
const IMAGES: &[&str] = &["image", "img"];
/// Columns of labels, the likeliest first.
const LABELS: &[&str] = &["label", "fine_label", "labels", "class", "cls", "target"];

/// A file with its labels.
pub(super) struct Opened {
    /// Its images.
    pub(super) table: Table,
    /// The label of each row.
    pub(super) labels: Labels,
    /// What the numbers mean, where it says so.
    pub(super) classes: Option<Vec<String>>,
    /// Bytes of all images.
    pub(super) bytes: u64,
}

/// The labels of rows.
pub(super) enum Labels {
    /// As numbers.
    Numbers(Vec<Option<i64>>),
    /// As names.
    Texts(Vec<Option<String>>),
}

impl Labels {
    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Texts(texts) => texts.len(),
        }
    }

    /// Whether any row has one.
    pub(super) fn has_some(&self) -> bool {
        match self {
            Self::Numbers(numbers) => numbers.iter().flatten().any(|label| *label >= 0),
            Self::Texts(texts) => texts.iter().any(Option::is_some),
        }
    }

    /// The class folder of a row, `folders` being those of the numbers; nothing where it has no label.
    ///
    /// # Errors
    /// When its number has no folder.
    pub(super) fn class(&self, row: usize, folders: &[String]) -> Result<Option<String>> {
        let number = match self {
            Self::Texts(texts) => return Ok(texts[row].as_deref().map(names::folder)),
            Self::Numbers(numbers) => numbers[row].and_then(|label| usize::try_from(label).ok()),
        };
        let Some(label) = number else { return Ok(None) };
        if folders.is_empty() {
            return Ok(Some(label.to_string()));
        }
        let folder = folders.get(label).cloned();
        Ok(Some(folder.with_context(|| format!("it has label {label}, but there are {} classes", folders.len()))?))
    }
}

/// The images of one file, by row.
#[derive(Debug)]
pub(super) struct Table {
    source: Arc<Source>,
    about: ParquetMetaData,
    /// Which of the columns holds the images.
    column: usize,
    /// The first row of each row group, and the number of all rows.
    starts: Vec<usize>,
    /// The images of each row group; empty where they are not kept.
    kept: Vec<OnceLock<Vec<Option<Bytes>>>>,
}

impl Opened {
    /// Reads what is known without the images.
    ///
    /// # Errors
    /// When it is damaged, or has no column of images or of labels.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let source = Source { path: path.to_owned(), length: path.metadata()?.len() };
        let about = ParquetMetaDataReader::new().parse_and_finish(&source);
        let about = about.context("it is damaged or cut short; download it again")?;
        let features = features(&about);
        let classes = |label: &str| -> Option<Vec<String>> {
            let names = features.get(label)?.get("names")?.as_array()?;
            names.iter().map(|name| name.as_str().map(str::to_owned)).collect()
        };
        let columns = columns(&about);
        let image = image_column(&columns)
            .context("it has no column `image` with encoded images; choose a dataset of images")?;
        let label = LABELS.iter().find_map(|name| columns.iter().position(|(parts, _)| parts == &[*name]));
        let is_classes = |(parts, _): &Column<'_>| matches!(parts[..], [name] if classes(name).is_some());
        let label = label.or_else(|| columns.iter().position(is_classes));
        let label =
            label.with_context(|| format!("it has no column of labels; name it as one of {}", LABELS.join(", ")))?;
        let (name, kind) = (columns[label].0[0].to_owned(), columns[label].1);
        let classes = classes(&name);

        let groups = about.row_groups();
        let mut starts = vec![0];
        for group in groups {
            starts.push(starts[starts.len() - 1] + usize::try_from(group.num_rows())?);
            for column in [image, label] {
                check(group.column(column).compression())?;
            }
        }
        let bytes = groups.iter().map(|group| group.column(image).uncompressed_size().unsigned_abs()).sum();
        let table = Table { source: Arc::new(source), about, column: image, starts, kept: Vec::new() };
        let labels = match kind {
            Type::INT64 => Labels::Numbers(table.all::<Int64Type>(label)?),
            Type::INT32 => {
                let numbers = table.all::<Int32Type>(label)?;
                Labels::Numbers(numbers.into_iter().map(|label| label.map(i64::from)).collect())
            }
            Type::BYTE_ARRAY => {
                let text = |label: ByteArray| String::from_utf8_lossy(label.data()).into_owned();
                let texts = table.all::<ByteArrayType>(label)?;
                Labels::Texts(texts.into_iter().map(|label| label.map(text)).collect())
            }
            other => bail!("its column `{name}` holds {other}; labels are whole numbers or names"),
        };
        Ok(Self { table, labels, classes, bytes })
    }
}

/// Whether a file is a table with images.
pub(super) fn has_images(path: &Path) -> bool {
    let Ok(length) = path.metadata().map(|about| about.len()) else { return false };
    let source = Source { path: path.to_owned(), length };
    let about = ParquetMetaDataReader::new().parse_and_finish(&source);
    // A damaged table is one that should have some, and is refused when it is read.
    about.map_or(true, |about| image_column(&columns(&about)).is_some())
}

/// The parts of a column's name, none for lists, and what is stored.
type Column<'a> = (Vec<&'a str>, Type);

fn columns(about: &ParquetMetaData) -> Vec<Column<'_>> {
    let columns = about.file_metadata().schema_descr().columns().iter().map(|column| {
        let parts = if column.max_rep_level() == 0 { column.path().parts() } else { &[] };
        (parts.iter().map(String::as_str).collect(), column.physical_type())
    });
    columns.collect()
}

/// The column of encoded images: the one that is called so, or the only one inside of a struct.
fn image_column(columns: &[Column<'_>]) -> Option<usize> {
    let named = |path: &[&str]| columns.iter().position(|(parts, _)| parts == path);
    let found = IMAGES.iter().find_map(|name| named(&[name, "bytes"]).or_else(|| named(&[name])));
    let inside: Vec<usize> = (0..columns.len()).filter(|at| matches!(columns[*at].0[..], [_, "bytes"])).collect();
    let only = if let [only] = inside[..] { Some(only) } else { None };
    found.or(only).filter(|at| columns[*at].1 == Type::BYTE_ARRAY)
}

/// What the hub's library says of the columns.
fn features(about: &ParquetMetaData) -> serde_json::Value {
    let pairs = about.file_metadata().key_value_metadata();
    let pair = pairs.and_then(|pairs| pairs.iter().find(|pair| pair.key == "huggingface"));
    let text = pair.and_then(|pair| pair.value.as_deref()).unwrap_or_default();
    let about: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    about["info"]["features"].clone()
}

fn check(compression: Compression) -> Result<()> {
    use Compression::{LZ4, LZ4_RAW, SNAPPY, UNCOMPRESSED, ZSTD};
    let is_read = matches!(compression, UNCOMPRESSED | SNAPPY | ZSTD(_) | LZ4 | LZ4_RAW);
    ensure!(is_read, "it is compressed with {compression}, which is not read here; write it again with snappy or zstd");
    Ok(())
}

impl Table {
    /// The same table, which keeps what it has read if `keep`.
    pub(super) fn keeping(mut self, keep: bool) -> Self {
        let groups = if keep { self.about.num_row_groups() } else { 0 };
        self.kept = (0..groups).map(|_| OnceLock::new()).collect();
        self
    }

    /// All values of a column.
    fn all<T: DataType>(&self, column: usize) -> Result<Vec<Option<T::T>>> {
        let mut all = Vec::new();
        for group in 0..self.about.num_row_groups() {
            let rows = self.starts[group + 1] - self.starts[group];
            all.extend(self.values::<T>(column, group, 0, rows)?);
        }
        Ok(all)
    }

    /// Values of a column, from the row `first` of a row group on.
    fn values<T: DataType>(
        &self,
        column: usize,
        group: usize,
        first: usize,
        count: usize,
    ) -> Result<Vec<Option<T::T>>> {
        let about = self.about.row_group(group);
        let rows = self.starts[group + 1] - self.starts[group];
        let pages = SerializedPageReader::new(self.source.clone(), about.column(column), rows, None)?;
        let description = about.schema_descr().column(column);
        let whole = description.max_def_level();
        let mut reader = ColumnReaderImpl::<T>::new(description, Box::new(pages));
        let (mut levels, mut values) = (Vec::new(), Vec::new());
        let skipped = reader.skip_records(first)?;
        let (found, ..) = reader.read_records(count, Some(&mut levels), None, &mut values)?;
        ensure!(skipped == first && found == count, "it has fewer rows than it says; download it again");
        if whole == 0 {
            return Ok(values.into_iter().map(Some).collect());
        }
        // Only values that are there are stored.
        let mut values = values.into_iter();
        Ok(levels.into_iter().map(|level| if level == whole { values.next() } else { None }).collect())
    }

    /// The images of a row group.
    fn group(&self, group: usize) -> Result<Vec<Option<Bytes>>> {
        let rows = self.starts[group + 1] - self.starts[group];
        let values = self.values::<ByteArrayType>(self.column, group, 0, rows)?;
        // A copy of its own: the pages would stay in memory as long as one of their images.
        Ok(values.into_iter().map(|value| value.map(|value| Bytes::copy_from_slice(value.data()))).collect())
    }
}

impl Container for Table {
    fn read(&self, row: usize) -> Result<Vec<u8>> {
        let group = self.starts.partition_point(|start| *start <= row).saturating_sub(1);
        let at = row - self.starts[group];
        let image = match self.kept.get(group) {
            Some(kept) => {
                // Two workers may read the same group at the same time; they read the same bytes.
                let images = match kept.get() {
                    Some(images) => images,
                    None => {
                        let images = self.group(group)?;
                        kept.get_or_init(|| images)
                    }
                };
                images.get(at).cloned().flatten().map(|image| image.to_vec())
            }
            None => {
                let values = self.values::<ByteArrayType>(self.column, group, at, 1)?;
                values.into_iter().next().flatten().map(|image| image.data().to_vec())
            }
        };
        let image = image.context("the row holds no image; leave it out")?;
        ensure!(image.len() as u64 <= MEMBER, "it has more than {}; no image that is read is as large", size(MEMBER));
        Ok(image)
    }

    /// Those of its row group, as stored: how many of them are its own, only reading tells.
    fn size(&self, row: usize) -> u64 {
        let group = self.starts.partition_point(|start| *start <= row).saturating_sub(1);
        self.about.row_group(group).column(self.column).compressed_size().unsigned_abs()
    }
}

/// A file that many threads read at once: each opens it for itself, so that none moves another's place in it.
#[derive(Debug)]
struct Source {
    path: PathBuf,
    length: u64,
}

impl Length for Source {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Source {
    type T = BufReader<File>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(start))?;
        Ok(BufReader::new(file))
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let mut bytes = Vec::new();
        self.get_read(start)?.take(length as u64).read_to_end(&mut bytes)?;
        if bytes.len() < length {
            return Err(parquet::errors::ParquetError::EOF("the file is cut short".to_owned()));
        }
        Ok(bytes.into())
    }
}
