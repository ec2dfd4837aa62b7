//! Arrays in numpy's `.npy` files, as far as sets of images use them: bytes and little-endian integers, row by row.
//!
//! The format (numpy's `format` module): `\x93NUMPY`, the version, the header's length (two bytes in version 1, four in 2
//! and 3), then a Python dictionary with `descr`, `fortran_order` and `shape`, padded to a multiple of 64 bytes; the numbers
//! follow. CIFAR-10-C is 470 MB of them per corruption, so neither reading nor writing holds a whole file in memory, and a
//! writer fills rows in any order.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail, ensure};

const MAGIC: &[u8] = b"\x93NUMPY";
/// Longer headers describe tables of named columns, which are not images.
const LONGEST_HEADER: usize = 1 << 16;

/// What the numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Bytes, `|u1`.
    U8,
    /// Little-endian, `<i4`.
    I32,
    /// Little-endian, `<i8`.
    I64,
}

impl Kind {
    const ALL: [Self; 3] = [Self::U8, Self::I32, Self::I64];

    /// numpy's name.
    fn code(self) -> &'static str {
        match self {
            Self::U8 => "|u1",
            Self::I32 => "<i4",
            Self::I64 => "<i8",
        }
    }

    /// Bytes of one number.
    pub fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::I32 => 4,
            Self::I64 => 8,
        }
    }
}

/// An array on disk, open for reading.
#[derive(Debug)]
pub struct Npy {
    /// Length of each axis, the rows first.
    pub shape: Vec<usize>,
    /// What the numbers are.
    pub kind: Kind,
    path: PathBuf,
    rows: Rows,
}

impl Npy {
    /// Reads the header of an array.
    ///
    /// # Errors
    /// When the file is no such array, has columns first, holds other numbers, or is shorter or longer than its header says.
    pub fn open(path: &Path) -> Result<Self> {
        let mut file = File::open(path).with_context(|| format!("cannot read {}; check the path", path.display()))?;
        let (kind, shape, start) = header(&mut file).with_context(|| format!("{}", path.display()))?;
        let rows = Rows { row_bytes: row_bytes(kind, &shape)?, start, file: Mutex::new(file) };
        let promised = shape[0].checked_mul(rows.row_bytes).and_then(|bytes| start.checked_add(bytes as u64));
        let found = path.metadata().with_context(|| format!("cannot read {}", path.display()))?.len();
        ensure!(
            promised == Some(found),
            "{} has {found} bytes where its header promises {shape:?} of {}; download or copy it again",
            path.display(),
            kind.code()
        );
        Ok(Self { shape, kind, path: path.to_owned(), rows })
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.shape[0]
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of `count` rows from row `first`; any thread may ask for any rows.
    ///
    /// # Errors
    /// When there are fewer rows, or the disk fails.
    pub fn read(&self, first: usize, count: usize) -> Result<Vec<u8>> {
        let end = first.checked_add(count).filter(|end| *end <= self.len());
        ensure!(end.is_some(), "{} has {} rows, not {first} + {count}", self.path.display(), self.len());
        let mut bytes = vec![0; count * self.rows.row_bytes];
        let mut file = self.rows.at(first).with_context(|| format!("cannot read {}", self.path.display()))?;
        file.read_exact(&mut bytes).with_context(|| format!("cannot read {}", self.path.display()))?;
        Ok(bytes)
    }

    /// The bytes of one row: for an array of images, an image `[y, x, c]`.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn row(&self, index: usize) -> Result<Vec<u8>> {
        self.read(index, 1)
    }

    /// All numbers, whatever their width: labels.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn integers(&self) -> Result<Vec<i64>> {
        let bytes = self.read(0, self.len())?;
        Ok(match self.kind {
            Kind::U8 => bytes.into_iter().map(i64::from).collect(),
            Kind::I32 => bytes.as_chunks().0.iter().map(|number| i64::from(i32::from_le_bytes(*number))).collect(),
            Kind::I64 => bytes.as_chunks().0.iter().map(|number| i64::from_le_bytes(*number)).collect(),
        })
    }
}

/// An array on disk whose rows are being filled.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    rows: Rows,
    len: usize,
}

