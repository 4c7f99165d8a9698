//! Standard output, whose reader may have seen enough.

use std::io::{self, BufWriter, ErrorKind, StdoutLock, Write};

/// Standard output. Once its reader is gone, as `head` is after some lines, the rest is discarded: that
/// is no failure of the command.
pub struct Stdout {
    output: BufWriter<StdoutLock<'static>>,
    is_closed: bool,
}

// === impl Stdout ===

impl Stdout {
    /// Standard output, which no other thread writes to until it is dropped.
    pub fn lock() -> Self {
        Self {
            output: BufWriter::new(io::stdout().lock()),
            is_closed: false,
        }
    }

    fn unless_closed<T>(
        &mut self,
        discarded: T,
        write: impl FnOnce(&mut BufWriter<StdoutLock<'static>>) -> io::Result<T>,
    ) -> io::Result<T> {
        if self.is_closed {
            return Ok(discarded);
        }
        match write(&mut self.output) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.is_closed = true;
                Ok(discarded)
            }
            written => written,
        }
    }
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unless_closed(bytes.len(), |output| output.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_closed((), BufWriter::flush)
    }
}
