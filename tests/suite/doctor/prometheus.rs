//! A Prometheus that answers with what a test puts into it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Response, Uri};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::documents::document;

/// The answer to a question.
#[derive(Clone)]
pub(super) enum Answer {
    /// Status, content type and body.
    Body(u16, &'static str, String),
    /// A redirection to a login page.
    Login,
    /// A body without end.
    Endless,
    /// Nothing, ever.
    Silence,
}

/// A Prometheus; clones are the same one.
#[derive(Clone, Default)]
pub(super) struct Prometheus(Arc<Mutex<Content>>);

#[derive(Default)]
struct Content {
    /// By the path below `/api/v1`; queries by their first word.
    answers: BTreeMap<String, Answer>,
    token: Option<String>,
}

impl Answer {
    pub(super) fn data(data: &Value) -> Self {
        let body = json!({"status": "success", "data": data});
        Self::Body(200, "application/json", body.to_string())
    }

    /// A vector with the value 1, or another one, for each of these labels.
    pub(super) fn vector(value: &str, labels: &[Value]) -> Self {
        let sample = |labels: &Value| json!({"metric": labels, "value": [1.7e9, value]});
        let samples: Vec<Value> = labels.iter().map(sample).collect();
        Self::data(&json!({"resultType": "vector", "result": samples}))
    }
}

impl Prometheus {
    /// A Prometheus that scrapes one notafter of this version, evaluates the rules as they are shipped, and sends
    /// alerts to one Alertmanager.
    pub(super) fn healthy() -> Self {
        let prometheus = Self::default();
        let target =
            json!({"job": "notafter", "instance": "10.128.0.7:9779", "namespace": "notafter"});
        let mut info = target.clone();
        info["version"] = notafter::VERSION.into();
        let alertmanagers =
            json!({"activeAlertmanagers": [{"url": "http://alertmanager:9093/api/v2/alerts"}]});
        prometheus.answers("up", Answer::vector("1", std::slice::from_ref(&target)));
        prometheus.answers("count", Answer::vector("18", &[target]));
        prometheus.answers("increase", Answer::vector("1", &[]));
        prometheus.answers("notafter_build_info", Answer::vector("1", &[info]));
        prometheus.answers("notafter_list_up", Answer::vector("0", &[]));
        prometheus.answers("rules", Answer::data(&shipped_rules()));
        prometheus.answers("alertmanagers", Answer::data(&alertmanagers));
        prometheus
    }

    /// Sets the answer to a path or a query.
    pub(super) fn answers(&self, question: &str, answer: Answer) {
        let mut content = self.0.lock().unwrap();
        content.answers.insert(question.into(), answer);
    }

    /// Denies requests without this token.
    pub(super) fn requires(&self, token: &str) {
        self.0.lock().unwrap().token = Some(token.into());
    }

    /// Listens on a free port of loopback until the runtime ends.
    pub(super) async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        address
    }
}

async fn answer(
    State(Prometheus(content)): State<Prometheus>,
    uri: Uri,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response<Body> {
    let question = match query.get("query") {
        Some(query) => query.split(['{', ' ', '(']).next().unwrap().to_owned(),
        None => uri.path().replacen("/api/v1/", "", 1),
    };
    let (answer, token) = {
        let content = content.lock().unwrap();
        (
            content.answers.get(&question).cloned(),
            content.token.clone(),
        )
    };
    let credentials = headers.get("authorization");
    let credentials = credentials.map(|value| value.to_str().unwrap());
    if token.is_some_and(|token| credentials != Some(&*format!("Bearer {token}"))) {
        return response(401, "text/plain", "Unauthorized".into());
    }
    match answer {
        Some(Answer::Body(code, media_type, body)) => response(code, media_type, body.into()),
        Some(Answer::Login) => {
            let mut response = response(302, "text/html", Body::empty());
            let location = "https://login.example.com/?state=hunter2";
            response
                .headers_mut()
                .insert("location", location.parse().unwrap());
            response
        }
        Some(Answer::Endless) => {
            let pieces = stream::repeat(" ".repeat(64 << 10)).map(Ok::<_, std::io::Error>);
            response(200, "application/json", Body::from_stream(pieces))
        }
        Some(Answer::Silence) => std::future::pending().await,
        None => response(404, "text/plain", "404 page not found".into()),
    }
}

fn response(code: u16, media_type: &str, body: Body) -> Response<Body> {
    let response = Response::builder().status(code);
    response
        .header("content-type", media_type)
        .body(body)
        .unwrap()
}

/// The rules as Prometheus shows those that it has loaded from the shipped file.
pub(super) fn shipped_rules() -> Value {
    let mut file: Value = serde_saphyr::from_str(&document("alerts/notafter.rules.yaml")).unwrap();
    for group in file["groups"].as_array_mut().unwrap() {
        for rule in group["rules"].as_array_mut().unwrap() {
            let kind = if rule.get("alert").is_some() {
                "alerting"
            } else {
                "recording"
            };
            let name = rule.get("alert").or_else(|| rule.get("record")).unwrap();
            *rule = json!({
                "name": name, "type": kind, "health": "ok", "query": rule["expr"],
                "annotations": rule.get("annotations").cloned().unwrap_or_else(|| json!({})),
            });
        }
    }
    file
}