impl Writer {
    /// Opens an array of `shape`, rows first. A file that is there already keeps the rows it has; a new one is all zeros.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn open(path: &Path, kind: Kind, shape: &[usize]) -> Result<Self> {
        let refusal = || cannot_write(path);
        let head = head(kind, shape);
        let row_bytes = row_bytes(kind, shape)?;
        let len = shape.first().copied().unwrap_or(0);
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).with_context(refusal)?;
        file.write_all(&head).with_context(refusal)?;
        let start = head.len() as u64;
        file.set_len(start + (len * row_bytes) as u64).with_context(refusal)?;
        Ok(Self { path: path.to_owned(), rows: Rows { row_bytes, start, file: Mutex::new(file) }, len })
    }

    /// Writes whole rows from row `first`; any thread may write any rows.
    ///
    /// # Errors
    /// When the rows are not whole or not there, or the disk is full.
    pub fn write(&self, first: usize, bytes: &[u8]) -> Result<()> {
        let (count, rest) = (bytes.len() / self.rows.row_bytes.max(1), bytes.len() % self.rows.row_bytes.max(1));
        let end = first.checked_add(count).filter(|end| *end <= self.len && rest == 0);
        ensure!(end.is_some(), "{} has {} rows, not {first} + {count}", self.path.display(), self.len);
        let mut file = self.rows.at(first).with_context(|| cannot_write(&self.path))?;
        file.write_all(bytes).with_context(|| cannot_write(&self.path))
    }

    /// Waits until the disk has everything.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn sync(&self) -> Result<()> {
        let file = self.rows.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.sync_all().with_context(|| cannot_write(&self.path))
    }
}

/// Writes a list of numbers: labels. Bytes if they fit.
///
/// # Errors
/// When the file cannot be written.
pub fn write_integers(path: &Path, numbers: &[usize]) -> Result<()> {
    let kind = if numbers.iter().all(|number| *number < 256) { Kind::U8 } else { Kind::I64 };
    let writer = Writer::open(path, kind, &[numbers.len()])?;
    let bytes: Vec<u8> = match kind {
        Kind::U8 => numbers.iter().map(|number| *number as u8).collect(),
        _ => numbers.iter().flat_map(|number| (*number as u64).to_le_bytes()).collect(),
    };
    writer.write(0, &bytes)
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}; free some space or choose another folder", path.display())
}

/// Where rows are in a file that threads share.
#[derive(Debug)]
struct Rows {
    file: Mutex<File>,
    start: u64,
    row_bytes: usize,
}

impl Rows {
    /// The file, at the first byte of row `index`.
    fn at(&self, index: usize) -> std::io::Result<std::sync::MutexGuard<'_, File>> {
        // A panic elsewhere leaves no state behind in a file handle.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.start + index as u64 * self.row_bytes as u64))?;
        Ok(file)
    }
}

fn row_bytes(kind: Kind, shape: &[usize]) -> Result<usize> {
    let bytes = shape.iter().skip(1).try_fold(kind.bytes(), |bytes, axis| bytes.checked_mul(*axis));
    bytes.with_context(|| format!("an array of {shape:?} is too large"))
}

/// Everything before the numbers.
fn head(kind: Kind, shape: &[usize]) -> Vec<u8> {
    // Python writes a tuple of one with a comma after it.
    let axes: String = match shape {
        [one] => format!("{one},"),
        more => more.iter().map(usize::to_string).collect::<Vec<_>>().join(", "),
    };
    let mut text = format!("{{'descr': '{}', 'fortran_order': False, 'shape': ({axes}), }}", kind.code());
    // The magic, two bytes of version, two of length, the text and a line's end fill a multiple of 64.
    let before = MAGIC.len() + 4;
    let padding = (before + text.len() + 1).next_multiple_of(64) - before - text.len() - 1;
    text.push_str(&" ".repeat(padding));
    text.push('\n');
    let length = (text.len() as u16).to_le_bytes();
    [MAGIC, &[1, 0], &length, text.as_bytes()].concat()
}

/// Kind, shape, and where the numbers start.
fn header(file: &mut File) -> Result<(Kind, Vec<usize>, u64)> {
    let mut start = [0; 8];
    let whole = file.read_exact(&mut start).is_ok() && start.starts_with(MAGIC);
    ensure!(whole, "this is not a numpy array; save it with numpy.save");
    let width = match start[6] {
        1 => 2,
        2 | 3 => 4,
        version => bail!("version {version} of the .npy format is unknown; save it again with numpy.save"),
    };
    let mut length = [0; 4];
    file.read_exact(&mut length[..width]).context("the header ends early; download or copy it again")?;
    let length = u32::from_le_bytes(length) as usize;
    ensure!(length <= LONGEST_HEADER, "the header is {length} bytes long; save a plain array with numpy.save");
    let mut text = vec![0; length];
    file.read_exact(&mut text).context("the header ends early; download or copy it again")?;
    let text = String::from_utf8_lossy(&text);
    let (kind, shape) = describe(&text)?;
    Ok((kind, shape, (8 + width + length) as u64))
}

