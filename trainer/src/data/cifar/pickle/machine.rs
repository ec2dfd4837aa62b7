//! The instructions of a pickle.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};

use super::{Id, Value};

/// The machine that a pickle is a program for.
pub(super) struct Machine<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) values: Vec<Value>,
    pub(super) stack: Vec<Id>,
    /// Heights of the stack.
    pub(super) marks: Vec<usize>,
    pub(super) memo: HashMap<u64, Id>,
}

impl Machine<'_> {
    /// Takes one instruction.
    pub(super) fn step(&mut self, code: u8) -> Result<()> {
        match code {
            // The version, and the length of what follows.
            0x80 => drop(self.bytes(1)?),
            0x95 => drop(self.bytes(8)?),
            b'(' => self.marks.push(self.stack.len()),
            b'0' => drop(self.pop()?),
            b'1' => drop(self.since_mark()?),
            b'2' => {
                let top = self.top()?;
                self.stack.push(top);
            }
            b'N' => self.push(Value::Other),
            0x88 => self.push(Value::Bool(true)),
            0x89 => self.push(Value::Bool(false)),
            b'G' => {
                self.bytes(8)?;
                self.push(Value::Other);
            }
            b'K' | b'M' => {
                let number = self.unsigned(if code == b'K' { 1 } else { 2 })?;
                self.push(Value::Int(number as i64));
            }
            b'J' => {
                let number = self.unsigned(4)? as u32 as i32;
                self.push(Value::Int(number.into()));
            }
            b'I' | b'L' => self.decimal()?,
            0x8a => self.long()?,
            b'U' | b'C' | 0x8c => self.content(1)?,
            b'T' | b'B' | b'X' => self.content(4)?,
            0x8d | 0x8e => self.content(8)?,
            b']' => self.push(Value::List(Vec::new())),
            b'}' => self.push(Value::Dict(Vec::new())),
            b')' => self.push(Value::Tuple(Vec::new())),
            b'l' | b't' => {
                let items = self.since_mark()?;
                self.push(if code == b'l' { Value::List(items) } else { Value::Tuple(items) });
            }
            0x85..=0x87 => {
                let items = (0x85..=code).map(|_| self.pop()).collect::<Result<Vec<_>>>()?;
                self.push(Value::Tuple(items.into_iter().rev().collect()));
            }
            b'd' => {
                let items = pairs(self.since_mark()?)?;
                self.push(Value::Dict(items));
            }
            b'a' => {
                let item = self.pop()?;
                self.append(vec![item])?;
            }
            b'e' => {
                let items = self.since_mark()?;
                self.append(items)?;
            }
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.insert(vec![(key, value)])?;
            }
            b'u' => {
                let items = pairs(self.since_mark()?)?;
                self.insert(items)?;
            }
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                self.push(Value::Name(format!("{module}.{name}")));
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let name = format!("{}.{}", self.text(module)?, self.text(name)?);
                self.push(Value::Name(name));
            }
            b'R' => {
                let (with, what) = (self.pop()?, self.pop()?);
                self.push(Value::Call { what, with, state: None });
            }
            b'b' => {
                let given = self.pop()?;
                let top = self.top()?;
                let Value::Call { state, .. } = &mut self.values[top.0] else {
                    bail!("a state is given to plain data")
                };
                *state = Some(given);
            }
            b'q' | b'r' => {
                let number = self.unsigned(if code == b'q' { 1 } else { 4 })?;
                self.remember(number)?;
            }
            b'p' => {
                let number = self.line()?.parse()?;
                self.remember(number)?;
            }
            0x94 => self.remember(self.memo.len() as u64)?,
            b'h' | b'j' => {
                let number = self.unsigned(if code == b'h' { 1 } else { 4 })?;
                self.recall(number)?;
            }
            b'g' => {
                let number = self.line()?.parse()?;
                self.recall(number)?;
            }
            other => bail!("instruction {other:#04x} is none that plain data need"),
        }
        Ok(())
    }

    pub(super) fn bytes(&mut self, count: usize) -> Result<&[u8]> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.bytes.len()).context("it is cut short")?;
        let bytes = &self.bytes[self.at..end];
        self.at = end;
        Ok(bytes)
    }

    /// A whole number of `width` bytes, the lowest first.
    fn unsigned(&mut self, width: usize) -> Result<u64> {
        Ok(self.bytes(width)?.iter().rev().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    }

    fn line(&mut self) -> Result<String> {
        let length = self.bytes[self.at..].iter().position(|byte| *byte == b'\n').context("it is cut short")?;
        let line = String::from_utf8_lossy(self.bytes(length)?).into_owned();
        self.at += 1;
        Ok(line)
    }

    /// Text or bytes, after their length in `width` bytes.
    fn content(&mut self, width: usize) -> Result<()> {
        let length = usize::try_from(self.unsigned(width)?)?;
        let start = self.at;
        self.bytes(length)?;
        self.push(Value::Bytes(start..start + length));
        Ok(())
    }

    /// A number in digits; `00` and `01` are what protocol 1 writes for false and true.
    fn decimal(&mut self) -> Result<()> {
        let line = self.line()?;
        let value = match line.as_str() {
            "00" => Value::Bool(false),
            "01" => Value::Bool(true),
            digits => Value::Int(digits.trim_end_matches('L').parse()?),
        };
        self.push(value);
        Ok(())
    }

    /// A number of any length; longer ones than fit stand for nothing that we look for.
    fn long(&mut self) -> Result<()> {
        let length = self.unsigned(1)? as usize;
        let bytes = self.bytes(length)?;
        let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
        let mut wide = [if negative { 0xFF } else { 0 }; 8];
        let value = match wide.get_mut(..length) {
            Some(low) => {
                low.copy_from_slice(bytes);
                Value::Int(i64::from_le_bytes(wide))
            }
            None => Value::Other,
        };
        self.push(value);
        Ok(())
    }

    fn push(&mut self, value: Value) {
        self.stack.push(Id(self.values.len()));
        self.values.push(value);
    }

    fn top(&self) -> Result<Id> {
        self.stack.last().copied().context("it takes more than there is")
    }

    pub(super) fn pop(&mut self) -> Result<Id> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    fn since_mark(&mut self) -> Result<Vec<Id>> {
        let mark = self.marks.pop().filter(|mark| *mark <= self.stack.len()).context("a mark is missing")?;
        Ok(self.stack.split_off(mark))
    }

    fn append(&mut self, items: Vec<Id>) -> Result<()> {
        let top = self.top()?;
        let Value::List(list) = &mut self.values[top.0] else { bail!("something is added to what is no list") };
        list.extend(items);
        Ok(())
    }

    fn insert(&mut self, items: Vec<(Id, Id)>) -> Result<()> {
        let top = self.top()?;
        let Value::Dict(dict) = &mut self.values[top.0] else { bail!("something is put into what is no dictionary") };
        dict.extend(items);
        Ok(())
    }

    fn text(&self, id: Id) -> Result<String> {
        let Value::Bytes(at) = &self.values[id.0] else { bail!("a name is no text") };
        Ok(String::from_utf8_lossy(&self.bytes[at.clone()]).into_owned())
    }

    fn remember(&mut self, number: u64) -> Result<()> {
        let top = self.top()?;
        self.memo.insert(number, top);
        Ok(())
    }

    fn recall(&mut self, number: u64) -> Result<()> {
        let known = self.memo.get(&number).copied().context("it takes what it never kept")?;
        self.stack.push(known);
        Ok(())
    }
}

fn pairs(items: Vec<Id>) -> Result<Vec<(Id, Id)>> {
    ensure!(items.len().is_multiple_of(2), "a key has no value");
    Ok(items.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect())
}
