//! Bearer tokens: reviewed by the API server, but not for every scrape.

use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::cache::{self, VerdictCache};
use crate::denial::{DenialReason, Denied};

/// The time for which an accepted token needs no review: about as long as a Prometheus takes to
/// notice anything.
const ACCEPTED: Duration = Duration::from_mins(1);

/// The time for which a denial is cached: short, so that a right that was just granted takes
/// effect.
const DENIED: Duration = Duration::from_secs(10);

/// The time for which an accepted token stays accepted while the API server cannot review it. It is
/// in an outage that people need to see what is wrong (kube-apiserver's own webhooks forget after
/// two minutes, and then deny everything).
const OUTAGE: Duration = Duration::from_mins(10);

/// The number of reviews at a time, and the time that another waits for its turn: made-up tokens
/// are no load for the API server.
const CONCURRENT: usize = 4;
const TURN: Duration = Duration::from_millis(900);

/// The length of the longest token. Those of Kubernetes have at most a few KiB.
const MAX_LENGTH: usize = 16 * 1024;

/// Reviews a token by the API server: whether its user may GET `/metrics`.
pub type ReviewToken = Box<dyn Fn(String) -> BoxFuture<'static, Result<(), Denied>> + Send + Sync>;

/// The tokens that were reviewed, and the review of others.
pub(super) struct Tokens {
    review: ReviewToken,
    turns: Semaphore,
    verdicts: VerdictCache<Result<(), Denied>>,
}

impl Tokens {
    pub(super) fn new(review: ReviewToken) -> Self {
        Self {
            review,
            turns: Semaphore::new(CONCURRENT),
            verdicts: VerdictCache::default(),
        }
    }

    /// Accepts or denies a token, by an earlier verdict or by a new one.
    pub(super) async fn review(&self, token: &str) -> Result<(), Denied> {
        if token.len() > MAX_LENGTH {
            return Err(Denied::new(DenialReason::Token, "the token is too long"));
        }
        let key = cache::key(&[token]);
        let known = self.verdicts.get(&key);
        match &known {
            Some((Ok(()), age)) if *age < ACCEPTED => return Ok(()),
            Some((denied @ Err(_), age)) if *age < DENIED => return denied.clone(),
            _ => {}
        }
        let verdict = self.ask(token).await;
        match (&verdict, known) {
            (Err(denied), known) if denied.reason == DenialReason::Unreviewed => match known {
                Some((Ok(()), age)) if age < OUTAGE => return Ok(()),
                _ => {}
            },
            _ => self.verdicts.put(key, verdict.clone()),
        }
        verdict
    }

    async fn ask(&self, token: &str) -> Result<(), Denied> {
        let Ok(Ok(_turn)) = timeout(TURN, self.turns.acquire()).await else {
            let message = "too many tokens are being reviewed";
            return Err(Denied::new(DenialReason::Unreviewed, message));
        };
        (self.review)(token.to_owned()).await
    }
}
