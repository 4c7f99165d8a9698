//! Bearer tokens: what the API server thinks of them, without asking it for every scrape.

use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::refusals::Refusal;
use super::verdicts::{self, Verdicts};

/// How long a bearer may go on who was allowed to: about as long as a Prometheus takes to notice anything.
const ALLOWED: Duration = Duration::from_mins(1);

/// How long who was refused need not be asked about: a right that was just given is not to be waited for.
const REFUSED: Duration = Duration::from_secs(10);

/// How long who was allowed to is believed while the API server cannot be asked. It is in an outage that people need
/// to see what is wrong (kube-apiserver's own webhooks forget after two minutes, and then refuse everybody).
const OUTAGE: Duration = Duration::from_mins(10);

/// Reviews at a time, and how long another waits for its turn: made-up tokens are no load for the API server.
const AT_ONCE: usize = 4;
const TURN: Duration = Duration::from_millis(900);

/// No token of Kubernetes is longer than a few KiB.
const LONGEST: usize = 16 * 1024;

/// What the API server thinks of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opinion {
    /// Its bearer may get `/metrics`.
    Allowed,
    /// It may not be served, and why, for the bearer to read.
    Refused(Refusal, String),
}

/// Asks the API server; the second is told when it cannot be asked.
pub type Review = Box<dyn Fn(String) -> BoxFuture<'static, Opinion> + Send + Sync>;

/// What is known of the tokens that were shown.
pub(super) struct Tokens {
    review: Review,
    turns: Semaphore,
    verdicts: Verdicts<Opinion>,
}

impl Tokens {
    pub(super) fn new(review: Review) -> Self {
        Self {
            review,
            turns: Semaphore::new(AT_ONCE),
            verdicts: Verdicts::default(),
        }
    }

    /// Whether its bearer may get `/metrics`.
    pub(super) async fn judge(&self, token: &str) -> Opinion {
        if token.len() > LONGEST {
            return Opinion::Refused(Refusal::Token, "the token is too long to be one".into());
        }
        let key = verdicts::key(&[token]);
        let known = self.verdicts.get(&key);
        match &known {
            Some((Opinion::Allowed, age)) if *age < ALLOWED => return Opinion::Allowed,
            Some((opinion @ Opinion::Refused(..), age)) if *age < REFUSED => {
                return opinion.clone();
            }
            _ => {}
        }
        let opinion = self.ask(token).await;
        match (&opinion, known) {
            (Opinion::Refused(Refusal::Unreviewed, _), Some((Opinion::Allowed, age)))
                if age < OUTAGE =>
            {
                return Opinion::Allowed;
            }
            (Opinion::Refused(Refusal::Unreviewed, _), _) => {}
            _ => self.verdicts.put(key, opinion.clone()),
        }
        opinion
    }

    async fn ask(&self, token: &str) -> Opinion {
        let Ok(Ok(_turn)) = timeout(TURN, self.turns.acquire()).await else {
            let why = "too many tokens are being reviewed";
            return Opinion::Refused(Refusal::Unreviewed, why.into());
        };
        (self.review)(token.to_owned()).await
    }
}
