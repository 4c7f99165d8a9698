//! One gzip member that consists of a text compressed in advance and of a fresh one.
//!
//! The first text is compressed once and flushed to a byte boundary with the window forgotten
//! (`FULL_FLUSH`). The second text, compressed on its own, then continues the same stream (RFC 1951
//! section 3.2.3), and the two checksums combine. Two members would be legal too (RFC 1952 section
//! 2.2), but curl 7.88 reads only the first.

use std::io::Read;

use bytes::Bytes;
use flate2::read::DeflateDecoder;
use flate2::{Compress, Compression, FlushCompress, Status};

/// The number of bytes that are gathered before they are compressed, and that are decompressed at a
/// time.
const CHUNK: usize = 64 * 1024;

/// The header of a member without name and time, of unknown system (RFC 1952 section 2.3).
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// The first text. Only the compressed form is kept, a tenth of the text.
#[derive(Clone, Default)]
pub(super) struct Prefix {
    compressed: Bytes,
    crc: crc32fast::Hasher,
    length: u64,
}

/// A prefix under construction.
pub(super) struct PrefixWriter {
    text: String,
    stream: Compress,
    compressed: Vec<u8>,
    crc: crc32fast::Hasher,
    length: u64,
}

// === impl Prefix ===

impl Prefix {
    /// The length of the text in bytes.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Returns the gzip member of this text and the given one, in pieces.
    pub(super) fn gzip(&self, rest: &str) -> [Bytes; 3] {
        let mut crc = self.crc.clone();
        crc.combine(&checksum(rest));
        let mut end = Vec::with_capacity(rest.len() / 2 + 64);
        compress(
            &mut stream(),
            rest.as_bytes(),
            FlushCompress::Finish,
            &mut end,
        );
        end.extend(crc.finalize().to_le_bytes());
        let length = self.length + rest.len() as u64;
        end.extend_from_slice(&length.to_le_bytes()[..4]); // modulo 2^32, by RFC 1952
        [
            Bytes::from_static(&HEADER),
            self.compressed.clone(),
            end.into(),
        ]
    }

    /// Returns the text, decompressed piece by piece while it is read.
    pub(super) fn text(&self) -> impl Iterator<Item = Bytes> + Send + use<> {
        let mut left = self.length;
        let mut text = DeflateDecoder::new(std::io::Cursor::new(self.compressed.clone()));
        std::iter::from_fn(move || {
            let mut chunk = vec![0; usize::try_from(left).unwrap_or(CHUNK).min(CHUNK)];
            text.read_exact(&mut chunk)
                .ok()
                .filter(|()| !chunk.is_empty())?;
            left -= chunk.len() as u64;
            Some(chunk.into())
        })
    }
}

// === impl PrefixWriter ===

impl Default for PrefixWriter {
    fn default() -> Self {
        Self {
            text: String::with_capacity(CHUNK),
            stream: stream(),
            compressed: Vec::new(),
            crc: crc32fast::Hasher::new(),
            length: 0,
        }
    }
}

impl PrefixWriter {
    /// Appends to the text.
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        if self.text.len() >= CHUNK {
            self.compress(FlushCompress::None);
        }
    }

    /// Returns the prefix of everything that was appended.
    pub(super) fn finish(mut self) -> Prefix {
        self.compress(FlushCompress::Full);
        self.compressed.shrink_to_fit();
        Prefix {
            compressed: self.compressed.into(),
            crc: self.crc,
            length: self.length,
        }
    }

    fn compress(&mut self, flush: FlushCompress) {
        let text = self.text.as_bytes();
        self.crc.update(text);
        self.length += text.len() as u64;
        compress(&mut self.stream, text, flush, &mut self.compressed);
        self.text.clear();
    }
}

fn checksum(text: &str) -> crc32fast::Hasher {
    let mut crc = crc32fast::Hasher::new();
    crc.update(text.as_bytes());
    crc
}

fn stream() -> Compress {
    const ZLIB_HEADER: bool = false; // gzip has a header of its own
    Compress::new(Compression::fast(), ZLIB_HEADER)
}

/// Compresses the whole text, and writes as much of the stream as the flush demands.
fn compress(stream: &mut Compress, mut text: &[u8], flush: FlushCompress, out: &mut Vec<u8>) {
    loop {
        out.reserve(CHUNK);
        let before = stream.total_in();
        let status = stream
            .compress_vec(text, out, flush)
            .expect("compression in memory never fails");
        let taken = usize::try_from(stream.total_in() - before).expect("no more than the text");
        text = &text[taken..];
        let drained = text.is_empty() && out.len() < out.capacity();
        if status == Status::StreamEnd || (drained && flush != FlushCompress::Finish) {
            return;
        }
    }
}
