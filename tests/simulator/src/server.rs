//! The API server: paths, rights, and injected faults.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Query, State as Extract};
use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, HeaderMap, HeaderName, USER_AGENT,
};
use axum::http::{Method, Response, Uri};
use futures_util::StreamExt;

use crate::answer::Answer;
use crate::cluster::Cluster;
use crate::fault::Fault;
use crate::faulty::faulty;
use crate::form::{Form, Shape};
use crate::list;
use crate::path::route;
use crate::query;
use crate::reply::{Reply, Sending, streamed};
use crate::resource::Resource;
use crate::review;
use crate::state::{Request, State};
use crate::status::Status;
use crate::watch::Watch;

/// The user of every request, as messages name it.
pub(crate) const USER: &str = "system:serviceaccount:notafter:notafter";

/// Answers every path, since even an unknown one has its own kind of answer.
pub(crate) fn router(cluster: Cluster) -> Router {
    Router::new().fallback(answer).with_state(cluster)
}

async fn answer(
    Extract(cluster): Extract<Cluster>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    mut query: Query<query::Query>,
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
    let fault = cluster.state().take_fault(&target);
    if let Some(Fault::Meanwhile(happens)) = &fault {
        happens(&cluster);
    }
    query.overlaps = matches!(fault, Some(Fault::Overlapping));
    let review = review::answer(&cluster.state(), &method, uri.path(), &body);
    let reply = review.map_or_else(
        || {
            respond(
                &cluster,
                &method,
                uri.path(),
                header(AUTHORIZATION),
                header(ACCEPT),
                &query,
            )
        },
        Reply::Complete,
    );
    let gzip = header(ACCEPT_ENCODING).contains("gzip");
    let mut request = Request {
        target,
        accept: header(ACCEPT).into(),
        gzip,
        user_agent: header(USER_AGENT).into(),
        status: reply.status(),
        bytes: 0,
    };
    let fault = fault.filter(|fault| !matches!(fault, Fault::Meanwhile(_) | Fault::Overlapping));
    let log = |request: Request| cluster.state().requests.push(request);
    match (fault, reply) {
        (None, Reply::Complete(answer)) => {
            let (response, bytes) = answer.into_response(gzip);
            log(Request { bytes, ..request });
            response
        }
        (None, Reply::Watch(watch)) => {
            let content_type = watch.form.content_type_of_watch();
            let frames = watch.frames().map(Ok);
            streamed(content_type, Sending::new(&cluster, Some(request)), frames)
        }
        (Some(Fault::Silence), _) => {
            log(request);
            tokio::time::sleep(Duration::from_hours(1)).await;
            Response::default()
        }
        (Some(fault), reply) => {
            let answer = faulty(&cluster, reply, fault);
            request.status = answer.status().as_u16();
            log(request);
            answer
        }
    }
}

/// Returns the right answer, before any fault.
fn respond(
    cluster: &Cluster,
    method: &Method,
    path: &str,
    authorization: &str,
    accept: &str,
    query: &query::Query,
) -> Reply {
    let state = &*cluster.state();
    let expected = state.token.as_ref().map(|token| format!("Bearer {token}"));
    let reply = if expected.is_some_and(|expected| authorization != expected) {
        Err(Status::new(401, "Unauthorized", "Unauthorized"))
    } else if (method, path) == (&Method::GET, "/version") {
        Ok(Answer::version().into())
    } else if let Some((resource, namespace, name)) = route(state, path) {
        authorize(state, method, resource, namespace, name, query)
            .and_then(|()| serve((cluster, state), resource, namespace, accept, query))
    } else {
        Ok(Answer::no_such_path().into())
    };
    reply.unwrap_or_else(|status| Answer::refusal(&status, Form::of_refusal(accept)).into())
}

/// Returns whether the client may send such a request.
fn authorize(
    state: &State,
    method: &Method,
    resource: Resource,
    namespace: Option<&str>,
    name: Option<&str>,
    query: &query::Query,
) -> Result<(), Status> {
    let verb = if query.is_watch() { "watch" } else { "list" };
    if method != Method::GET {
        return Err(Status::new(
            405,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource",
        ));
    }
    if name.is_some() {
        // The answer to a role that has the verbs `list` and `watch` alone.
        return Err(forbidden("get", resource, namespace));
    }
    if is_refused(state, verb, resource, namespace) {
        return Err(forbidden(verb, resource, namespace));
    }
    Ok(())
}

/// Returns the answer to a list or a watch that is allowed.
fn serve(
    (cluster, state): (&Cluster, &State),
    resource: Resource,
    namespace: Option<&str>,
    accept: &str,
    query: &query::Query,
) -> Result<Reply, Status> {
    let not_acceptable = |message| Status::new(406, "NotAcceptable", message);
    let form = Form::negotiate(accept, resource).ok_or_else(|| {
        not_acceptable("only the following media types are accepted: application/json")
    })?;
    if query.is_watch() {
        let watch = Watch::new((cluster, state), resource, namespace, query, form)?;
        return Ok(Reply::Watch(watch));
    }
    let list = list::list(&state.store, &resource, namespace, query)?;
    if form.shape == Shape::Metadata {
        let message = "you requested PartialObjectMetadata, but the requested object is a list";
        return Err(not_acceptable(message));
    }
    Ok(Answer::list(&list, resource, form).into())
}

pub(crate) fn is_refused(
    state: &State,
    verb: &str,
    resource: Resource,
    namespace: Option<&str>,
) -> bool {
    let refusals = match verb {
        "watch" => [&state.refused, &state.refused_watches],
        _ => [&state.refused, &state.refused],
    };
    let refused = |namespace: &str| {
        let place = (resource.name().into(), namespace.into());
        refusals.iter().any(|refused| refused.contains(&place))
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
