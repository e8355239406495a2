//! A file's text: read with limits, told apart from what is not text, and addressed by line and column.

use serde::{Deserialize, Serialize};
use std::error::Error;
use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;

use super::visible::visible;

/// The languages that a source can be written in.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// JSON, RFC 8259.
    Json,
    /// YAML 1.2 with the core schema.
    Yaml,
    /// TOML 1.1.
    Toml,
}

/// A file's text, with its name and its number in the run.
pub struct Source {
    index: u16,
    name: String,
    text: OnceLock<String>,
    /// Where the text comes from, if it is not there yet.
    stored: Option<ReadText>,
    format: Format,
    line_starts: OnceLock<Vec<u32>>,
}

/// What reads a text that is asked for late.
pub type ReadText = Box<dyn Fn() -> String + Send + Sync>;

impl Source {
    /// Returns the text of the regular file at `path`, at most `limit_bytes` long.
    ///
    /// The limit is held against the file's length before anything is read, and against what is read after that.
    /// Pipes, sockets and devices are refused without waiting for them.
    ///
    /// # Errors
    /// Every [`ReadError`]: the file is absent, refused by the system, not a regular file, too long, or not text.
    pub fn read(path: &Path, index: u16, limit_bytes: u64) -> Result<Source, ReadError> {
        let name = path.to_string_lossy().into_owned();
        let failed = |error: &io::Error| ReadError::from_io(name.clone(), error);
        let limit = limit_bytes.min(u64::from(u32::MAX));

        // Opening a device can have effects of its own, so the kind is asked first; it is asked again of the opened
        // file, because the name may have come to mean another file in between.
        check(&fs::metadata(path).map_err(|error| failed(&error))?, &name, limit)?;
        let file = open_without_waiting(path).map_err(|error| failed(&error))?;
        let metadata = file.metadata().map_err(|error| failed(&error))?;
        check(&metadata, &name, limit)?;

        Source::read_whole(file, metadata.len(), name, index, limit)
    }

    /// Returns the text that `reader`, standard input say, gives until its end, at most `limit_bytes` long.
    ///
    /// # Errors
    /// [`ReadError::TooLarge`] and [`ReadError::Io`], and those of [`Source::from_bytes`].
    pub fn read_from(reader: impl io::Read, name: String, index: u16, limit_bytes: u64) -> Result<Source, ReadError> {
        Source::read_whole(reader, 0, name, index, limit_bytes.min(u64::from(u32::MAX)))
    }

    /// The same, of so many bytes as it seems.
    fn read_whole(reader: impl io::Read, expected: u64, name: String, index: u16, limit: u64) -> Result<Source, ReadError> {
        let mut bytes = Vec::with_capacity(expected as usize + 1);
        if let Err(error) = reader.take(limit + 1).read_to_end(&mut bytes) {
            return Err(ReadError::from_io(name, &error));
        }
        if bytes.len() as u64 > limit {
            return Err(ReadError::TooLarge { name, limit });
        }
        Source::from_bytes(name, bytes, index)
    }

    /// Returns the text that `bytes` hold, under the given name.
    ///
    /// The text is UTF-8, or UTF-16 with a byte order mark, or in a graph (`dot`, `gv`) Latin-1; a mark is skipped and no
    /// span counts it, and spans count the bytes of the text in UTF-8. The format follows the name's extension
    /// (`json`, `yaml`, `yml`, `toml`), or the first character that is not blank where the name has none of these; TOML
    /// is told by its extension only. A TOML text of comments alone is an empty table, and not [`ReadError::Empty`].
    ///
    /// # Errors
    /// [`ReadError::Compressed`], [`ReadError::Utf16`], [`ReadError::Utf32`], [`ReadError::Binary`], [`ReadError::NotUtf8`],
    /// [`ReadError::Empty`], and [`ReadError::TooLarge`] from 4 GiB.
    pub fn from_bytes(name: String, bytes: Vec<u8>, index: u16) -> Result<Source, ReadError> {
        if bytes.len() >= u32::MAX as usize {
            let limit = u64::from(u32::MAX);
            return Err(ReadError::TooLarge { name, limit });
        }
        if let Some(compression) = compression(&bytes) {
            return Err(ReadError::Compressed { name, compression });
        }
        if is_utf32(&bytes) {
            return Err(ReadError::Utf32 { name });
        }
        let bytes = match decoded_utf16(&bytes) {
            Some(text) => text.into_bytes(),
            None if is_utf16(&bytes) => return Err(ReadError::Utf16 { name }),
            None => bytes,
        };
        if bytes.iter().take(1024).any(|&byte| byte == 0) {
            return Err(ReadError::Binary { name });
        }
        let mut text = match String::from_utf8(bytes) {
            Ok(text) => text,
            // Graphs of old come in Latin-1, every byte of which is a character of the same number.
            Err(error) if is_graph(&name) => error.as_bytes().iter().map(|&byte| char::from(byte)).collect(),
            Err(error) => {
                let offset = error.utf8_error().valid_up_to();
                let newlines = error.as_bytes()[..offset].iter().filter(|&&byte| byte == b'\n');
                let line = newlines.count() + 1;
                return Err(ReadError::NotUtf8 { name, offset, line });
            }
        };
        if text.starts_with('\u{FEFF}') {
            text.drain(..'\u{FEFF}'.len_utf8());
        }
        let format = format_of(&name, &text);
        if is_blank(&text, format) {
            return Err(ReadError::Empty { name });
        }
        Ok(Source { index, name, text: OnceLock::from(text), stored: None, format, line_starts: OnceLock::new() })
    }

