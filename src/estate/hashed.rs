//! Maps and sets of identifiers: looked up for every end of every connection, where the standard hasher would take longer
//! than all the rest.

use foldhash::fast::RandomState;

pub(super) type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;
pub(super) type HashSet<K> = std::collections::HashSet<K, RandomState>;
