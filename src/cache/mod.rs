//! Beside floor 1: files of checked sections, from which those are read that are asked for. What the sections mean, the
//! floors above know.
//!
//! ```text
//! header    16 bytes: the word `weaklink`, the version of this layout, and a number that shows the order of bytes
//! sections  one after the other, each from a multiple of 8 on
//! table     what sections there are, where, how long, and the checksum (CRC-32) of each
//! trailer   24 bytes: where the table is, its length and checksum, and the checksum of the trailer itself
//! ```
//!
//! A column is numbers as they lie in memory, so that it is read into place. A value is a piece of data in postcard's form,
//! compressed (LZ4). Blocks are many values with a checksum each, so that one is read without the others.

mod fault;
mod format;
mod read;
mod write;

pub use fault::{CacheFault, CacheFaultKind};
pub use read::{Blocks, Cache, are_bounds};
pub use write::CacheWriter;
