//! The layout of a cache: header, table of sections, trailer.

use serde::{Deserialize, Serialize};

/// How every cache begins.
pub(super) const MAGIC: [u8; 8] = *b"weaklink";
/// The version of this layout, and of everything that the sections hold.
pub(super) const VERSION: u32 = 2;
/// As it lies in memory this number shows the order of bytes.
pub(super) const ORDER: u32 = 0x0102_0304;
pub(super) const HEADER: usize = 16;
pub(super) const TRAILER: usize = 24;
/// What a section's place is a multiple of.
pub(super) const ALIGNMENT: u64 = 8;

/// What there is in a cache.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Table {
    /// What wrote it.
    pub(super) program: String,
    pub(super) sections: Vec<Section>,
}

/// Where a section lies.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Section {
    pub(super) name: String,
    pub(super) start: u64,
    pub(super) length: u64,
    /// The CRC-32 of its bytes; none for blocks, which have one each.
    pub(super) checksum: Option<u32>,
}

/// By number the place behind each block, counted from where its section begins, and its checksum.
pub(super) type BlockPlaces = Vec<(u64, u32)>;

/// The name of the value that holds the places of a section's blocks.
pub(super) fn places_of(section: &str) -> String {
    format!("places of {section}")
}

/// The header of a cache that this machine writes.
pub(super) fn header() -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..8].copy_from_slice(&MAGIC);
    header[8..12].copy_from_slice(&VERSION.to_le_bytes());
    header[12..].copy_from_slice(&ORDER.to_ne_bytes());
    header
}

/// The place, the length and the checksum of the table.
pub(super) fn trailer(start: u64, length: u64, checksum: u32) -> [u8; TRAILER] {
    let mut trailer = [0; TRAILER];
    trailer[..8].copy_from_slice(&start.to_le_bytes());
    trailer[8..16].copy_from_slice(&length.to_le_bytes());
    trailer[16..20].copy_from_slice(&checksum.to_le_bytes());
    let own = crc32fast::hash(&trailer[..20]);
    trailer[20..].copy_from_slice(&own.to_le_bytes());
    trailer
}

/// The same, read back; none if the trailer is not as it was written.
pub(super) fn table_place(trailer: &[u8; TRAILER]) -> Option<(u64, u64, u32)> {
    let word = |at: usize| u32::from_le_bytes([trailer[at], trailer[at + 1], trailer[at + 2], trailer[at + 3]]);
    let long = |at: usize| u64::from(word(at)) | u64::from(word(at + 4)) << 32;
    (crc32fast::hash(&trailer[..20]) == word(20)).then(|| (long(0), long(8), word(16)))
}
