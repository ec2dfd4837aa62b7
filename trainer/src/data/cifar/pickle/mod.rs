//! Python's pickles as data: what they hold is looked at, and nothing that they ask for is ever called.
//!
//! A pickle is a program for a small machine with a stack. Here calls are only written down ([`Value::Call`]), so a pickle that
//! asks for `os.system` is a value with that name in it. Strings and bytes stay in the file and are known by their place. Every
//! value takes at least a byte of the file, so memory is bounded by its size. Read are the instructions of protocols 1 to 4 that
//! dictionaries, lists, texts, numbers and arrays are made of; the rest is refused by its code.

mod machine;

use std::collections::HashMap;
use std::ops::Range;

use anyhow::{Context, Result, bail, ensure};
use machine::Machine;

/// A value of a pickle, by number: values hold each other by theirs, so that circles do no harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id(usize);

#[derive(Debug)]
enum Value {
    /// None, or a number with a fraction.
    Other,
    Bool(bool),
    Int(i64),
    /// Text or bytes: Python 2 does not tell them apart.
    Bytes(Range<usize>),
    List(Vec<Id>),
    Tuple(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    /// Something of a module, as `module.name`.
    Name(String),
    /// What calling something with a tuple would make, and the state that it would be given.
    Call {
        what: Id,
        with: Id,
        state: Option<Id>,
    },
}

/// A pickle that was read.
pub(super) struct Pickle<'a> {
    bytes: &'a [u8],
    values: Vec<Value>,
    root: Id,
}

/// Rows of bytes inside of a pickle.
pub(super) struct Rows {
    /// Where the first one begins.
    pub(super) at: usize,
    /// How many there are.
    pub(super) count: usize,
    /// Bytes from one value of a row to the next, and from one row to the next.
    pub(super) steps: (usize, usize),
}

/// What numpy calls to make an array, before and since version 2.
const RECONSTRUCT: &[&str] = &["numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct"];

