//! Reading a cache: what is asked for, and nothing that its checksum does not vouch for.

use super::fault::{CacheFault, CacheFaultKind};
use super::format::{BlockPlaces, HEADER, MAGIC, ORDER, Section, TRAILER, Table, VERSION, places_of, table_place};
use bytemuck::Pod;
use serde::de::DeserializeOwned;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

/// An open cache.
#[derive(Debug)]
pub struct Cache {
    name: String,
    file: Readable,
    sections: Vec<Section>,
}

impl Cache {
    /// Whether a file is a cache, of whichever version, by how it begins.
    pub fn is_at(path: &Path) -> bool {
        let mut start = [0; MAGIC.len() + 4];
        // No text begins like this: the version that follows the word holds a byte 0.
        let is_file = path.metadata().is_ok_and(|metadata| metadata.is_file());
        is_file
            && File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok()
            && start[..8] == MAGIC
            && start[8..].contains(&0)
    }

    /// Opens a cache that `program` wrote. Its sections are checked as they are read.
    ///
    /// # Errors
    /// It cannot be read, is cut short, or another version wrote it.
    pub fn open(path: &Path, program: &str) -> Result<Arc<Self>, CacheFault> {
        let name = path.to_string_lossy().into_owned();
        open(path, &name, program).map_err(|kind| CacheFault { name, kind })
    }

    /// The numbers of a column.
    ///
    /// # Errors
    /// They cannot be read, or are not as they were written.
    pub fn column<T: Pod>(&self, name: &str) -> Result<Vec<T>, CacheFault> {
        let section = self.section(name)?;
        let count = section.length as usize / size_of::<T>();
        let mut numbers = vec![T::zeroed(); count];
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut numbers);
        if bytes.len() as u64 != section.length {
            return Err(self.damaged(name));
        }
        self.fill(section.start, bytes)?;
        if Some(crc32fast::hash(bytes)) != section.checksum {
            return Err(self.damaged(name));
        }
        Ok(numbers)
    }

    /// A value.
    ///
    /// # Errors
    /// It cannot be read, or is not as it was written.
    pub fn value<T: DeserializeOwned>(&self, name: &str) -> Result<T, CacheFault> {
        let section = self.section(name)?;
        let mut bytes = vec![0; section.length as usize];
        self.fill(section.start, &mut bytes)?;
        let checksum = section.checksum.ok_or_else(|| self.damaged(name))?;
        unpacked(&bytes, checksum).ok_or_else(|| self.damaged(name))
    }

    /// The blocks of a section, none of them read yet.
    ///
    /// # Errors
    /// Where they are cannot be read, or is not as it was written.
    pub fn blocks(self: &Arc<Self>, name: &str) -> Result<Blocks, CacheFault> {
        let places: BlockPlaces = self.value(&places_of(name))?;
        let section = self.section(name)?;
        let is_sound = places.windows(2).all(|pair| pair[0].0 <= pair[1].0) && places.last().is_none_or(|last| last.0 == section.length);
        if !is_sound {
            return Err(self.damaged(name));
        }
        Ok(Blocks { cache: Arc::clone(self), name: name.to_owned(), start: section.start, places })
    }

    /// That a section is not as it was written.
    pub fn damaged(&self, section: &str) -> CacheFault {
        self.fault(CacheFaultKind::Damaged { section: section.to_owned() })
    }

    /// Holds what a section says against what it must.
    ///
    /// # Errors
    /// It is not sound.
    pub fn require(&self, is_sound: bool, section: &str) -> Result<(), CacheFault> {
        if is_sound { Ok(()) } else { Err(self.damaged(section)) }
    }

    fn section(&self, name: &str) -> Result<&Section, CacheFault> {
        self.sections.iter().find(|section| section.name == name).ok_or_else(|| self.damaged(name))
    }

    fn fill(&self, start: u64, bytes: &mut [u8]) -> Result<(), CacheFault> {
        self.file.fill(start, bytes).map_err(|error| self.fault(reason(&error)))
    }

    fn fault(&self, kind: CacheFaultKind) -> CacheFault {
        CacheFault { name: self.name.clone(), kind }
    }
}

/// A file that threads read side by side, where the system can do that, else in turns.
#[derive(Debug)]
struct Readable(#[cfg(unix)] File, #[cfg(not(unix))] std::sync::Mutex<File>);

#[cfg(unix)]
impl Readable {
    fn new(file: File) -> Self {
        Self(file)
    }

    fn fill(&self, start: u64, bytes: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.0, bytes, start)
    }
}

