//! Error answers of an API server: `meta/v1` Status.

use serde_json::{Value, json};

/// An error answer.
#[derive(Clone, Debug)]
pub(crate) struct Status {
    pub(crate) code: u16,
    pub(crate) reason: &'static str,
    pub(crate) message: String,
    pub(crate) cause: Option<&'static str>,
    pub(crate) continue_token: Option<String>,
    pub(crate) retry_after: Option<u64>,
}

impl Status {
    pub(crate) fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            code,
            reason,
            message,
            cause: None,
            continue_token: None,
            retry_after: None,
        }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    pub(crate) fn forbidden(
        user: &str,
        verb: &str,
        resource: &str,
        group: &str,
        scope: &str,
    ) -> Self {
        let what = format!("cannot {verb} resource {resource:?} in API group {group:?} {scope}");
        let resource = if group.is_empty() {
            resource.to_owned()
        } else {
            format!("{resource}.{group}")
        };
        Self::new(
            403,
            "Forbidden",
            format!("{resource} is forbidden: User {user:?} {what}"),
        )
    }

    pub(crate) fn expired(continue_token: String) -> Self {
        let message = "The provided continue parameter is too old to display a consistent list result. You \
                       can start a new list without the continue parameter, or use the continue token in \
                       this response to retrieve the remainder of the results.";
        Self {
            continue_token: Some(continue_token),
            ..Self::new(410, "Expired", message)
        }
    }

    pub(crate) fn too_large_resource_version(asked: u64, current: u64) -> Self {
        let message = format!("Timeout: Too large resource version: {asked}, current: {current}");
        Self {
            cause: Some("ResourceVersionTooLarge"),
            retry_after: Some(1),
            ..Self::new(504, "Timeout", message)
        }
    }

    /// The error of a watch from a version that the watch cache no longer has (kubernetes/apiserver:
    /// `pkg/storage/cacher/watch_cache_history.go`).
    pub(crate) fn too_old_resource_version(asked: u64, oldest: u64) -> Self {
        let message = format!("too old resource version: {asked} ({oldest})");
        Self::new(410, "Expired", message)
    }

    pub(crate) fn json(&self) -> Value {
        let mut details = json!({});
        if let Some(cause) = self.cause {
            details["causes"] = json!([{"reason": cause, "message": "Too large resource version"}]);
        }
        if let Some(seconds) = self.retry_after {
            details["retryAfterSeconds"] = seconds.into();
        }
        let mut metadata = json!({});
        if let Some(token) = &self.continue_token {
            metadata["continue"] = token.as_str().into();
        }
        let mut status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": metadata, "status": "Failure",
            "message": self.message, "details": details, "code": self.code,
        });
        if !self.reason.is_empty() {
            status["reason"] = self.reason.into();
        }
        status
    }
}
