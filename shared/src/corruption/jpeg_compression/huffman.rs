//! The shortest codes for what a scan says: procedures of ITU-T T.81, Annexes C and K.2.

/// Longest code that a file may use.
const LONGEST: usize = 16;
/// Longest code before it is shortened: 257 symbols whose counts fit 32 bits need no more.
const BEFORE: usize = 48;

/// The codes of one table.
pub(super) struct Codes {
    /// How many codes have 1, 2, … 16 bits.
    pub(super) lengths: [u8; LONGEST],
    /// Symbols by rising length of their codes.
    pub(super) symbols: Vec<u8>,
    /// For each symbol its code and the length; length 0: not in use.
    codes: [(u16, u8); 256],
}

impl Codes {
    /// Codes for symbols that occur `counts` times.
    pub(super) fn new(counts: &[u32; 256]) -> Self {
        let sizes = sizes(counts);
        let mut lengths = [0_usize; BEFORE + 1];
        for size in sizes.iter().filter(|size| **size > 0) {
            lengths[*size] += 1;
        }
        shorten(&mut lengths);
        let mut symbols: Vec<u8> = (0..=u8::MAX).filter(|symbol| sizes[usize::from(*symbol)] > 0).collect();
        symbols.sort_by_key(|symbol| sizes[usize::from(*symbol)]);
        let lengths: [u8; LONGEST] = std::array::from_fn(|at| lengths[at + 1] as u8);

        let mut codes = [(0, 0); 256];
        let mut rest = symbols.iter();
        let mut code = 0_u32;
        for (length, count) in (1..).zip(lengths) {
            for symbol in rest.by_ref().take(usize::from(count)) {
                codes[usize::from(*symbol)] = (code as u16, length);
                code += 1;
            }
            code <<= 1;
        }
        Self { lengths, symbols, codes }
    }

    /// The code of `symbol` and its length.
    pub(super) fn of(&self, symbol: u8) -> (u16, u8) {
        self.codes[usize::from(symbol)]
    }
}

/// Code lengths by merging the two rarest, Figure K.1; of equally rare ones the highest symbol. A 257th symbol that occurs once
/// takes the code of all ones, which no file may use.
fn sizes(counts: &[u32; 256]) -> [usize; 257] {
    let mut counts: [u64; 257] = std::array::from_fn(|symbol| counts.get(symbol).map_or(1, |count| u64::from(*count)));
    let mut sizes = [0; 257];
    // The symbols below each root, as a chain.
    let mut next = [None; 257];
    while let (Some(first), Some(second)) = two_rarest(&counts) {
        counts[first] += std::mem::take(&mut counts[second]);
        let mut last = first;
        sizes[last] += 1;
        while let Some(symbol) = next[last] {
            last = symbol;
            sizes[last] += 1;
        }
        next[last] = Some(second);
        let mut below = Some(second);
        while let Some(symbol) = below {
            sizes[symbol] += 1;
            below = next[symbol];
        }
    }
    sizes
}

fn two_rarest(counts: &[u64; 257]) -> (Option<usize>, Option<usize>) {
    let rarest = |but: Option<usize>| {
        let in_use = (0..counts.len()).filter(|symbol| counts[*symbol] > 0 && Some(*symbol) != but);
        // `min_by_key` keeps the first of equals, so the highest symbol is asked first.
        in_use.rev().min_by_key(|symbol| counts[*symbol])
    };
    let first = rarest(None);
    (first, rarest(first))
}

/// Moves codes of more than 16 bits up in pairs, Figure K.3, and drops the code of all ones.
fn shorten(lengths: &mut [usize; BEFORE + 1]) {
    for length in (LONGEST + 1..=BEFORE).rev() {
        while lengths[length] > 0 {
            // Two siblings go: one takes their parent's place, the other a new place beside a shorter code.
            let shorter = (1..length - 1).rev().find(|shorter| lengths[*shorter] > 0).unwrap_or(1);
            lengths[length] -= 2;
            lengths[length - 1] += 1;
            lengths[shorter + 1] += 2;
            lengths[shorter] -= 1;
        }
    }
    if let Some(longest) = lengths.iter_mut().rev().find(|count| **count > 0) {
        *longest -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(of: impl Fn(usize) -> u32) -> [u32; 256] {
        std::array::from_fn(of)
    }

    #[test]
    fn the_frequent_get_short_codes_and_none_is_all_ones() {
        let codes = Codes::new(&counts(|symbol| [8, 4, 2, 1].get(symbol).copied().unwrap_or(0)));
        assert_eq!(codes.symbols, [0, 1, 2, 3]);
        assert_eq!(
            (0..4).map(|symbol| codes.of(symbol)).collect::<Vec<_>>(),
            [(0, 1), (0b10, 2), (0b110, 3), (0b1110, 4)]
        );
    }

    #[test]
    fn no_code_is_longer_than_16_bits_or_the_start_of_another() {
        // Fibonacci numbers make the longest codes there are.
        let (mut last, mut now) = (0_u32, 1_u32);
        let fibonacci: Vec<u32> = (0..40)
            .map(|_| {
                (last, now) = (now, last + now);
                last
            })
            .collect();
        let codes = Codes::new(&counts(|symbol| fibonacci.get(symbol).copied().unwrap_or(0)));
        let all: Vec<(u16, u8)> = (0..40).map(|symbol| codes.of(symbol)).collect();
        assert!(all.iter().all(|(_, length)| (1..=16).contains(length)), "{all:?}");
        for (i, (code, length)) in all.iter().enumerate() {
            assert!(u32::from(*code) < (1 << length) - 1, "{code:b} is all ones");
            for (other, (long, bits)) in all.iter().enumerate().filter(|(_, (_, bits))| bits >= length) {
                assert!(i == other || long >> (bits - length) != *code, "{i} starts {other}");
            }
        }
        assert_eq!(codes.lengths.iter().map(|count| usize::from(*count)).sum::<usize>(), 40);
    }

    #[test]
    fn one_symbol_alone_has_a_code() {
        let codes = Codes::new(&counts(|symbol| u32::from(symbol == 7) * 5));
        assert_eq!((codes.symbols.as_slice(), codes.of(7)), (&[7][..], (0, 1)));
    }
}
