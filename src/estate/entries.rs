//! Systems and connections as an estate keeps them: all at hand, or read in blocks when they are asked for.

use std::fmt;
use std::ops::Index;
use std::sync::{Arc, OnceLock};

/// How many entries are read at once.
pub(super) const PER_BLOCK: usize = 64;

/// Entries of one kind, in ascending order of their ids.
#[derive(Clone)]
pub struct Entries<T>(Kept<T>);

#[derive(Clone)]
enum Kept<T> {
    Whole(Vec<T>),
    Stored(Arc<Stored<T>>),
}

/// What reads the block with a number.
pub(super) type ReadBlock<T> = Box<dyn Fn(usize) -> Box<[T]> + Send + Sync>;

/// Entries of which those are at hand that were asked for.
struct Stored<T> {
    len: usize,
    blocks: Vec<OnceLock<Box<[T]>>>,
    read: ReadBlock<T>,
}

impl<T> Entries<T> {
    /// So many entries, which `read` gives in blocks of [`PER_BLOCK`], the last one shorter.
    pub(super) fn stored(len: usize, read: ReadBlock<T>) -> Self {
        let blocks = (0..len.div_ceil(PER_BLOCK)).map(|_| OnceLock::new()).collect();
        Self(Kept::Stored(Arc::new(Stored { len, blocks, read })))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Kept::Whole(entries) => entries.len(),
            Kept::Stored(stored) => stored.len,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every entry, in order of ids.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator + '_ {
        (0..self.len()).map(|ix| &self[ix])
    }

    /// Goes through every entry, in order of ids; what had to be read for it is not kept.
    pub(super) fn each(&self, mut each: impl FnMut(&T)) {
        match &self.0 {
            Kept::Whole(entries) => entries.iter().for_each(each),
            Kept::Stored(stored) => {
                for (number, block) in stored.blocks.iter().enumerate() {
                    match block.get() {
                        Some(block) => block.iter().for_each(&mut each),
                        None => (stored.read)(number).iter().for_each(&mut each),
                    }
                }
            }
        }
    }

    /// Where an entry is, by its id.
    pub(super) fn find(&self, id: &str, id_of: impl Fn(&T) -> &str) -> Option<usize> {
        let (mut start, mut end) = (0, self.len());
        while start < end {
            let middle = start.midpoint(end);
            match id_of(&self[middle]).cmp(id) {
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Less => start = middle + 1,
                std::cmp::Ordering::Greater => end = middle,
            }
        }
        None
    }
}

impl<T: Clone> Entries<T> {
    /// The entries, all at hand, to be changed.
    pub(super) fn to_mut(&mut self) -> &mut Vec<T> {
        if let Kept::Stored(_) = &self.0 {
            self.0 = Kept::Whole(self.iter().cloned().collect());
        }
        match &mut self.0 {
            Kept::Whole(entries) => entries,
            Kept::Stored(_) => unreachable!("made whole above"),
        }
    }
}

impl<T> Index<usize> for Entries<T> {
    type Output = T;

    fn index(&self, ix: usize) -> &T {
        match &self.0 {
            Kept::Whole(entries) => &entries[ix],
            Kept::Stored(stored) => {
                let block = ix / PER_BLOCK;
                &stored.blocks[block].get_or_init(|| (stored.read)(block))[ix % PER_BLOCK]
            }
        }
    }
}

impl<T> From<Vec<T>> for Entries<T> {
    fn from(entries: Vec<T>) -> Self {
        Self(Kept::Whole(entries))
    }
}

impl<'e, T> IntoIterator for &'e Entries<T> {
    type Item = &'e T;
    type IntoIter = Box<dyn Iterator<Item = &'e T> + 'e>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}

impl<T: fmt::Debug> fmt::Debug for Entries<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kept::Whole(entries) => entries.fmt(out),
            Kept::Stored(stored) => write!(out, "[{} stored]", stored.len),
        }
    }
}
