//! The `meta/v1` Status that an API server answers errors with, in protobuf or JSON as requested.

use k8s_openapi::apimachinery::pkg::apis::meta::v1 as meta;

use super::list_protobuf::list_meta;
use crate::wire::Malformed;
use crate::wire::protobuf::{Fields, unwrap};

/// The most characters kept of a message, which may quote the request.
const MESSAGE: usize = 300;

/// The parts of a Status that decide something.
#[derive(Debug, Default)]
pub(super) struct Status {
    /// The message for people, in one line.
    pub(super) message: String,
    /// The token to continue with after a 410.
    pub(super) continue_token: Option<String>,
    /// True if the server has not yet seen the requested resource version.
    pub(super) resource_version_too_large: bool,
    /// True if the server no longer knows the requested state.
    pub(super) is_expired: bool,
}

/// The reasons of a Status with code 410 (kubernetes/apimachinery: pkg/apis/meta/v1/types.go,
/// `StatusReasonExpired`, `StatusReasonGone`).
const EXPIRED: [&str; 2] = ["Expired", "Gone"];

/// The cause that comes with 504 when `NotOlderThan` names the future (kubernetes/apimachinery:
/// pkg/apis/meta/v1/types.go, `CauseTypeResourceVersionTooLarge`).
const TOO_LARGE: &str = "ResourceVersionTooLarge";

impl Status {
    /// Reads a body; nothing if it is not a Status but, for example, the page of a proxy, which
    /// does not belong in a log.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let status = match unwrap(body) {
            Some((kind, raw)) => (kind == "Status")
                .then(|| Self::from_protobuf(raw).ok())
                .flatten(),
            None => serde_json::from_slice::<meta::Status>(body)
                .ok()
                .map(Self::from),
        };
        status.map(Self::tidied)
    }

    /// `Status { 1 ListMeta { 3 continue }, 3 message, 4 reason, 5 details { 4* causes { 1 reason } } }`
    fn from_protobuf(raw: &[u8]) -> Result<Self, Malformed> {
        let mut status = Self::default();
        for field in Fields(raw) {
            match field? {
                (1, meta) => status.continue_token = list_meta(meta)?.continue_token,
                (3, message) => status.message = String::from_utf8_lossy(message).into_owned(),
                (4, reason) => {
                    status.is_expired = EXPIRED.iter().any(|expired| expired.as_bytes() == reason);
                }
                (5, details) => {
                    for (_, cause) in Fields(details)
                        .filter_map(Result::ok)
                        .filter(|(number, _)| *number == 4)
                    {
                        let reason = Fields(cause)
                            .filter_map(Result::ok)
                            .find(|(number, _)| *number == 1);
                        status.resource_version_too_large |=
                            reason.is_some_and(|(_, reason)| reason == TOO_LARGE.as_bytes());
                    }
                }
                _ => {}
            }
        }
        Ok(status)
    }

    fn tidied(mut self) -> Self {
        let line = self
            .message
            .chars()
            .map(|char| if char.is_control() { ' ' } else { char });
        self.message = line.take(MESSAGE).collect();
        self.continue_token = self.continue_token.filter(|token| !token.is_empty());
        self
    }
}

impl From<meta::Status> for Status {
    fn from(status: meta::Status) -> Self {
        let causes = status
            .details
            .and_then(|details| details.causes)
            .unwrap_or_default();
        let reason = status.reason.unwrap_or_default();
        Self {
            is_expired: EXPIRED.contains(&&*reason),
            message: status.message.unwrap_or_default(),
            continue_token: status.metadata.continue_,
            resource_version_too_large: causes
                .iter()
                .any(|cause| cause.reason.as_deref() == Some(TOO_LARGE)),
        }
    }
}
