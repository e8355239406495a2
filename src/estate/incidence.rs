//! Which connections a system has.

use super::{Connection, ConnectionIx, SystemIx};
use crate::cache::are_bounds;
use std::ops::Range;

/// The most connections that an estate may have, so that the ends of all of them can be counted.
pub(super) const MOST_CONNECTIONS: usize = i32::MAX as usize;

/// Per system the ends of its connections, in order of connection ids.
#[derive(Clone, Debug, Default)]
pub(super) struct Incidence {
    /// The system at the other end, and the connection with [`LEAVES`] where it comes from here: 8 bytes.
    pub(super) ends: Vec<[u32; 2]>,
    /// By system the first of its ends; at the end their number.
    pub(super) start: Vec<u32>,
}

/// Set where the connection comes from the system that is asked about.
const LEAVES: u32 = 1 << 31;

/// One end of a connection, as seen from a system.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct ConnectionEnd {
    /// The connection.
    pub connection: ConnectionIx,
    /// The system at the other end.
    pub other: SystemIx,
    /// Whether the connection comes from the system that is asked about, and goes to the other.
    pub leaves: bool,
}

impl Incidence {
    /// Collects the ends of all connections.
    ///
    /// # Complexity
    /// *O*(systems + connections).
    pub(super) fn of<'e>(systems: usize, connections: impl Iterator<Item = &'e Connection> + Clone) -> Self {
        let mut start = vec![0_u32; systems + 1];
        for connection in connections.clone() {
            start[connection.from.index() + 1] += 1;
            start[connection.to.index() + 1] += 1;
        }
        for system_ix in 1..start.len() {
            start[system_ix] += start[system_ix - 1];
        }
        let mut next = start.clone();
        let mut ends = vec![[0, 0]; start[systems] as usize];
        for (connection, ix) in connections.zip(0_u32..) {
            for (here, other, leaves) in [(connection.from, connection.to, LEAVES), (connection.to, connection.from, 0)] {
                let slot = &mut next[here.index()];
                ends[*slot as usize] = [other.0, ix | leaves];
                *slot += 1;
            }
        }
        Self { ends, start }
    }

    /// Whether all of it is about so many systems and connections.
    pub(super) fn is_within(&self, systems: u32, connections: u32) -> bool {
        let is_end = |&[other, connection]: &[u32; 2]| other < systems && connection & !LEAVES < connections;
        are_bounds(&self.start, systems as usize, self.ends.len()) && self.ends.iter().all(is_end)
    }

    /// The ends at a system, in order of connection ids.
    pub(super) fn at(&self, system_ix: SystemIx) -> impl DoubleEndedIterator<Item = ConnectionEnd> + ExactSizeIterator + '_ {
        self.ends[self.numbers(system_ix)].iter().map(|&[other, connection]| ConnectionEnd {
            connection: ConnectionIx(connection & !LEAVES),
            other: SystemIx(other),
            leaves: connection & LEAVES != 0,
        })
    }

    /// The numbers of the ends at a system among all.
    pub(super) fn numbers(&self, system_ix: SystemIx) -> Range<usize> {
        self.start[system_ix.index()] as usize..self.start[system_ix.index() + 1] as usize
    }

    /// The number of the end that a connection has at a system; no connection leads from a system to itself.
    pub(super) fn number(&self, system_ix: SystemIx, connection_ix: ConnectionIx) -> usize {
        let numbers = self.numbers(system_ix);
        numbers.start + self.ends[numbers].partition_point(|end| end[1] & !LEAVES < connection_ix.0)
    }
}
