//! Maps and sets of short names: looked up millions of times, where the standard hasher would take as long as all the rest.

use foldhash::fast::RandomState;

pub(super) type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;
pub(super) type HashSet<K> = std::collections::HashSet<K, RandomState>;
pub(super) type IndexSet<K> = indexmap::IndexSet<K, RandomState>;
