//! The routes of the runbooks: HTML for browsers, and Markdown for terminals.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::StatusCode;
use axum::http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, VARY};
use axum::response::{IntoResponse, Redirect, Response};

use super::joined;
use super::pages::html;
use crate::metrics::accepts;
use crate::runbooks;

/// Redirects to the folder, which the links of the index are relative to.
pub(super) async fn folder() -> Redirect {
    Redirect::permanent("runbooks/")
}

/// Lists all runbooks.
pub(super) async fn index(headers: HeaderMap) -> Response {
    respond(&headers, "Runbooks", runbooks::index())
}

/// Returns the runbook of an alert.
pub(super) async fn one(name: Result<Path<String>, PathRejection>, headers: HeaderMap) -> Response {
    let found = name.ok().and_then(|Path(name)| runbooks::find(&name));
    let Some(runbook) = found else {
        let message = "no alert has a runbook of this name; GET /runbooks/ lists all of them\n";
        return (StatusCode::NOT_FOUND, message).into_response();
    };
    respond(&headers, runbook.alert, runbook.markdown())
}

/// Responds with the page for a text in Markdown, or with that text to a client that does not name
/// HTML, such as curl.
fn respond(headers: &HeaderMap, title: &str, markdown: String) -> Response {
    let vary = [(VARY, "accept")];
    if accepts(&joined(headers, ACCEPT), "text/html") {
        let page = html(StatusCode::OK, runbooks::render(title, &markdown));
        return (vary, page).into_response();
    }
    let content_type = "text/markdown; charset=utf-8";
    (vary, [(CONTENT_TYPE, content_type)], markdown).into_response()
}
