//! The names under which files speak of systems: each is kept once, and stands for a number.

use super::hashed::IndexSet;

/// A name, by its number.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameIx(u32);

impl NameIx {
    pub(super) fn number(self) -> usize {
        self.0 as usize
    }
}

/// Names, numbered in the order in which they were first said.
#[derive(Debug, Default)]
pub struct Names(IndexSet<Box<str>>);

impl Names {
    /// The number of a name, a new one if it was never said.
    pub(super) fn say(&mut self, name: &str) -> NameIx {
        let number = self.0.get_index_of(name).unwrap_or_else(|| self.0.insert_full(name.into()).0);
        NameIx(u32::try_from(number).expect("a name takes more than a byte, and all texts of an import less than 4 GiB"))
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl std::ops::Index<NameIx> for Names {
    type Output = str;

    fn index(&self, name: NameIx) -> &str {
        &self.0[name.number()]
    }
}