    /// Returns a source whose text is read when it is asked for.
    #[must_use]
    pub fn stored(name: String, format: Format, index: u16, text: ReadText) -> Source {
        Source { index, name, text: OnceLock::new(), stored: Some(text), format, line_starts: OnceLock::new() }
    }

    /// Returns the number of this file in its run.
    #[must_use]
    pub fn index(&self) -> u16 {
        self.index
    }

    /// Returns the name as given; it reaches an output through [`visible`] only.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the text after a byte order mark.
    #[must_use]
    pub fn text(&self) -> &str {
        self.text.get_or_init(|| self.stored.as_ref().map_or_else(String::new, |read| read()))
    }

    /// Returns the format that the text is read as.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// Returns whether the text has the mark of a file of ours near its beginning: a key of its outermost mapping that is
    /// `weaklink`, or a word that begins with it.
    ///
    /// Lines and words of any other text are never shown: those of a Terraform state, say, may be secrets.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        // No other tool's TOML is read, and what a file lacks of ours is told with its lines.
        if self.format == Format::Toml {
            return true;
        }
        let mut end = self.text().len().min(MARK_WITHIN);
        while !self.text().is_char_boundary(end) {
            end -= 1;
        }
        let text = self.text()[..end].trim_start();
        if text.starts_with('{') { has_flow_mark(text) } else { text.lines().any(is_mark) }
    }

    /// Returns the line and the column of the byte at `offset`, both from 1, the column in characters.
    ///
    /// Lines end at a line feed. An offset past the end counts as the end, one inside a character as its first byte.
    #[must_use]
    pub fn line_column(&self, offset: u32) -> (usize, usize) {
        let mut offset = (offset as usize).min(self.text().len());
        while !self.text().is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line_at(offset);
        let start = self.line_range(line).start;
        (line, self.text()[start..offset].chars().count() + 1)
    }

    /// Returns the line of the byte at `offset`, from 1; none where the whole text is one line, and a number says nothing.
    #[must_use]
    pub fn line(&self, offset: u32) -> Option<usize> {
        (self.line_starts().len() > 2).then(|| self.line_at(offset as usize))
    }

    /// Returns the range of bytes of the line number `line`, from 1, without its line feed.
    ///
    /// Empty, at the end of the text, for a line that does not exist.
    #[must_use]
    pub fn line_range(&self, line: usize) -> Range<usize> {
        let starts = self.line_starts();
        let start_of = |line: usize| starts.get(line).map(|&start| start as usize);
        let Some(start) = line.checked_sub(1).and_then(start_of) else {
            return self.text().len()..self.text().len();
        };
        start..start_of(line).map_or(self.text().len(), |next| next - 1)
    }

    fn line_at(&self, offset: usize) -> usize {
        self.line_starts().partition_point(|&start| start as usize <= offset)
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let line_feeds = memchr::memchr_iter(b'\n', self.text().as_bytes());
            std::iter::once(0).chain(line_feeds.map(|at| u32::try_from(at + 1).unwrap_or(u32::MAX))).collect()
        })
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Source")
            .field("index", &self.index)
            .field("name", &self.name)
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

