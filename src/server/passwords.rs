//! Users and their passwords, as bcrypt hashes. To compare one takes a good part of a second of CPU time, on purpose,
//! so every answer is remembered, and only one is looked for at a time.

use std::collections::BTreeMap;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::verdicts::{self, Verdicts};

/// What is known of the passwords that were shown.
pub(super) struct Passwords {
    turns: Semaphore,
    verdicts: Verdicts<bool>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            turns: Semaphore::new(1),
            verdicts: Verdicts::default(),
        }
    }
}

impl Passwords {
    /// Whether it is that user's password.
    pub(super) async fn fit(
        &self,
        users: &BTreeMap<String, String>,
        user: &str,
        password: &str,
    ) -> bool {
        // Who is not a user is not told so sooner than who has a wrong password.
        let Some(hash) = users.get(user).or_else(|| users.values().next()) else {
            return false;
        };
        let is_user = users.contains_key(user);
        let key = verdicts::key(&[user, password, hash]);
        if let Some((fits, _)) = self.verdicts.get(&key) {
            return fits;
        }
        let Ok(_turn) = self.turns.acquire().await else {
            return false;
        };
        let (hash, password) = (hash.clone(), password.to_owned());
        let fits = spawn_blocking(move || bcrypt::verify(password, &hash).unwrap_or(false));
        let fits = fits.await.unwrap_or(false) && is_user;
        self.verdicts.put(key, fits);
        fits
    }
}
