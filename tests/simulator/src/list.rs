//! List requests: the state, the objects and the number of them that are asked for.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::query::Query;
use crate::resource::Resource;
use crate::status::Status;
use crate::store::Store;

/// The answer to a list request.
pub(crate) struct List {
    pub(crate) items: Vec<Arc<Value>>,
    pub(crate) revision: u64,
    pub(crate) continue_token: Option<String>,
    pub(crate) remaining: Option<i64>,
}

/// A continue token: the state of the cluster, and the last object that was listed.
#[derive(Clone, Deserialize, Serialize)]
struct Continue {
    v: String,
    /// A revision, or -1 for the newest.
    rv: i64,
    start: (String, String),
}

/// Answers a list request.
pub(crate) fn list(
    store: &Store,
    resource: &Resource,
    namespace: Option<&str>,
    query: &Query,
) -> Result<List, Status> {
    let selector = query.selector(resource)?;
    let limit = query.limit()?;
    let from = Continue::of(query)?;
    let revision = state(store, query, from.as_ref())?;
    let mut rest = store
        .list(resource.name(), namespace, revision)
        .filter(|(key, _)| {
            from.as_ref().is_none_or(|from| {
                let start = (&*from.start.0, &*from.start.1);
                key.place() > start || (query.overlaps && key.place() == start)
            })
        })
        .peekable();
    let mut items = Vec::new();
    let mut last = None;
    while let Some((key, object)) = rest.next_if(|_| limit.is_none_or(|limit| items.len() < limit))
    {
        if selector.iter().all(|requirement| requirement.holds(object)) {
            items.push(object.clone());
        }
        last = Some(key);
    }
    // Even if nothing behind a full page matches: a list can end with an empty page.
    let goes_on = rest.peek().is_some();
    let continue_token = last
        .filter(|_| goes_on)
        .map(|key| Continue::after(revision, key.place()).token());
    // The API server counts only without a selector.
    let counts = goes_on && selector.is_empty();
    let remaining = counts.then(|| i64::try_from(rest.count()).unwrap_or(i64::MAX));
    Ok(List {
        items,
        revision,
        continue_token,
        remaining,
    })
}

/// Returns the revision that a request asks for, explicitly or by a continue token.
fn state(store: &Store, query: &Query, from: Option<&Continue>) -> Result<u64, Status> {
    let current = store.revision();
    if let Some(from) = from {
        return match u64::try_from(from.rv) {
            Err(_) => Ok(current),
            Ok(revision) if store.knows(revision) => Ok(revision),
            Ok(_) => Err(Status::expired(
                Continue {
                    rv: -1,
                    ..from.clone()
                }
                .token(),
            )),
        };
    }
    if query.resource_version.is_empty() {
        let message = "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: \
                       resourceVersionMatch is forbidden unless resourceVersion is provided";
        let fine = query.resource_version_match.is_empty();
        return if fine {
            Ok(current)
        } else {
            Err(Status::new(422, "Invalid", message))
        };
    }
    let asked: u64 = query.resource_version.parse().map_err(|_| {
        Status::bad_request(format!(
            "invalid resource version: {:?}",
            query.resource_version
        ))
    })?;
    if asked > current {
        Err(Status::too_large_resource_version(asked, current))
    } else {
        Ok(current)
    }
}

// === impl Continue ===

impl Continue {
    /// Returns the token of a request, if it has one.
    fn of(query: &Query) -> Result<Option<Self>, Status> {
        if query.continue_token.is_empty() {
            return Ok(None);
        }
        let token = URL_SAFE_NO_PAD.decode(&query.continue_token).ok();
        let token = token.and_then(|token| serde_json::from_slice(&token).ok());
        token
            .map(Some)
            .ok_or_else(|| Status::bad_request("invalid continue token: continue key is not valid"))
    }

    fn after(revision: u64, (namespace, name): (&str, &str)) -> Self {
        let rv = i64::try_from(revision).expect("a simulated cluster is younger than that");
        Self {
            v: "meta.k8s.io/v1".into(),
            rv,
            start: (namespace.into(), name.into()),
        }
    }

    fn token(&self) -> String {
        URL_SAFE_NO_PAD.encode(json!(self).to_string())
    }
}