fn check(metadata: &Metadata, name: &str, limit: u64) -> Result<(), ReadError> {
    let name = name.to_owned();
    if metadata.is_dir() {
        let found = FileKind::Folder;
        return Err(ReadError::NotAFile { name, found });
    }
    if !metadata.is_file() {
        let found = special_kind(metadata);
        return Err(ReadError::NotAFile { name, found });
    }
    if metadata.len() > limit {
        return Err(ReadError::TooLarge { name, limit });
    }
    Ok(())
}

#[cfg(unix)]
fn special_kind(metadata: &Metadata) -> FileKind {
    use std::os::unix::fs::FileTypeExt as _;
    let kind = metadata.file_type();
    if kind.is_fifo() {
        FileKind::Pipe
    } else if kind.is_socket() {
        FileKind::Socket
    } else {
        FileKind::Device
    }
}

#[cfg(not(unix))]
fn special_kind(_: &Metadata) -> FileKind {
    FileKind::Device
}

#[cfg(unix)]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    // `O_NONBLOCK`, so that a pipe put in place of the file after the first look cannot hold us. Where the number is
    // not known the flag is left out, and the first look stands alone.
    let no_waiting = if cfg!(all(
        target_os = "linux",
        any(
            target_arch = "x86_64",
            target_arch = "x86",
            target_arch = "aarch64",
            target_arch = "arm",
            target_arch = "riscv64",
            target_arch = "powerpc64",
            target_arch = "s390x",
            target_arch = "loongarch64",
        )
    )) {
        0o4000
    } else if cfg!(any(target_vendor = "apple", target_os = "freebsd", target_os = "netbsd", target_os = "openbsd")) {
        0x4
    } else {
        0
    };
    fs::OpenOptions::new().read(true).custom_flags(no_waiting).open(path)
}

#[cfg(not(unix))]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    File::open(path)
}

fn compression(bytes: &[u8]) -> Option<Compression> {
    match bytes {
        [0x1F, 0x8B, ..] => Some(Compression::Gzip),
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Compression::Zip),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => Some(Compression::Zstandard),
        [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Some(Compression::Xz),
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, ..] => Some(Compression::Bzip2),
        _ => None,
    }
}

/// Returns whether the bytes begin as UTF-32 does: with its mark, which begins as that of UTF-16, or with ASCII widened
/// by zero bytes.
fn is_utf32(bytes: &[u8]) -> bool {
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => true,
        [a, 0, 0, 0, b, 0, 0, 0, ..] | [0, 0, 0, a, 0, 0, 0, b, ..] => *a != 0 && *b != 0,
        _ => false,
    }
}

/// Returns whether the bytes begin as UTF-16 does: with its mark, or with ASCII widened by zero bytes.
fn is_utf16(bytes: &[u8]) -> bool {
    match bytes {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => true,
        [a, 0, b, 0, ..] | [0, a, 0, b, ..] => *a != 0 && *b != 0,
        _ => false,
    }
}

/// Bytes of a text within which its mark is looked for.
const MARK_WITHIN: usize = 64 * 1024;

/// Returns whether a text begins with a key that is the mark of a file of ours.
fn is_mark(text: &str) -> bool {
    let name = text.trim_start_matches(['"', '\'']);
    let rest = name.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').trim_start_matches(['"', '\'']);
    name.starts_with("weaklink") && rest.trim_start_matches([' ', '\t']).starts_with([':', '='])
}

/// Returns whether the outermost mapping of a text in brackets has the mark among its keys.
fn has_flow_mark(text: &str) -> bool {
    let (mut depth, mut quote, mut is_escaped, mut is_key) = (0u32, None, false, false);
    for (at, letter) in text.char_indices() {
        if let Some(open) = quote {
            if is_escaped {
                is_escaped = false;
            } else if letter == '\\' {
                is_escaped = true;
            } else if letter == open {
                quote = None;
            }
            continue;
        }
        if depth == 1 && is_key && !letter.is_whitespace() {
            is_key = false;
            if is_mark(&text[at..]) {
                return true;
            }
        }
        match letter {
            '"' | '\'' => quote = Some(letter),
            '{' | '[' => {
                depth += 1;
                is_key = depth == 1;
            }
            '}' | ']' => depth = depth.saturating_sub(1),
            ',' => is_key = depth == 1,
            _ => {}
        }
    }
    false
}

