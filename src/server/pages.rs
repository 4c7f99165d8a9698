//! The routes of the pages: the overview, and one page for each secret. A page takes some milliseconds
//! of a large cluster, so it is made outside of the threads that serve scrapes.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};

use super::Server;
use crate::page::{self, View};
use crate::publish::Published;
use crate::report::{Query, query};
use crate::urgency::Thresholds;

/// The overview, or the certificates that the query chooses. A parameter that cannot be used is named
/// on the page, which shows the rest; one that is not known means nothing.
pub(super) async fn index(State(server): State<Server>, RawQuery(text): RawQuery) -> Response {
    let mut query = Query::read(&text.unwrap_or_default(), query::OF_PAGE);
    query.forget_unknown();
    let status = if query.invalid.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    let made = made(server, move |published| {
        page::render(view(published), &query)
    });
    html(status, made.await)
}

/// The page about a secret.
pub(super) async fn secret(
    State(server): State<Server>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Response {
    let Ok(Path((namespace, name))) = path else {
        return html(StatusCode::NOT_FOUND, page::not_found());
    };
    let made = made(server, move |published| {
        page::secret(view(published), &namespace, &name)
    });
    match made.await {
        Some(page) => html(StatusCode::OK, page),
        None => html(StatusCode::NOT_FOUND, page::not_found()),
    }
}

/// A response with a page, which a browser loads nothing else for.
pub(super) fn html(status: StatusCode, page: String) -> Response {
    let policy = HeaderValue::from_static(page::security_policy());
    let headers: [(HeaderName, HeaderValue); 5] = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (CONTENT_SECURITY_POLICY, policy),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, page).into_response()
}

/// The result of some work over the latest publication.
pub(super) async fn made<T: Send + 'static>(
    server: Server,
    work: impl FnOnce(&Published) -> T + Send + 'static,
) -> T {
    let published = Arc::clone(&server.publisher.latest());
    let made = tokio::task::spawn_blocking(move || work(&published));
    made.await.expect("a page neither panics nor is cancelled")
}

/// The time of the request (Unix seconds).
pub(super) fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(now.unwrap_or_default().as_secs()).unwrap_or(i64::MAX)
}

fn view(published: &Published) -> View<'_> {
    View {
        snapshot: &published.snapshot,
        at: now(),
        thresholds: &Thresholds::DEFAULT,
    }
}
