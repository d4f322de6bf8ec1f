//! Cuts a stream of text into blocks of whole records, for many threads. Parses no record.

use std::fs::File;
use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};

use super::{Compression, Source, compression};
use crate::diagnostic::{Diagnostic, Result};

/// Size of a block in bytes, unless a record is longer: small enough to share a file among all cores.
const BLOCK: usize = 1 << 20;
/// Records longer than this many bytes are refused, so that memory stays bounded.
const LONGEST: usize = 64 << 20;

/// A place in a text file, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: u64,
    /// In characters.
    pub(super) column: u64,
}

impl Position {
    pub(super) const START: Self = Self { line: 1, column: 1 };

    /// Returns the place after `bytes` that begin here.
    pub(super) fn after(self, bytes: &[u8]) -> Self {
        let is_first = |byte: &&u8| **byte & 0xc0 != 0x80;
        let n_chars = |bytes: &[u8]| bytes.iter().filter(is_first).count() as u64;
        match memchr::memrchr(b'\n', bytes) {
            Some(newline) => Self {
                line: self.line + n_newlines(bytes),
                column: n_chars(&bytes[newline + 1..]) + 1,
            },
            None => Self {
                column: self.column + n_chars(bytes),
                ..self
            },
        }
    }

    /// Adds this place in `shown` to an error.
    pub(super) fn of(self, err: Diagnostic, shown: &std::path::Path) -> Diagnostic {
        let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        err.at_line(shown, number(self.line), number(self.column))
    }
}

/// Whole records, in the order of the file.
#[derive(Debug)]
pub(super) struct Block {
    /// Position among the blocks of the file.
    pub(super) ordinal: u64,
    /// Where the first byte stands.
    pub(super) position: Position,
    /// The bytes.
    pub(super) bytes: Vec<u8>,
    /// Why the only record of this block is broken; `None` in all ordinary blocks.
    pub(super) broken: Option<&'static str>,
}

/// Where a buffer that begins with a record can be cut.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// Before this byte, which is not 0: whole records lie before it.
    At(usize),
    /// Nowhere yet.
    More,
    /// Before this byte: one record lies before it, broken for this reason.
    Broken(usize, &'static str),
    /// Before this byte, which is not 0: nothing that matters lies before it.
    Skip(usize),
    /// Nowhere: all records are over and what follows is of no interest.
    End,
}

/// Finds where records end.
pub(super) trait Cutter: Send {
    /// Returns where `buffer` can be cut as late as possible; `last` when the file ends with it.
    ///
    /// # Errors
    /// `Data` when the file cannot be divided into records any more; `at` is the place of the buffer's first byte.
    fn cut(&mut self, buffer: &[u8], at: Position, last: bool) -> Result<Cut>;
    /// Agrees that the file ends here, after whole records.
    ///
    /// # Errors
    /// `Data` when it is cut off.
    fn end(&self, at: Position) -> Result<()>;
}

/// A file as a sequence of blocks.
pub(super) struct Blocks(Mutex<Inner>);

struct Inner {
    shown: std::path::PathBuf,
    reader: Box<dyn Read + Send>,
    cutter: Box<dyn Cutter>,
    /// What was read after the last cut.
    rest: Vec<u8>,
    position: Position,
    ordinal: u64,
    at_end: bool,
}

impl Blocks {
    /// Opens a file, unpacked and decoded to UTF-8 without a byte order mark.
    ///
    /// # Errors
    /// `Environment` when it cannot be opened, `Data` when it is in another encoding by its first bytes.
    pub(super) fn open(file: &Source<'_>, cutter: Box<dyn Cutter>) -> Result<Self> {
        Ok(Self(Mutex::new(Inner {
            shown: file.shown.into(),
            reader: open(file)?,
            cutter,
            rest: Vec::new(),
            position: Position::START,
            ordinal: 0,
            at_end: false,
        })))
    }

    /// Returns the next block; `None` after the last. Only reading and cutting happen one thread at a time.
    ///
    /// # Errors
    /// `Environment` when reading fails, `Data` when the file is damaged or cannot be cut.
    pub(super) fn next(&self) -> Result<Option<Block>> {
        // An error below ends the scan, so what a dead thread left behind is never read on.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).next()
    }
}

impl Inner {
    fn next(&mut self) -> Result<Option<Block>> {
        let mut size = BLOCK;
        loop {
            self.fill(size)?;
            if self.rest.is_empty() {
                self.cutter.end(self.position)?;
                return Ok(None);
            }
            match self.cutter.cut(&self.rest, self.position, self.at_end)? {
                Cut::At(end) => return Ok(Some(self.split(end, None))),
                Cut::Broken(end, reason) => return Ok(Some(self.split(end, Some(reason)))),
                Cut::Skip(end) => {
                    self.position = self.position.after(&self.rest[..end]);
                    self.rest.drain(..end);
                }
                Cut::End => {
                    self.rest.clear();
                    self.at_end = true;
                    return Ok(None);
                }
                Cut::More if self.at_end => {
                    let end = self.rest.len();
                    return Ok(Some(self.split(end, None)));
                }
                Cut::More if size >= LONGEST => return Err(self.too_long()),
                Cut::More => size *= 2,
            }
        }
    }