/// Reads the dictionary.
fn describe(text: &str) -> Result<(Kind, Vec<usize>)> {
    let unclear = || format!("the header `{}` is unclear; save it again with numpy.save", text.trim());
    let value = |key: &str| {
        let (_, rest) = text.split_once(&format!("'{key}'")).with_context(unclear)?;
        rest.trim_start().strip_prefix(':').map(str::trim_start).with_context(unclear)
    };
    let code = value("descr")?.strip_prefix('\'').and_then(|rest| rest.split_once('\'')).with_context(unclear)?.0;
    // Byte order means nothing for bytes, and numpy takes any sign there.
    let plain = if code.ends_with("u1") { "|u1" } else { code };
    let kind = Kind::ALL.into_iter().find(|kind| kind.code() == plain);
    let kind = kind.with_context(|| format!("it holds `{code}`; convert it to uint8 (images) or int64 (labels)"))?;
    let order = value("fortran_order")?;
    ensure!(
        order.starts_with("False"),
        "its columns come before its rows; save numpy.ascontiguousarray of it with numpy.save"
    );
    let axes = value("shape")?.strip_prefix('(').and_then(|rest| rest.split_once(')')).with_context(unclear)?.0;
    let axes = axes.split(',').map(str::trim).filter(|axis| !axis.is_empty());
    let shape = axes.map(|axis| axis.parse().with_context(unclear)).collect::<Result<Vec<usize>>>()?;
    ensure!(!shape.is_empty(), "it is a single number; save an array");
    Ok((kind, shape))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A path of its own for each test.
    fn path(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("vitro-npy-{}-{name}.npy", std::process::id()))
    }

    fn refusal(name: &str, bytes: &[u8]) -> String {
        let path = path(name);
        std::fs::write(&path, bytes).unwrap();
        let refusal = format!("{:#}", Npy::open(&path).unwrap_err());
        std::fs::remove_file(path).unwrap();
        refusal
    }

    #[test]
    fn the_head_is_what_numpy_writes() {
        let head = head(Kind::U8, &[50_000, 32, 32, 3]);
        assert_eq!(head.len(), 128);
        let text = "{'descr': '|u1', 'fortran_order': False, 'shape': (50000, 32, 32, 3), }";
        assert!(head.starts_with(&[b"\x93NUMPY\x01\x00\x76\x00", text.as_bytes()].concat()) && head.ends_with(b" \n"));
    }

    #[test]
    fn rows_come_back_in_any_order_and_an_opened_array_keeps_them() {
        let path = path("rows");
        let writer = Writer::open(&path, Kind::U8, &[3, 2, 2]).unwrap();
        writer.write(2, &[9; 4]).unwrap();
        writer.write(0, &[1, 2, 3, 4]).unwrap();
        assert!(writer.write(2, &[0; 8]).is_err() && writer.write(0, &[0; 3]).is_err());
        drop(writer);
        Writer::open(&path, Kind::U8, &[3, 2, 2]).unwrap().write(1, &[5; 4]).unwrap();
        let npy = Npy::open(&path).unwrap();
        assert_eq!((npy.shape.as_slice(), npy.len()), ([3, 2, 2].as_slice(), 3));
        assert_eq!(npy.row(2).unwrap(), [9; 4]);
        assert_eq!(npy.read(0, 2).unwrap(), [1, 2, 3, 4, 5, 5, 5, 5]);
        assert!(npy.read(2, 2).is_err());
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn labels_are_read_at_any_width() {
        let path = path("labels");
        for numbers in [vec![3, 0, 255], vec![3, 0, 999]] {
            write_integers(&path, &numbers).unwrap();
            let read: Vec<usize> = Npy::open(&path).unwrap().integers().unwrap().iter().map(|n| *n as usize).collect();
            assert_eq!(read, numbers);
            std::fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn the_second_version_has_a_longer_length() {
        let path = path("version");
        let text = b"{'descr': '<i4', 'fortran_order': False, 'shape': (1,), }\n";
        let bytes = [MAGIC, &[2, 0], &(text.len() as u32).to_le_bytes(), text, &[7, 0, 0, 0]].concat();
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(Npy::open(&path).unwrap().integers().unwrap(), [7]);
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn other_files_are_refused_with_what_to_do() {
        let with = |text: &str| [MAGIC, &[1, 0], &(text.len() as u16).to_le_bytes(), text.as_bytes()].concat();
        assert!(refusal("text", b"hello").contains("numpy.save"));
        assert!(refusal("short", &head(Kind::U8, &[4, 4])).contains("download or copy it again"));
        assert!(refusal("cut", &head(Kind::U8, &[4, 4])[..20]).contains("ends early"));
        let floats = with("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }");
        assert!(refusal("floats", &floats).contains("uint8"));
        let columns = with("{'descr': '|u1', 'fortran_order': True, 'shape': (1,), }");
        assert!(refusal("columns", &columns).contains("ascontiguousarray"));
        let huge = with("{'descr': '|u1', 'fortran_order': False, 'shape': (9999999999999, 9999999999999), }");
        assert!(refusal("huge", &huge).contains("download or copy it again"));
    }
}
