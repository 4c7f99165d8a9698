//! Verdicts about credentials, kept for a while by the hash of the credentials, and bounded in
//! number.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};
// Here as everywhere in the server, tokio's clock: it is the system's, and a test can advance it.
use tokio::time::Instant;

/// The capacity. A cluster has a few scrapers, and made-up credentials must not fill the memory.
const CAPACITY: usize = 1024;

/// The hash of credentials.
pub(super) type Key = [u8; 32];

/// The verdicts about credentials, and their ages.
pub(super) struct VerdictCache<V>(Mutex<BTreeMap<Key, (V, Instant)>>);

/// The key of credentials in several parts.
pub(super) fn key(parts: &[&str]) -> Key {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

impl<V> Default for VerdictCache<V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<V: Clone> VerdictCache<V> {
    /// The verdict about credentials, and its age.
    pub(super) fn get(&self, key: &Key) -> Option<(V, Duration)> {
        let verdicts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (verdict, since) = verdicts.get(key)?;
        Some((verdict.clone(), since.elapsed()))
    }

    /// Keeps a verdict; the oldest one makes room where that is needed.
    pub(super) fn put(&self, key: Key, verdict: V) {
        let mut verdicts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        verdicts.insert(key, (verdict, Instant::now()));
        if verdicts.len() > CAPACITY {
            let oldest = verdicts.iter().min_by_key(|(_, (_, since))| *since);
            if let Some(oldest) = oldest.map(|(key, _)| *key) {
                verdicts.remove(&oldest);
            }
        }
    }
}
