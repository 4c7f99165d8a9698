//! The API server: paths, rights, and injected faults.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Query, State as Extract};
use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, USER_AGENT,
};
use axum::http::{Method, Response, Uri};
use futures_util::{StreamExt, stream};

use crate::answer::{Answer, Form};
use crate::cluster::Cluster;
use crate::fault::Fault;
use crate::list;
use crate::resource::{Resource, Scope};
use crate::review;
use crate::state::{Request, State};
use crate::status::Status;

/// The user of every request, as messages name it.
const USER: &str = "system:serviceaccount:notafter:notafter";

/// Answers every path, since even an unknown one has its own kind of answer.
pub(crate) fn router(cluster: Cluster) -> Router {
    Router::new().fallback(answer).with_state(cluster)
}

async fn answer(
    Extract(cluster): Extract<Cluster>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    query: Query<list::Query>,
    body: Bytes,
) -> Response<Body> {
    // kube writes its first parameter behind `?&`.
    let target = decoded(uri.path_and_query().map_or("/", |path| path.as_str())).replace("?&", "?");
    let header = |name: HeaderName| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let accept = header(ACCEPT);
    let fault = cluster.state().take_fault(&target);
    if let Some(Fault::Meanwhile(happens)) = &fault {
        happens(&cluster);
    }
    let review = review::answer(&cluster.state(), &method, uri.path(), &body);
    let answer = review.unwrap_or_else(|| {
        respond(
            &cluster.state(),
            &method,
            uri.path(),
            header(AUTHORIZATION),
            accept,
            &query,
        )
    });
    let gzip = header(ACCEPT_ENCODING).contains("gzip");
    let mut request = Request {
        target,
        accept: accept.into(),
        gzip,
        user_agent: header(USER_AGENT).into(),
        status: answer.code,
        bytes: 0,
    };
    let log = |request: Request| cluster.state().requests.push(request);
    match fault {
        None | Some(Fault::Meanwhile(_)) => {}
        Some(Fault::Silence) => {
            log(request);
            tokio::time::sleep(Duration::from_hours(1)).await;
            return Response::default();
        }
        Some(fault) => {
            let answer = faulty(&answer, fault);
            request.status = answer.status().as_u16();
            log(request);
            return answer;
        }
    }
    let (response, bytes) = answer.into_response(gzip);
    log(Request { bytes, ..request });
    response
}

/// Returns the right answer, before any fault.
fn respond(
    state: &State,
    method: &Method,
    path: &str,
    authorization: &str,
    accept: &str,
    query: &list::Query,
) -> Answer {
    if state
        .token
        .as_ref()
        .is_some_and(|token| authorization != format!("Bearer {token}"))
    {
        return Answer::refusal(
            &Status::new(401, "Unauthorized", "Unauthorized"),
            Form::JSON,
        );
    }
    let Some((resource, namespace, name)) = route(state, path) else {
        let body = b"404 page not found\n".to_vec();
        return Answer {
            code: 404,
            content_type: "text/plain; charset=utf-8",
            retry_after: None,
            body,
        };
    };
    let Some(form) = Form::negotiate(accept, resource) else {
        let message = "only the following media types are accepted: application/json";
        let status = Status::new(406, "NotAcceptable", message);
        return Answer::refusal(&status, Form::of_refusal(accept));
    };
    let listed = if method != Method::GET {
        Err(Status::new(
            405,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource",
        ))
    } else if name.is_some() {
        // The answer to a role that has the verb `list` alone.
        Err(forbidden("get", resource, namespace))
    } else if is_refused(state, resource, namespace) {
        Err(forbidden("list", resource, namespace))
    } else {
        list::list(&state.store, &resource, namespace, query)
    };
    match listed {
        Ok(list) => Answer::list(&list, resource, form),
        Err(status) => Answer::refusal(&status, form),
    }
}

/// Returns the resource, namespace and name in a path.
fn route<'a>(state: &State, path: &'a str) -> Option<(Resource, Option<&'a str>, Option<&'a str>)> {
    state.resources().find_map(|resource| {
        let root = if resource.group.is_empty() {
            "/api/"
        } else {
            "/apis/"
        };
        let rest = path
            .strip_prefix(root)?
            .strip_prefix(&resource.api_version())?
            .strip_prefix('/')?;
        let namespaced = resource.scope == Scope::Namespace;
        match *rest.split('/').collect::<Vec<_>>() {
            [plural] if plural == resource.plural => Some((resource, None, None)),
            [plural, name] if plural == resource.plural && !namespaced => {
                Some((resource, None, Some(name)))
            }
            ["namespaces", namespace, plural] if plural == resource.plural && namespaced => {
                Some((resource, Some(namespace), None))
            }
            ["namespaces", namespace, plural, name] if plural == resource.plural && namespaced => {
                Some((resource, Some(namespace), Some(name)))
            }
            _ => None,
        }
    })
}

fn is_refused(state: &State, resource: Resource, namespace: Option<&str>) -> bool {
    let refused = |namespace: &str| {
        state
            .refused
            .contains(&(resource.plural.into(), namespace.into()))
    };
    // A right for the whole cluster is one for every namespace; without it, all namespaces
    // cannot be listed at once.
    namespace.map_or_else(|| refused(""), refused)
}

fn forbidden(verb: &str, resource: Resource, namespace: Option<&str>) -> Status {
    let scope = namespace.map_or("at the cluster scope".into(), |namespace| {
        format!("in the namespace {namespace:?}")
    });
    Status::forbidden(USER, verb, resource.plural, resource.group, &scope)
}

fn faulty(answer: &Answer, fault: Fault) -> Response<Body> {
    let response = Response::builder().header(CONTENT_TYPE, answer.content_type);
    let response = match fault {
        Fault::Status(code, retry_after) => {
            let status = Status {
                retry_after,
                // A real server offers an inconsistent continuation with every 410.
                continue_token: (code == 410).then(|| "again".to_owned()),
                ..Status::new(code, "Injected", "a fault of the simulator")
            };
            return Answer::refusal(&status, Form::JSON).into_response(false).0;
        }
        Fault::Body(content_type, text) => Response::builder()
            .header(CONTENT_TYPE, content_type)
            .body(Body::from(text)),
        Fault::CutOff(length) => {
            let beginning = Bytes::copy_from_slice(&answer.body[..length.min(answer.body.len())]);
            // Late enough that what comes before it has been sent.
            let broken = async {
                tokio::time::sleep(Duration::from_millis(50)).await;
                Err(std::io::Error::other("cut off on purpose"))
            };
            let frames = stream::iter([Ok(beginning)]).chain(stream::once(broken));
            response.body(Body::from_stream(frames))
        }
        Fault::Shortened(length) => response.body(Body::from(
            answer.body[..length.min(answer.body.len())].to_vec(),
        )),
        Fault::Trailing(bytes) => response.body(Body::from([&*answer.body, bytes].concat())),
        Fault::Silence | Fault::Meanwhile(_) => unreachable!("these are answered elsewhere"),
    };
    response.expect("every header is valid")
}

/// Decodes percent-encoding, for people and for the texts that faults wait for.
fn decoded(target: &str) -> String {
    let mut parts = target.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let byte = part
            .get(..2)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte {
            Some(byte) => text.extend([char::from(byte).to_string().as_str(), &part[2..]]),
            None => text.extend(["%", part]),
        }
    }
    text
}
