//! Huffman tables as a file defines them (ISO 10918-1, B.2.4.2 and annex C).

use super::Fault;
use super::bits::Bits;

const BROKEN: Fault = Fault::Broken("a Huffman table is no code");

/// Symbols by their codes.
pub(super) struct Table {
    /// For each beginning of 8 bits: the symbol and the length of its code; 0 for longer codes.
    short: [(u8, u8); 256],
    /// For each length, the first 16 bits that are above its codes.
    limits: [u32; 17],
    /// For each length, what to add to the number of a code for the place of its symbol.
    offsets: [i32; 17],
    symbols: Vec<u8>,
}

impl Table {
    /// From the number of codes of each length and the symbols in order; returns the rest of `body` as well.
    fn parse(body: &[u8]) -> Result<(Self, &[u8]), Fault> {
        let (counts, rest) = body.split_first_chunk::<16>().ok_or(BROKEN)?;
        let total = counts.iter().map(|count| usize::from(*count)).sum::<usize>();
        let (symbols, rest) = rest.split_at_checked(total).ok_or(BROKEN)?;
        let mut table = Self { short: [(0, 0); 256], limits: [0; 17], offsets: [0; 17], symbols: symbols.to_vec() };
        let (mut code, mut place) = (0_u32, 0_u32);
        for (length, count) in (1_u32..).zip(counts) {
            table.offsets[length as usize] = place as i32 - code as i32;
            for _ in 0..*count {
                if code >= 1 << length {
                    return Err(BROKEN);
                }
                if length <= 8 {
                    let first = (code << (8 - length)) as usize;
                    table.short[first..first + (1 << (8 - length))].fill((symbols[place as usize], length as u8));
                }
                code += 1;
                place += 1;
            }
            table.limits[length as usize] = code << (16 - length);
            code <<= 1;
        }
        Ok((table, rest))
    }

    /// The next symbol.
    pub(super) fn next(&self, bits: &mut Bits<'_>) -> Result<u8, Fault> {
        let ahead = bits.peek();
        let (symbol, length) = self.short[usize::from(ahead >> 8)];
        if length > 0 {
            bits.skip(u32::from(length))?;
            return Ok(symbol);
        }
        for length in 9..=16_u32 {
            if u32::from(ahead) < self.limits[length as usize] {
                bits.skip(length)?;
                let place = (i32::from(ahead) >> (16 - length)) + self.offsets[length as usize];
                return self.symbols.get(place as usize).copied().ok_or(BROKEN);
            }
        }
        // Where the data end, the zeros behind them may be no code.
        bits.skip(16)?;
        Err(Fault::Broken("its data hold a code that is in no table"))
    }
}

/// The tables that are defined so far: four for means, four for the rest.
#[derive(Default)]
pub(super) struct Tables {
    means: [Option<Table>; 4],
    rests: [Option<Table>; 4],
}

impl Tables {
    /// Takes over what a segment defines.
    pub(super) fn define(&mut self, mut body: &[u8]) -> Result<(), Fault> {
        while let Some((which, rest)) = body.split_first() {
            let (table, rest) = Table::parse(rest)?;
            let class = if which >> 4 == 0 { &mut self.means } else { &mut self.rests };
            *class.get_mut(usize::from(which & 15)).ok_or(BROKEN)? = Some(table);
            body = rest;
        }
        Ok(())
    }

    /// Whether nothing is defined.
    pub(super) fn is_empty(&self) -> bool {
        self.means.iter().chain(&self.rests).all(Option::is_none)
    }

    /// Table `index` of the means (DC).
    pub(super) fn mean(&self, index: u8) -> Result<&Table, Fault> {
        of(&self.means, index)
    }

    /// Table `index` of the rest (AC).
    pub(super) fn rest(&self, index: u8) -> Result<&Table, Fault> {
        of(&self.rests, index)
    }
}

fn of(tables: &[Option<Table>; 4], index: u8) -> Result<&Table, Fault> {
    tables.get(usize::from(index)).and_then(Option::as_ref).ok_or(Fault::Broken("a Huffman table is missing"))
}
