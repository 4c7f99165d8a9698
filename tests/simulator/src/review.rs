//! Reviews: of tokens, of the user who asks, and of the right to get `/metrics`, to list or to watch.

use axum::http::Method;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::resource::{RESOURCES, Resource};
use crate::server::{USER, is_refused};
use crate::state::State;

const TOKENS: &str = "/apis/authentication.k8s.io/v1/tokenreviews";
const SELF: &str = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
const ACCESS: &str = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
const OWN_ACCESS: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

/// Returns the answer to a review; `None` for other requests.
pub(crate) fn answer(state: &State, method: &Method, path: &str, body: &[u8]) -> Option<Answer> {
    if method != Method::POST {
        return None;
    }
    let mut review: Value = serde_json::from_slice(body).ok()?;
    review["status"] = match path {
        TOKENS => token(state, &review["spec"]),
        SELF => json!({"userInfo": {"username": state.user.as_deref().unwrap_or(USER)}}),
        ACCESS => access(state, &review["spec"], &review["spec"]["user"]),
        OWN_ACCESS => access(state, &review["spec"], &USER.into()),
        _ => return None,
    };
    Some(Answer::created(&review))
}

fn token(state: &State, spec: &Value) -> Value {
    let token = spec["token"].as_str().unwrap_or_default();
    match state.bearers.get(token) {
        Some(user) => json!({
            "authenticated": true,
            "user": {"username": user, "groups": ["system:authenticated"]},
            "audiences": ["https://kubernetes.default.svc"],
        }),
        None => json!({"user": {}, "error": "[invalid bearer token, token lookup failed]"}),
    }
}

fn access(state: &State, spec: &Value, user: &Value) -> Value {
    let user = user.as_str().unwrap_or_default();
    let asked = json!({"path": "/metrics", "verb": "get"});
    let may_get_metrics = spec["nonResourceAttributes"] == asked && state.scrapers.contains(user);
    let may_read = user == USER && may_read(state, &spec["resourceAttributes"]);
    json!({"allowed": may_get_metrics || may_read})
}

/// Returns whether a resource may be listed or watched; the authorizer does not know whether it exists.
fn may_read(state: &State, attributes: &Value) -> bool {
    let text = |field: &str| attributes[field].as_str().unwrap_or_default();
    let is_meant = |resource: &Resource| {
        (resource.group, resource.plural) == (text("group"), text("resource"))
    };
    let Some(resource) = RESOURCES.into_iter().find(is_meant) else {
        return false;
    };
    let namespace = Some(text("namespace")).filter(|namespace| !namespace.is_empty());
    ["list", "watch"].contains(&text("verb"))
        && !is_refused(state, text("verb"), resource, namespace)
}