#[cfg(not(unix))]
impl Readable {
    fn new(file: File) -> Self {
        Self(std::sync::Mutex::new(file))
    }

    fn fill(&self, start: u64, bytes: &mut [u8]) -> io::Result<()> {
        let mut file = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        file.seek(SeekFrom::Start(start)).and_then(|_| file.read_exact(bytes))
    }
}

/// Values that are read one by one.
#[derive(Debug)]
pub struct Blocks {
    cache: Arc<Cache>,
    name: String,
    start: u64,
    places: BlockPlaces,
}

impl Blocks {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The value with a number.
    ///
    /// # Errors
    /// It cannot be read, or is not as it was written.
    pub fn read<T: DeserializeOwned>(&self, number: usize) -> Result<T, CacheFault> {
        let start = number.checked_sub(1).map_or(0, |before| self.places[before].0);
        let (end, checksum) = self.places[number];
        let mut bytes = vec![0; (end - start) as usize];
        self.cache.fill(self.start + start, &mut bytes)?;
        unpacked(&bytes, checksum).ok_or_else(|| self.damaged())
    }

    /// That they are not as they were written.
    pub fn damaged(&self) -> CacheFault {
        self.cache.damaged(&self.name)
    }
}

/// Whether numbers part a list of a length into so many slices: they ascend from 0 to that length.
pub fn are_bounds(bounds: &[u32], slices: usize, length: usize) -> bool {
    let ascend = bounds.windows(2).all(|pair| pair[0] <= pair[1]);
    bounds.len() == slices + 1 && ascend && bounds.first() == Some(&0) && bounds.last().is_some_and(|&last| last as usize == length)
}

fn open(path: &Path, name: &str, program: &str) -> Result<Arc<Cache>, CacheFaultKind> {
    let mut file = File::open(path).map_err(|error| reason(&error))?;
    let mut header = [0; HEADER];
    file.read_exact(&mut header).map_err(|error| reason(&error))?;
    let word = |at: usize| [header[at], header[at + 1], header[at + 2], header[at + 3]];
    let other_version = |by: &str| CacheFaultKind::OtherVersion { by: by.to_owned(), this: program.to_owned() };
    if header[..8] != MAGIC || u32::from_le_bytes(word(8)) != VERSION {
        return Err(other_version("another version of weaklink"));
    }
    if u32::from_ne_bytes(word(12)) != ORDER {
        return Err(CacheFaultKind::OtherMachine);
    }
    let length = file.seek(SeekFrom::End(0)).map_err(|error| reason(&error))?;
    let Some(end) = length.checked_sub(TRAILER as u64).filter(|&end| end >= HEADER as u64) else { return Err(CacheFaultKind::CutShort) };
    let mut trailer = [0; TRAILER];
    file.seek(SeekFrom::Start(end)).and_then(|_| file.read_exact(&mut trailer)).map_err(|error| reason(&error))?;
    // What is cut short ends with something else than its trailer.
    let (start, table_length, checksum) = table_place(&trailer).ok_or(CacheFaultKind::CutShort)?;
    if start.checked_add(table_length) != Some(end) {
        return Err(CacheFaultKind::CutShort);
    }
    let mut bytes = vec![0; table_length as usize];
    file.seek(SeekFrom::Start(start)).and_then(|_| file.read_exact(&mut bytes)).map_err(|error| reason(&error))?;
    let damaged = || CacheFaultKind::Damaged { section: "contents".to_owned() };
    let table: Table = unpacked(&bytes, checksum).ok_or_else(damaged)?;
    if table.program != program {
        return Err(other_version(&table.program));
    }
    let lies_inside = |section: &Section| section.start.checked_add(section.length).is_some_and(|end| end <= start);
    if !table.sections.iter().all(lies_inside) {
        return Err(damaged());
    }
    Ok(Arc::new(Cache { name: name.to_owned(), file: Readable::new(file), sections: table.sections }))
}

fn unpacked<T: DeserializeOwned>(bytes: &[u8], checksum: u32) -> Option<T> {
    if crc32fast::hash(bytes) != checksum {
        return None;
    }
    postcard::from_bytes(&lz4_flex::decompress_size_prepended(bytes).ok()?).ok()
}

fn reason(error: &io::Error) -> CacheFaultKind {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => CacheFaultKind::CutShort,
        kind => CacheFaultKind::Unreadable(kind.to_string()),
    }
}
