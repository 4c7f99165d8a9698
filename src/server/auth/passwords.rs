//! Users and their passwords, as bcrypt hashes. To verify one takes a good part of a second of CPU
//! time, on purpose, so every verdict is cached, and only one password is verified at a time.

use std::collections::BTreeMap;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::cache::{self, VerdictCache};

/// The passwords that were verified.
pub(super) struct Passwords {
    turns: Semaphore,
    verdicts: VerdictCache<bool>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            turns: Semaphore::new(1),
            verdicts: VerdictCache::default(),
        }
    }
}

impl Passwords {
    /// Returns whether a password is that user's.
    pub(super) async fn verify(
        &self,
        users: &BTreeMap<String, String>,
        user: &str,
        password: &str,
    ) -> bool {
        // Unknown users take as long as wrong passwords, so timing reveals nothing.
        let Some(hash) = users.get(user).or_else(|| users.values().next()) else {
            return false;
        };
        let is_user = users.contains_key(user);
        let key = cache::key(&[user, password, hash]);
        if let Some((is_right, _)) = self.verdicts.get(&key) {
            return is_right;
        }
        let Ok(_turn) = self.turns.acquire().await else {
            return false;
        };
        let (hash, password) = (hash.clone(), password.to_owned());
        let verified = spawn_blocking(move || bcrypt::verify(password, &hash).unwrap_or(false));
        let is_right = verified.await.unwrap_or(false) && is_user;
        self.verdicts.put(key, is_right);
        is_right
    }
}
