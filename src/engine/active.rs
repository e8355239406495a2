//! A set of positions, for going through those that are in it in order.

const BITS: usize = u64::BITS as usize;

/// A set of positions below a bound.
#[derive(Clone, Debug)]
pub(super) struct Positions {
    words: Vec<u64>,
}

impl Positions {
    /// The empty set.
    pub(super) fn none(bound: usize) -> Self {
        Self { words: vec![0; bound.div_ceil(BITS)] }
    }

    pub(super) fn insert(&mut self, position: usize) {
        self.insert_if(position, true);
    }

    /// Inserts a position or does nothing, without a branch.
    pub(super) fn insert_if(&mut self, position: usize, is_in: bool) {
        self.words[position / BITS] |= u64::from(is_in) << (position % BITS);
    }

    pub(super) fn remove(&mut self, position: usize) {
        self.words[position / BITS] &= !(1 << (position % BITS));
    }

    /// The first position of the set at or after `from`.
    pub(super) fn next(&self, from: usize) -> Option<usize> {
        let mut word_ix = from / BITS;
        let mut word = self.words.get(word_ix)? & (u64::MAX << (from % BITS));
        while word == 0 {
            word_ix += 1;
            word = *self.words.get(word_ix)?;
        }
        Some(word_ix * BITS + word.trailing_zeros() as usize)
    }
}
