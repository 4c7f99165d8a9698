//! Text as one gzip member of a beginning that is kept and an end that is fresh.
//!
//! The beginning is deflated once and flushed to a byte boundary with its window forgotten (`FULL_FLUSH`), so
//! whatever is deflated behind it on its own goes on as the same stream (RFC 1951 section 3.2.3), and the two
//! checksums combine. Two members would be legal too (RFC 1952 section 2.2), but curl 7.88 reads only one.

use std::fmt;
use std::io::Read;

use bytes::Bytes;
use flate2::read::DeflateDecoder;
use flate2::{Compress, Compression, FlushCompress, Status};

/// How much text is gathered before it is deflated, and inflated at a time.
pub(super) const CHUNK: usize = 64 * 1024;

/// The header of a member without name and time, of unknown system (RFC 1952 section 2.3).
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// The beginning of a text: only its deflated form is kept, a tenth of it.
#[derive(Clone, Default)]
pub(super) struct Beginning {
    deflated: Bytes,
    crc: crc32fast::Hasher,
    length: u64,
}

/// Text on its way to become a beginning.
pub(super) struct Writer {
    text: String,
    stream: Compress,
    deflated: Vec<u8>,
    crc: crc32fast::Hasher,
    length: u64,
}

// === impl Beginning ===

impl Beginning {
    /// The length of the text in bytes.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// The gzip member of this beginning and that end, in pieces.
    pub(super) fn gzip(&self, end: &str) -> [Bytes; 3] {
        let mut crc = self.crc.clone();
        crc.combine(&checksum(end));
        let mut tail = Vec::with_capacity(end.len() / 2 + 64);
        deflate(
            &mut stream(),
            end.as_bytes(),
            FlushCompress::Finish,
            &mut tail,
        );
        tail.extend(crc.finalize().to_le_bytes());
        let length = self.length + end.len() as u64;
        tail.extend_from_slice(&length.to_le_bytes()[..4]); // modulo 2^32, by RFC 1952
        [
            Bytes::from_static(&HEADER),
            self.deflated.clone(),
            tail.into(),
        ]
    }

    /// The text itself, inflated piece by piece while it is taken.
    pub(super) fn text(&self) -> impl Iterator<Item = Bytes> + Send + use<> {
        let mut left = self.length;
        let mut inflated = DeflateDecoder::new(std::io::Cursor::new(self.deflated.clone()));
        std::iter::from_fn(move || {
            let mut chunk = vec![0; usize::try_from(left).unwrap_or(CHUNK).min(CHUNK)];
            inflated
                .read_exact(&mut chunk)
                .ok()
                .filter(|()| !chunk.is_empty())?;
            left -= chunk.len() as u64;
            Some(chunk.into())
        })
    }
}

// === impl Writer ===

impl Default for Writer {
    fn default() -> Self {
        let (text, deflated) = (String::with_capacity(CHUNK), Vec::new());
        Self {
            text,
            stream: stream(),
            deflated,
            crc: crc32fast::Hasher::new(),
            length: 0,
        }
    }
}

impl fmt::Write for Writer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text.push_str(text);
        if self.text.len() >= CHUNK {
            self.deflate(FlushCompress::None);
        }
        Ok(())
    }
}

impl Writer {
    /// What was written, as a beginning.
    pub(super) fn finish(mut self) -> Beginning {
        self.deflate(FlushCompress::Full);
        self.deflated.shrink_to_fit();
        Beginning {
            deflated: self.deflated.into(),
            crc: self.crc,
            length: self.length,
        }
    }

    fn deflate(&mut self, flush: FlushCompress) {
        self.crc.update(self.text.as_bytes());
        self.length += self.text.len() as u64;
        deflate(
            &mut self.stream,
            self.text.as_bytes(),
            flush,
            &mut self.deflated,
        );
        self.text.clear();
    }
}

fn checksum(text: &str) -> crc32fast::Hasher {
    let mut crc = crc32fast::Hasher::new();
    crc.update(text.as_bytes());
    crc
}

fn stream() -> Compress {
    const BARE: bool = false; // no zlib header
    Compress::new(Compression::fast(), BARE)
}

/// Puts the text through the stream until all of it, and all that the flush asks for, has come out.
fn deflate(stream: &mut Compress, mut text: &[u8], flush: FlushCompress, out: &mut Vec<u8>) {
    loop {
        out.reserve(CHUNK);
        let before = stream.total_in();
        let status = stream
            .compress_vec(text, out, flush)
            .expect("deflating memory has no way to fail");
        let taken = usize::try_from(stream.total_in() - before).expect("no more than the text");
        text = &text[taken..];
        let drained = text.is_empty() && out.len() < out.capacity();
        if status == Status::StreamEnd || (drained && flush != FlushCompress::Finish) {
            return;
        }
    }
}
