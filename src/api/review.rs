//! The review of bearer tokens: whose a token is, and whether the cluster authorizes its user to
//! GET `/metrics`. The API server is asked as by other servers in a cluster that have no users of
//! their own (kubernetes/apiserver: pkg/authentication/token, pkg/authorization).

use std::time::Duration;

use k8s_openapi::api::authentication::v1::{TokenReview, TokenReviewSpec, UserInfo};
use k8s_openapi::api::authorization::v1::{
    NonResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec,
};
use tokio::time::timeout;

use super::config::{Access, AccessError};
use super::connection::Connection;
use super::error::Error;
use super::session::Session;
use crate::denial::{DenialReason, Denied};
use crate::rbac::Rule;

/// The deadline of both reviews together. A scrape that is denied must be denied at once, and a
/// healthy API server answers in a few milliseconds.
const DEADLINE: Duration = Duration::from_millis(900);

/// Reviews tokens by the API server.
pub struct Reviewer {
    connection: Connection,
}

impl Reviewer {
    /// A reviewer by the API server that `access` leads to.
    ///
    /// # Errors
    /// If the configuration cannot be found, read or used; whether the cluster answers is not
    /// tried.
    pub async fn connect(access: Access) -> Result<Self, AccessError> {
        let connection = Connection::open(access, "reviews of tokens", DEADLINE).await?;
        Ok(Self { connection })
    }

    /// Reviews a token.
    ///
    /// # Errors
    /// If its user may not GET `/metrics`, or the API server cannot tell.
    pub async fn review(&self, token: &str) -> Result<(), Denied> {
        let mut session = Session::new(&self.connection, DEADLINE);
        let reviewed = timeout(DEADLINE, review(&mut session, token)).await;
        match reviewed.unwrap_or(Err(Error::TimedOut(DEADLINE))) {
            Ok(verdict) => verdict,
            Err(error) => {
                let error = match error {
                    Error::Forbidden => missing_rights(),
                    error => error.to_string(),
                };
                let message = format!("the token could not be reviewed: {error}");
                Err(Denied::new(DenialReason::Unreviewed, message))
            }
        }
    }
}

/// The message for a 403, with the rules of `system:auth-delegator`.
fn missing_rights() -> String {
    let [tokens, access] = [
        Rule::new("authentication.k8s.io", "tokenreviews", &["create"]),
        Rule::new("authorization.k8s.io", "subjectaccessreviews", &["create"]),
    ];
    format!("the API server denies it; the rules that allow it: {tokens} and {access}")
}

async fn review(session: &mut Session<'_>, token: &str) -> Result<Result<(), Denied>, Error> {
    let request = TokenReview {
        spec: TokenReviewSpec {
            token: Some(token.into()),
            // Without audiences, the token must be meant for the API server itself.
            audiences: None,
        },
        ..TokenReview::default()
    };
    let path = "/apis/authentication.k8s.io/v1/tokenreviews";
    let status = session
        .ask(path, &request)
        .await?
        .status
        .unwrap_or_default();
    match status.user.filter(|_| status.authenticated == Some(true)) {
        Some(user) => may_get_metrics(session, user).await,
        None => Ok(Err(Denied::new(
            DenialReason::Token,
            "the token is invalid, has expired, or is meant for another audience",
        ))),
    }
}

async fn may_get_metrics(
    session: &mut Session<'_>,
    user: UserInfo,
) -> Result<Result<(), Denied>, Error> {
    let name = user.username.clone().unwrap_or_default();
    let request = SubjectAccessReview {
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
    let status = session
        .ask(path, &request)
        .await?
        .status
        .unwrap_or_default();
    Ok(if status.allowed && status.denied != Some(true) {
        Ok(())
    } else {
        let message = format!("{name} may not GET the non-resource URL /metrics");
        Err(Denied::new(DenialReason::Forbidden, message))
    })
}
