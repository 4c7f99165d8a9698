//! The memory that bodies pass through: bounded, reused, and wiped.

use zeroize::Zeroizing;

use super::error::Error;

/// The most bytes held at once: an incomplete item of protobuf, an event, or a page of JSON. etcd
/// takes no object over 1.5 MiB (etcd: `--max-request-bytes`), and a page of JSON that is larger is
/// requested again in smaller ones.
pub(super) const MOST: usize = 8 << 20;

/// Bytes that have arrived and are not yet read. Private keys are among them, so nothing survives:
/// the buffer is wiped when it is dropped, and also when it moves to grow, which a plain `Vec`
/// would not do.
#[derive(Default)]
pub(super) struct Buffer(Zeroizing<Vec<u8>>);

impl Buffer {
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let length = self.0.len() + bytes.len();
        if length > MOST {
            return Err(Error::TooLarge(MOST));
        }
        if length > self.0.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(length.next_power_of_two()));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Removes the first `count` bytes.
    pub(super) fn consume(&mut self, count: usize) {
        self.0.copy_within(count.., 0);
        let left = self.0.len() - count;
        self.0.truncate(left);
    }
}
