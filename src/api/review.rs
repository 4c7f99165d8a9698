//! Whose a bearer token is, and whether the cluster lets its bearer read metrics: asked of the API server, as the
//! servers of a cluster do that have no list of users of their own (kubernetes/apiserver: pkg/authentication/token,
//! pkg/authorization).

use std::sync::Arc;
use std::time::Duration;

use futures_util::lock::Mutex;
use k8s_openapi::api::authentication::v1::{TokenReview, TokenReviewSpec, UserInfo};
use k8s_openapi::api::authorization::v1::{
    NonResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec,
};
use tokio::time::timeout;

use super::client::Client;
use super::config::{Access, AccessError};
use super::error::Error;
use crate::rbac::Rule;

/// Both questions have to be answered in this time. A scrape that is refused must be refused at once, and an API
/// server that is well answers in a few milliseconds.
const DEADLINE: Duration = Duration::from_millis(900);

/// Asks the API server about tokens.
pub struct Reviewer {
    access: Access,
    client: Mutex<Arc<Client>>,
}

/// What the API server thinks of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its bearer may get `/metrics`.
    Allowed,
    /// Its bearer, of this name, may not.
    Forbidden(String),
    /// It is nobody's: wrong, expired, or meant for another audience.
    Unknown,
    /// It could not be found out: why.
    Unanswered(String),
}

impl Reviewer {
    /// One that asks the API server to which that access leads.
    ///
    /// # Errors
    /// If the configuration cannot be found, read or used; whether the cluster answers is not tried.
    pub async fn connect(access: Access) -> Result<Self, AccessError> {
        let client = Mutex::new(Arc::new(access.connect(DEADLINE).await?));
        Ok(Self { access, client })
    }

    /// What the API server thinks of a token.
    pub async fn review(&self, token: &str) -> Verdict {
        let client = self.client.lock().await.clone();
        let asked = timeout(DEADLINE, review(&client, token)).await;
        match asked.unwrap_or(Err(Error::TimedOut(DEADLINE))) {
            Ok(verdict) => verdict,
            Err(error) => {
                // As for lists: it may know a new address, CA or token by now.
                if let Ok(client) = self.access.connect(DEADLINE).await {
                    *self.client.lock().await = Arc::new(client);
                }
                Verdict::Unanswered(match error {
                    Error::Forbidden => missing_rights(),
                    error => error.to_string(),
                })
            }
        }
    }
}

/// The message for a 403, with the rules of `system:auth-delegator`.
fn missing_rights() -> String {
    let [tokens, access] = [
        Rule::new("authentication.k8s.io", "tokenreviews", "create"),
        Rule::new("authorization.k8s.io", "subjectaccessreviews", "create"),
    ];
    format!("the API server refuses it; the rules that allow it: {tokens} and {access}")
}

async fn review(client: &Client, token: &str) -> Result<Verdict, Error> {
    let question = TokenReview {
        spec: TokenReviewSpec {
            token: Some(token.into()),
            // Without audiences, the token must be meant for the API server itself.
            audiences: None,
        },
        ..TokenReview::default()
    };
    let path = "/apis/authentication.k8s.io/v1/tokenreviews";
    let status = client
        .ask(path, &question)
        .await?
        .status
        .unwrap_or_default();
    match status.user.filter(|_| status.authenticated == Some(true)) {
        Some(user) => may_get_metrics(client, user).await,
        None => Ok(Verdict::Unknown),
    }
}

async fn may_get_metrics(client: &Client, user: UserInfo) -> Result<Verdict, Error> {
    let name = user.username.clone().unwrap_or_default();
    let question = SubjectAccessReview {
        spec: SubjectAccessReviewSpec {
            user: user.username,
            groups: user.groups,
            extra: user.extra,
            uid: user.uid,
            non_resource_attributes: Some(NonResourceAttributes {
                path: Some("/metrics".into()),
                verb: Some("get".into()),
            }),
            resource_attributes: None,
        },
        ..SubjectAccessReview::default()
    };
    let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    let status = client
        .ask(path, &question)
        .await?
        .status
        .unwrap_or_default();
    Ok(if status.allowed && status.denied != Some(true) {
        Verdict::Allowed
    } else {
        Verdict::Forbidden(name)
    })
}