impl<'a> Pickle<'a> {
    /// Reads a pickle to its end.
    ///
    /// # Errors
    /// When it is cut short or holds instructions that plain data do not need.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut machine =
            Machine { bytes, at: 0, values: Vec::new(), stack: Vec::new(), marks: Vec::new(), memo: HashMap::new() };
        while let Some(code) = machine.bytes(1)?.first().copied().filter(|code| *code != b'.') {
            machine.step(code).with_context(|| format!("at byte {}", machine.at))?;
        }
        let root = machine.pop()?;
        Ok(Self { bytes, values: machine.values, root })
    }

    /// What the dictionary that everything is in has under `key`.
    pub(super) fn item(&self, key: &str) -> Result<Id> {
        let Value::Dict(items) = self.value(self.root) else { bail!("it holds no dictionary") };
        let found = items.iter().find(
            |(name, _)| matches!(self.value(*name), Value::Bytes(at) if &self.bytes[at.clone()] == key.as_bytes()),
        );
        found.map(|(_, value)| *value).with_context(|| format!("it has no `{key}`"))
    }

    /// A list of whole numbers.
    pub(super) fn numbers(&self, list: Id) -> Result<Vec<i64>> {
        let number = |id: &Id| match self.value(*id) {
            Value::Int(number) => Ok(*number),
            _ => bail!("a list holds something else than whole numbers"),
        };
        self.list(list)?.iter().map(number).collect()
    }

    /// A list of texts.
    pub(super) fn texts(&self, list: Id) -> Result<Vec<String>> {
        let text = |id: &Id| match self.value(*id) {
            Value::Bytes(at) => Ok(String::from_utf8_lossy(&self.bytes[at.clone()]).into_owned()),
            _ => bail!("a list holds something else than names"),
        };
        self.list(list)?.iter().map(text).collect()
    }

    /// An array of bytes `[rows, columns]`, by rows or by columns.
    pub(super) fn rows(&self, array: Id, columns: usize) -> Result<Rows> {
        let made = match self.value(array) {
            Value::Call { what, state: Some(state), .. } if self.is_name(*what, RECONSTRUCT) => self.tuple(*state),
            _ => None,
        };
        let Some([_, shape, dtype, by_column, content]) = made else { bail!("its images are no array of numpy") };
        let shape =
            self.tuple(*shape).and_then(|sides| sides.iter().map(|side| self.int(*side)).collect::<Option<Vec<_>>>());
        ensure!(self.is_bytes(*dtype), "its images are an array of something else than bytes");
        let by_column = match self.value(*by_column) {
            Value::Bool(by_column) => *by_column,
            Value::Int(number) => *number != 0,
            _ => bail!("its images are no array of numpy"),
        };
        let Value::Bytes(at) = self.value(*content) else { bail!("its images are no bytes") };
        match shape.as_deref() {
            Some([count, width]) if *width == columns as i64 && at.len() as i64 == count.saturating_mul(*width) => {
                let count = *count as usize;
                Ok(Rows { at: at.start, count, steps: if by_column { (count, 1) } else { (1, columns) } })
            }
            _ => bail!("its images are {} bytes of the shape {:?}", at.len(), shape.unwrap_or_default()),
        }
    }

    fn value(&self, id: Id) -> &Value {
        &self.values[id.0]
    }

    fn list(&self, id: Id) -> Result<&[Id]> {
        match self.value(id) {
            Value::List(items) | Value::Tuple(items) => Ok(items),
            _ => bail!("a list is something else"),
        }
    }

    fn tuple(&self, id: Id) -> Option<&[Id]> {
        match self.value(id) {
            Value::Tuple(items) => Some(items),
            _ => None,
        }
    }

    fn int(&self, id: Id) -> Option<i64> {
        match self.value(id) {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }

    fn is_name(&self, id: Id, names: &[&str]) -> bool {
        matches!(self.value(id), Value::Name(name) if names.contains(&name.as_str()))
    }

    /// Whether a call makes numpy's type of single bytes.
    fn is_bytes(&self, dtype: Id) -> bool {
        let Value::Call { what, with, .. } = self.value(dtype) else { return false };
        let kind = self.tuple(*with).and_then(|with| with.first()).map(|kind| self.value(*kind));
        self.is_name(*what, &["numpy.dtype"])
            && matches!(kind, Some(Value::Bytes(at)) if &self.bytes[at.clone()] == b"u1")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_texts_of_a_dictionary_are_read() {
        // pickle.dumps({'labels': [3, 300, -1], 'names': ['a', 'b']}, protocol=4), by Python 3.11
        let bytes = b"\x80\x04\x950\0\0\0\0\0\0\0}\x94(\x8c\x06labels\x94]\x94(K\x03M,\x01J\xff\xff\xff\xffe\x8c\x05names\x94]\x94(\x8c\x01a\x94\x8c\x01b\x94eu.";
        let pickle = Pickle::read(bytes).unwrap();
        assert_eq!(pickle.numbers(pickle.item("labels").unwrap()).unwrap(), [3, 300, -1]);
        assert_eq!(pickle.texts(pickle.item("names").unwrap()).unwrap(), ["a", "b"]);
        assert!(pickle.item("data").unwrap_err().to_string().contains("`data`"));
        for length in 0..bytes.len() {
            assert!(Pickle::read(&bytes[..length]).is_err(), "{length} bytes are enough");
        }
    }

    #[test]
    fn what_a_pickle_asks_to_call_is_a_name_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let made = folder.path().join("made");
        let call = format!(
            "(U\x04datacos\nsystem\n(U{}touch {}tRd.",
            (6 + made.as_os_str().len()) as u8 as char,
            made.display()
        );
        let pickle = Pickle::read(call.as_bytes()).unwrap();
        let refusal = pickle.rows(pickle.item("data").unwrap(), 3).err().unwrap().to_string();
        assert!(refusal.contains("no array of numpy"), "{refusal}");
        assert!(!made.exists());
    }

    #[test]
    fn programs_that_make_no_sense_are_refused() {
        for program in [
            &b"."[..],
            b"a.",
            b"u.",
            b"]e.",
            b"t.",
            b"h\x05.",
            b"\x81.",
            b"}K\x01b.",
            b"X\xff\xff\xff\xff.",
            b"(0t(0e.",
        ] {
            assert!(Pickle::read(program).is_err(), "{program:?}");
        }
    }
}