/// Returns the text of bytes that begin with a mark of UTF-16, if they are that.
fn decoded_utf16(bytes: &[u8]) -> Option<String> {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xFF, 0xFE, ..] => u16::from_le_bytes,
        [0xFE, 0xFF, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let pairs = bytes[2..].chunks_exact(2);
    let is_whole = pairs.remainder().is_empty();
    let units: Vec<u16> = pairs.map(|pair| unit([pair[0], pair[1]])).collect();
    String::from_utf16(&units).ok().filter(|_| is_whole)
}

fn extension(name: &str) -> Option<String> {
    Path::new(name).extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase)
}

fn is_graph(name: &str) -> bool {
    matches!(extension(name).as_deref(), Some("dot" | "gv"))
}

fn format_of(name: &str, text: &str) -> Format {
    match extension(name).as_deref() {
        Some("json") => Format::Json,
        Some("yaml" | "yml") => Format::Yaml,
        Some("toml") => Format::Toml,
        _ if text.trim_start().starts_with(['{', '[']) => Format::Json,
        _ => Format::Yaml,
    }
}

fn is_blank(text: &str, format: Format) -> bool {
    let is_comment = |line: &str| line.is_empty() || line.starts_with('#');
    text.trim().is_empty() || (format == Format::Yaml && text.split(['\n', '\r']).map(str::trim).all(is_comment))
}

/// The things other than a regular file that a path can name.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A folder.
    Folder,
    /// A named pipe.
    Pipe,
    /// A socket.
    Socket,
    /// A device, or another thing of the system's own.
    Device,
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FileKind::Folder => "a folder",
            FileKind::Pipe => "a pipe",
            FileKind::Socket => "a socket",
            FileKind::Device => "a device",
        })
    }
}

/// The compressed forms that are recognised in order to be refused by name.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Compression {
    /// gzip.
    Gzip,
    /// A zip archive.
    Zip,
    /// Zstandard.
    Zstandard,
    /// xz.
    Xz,
    /// bzip2.
    Bzip2,
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Compression::Gzip => "gzip",
            Compression::Zip => "zip",
            Compression::Zstandard => "zstd",
            Compression::Xz => "xz",
            Compression::Bzip2 => "bzip2",
        })
    }
}

/// Why a file has no text for us; `name` is the file's, as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields say what their names say")]
pub enum ReadError {
    /// There is no such file.
    Missing { name: String },
    /// The system does not let us read it.
    PermissionDenied { name: String },
    /// It is not a regular file.
    NotAFile { name: String, found: FileKind },
    /// It is longer than `limit` bytes.
    TooLarge { name: String, limit: u64 },
    /// It is compressed.
    Compressed { name: String, compression: Compression },
    /// It is written in UTF-16.
    Utf16 { name: String },
    /// It is written in UTF-32.
    Utf32 { name: String },
    /// It is not text.
    Binary { name: String },
    /// The byte at `offset`, in the line number `line`, does not belong to UTF-8.
    NotUtf8 { name: String, offset: usize, line: usize },
    /// It holds nothing, or only white space and comments.
    Empty { name: String },
    /// The system failed in another way.
    Io { name: String, kind: io::ErrorKind },
}

impl ReadError {
    fn from_io(name: String, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ReadError::Missing { name },
            io::ErrorKind::PermissionDenied => ReadError::PermissionDenied { name },
            kind => ReadError::Io { name, kind },
        }
    }

    /// Returns the name of the file, as it was given.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            ReadError::Missing { name }
            | ReadError::PermissionDenied { name }
            | ReadError::NotAFile { name, .. }
            | ReadError::TooLarge { name, .. }
            | ReadError::Compressed { name, .. }
            | ReadError::Utf16 { name }
            | ReadError::Utf32 { name }
            | ReadError::Binary { name }
            | ReadError::NotUtf8 { name, .. }
            | ReadError::Empty { name }
            | ReadError::Io { name, .. } => name,
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read `{}`: ", visible(self.name()))?;
        match self {
            ReadError::Missing { .. } => f.write_str("no such file"),
            ReadError::PermissionDenied { .. } => f.write_str("permission denied"),
            ReadError::NotAFile { found, .. } => write!(f, "it is {found}, not a regular file"),
            ReadError::TooLarge { limit, .. } => {
                write!(f, "it is larger than the limit of {limit} bytes")
            }
            ReadError::Compressed { compression, .. } => {
                write!(f, "compressed input is not read, and this is {compression}")
            }
            ReadError::Utf32 { .. } => f.write_str("it is written in UTF-32, and only UTF-8 is read"),
            ReadError::Utf16 { .. } => f.write_str("it is written in UTF-16 without its byte order mark"),
            ReadError::Binary { .. } => f.write_str("it is not a text file"),
            ReadError::NotUtf8 { offset, line, .. } => {
                write!(f, "it is not UTF-8 from byte {offset} on, in line {line}")
            }
            ReadError::Empty { .. } => f.write_str("it is empty"),
            ReadError::Io { kind, .. } => write!(f, "{kind}"),
        }
    }
}

