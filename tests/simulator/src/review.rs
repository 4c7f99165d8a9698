//! Token reviews, and access reviews for `/metrics`.

use axum::http::Method;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::state::State;

const TOKENS: &str = "/apis/authentication.k8s.io/v1/tokenreviews";
const ACCESS: &str = "/apis/authorization.k8s.io/v1/subjectaccessreviews";

/// Returns the answer to a review; `None` for other requests.
pub(crate) fn answer(state: &State, method: &Method, path: &str, body: &[u8]) -> Option<Answer> {
    if method != Method::POST {
        return None;
    }
    let mut review: Value = serde_json::from_slice(body).ok()?;
    review["status"] = match path {
        TOKENS => token(state, &review["spec"]),
        ACCESS => access(state, &review["spec"]),
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

fn access(state: &State, spec: &Value) -> Value {
    let user = spec["user"].as_str().unwrap_or_default();
    let asked = json!({"path": "/metrics", "verb": "get"});
    json!({"allowed": spec["nonResourceAttributes"] == asked && state.scrapers.contains(user)})
}
