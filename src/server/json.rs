//! The routes of the JSON for programs: the report, as `notafter scan --output json` prints it, and its
//! certificates alone.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::Server;
use super::pages::{made, now};
use crate::publish::Published;
use crate::report::{self, Query, Report, Source, query};
use crate::urgency::Thresholds;

/// The certificates of a report.
#[derive(Serialize)]
struct Certificates {
    certificates: Vec<report::Certificate>,
}

/// The report.
pub(super) async fn report(State(server): State<Server>, RawQuery(text): RawQuery) -> Response {
    respond(server, text, query::OF_REPORT, |report| written(&report)).await
}

/// The certificates that the query chooses.
pub(super) async fn certificates(
    State(server): State<Server>,
    RawQuery(text): RawQuery,
) -> Response {
    let certificates = |report: Report| {
        written(&Certificates {
            certificates: report.certificates,
        })
    };
    respond(server, text, query::OF_CERTIFICATES, certificates).await
}

/// Responds with a part of the report that a query chooses. Reports are made one at a time: one of
/// 10,000 secrets takes some 20 MB while it is made.
async fn respond(
    server: Server,
    text: Option<String>,
    known: &'static [&'static str],
    part: fn(Report) -> serde_json::Result<Vec<u8>>,
) -> Response {
    let query = Query::read(&text.unwrap_or_default(), known);
    if let Some(invalid) = query.invalid.first() {
        return (StatusCode::BAD_REQUEST, format!("{invalid}\n")).into_response();
    }
    let reports = server.reports.clone();
    let _turn = reports.acquire().await.expect("it is never closed");
    let work = move |published: &Published| {
        let source = Source {
            cluster: None,
            snapshot: &published.snapshot,
            files: None,
            problems: &[],
        };
        let thresholds = &Thresholds::DEFAULT;
        part(Report::of(&[source], now(), thresholds, &query.filter))
    };
    let body = made(server, work).await;
    let body = body.expect("a report has no map with keys other than texts");
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, body).into_response()
}

fn written(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut body = serde_json::to_vec_pretty(value)?;
    body.push(b'\n');
    Ok(body)
}
