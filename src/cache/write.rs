//! Writing a cache, from its beginning to its end.

use super::format::{ALIGNMENT, BlockPlaces, Section, Table, header, places_of, trailer};
use bytemuck::Pod;
use serde::Serialize;
use std::io::{self, Write};

/// Writes a cache, section by section.
pub struct CacheWriter<W> {
    out: W,
    /// Bytes written so far.
    at: u64,
    table: Table,
}

impl<W: Write> CacheWriter<W> {
    /// Begins a cache; `program` says which version of what writes it.
    ///
    /// # Errors
    /// The writer's.
    pub fn new(out: W, program: String) -> io::Result<Self> {
        let mut writer = Self { out, at: 0, table: Table { program, sections: Vec::new() } };
        writer.put(&header())?;
        Ok(writer)
    }

    /// Writes numbers as they lie in memory.
    ///
    /// # Errors
    /// The writer's.
    pub fn column<T: Pod>(&mut self, name: &str, numbers: &[T]) -> io::Result<()> {
        let bytes = bytemuck::cast_slice(numbers);
        self.section(name, Some(crc32fast::hash(bytes)))?;
        self.put(bytes)?;
        self.end_section();
        Ok(())
    }

    /// Writes a value.
    ///
    /// # Errors
    /// The writer's; the value cannot be written down.
    pub fn value(&mut self, name: &str, value: &(impl Serialize + ?Sized)) -> io::Result<()> {
        let bytes = packed(value)?;
        self.section(name, Some(crc32fast::hash(&bytes)))?;
        self.put(&bytes)?;
        self.end_section();
        Ok(())
    }

    /// Writes values one by one, so that they can be read one by one.
    ///
    /// # Errors
    /// The writer's; a value cannot be written down.
    pub fn blocks(&mut self, name: &str, values: impl Iterator<Item = impl Serialize>) -> io::Result<()> {
        self.section(name, None)?;
        let start = self.at;
        let mut places = BlockPlaces::new();
        for value in values {
            let bytes = packed(&value)?;
            self.put(&bytes)?;
            places.push((self.at - start, crc32fast::hash(&bytes)));
        }
        self.end_section();
        self.value(&places_of(name), &places)
    }

    /// Ends the cache.
    ///
    /// # Errors
    /// The writer's.
    pub fn finish(mut self) -> io::Result<()> {
        let table = packed(&self.table)?;
        let trailer = trailer(self.at, table.len() as u64, crc32fast::hash(&table));
        self.put(&table)?;
        self.put(&trailer)?;
        self.out.flush()
    }

    fn section(&mut self, name: &str, checksum: Option<u32>) -> io::Result<()> {
        let gap = self.at.next_multiple_of(ALIGNMENT) - self.at;
        self.put(&[0; ALIGNMENT as usize][..gap as usize])?;
        self.table.sections.push(Section { name: name.to_owned(), start: self.at, length: 0, checksum });
        Ok(())
    }

    fn end_section(&mut self) {
        if let Some(section) = self.table.sections.last_mut() {
            section.length = self.at - section.start;
        }
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.at += bytes.len() as u64;
        self.out.write_all(bytes)
    }
}

/// A value in postcard's form, compressed.
fn packed(value: &(impl Serialize + ?Sized)) -> io::Result<Vec<u8>> {
    let bytes = postcard::to_stdvec(value).map_err(io::Error::other)?;
    Ok(lz4_flex::compress_prepend_size(&bytes))
}
