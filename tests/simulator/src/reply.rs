//! Replies: a complete answer, or a watch that is sent piece by piece.

use axum::body::{Body, Bytes};
use axum::http::Response;
use axum::http::header::CONTENT_TYPE;
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt};

use crate::answer::Answer;
use crate::cluster::Cluster;
use crate::state::Request;
use crate::watch::Watch;

/// The right answer to a request.
pub(crate) enum Reply {
    Complete(Answer),
    Watch(Watch),
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self::Complete(answer)
    }
}

impl Reply {
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Complete(answer) => answer.code,
            Self::Watch(_) => 200,
        }
    }

    pub(crate) fn content_type(&self) -> &'static str {
        match self {
            Self::Complete(answer) => answer.content_type,
            Self::Watch(watch) => watch.form.content_type_of_watch(),
        }
    }

    /// Returns the body.
    pub(crate) fn body(self) -> BoxStream<'static, Bytes> {
        match self {
            Self::Complete(answer) => stream::iter([Bytes::from(answer.body)]).boxed(),
            Self::Watch(watch) => watch.frames().boxed(),
        }
    }
}

/// Returns an answer with status 200 whose body comes piece by piece.
pub(crate) fn streamed(
    content_type: &str,
    sending: Sending,
    body: impl Stream<Item = std::io::Result<Bytes>> + Send + 'static,
) -> Response<Body> {
    let state = (Box::pin(body), sending);
    let body = stream::unfold(state, |(mut body, mut sending)| async move {
        let piece = body.next().await?;
        if let (Ok(piece), Some(request)) = (&piece, &mut sending.request) {
            request.bytes += piece.len();
        }
        Some((piece, (body, sending)))
    });
    Response::builder()
        .header(CONTENT_TYPE, content_type)
        .body(Body::from_stream(body))
        .expect("a content type is a valid header")
}

/// An answer that is being sent. Once it is complete or was given up, its request is logged.
pub(crate) struct Sending {
    cluster: Cluster,
    /// The request, unless it is logged already.
    request: Option<Request>,
}

impl Sending {
    pub(crate) fn new(cluster: &Cluster, request: Option<Request>) -> Self {
        cluster.state().streams += 1;
        let cluster = cluster.clone();
        Self { cluster, request }
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        // The panic of a test is reported, not a second one.
        if std::thread::panicking() {
            return;
        }
        let mut state = self.cluster.state();
        state.streams -= 1;
        state.requests.extend(self.request.take());
    }
}
