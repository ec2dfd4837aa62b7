//! Many words of a stream at once, the same that it gives one by one.

use chacha20::ChaCha8Rng;
use chacha20::rand_core::Rng;

/// Words that are drawn at once at most.
pub(crate) const BLOCK: usize = 128;

/// The next words of a stream, `most` at most.
pub(crate) fn next<'a>(random: &mut ChaCha8Rng, words: &'a mut [Word; BLOCK], most: usize) -> &'a [Word] {
    let words = &mut words[..most.min(BLOCK)];
    random.fill_bytes(words.as_flattened_mut());
    words
}

/// A word as the stream's bytes.
pub(crate) type Word = [u8; 8];

/// The words of a stream one by one, drawn in blocks; what is left of a block is lost.
pub(crate) struct Words<'a> {
    random: &'a mut ChaCha8Rng,
    block: [Word; BLOCK],
    at: usize,
}

impl<'a> Words<'a> {
    pub(crate) fn new(random: &'a mut ChaCha8Rng) -> Self {
        Self { random, block: [[0; 8]; BLOCK], at: BLOCK }
    }

    #[inline(always)]
    pub(crate) fn next(&mut self) -> u64 {
        if self.at >= BLOCK {
            next(self.random, &mut self.block, BLOCK);
            self.at = 0;
        }
        let word = self.block[self.at];
        self.at += 1;
        u64::from_le_bytes(word)
    }
}

#[cfg(test)]
mod tests {
    use super::super::stream;
    use super::*;

    #[test]
    fn blocks_hold_the_words_that_the_stream_gives_one_by_one() {
        let mut single = stream(1, 2, "words");
        let expected: Vec<u64> = (0..300).map(|_| single.next_u64()).collect();
        let (mut first, mut second) = (stream(1, 2, "words"), stream(1, 2, "words"));
        let mut words = Words::new(&mut first);
        assert!(expected.iter().all(|word| *word == words.next()));
        let mut block = [[0; 8]; BLOCK];
        assert_eq!(next(&mut second, &mut block, 3), [0, 1, 2].map(|at| expected[at].to_le_bytes()));
        assert_eq!(second.next_u64(), expected[3]);
    }
}