    /// Reads until `rest` holds `size` bytes or the file ends.
    fn fill(&mut self, size: usize) -> Result<()> {
        let missing = size.saturating_sub(self.rest.len());
        if self.at_end || missing == 0 {
            return Ok(());
        }
        self.rest.reserve(missing);
        let n_bytes = self
            .reader
            .by_ref()
            .take(missing as u64)
            .read_to_end(&mut self.rest)
            .map_err(|err| unreadable(&self.shown, err))?;
        self.at_end = n_bytes < missing;
        Ok(())
    }

    fn split(&mut self, end: usize, broken: Option<&'static str>) -> Block {
        let rest = self.rest.split_off(end);
        let bytes = std::mem::replace(&mut self.rest, rest);
        let block = Block {
            ordinal: self.ordinal,
            position: self.position,
            bytes,
            broken,
        };
        self.position = self.position.after(&block.bytes);
        self.ordinal += 1;
        block
    }

    fn too_long(&self) -> anyhow::Error {
        let what = Diagnostic::data(format!("a record is longer than {} MiB", LONGEST >> 20));
        let hint = "is a quote or a bracket missing there?";
        self.position.of(what, &self.shown).hint(hint).into()
    }
}

/// Returns how many lines end in `bytes`.
pub(super) fn n_newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// Opens a file, unpacked and decoded to UTF-8 without a byte order mark.
pub(super) fn open(file: &Source<'_>) -> Result<Box<dyn Read + Send>> {
    let raw = File::open(file.path).map_err(|err| unreadable(file.shown, err))?;
    let unpacked: Box<dyn Read + Send> = match compression(std::path::Path::new(file.recorded)).0 {
        Compression::None => Box::new(raw),
        Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(io::BufReader::new(
            raw,
        ))),
        Compression::Zstd => {
            Box::new(zstd::Decoder::new(raw).map_err(|err| unreadable(file.shown, err))?)
        }
    };
    let utf8 = file.reading.encoding == encoding_rs::UTF_8;
    let mut decoded = match utf8 {
        true => unpacked,
        false => Box::new(Decode::new(unpacked, file.reading.encoding)),
    };
    let mut begin = Vec::new();
    decoded
        .by_ref()
        .take(3)
        .read_to_end(&mut begin)
        .map_err(|err| unreadable(file.shown, err))?;
    if utf8 && (begin.starts_with(&[0xff, 0xfe]) || begin.starts_with(&[0xfe, 0xff])) {
        return Err(
            Diagnostic::data(format!("`{}` is encoded in UTF-16", file.shown.display()))
                .at_line(file.shown, 1, 1)
                .hint("set `encoding: utf-16`, or save the file as UTF-8")
                .into(),
        );
    }
    if begin == b"\xef\xbb\xbf" {
        begin.clear();
    }
    Ok(Box::new(io::Cursor::new(begin).chain(decoded)))
}

/// Says that the system or a decoder refused to give the bytes of a file.
pub(super) fn unreadable(shown: &std::path::Path, err: io::Error) -> anyhow::Error {
    let damaged = matches!(
        err.kind(),
        io::ErrorKind::UnexpectedEof
            | io::ErrorKind::InvalidData
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::Other
    );
    let name = shown.display();
    let what = match damaged {
        true => Diagnostic::data(format!("`{name}` is damaged or cut off"))
            .hint("fetch it again from where it came"),
        false => Diagnostic::environment(format!("`{name}` cannot be read")),
    };
    what.at_line(shown, 0, 0).because(err).into()
}

/// Turns text in another encoding into UTF-8 as it is read.
struct Decode<R> {
    reader: R,
    decoder: encoding_rs::Decoder,
    input: Vec<u8>,
    output: io::Cursor<Vec<u8>>,
    over: bool,
}

impl<R: Read> Decode<R> {
    fn new(reader: R, encoding: &'static encoding_rs::Encoding) -> Self {
        let decoder = encoding.new_decoder();
        Self {
            reader,
            decoder,
            input: vec![0; 1 << 16],
            output: io::Cursor::default(),
            over: false,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        let n_bytes = self.reader.read(&mut self.input)?;
        self.over = n_bytes == 0;
        let most = self
            .decoder
            .max_utf8_buffer_length(n_bytes)
            .unwrap_or(n_bytes * 4 + 16);
        let mut output = vec![0; most];
        let (_, _, written, broken) =
            self.decoder
                .decode_to_utf8(&self.input[..n_bytes], &mut output, self.over);
        if broken {
            let name = self.decoder.encoding().name();
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("it is not {name} throughout"),
            ));
        }
        output.truncate(written);
        self.output = io::Cursor::new(output);
        Ok(())
    }
}

impl<R: Read> Read for Decode<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let n_bytes = self.output.read(buffer)?;
            if n_bytes > 0 || buffer.is_empty() || self.over {
                return Ok(n_bytes);
            }
            self.refill()?;
        }
    }
}