impl Error for ReadError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(bytes: &[u8]) -> Result<Source, ReadError> {
        Source::from_bytes("m".to_owned(), bytes.to_vec(), 0)
    }

    fn name() -> String {
        "m".to_owned()
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        let source = from("\u{feff}a: b".as_bytes()).expect("a mark is legal");
        assert_eq!(source.text(), "a: b");
        assert_eq!(source.line_column(3), (1, 4));
    }

    #[test]
    fn a_file_of_ours_has_its_mark_outermost() {
        let is_ours = |text: &str| from(text.as_bytes()).expect("it is text").is_ours();
        for text in [
            "weaklink: 1\n",
            "name: x\n\"weaklink\": 1\n",
            "weaklink_policy: 1",
            "weaklink = 1\n",
            "{weaklink: 1}",
            "{\"a\":{\"b\":[1]},\n \"weaklink\" : 1}",
        ] {
            assert!(is_ours(text), "{text}");
        }
        for text in [
            "{\"tags\":{\"weaklink\":1}}",
            "tags:\n  weaklink: 1\n",
            "{\"a\":\"weaklink\"}",
            "{\"a\":\"x\\\",\\\"weaklink\\\":1\"}",
            "a: weaklink: b",
        ] {
            assert!(!is_ours(text), "{text}");
        }
    }

    #[test]
    fn text_in_utf_16_with_its_mark_is_read() {
        let units = |order: fn(u16) -> [u8; 2]| "\u{feff}a: é😀".encode_utf16().flat_map(order).collect::<Vec<u8>>();
        for bytes in [units(u16::to_le_bytes), units(u16::to_be_bytes)] {
            assert_eq!(from(&bytes).expect("it is text").text(), "a: é😀");
        }
        assert!(matches!(from(b"\xff\xfea\0\0"), Err(ReadError::Utf16 { .. })));
    }

    #[test]
    fn a_graph_may_be_in_latin_1() {
        let read = |name: &str| Source::from_bytes(name.to_owned(), b"graph { \"Z\xfcrich\" }".to_vec(), 0);
        assert_eq!(read("a.dot").expect("it is text").text(), "graph { \"Zürich\" }");
        assert!(matches!(read("a.yaml"), Err(ReadError::NotUtf8 { .. })));
    }

    #[test]
    fn what_is_not_text_is_told_apart() {
        let compressed = |compression| ReadError::Compressed { name: name(), compression };
        let cases: [(&[u8], ReadError); 17] = [
            (b"{\0\"\0", ReadError::Utf16 { name: name() }),
            (b"\0{\0\"", ReadError::Utf16 { name: name() }),
            (b"\xff\xfe\0\0{\0\0\0", ReadError::Utf32 { name: name() }),
            (b"\0\0\xfe\xff\0\0\0{", ReadError::Utf32 { name: name() }),
            (b"{\0\0\0\"\0\0\0", ReadError::Utf32 { name: name() }),
            (b"\0\0\0{\0\0\0\"", ReadError::Utf32 { name: name() }),
            (b"\x1f\x8b\x08\0", compressed(Compression::Gzip)),
            (b"PK\x03\x04", compressed(Compression::Zip)),
            (b"\x28\xb5\x2f\xfd", compressed(Compression::Zstandard)),
            (b"\x7fELF\x02\x01\0\0", ReadError::Binary { name: name() }),
            (b"a: b\nc: \xe9\n", ReadError::NotUtf8 { name: name(), offset: 8, line: 2 }),
            (b"\xed\xa0\x80", ReadError::NotUtf8 { name: name(), offset: 0, line: 1 }),
            (b"", ReadError::Empty { name: name() }),
            (b" \r\n\t\n", ReadError::Empty { name: name() }),
            (b"# a\n  # b\r\n", ReadError::Empty { name: name() }),
            (b"# a\r# b\r", ReadError::Empty { name: name() }),
            (b"\xef\xbb\xbf", ReadError::Empty { name: name() }),
        ];
        for (bytes, expected) in cases {
            assert_eq!(from(bytes).expect_err("it is not text"), expected, "{bytes:?}");
        }
    }

    #[test]
    fn the_format_follows_the_extension_and_then_the_first_character() {
        let format =
            |name: &str, text: &str| Source::from_bytes(name.to_owned(), text.as_bytes().to_vec(), 0).map(|source| source.format());
        assert_eq!(format("a.JSON", "x"), Ok(Format::Json));
        assert_eq!(format("a.yml", "{}"), Ok(Format::Yaml));
        assert_eq!(format("a.Toml", "{}"), Ok(Format::Toml));
        assert_eq!(format("toml", "a = 1"), Ok(Format::Yaml));
        assert_eq!(format("-", "\n {}"), Ok(Format::Json));
        assert_eq!(format("-", "a: [b]"), Ok(Format::Yaml));
    }

    #[test]
    fn lines_and_columns_count_from_one_and_columns_in_characters() {
        let source = from("é: 1\r\nb\n".as_bytes()).expect("it is text");
        let at: Vec<(usize, usize)> = [0, 1, 2, 6, 7, 8, 9, 99].map(|at| source.line_column(at)).to_vec();
        assert_eq!(at, [(1, 1), (1, 1), (1, 2), (1, 6), (2, 1), (2, 2), (3, 1), (3, 1)]);
        assert_eq!(&source.text()[source.line_range(2)], "b");
        assert_eq!(source.line_range(3), 9..9);
        assert_eq!(source.line_range(0), 9..9);
        assert_eq!(source.line_range(99), 9..9);
    }

    #[test]
    fn a_stream_is_read_up_to_the_limit() {
        let endless = Source::read_from(io::repeat(b'a'), name(), 0, 1000);
        let refused = ReadError::TooLarge { name: name(), limit: 1000 };
        assert_eq!(endless.expect_err("it has no end"), refused);
        let source = Source::read_from(&b"a: b"[..], name(), 4, 1000).expect("it is text");
        assert_eq!((source.text(), source.index()), ("a: b", 4));
    }

    #[test]
    fn errors_show_the_name_through_the_filter() {
        let error = Source::read(Path::new("no\u{1b}such\n.yaml"), 0, 10).expect_err("there is no such file");
        assert_eq!(error.to_string(), "cannot read `no␛such␊.yaml`: no such file");
    }

    #[cfg(unix)]
    #[test]
    fn only_regular_files_within_the_limit_are_read() {
        let folder = std::env::temp_dir().join(format!("weaklink-source-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder can be made");
        let read = |path: &Path, limit| Source::read(path, 0, limit);

        let pipe = folder.join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        if made.is_ok_and(|status| status.success()) {
            assert!(matches!(read(&pipe, 99), Err(ReadError::NotAFile { found: FileKind::Pipe, .. })));
            drop(open_without_waiting(&pipe).expect("a pipe opens without a writer"));
        } else {
            eprintln!("SKIPPED: no pipe can be made here");
        }
        let socket = folder.join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("a socket can be made");
        assert!(matches!(read(&socket, 99), Err(ReadError::NotAFile { found: FileKind::Socket, .. })));
        assert!(matches!(read(&folder, 99), Err(ReadError::NotAFile { found: FileKind::Folder, .. })));
        assert!(matches!(read(Path::new("/dev/null"), 99), Err(ReadError::NotAFile { found: FileKind::Device, .. })));
        if Path::new("/dev/zero").exists() {
            assert!(matches!(read(Path::new("/dev/zero"), 99), Err(ReadError::NotAFile { .. })));
        }
        if Path::new("/proc/self/mem").exists() {
            assert!(read(Path::new("/proc/self/mem"), 99).is_err());
        }
        assert!(matches!(read(&folder.join("none"), 99), Err(ReadError::Missing { .. })));

        let sparse = folder.join("sparse");
        let file = File::create(&sparse).expect("a file can be made");
        file.set_len(10 << 30).expect("a file can be sparse");
        let error = read(&sparse, 64 << 20).expect_err("it is too large");
        assert_eq!(error, ReadError::TooLarge { name: sparse.to_string_lossy().into_owned(), limit: 64 << 20 });

        let model = folder.join("m.yaml");
        fs::write(&model, "a: 1\n").expect("a file can be written");
        assert_eq!(read(&model, 5).expect("it is within the limit").text(), "a: 1\n");
        assert!(matches!(read(&model, 4), Err(ReadError::TooLarge { .. })));
        fs::remove_dir_all(&folder).expect("a folder can be removed");
    }
}
