//! Answers other than success: the failure that each stands for, and whether a retry can help.

use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use kube::client::Body;

use super::error::Error;
use super::status::Status;

/// The most bytes read of an error answer. A Status has some hundred bytes.
pub(super) const STATUS: usize = 64 * 1024;

/// Reads an answer other than success: the error, and the pause that the server asks for where a
/// retry can help.
pub(super) async fn read(response: Response<Body>) -> (Error, Option<Duration>) {
    let (code, retry_after) = (response.status(), retry_after(&response));
    let body = Limited::new(response.into_body(), STATUS).collect().await;
    let status = body
        .ok()
        .and_then(|body| Status::read(&body.to_bytes()))
        .unwrap_or_default();
    match code {
        StatusCode::FORBIDDEN => (Error::Forbidden, None),
        StatusCode::NOT_FOUND => (Error::NotFound, None),
        StatusCode::GONE => (Error::Expired(status.continue_token), None),
        StatusCode::GATEWAY_TIMEOUT if status.resource_version_too_large => (Error::Behind, None),
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => (answer(code, &status), Some(retry_after)),
        code => (answer(code, &status), None),
    }
}

/// The failure that the Status in an `ERROR` event of a watch stands for.
pub(super) fn of(status: &Status) -> Error {
    if status.is_expired {
        Error::Expired(None)
    } else if status.resource_version_too_large {
        Error::Behind
    } else {
        Error::Answer(format!("an error: {}", status.message))
    }
}

fn answer(code: StatusCode, status: &Status) -> Error {
    let colon = if status.message.is_empty() { "" } else { ": " };
    Error::Answer(format!("{code}{colon}{}", status.message))
}

/// Returns the pause that the server asks for; none if it does not say.
fn retry_after(response: &Response<Body>) -> Duration {
    let header = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|header| header.to_str().ok());
    let seconds = header.and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or(0))
}
