//! Verdicts about credentials, remembered for a while by their hash, and never more than so many.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::time::Instant;

/// A cluster has a few scrapers. Whoever sends made-up credentials shall not fill our memory.
const MOST: usize = 1024;

/// Who is asked about, by the hash of what was shown.
pub(super) type Key = [u8; 32];

/// What was found out about credentials.
pub(super) struct Verdicts<V>(Mutex<BTreeMap<Key, (V, Instant)>>);

/// The key of credentials in several parts.
pub(super) fn key(parts: &[&str]) -> Key {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

impl<V> Default for Verdicts<V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<V: Clone> Verdicts<V> {
    /// What was found out, and how long ago.
    pub(super) fn get(&self, key: &Key) -> Option<(V, Duration)> {
        let verdicts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (verdict, since) = verdicts.get(key)?;
        Some((verdict.clone(), since.elapsed()))
    }

    /// Remembers it, instead of the oldest where there are too many.
    pub(super) fn put(&self, key: Key, verdict: V) {
        let mut verdicts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        verdicts.insert(key, (verdict, Instant::now()));
        if verdicts.len() > MOST {
            let oldest = verdicts.iter().min_by_key(|(_, (_, since))| *since);
            if let Some(oldest) = oldest.map(|(key, _)| *key) {
                verdicts.remove(&oldest);
            }
        }
    }
}
