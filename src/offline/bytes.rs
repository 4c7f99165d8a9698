//! The bytes of a file as UTF-8: decompressed, and decoded from UTF-16, as they are read.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;

/// The bytes from which a format is recognised.
const HEAD: usize = 64 << 10;

/// The first bytes of gzip (RFC 1952 section 2.3.1), and the method deflate.
const GZIP: [u8; 3] = [0x1f, 0x8b, 8];

/// The bytes that any file may expand to, and the ratio beyond. gzip reaches 1032 on zeros alone (zlib's
/// technical notes: "Maximum Compression Factor"); dumps, which repeat themselves, up to 50.
const UNSUSPICIOUS: u64 = 64 << 20;
const MOST_EXPANDED: u64 = 200;

/// The text of a file, and its first bytes.
pub(super) struct Text<'a> {
    /// The first bytes; all of them, if the file is short.
    pub(super) head: Vec<u8>,
    rest: Box<dyn Read + 'a>,
}

/// Data that expands without end.
#[derive(Debug, thiserror::Error)]
#[error("expands without end")]
pub(super) struct Bomb;

// === impl Text ===

impl<'a> Text<'a> {
    /// Starts to read a file.
    ///
    /// # Errors
    /// If it cannot be read, or its compressed form is damaged.
    pub(super) fn open(file: impl Read + 'a) -> io::Result<Self> {
        let mut text = Self::of(Box::new(file))?;
        if text.head.starts_with(&GZIP) {
            text = Self::of(Box::new(Inflated::new(text.all())))?;
        }
        if text.head.starts_with(b"\xef\xbb\xbf") {
            text.head.drain(..3);
        } else if let Some(order) = Order::of(&text.head) {
            text = Self::of(Box::new(Utf16::new(text.all(), order)))?;
        }
        Ok(text)
    }

    fn of(mut file: Box<dyn Read + 'a>) -> io::Result<Self> {
        let mut head = Vec::new();
        file.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
        Ok(Self { head, rest: file })
    }

    /// All of the text, from its first byte on.
    pub(super) fn all(self) -> impl BufRead + 'a {
        BufReader::with_capacity(HEAD, Cursor::new(self.head).chain(self.rest))
    }
}

/// Decompressed gzip, of one or more members.
struct Inflated<R> {
    decoder: MultiGzDecoder<Counted<R>>,
    read: Rc<Cell<u64>>,
    written: u64,
}

struct Counted<R> {
    inner: R,
    read: Rc<Cell<u64>>,
}

// === impl Inflated ===

impl<R: BufRead> Inflated<R> {
    fn new(inner: R) -> Self {
        let read = Rc::new(Cell::new(0));
        let counted = Counted {
            inner,
            read: read.clone(),
        };
        Self {
            decoder: MultiGzDecoder::new(counted),
            read,
            written: 0,
        }
    }
}

impl<R: BufRead> Read for Inflated<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.decoder.read(buffer)?;
        self.written += length as u64;
        if self.written > UNSUSPICIOUS && self.written / MOST_EXPANDED > self.read.get() {
            return Err(io::Error::other(Bomb));
        }
        Ok(length)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.read.set(self.read.get() + length as u64);
        Ok(length)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, length: usize) {
        self.read.set(self.read.get() + length as u64);
        self.inner.consume(length);
    }
}

/// The order of the two bytes of a unit of UTF-16.
#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

/// UTF-16, decoded. What is no text there becomes U+FFFD.
struct Utf16<R> {
    inner: R,
    order: Order,
    /// The first half of a character, from the read before.
    pending: Option<u16>,
    /// Decoded text that has not been read yet, and the place up to which it has been.
    decoded: Vec<u8>,
    start: usize,
}

// === impl Order ===

impl Order {
    /// Recognises UTF-16 by its mark, or by a first character of ASCII.
    fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0xff, 0xfe, ..] | [1..=0x7f, 0, 1..=0x7f, 0, ..] => Some(Self::Little),
            [0xfe, 0xff, ..] | [0, 1..=0x7f, 0, 1..=0x7f, ..] => Some(Self::Big),
            _ => None,
        }
    }

    fn unit(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }
}

// === impl Utf16 ===

impl<R: Read> Utf16<R> {
    fn new(inner: R, order: Order) -> Self {
        Self {
            inner,
            order,
            pending: None,
            decoded: Vec::new(),
            start: 0,
        }
    }

    /// Decodes the next bytes; an odd last byte is left out.
    fn decode(&mut self) -> io::Result<()> {
        let mut bytes = Vec::new();
        self.inner
            .by_ref()
            .take(HEAD as u64)
            .read_to_end(&mut bytes)?;
        let is_last = bytes.len() < HEAD;
        let units = bytes.chunks_exact(2);
        let units = units.map(|unit| self.order.unit([unit[0], unit[1]]));
        let mut units: Vec<u16> = self.pending.take().into_iter().chain(units).collect();
        if !is_last {
            self.pending = units.pop_if(|unit| (0xd800..0xdc00).contains(unit));
        }
        let text =
            char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER));
        self.decoded = text
            .filter(|char| *char != '\u{feff}')
            .collect::<String>()
            .into_bytes();
        self.start = 0;
        Ok(())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.start == self.decoded.len() {
            self.decode()?;
        }
        let length = (&self.decoded[self.start..]).read(buffer)?;
        self.start += length;
        Ok(length)
    }
}
