//! Watches of a simulated cluster, without a connection and on a clock that tests move.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod encodings;
mod faults;
mod served;

use axum::body::{Body, to_bytes};
use axum::http::{Request, Response};
use notafter_simulator::Cluster;
use serde_json::{Value, json};
use tower::ServiceExt;

const SECRETS: &str = "/api/v1/namespaces/shop/secrets";
const JSON: &str = "application/json";

/// Returns a secret, with a label and a value.
fn secret(name: &str, colour: &str, value: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": {"key": value},
        "metadata": {"namespace": "shop", "name": name, "labels": {"colour": colour}},
    })
}

/// Returns the beginning of an answer.
async fn ask(cluster: &Cluster, target: &str, accept: &str) -> Response<Body> {
    let request = Request::get(target).header("accept", accept);
    let request = request.body(Body::empty()).unwrap();
    cluster.router().oneshot(request).await.unwrap()
}

/// Returns the whole body of a watch of secrets.
async fn watch(cluster: &Cluster, query: &str, accept: &str) -> Vec<u8> {
    let target = format!("{SECRETS}?watch=true&{query}");
    let answer = ask(cluster, &target, accept).await;
    assert_eq!(answer.status(), 200);
    body(answer).await
}

async fn body(answer: Response<Body>) -> Vec<u8> {
    to_bytes(answer.into_body(), usize::MAX)
        .await
        .unwrap()
        .into()
}

/// Returns the events of a watch in JSON: type, name and version.
fn events(body: &[u8]) -> Vec<String> {
    let lines = body.split_inclusive(|byte| *byte == b'\n');
    let events = lines.map(|line| serde_json::from_slice(line).unwrap());
    events
        .map(|event: Value| {
            let metadata = &event["object"]["metadata"];
            let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
            let [name, version] = ["name", "resourceVersion"].map(|field| text(&metadata[field]));
            format!("{} {name} {version}", text(&event["type"]))
        })
        .collect()
}
