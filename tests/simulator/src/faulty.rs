//! Answers with faults.

use std::future::{self, Ready};
use std::io::{self, Write};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Response;
use axum::http::header::{CONTENT_ENCODING, HeaderValue, LOCATION};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, Stream, StreamExt};
use serde_json::Value;
use tokio::time::sleep;

use crate::answer::Answer;
use crate::cluster::Cluster;
use crate::event::Event;
use crate::fault::Fault;
use crate::form::Form;
use crate::reply::{Reply, Sending, streamed};
use crate::status::Status;

/// The size of the pieces in which endless bodies come, before compression.
const PIECE: usize = 64 * 1024;

/// Returns the answer to a request with a fault.
pub(crate) fn faulty(cluster: &Cluster, reply: Reply, fault: Fault) -> Response<Body> {
    let mut content_type = reply.content_type();
    let body = match fault {
        Fault::Status(code, retry_after) => {
            let status = Status {
                retry_after,
                // A real server offers an inconsistent continuation with every 410.
                continue_token: (code == 410).then(|| "again".to_owned()),
                ..Status::new(code, "Injected", "a fault of the simulator")
            };
            return Answer::refusal(&status, Form::JSON).into_response(false).0;
        }
        Fault::Redirect(location) => {
            return Response::builder()
                .status(307)
                .header(LOCATION, location)
                .body(Body::empty())
                .expect("a test gives a valid location");
        }
        Fault::Body(with_type, text) => {
            content_type = with_type;
            once(text)
        }
        Fault::Endless(with_type, head, repeated) => {
            content_type = with_type;
            endless(head, repeat(&repeated))
        }
        Fault::GzipBomb(with_type, head, repeated) => {
            let body = endless(gzip_head(&head), deflated(&repeat(&repeated)));
            let mut response = streamed(with_type, Sending::new(cluster, None), body.map(Ok));
            let gzip = HeaderValue::from_static("gzip");
            response.headers_mut().insert(CONTENT_ENCODING, gzip);
            return response;
        }
        Fault::CutOff(length) => {
            // Late enough that what comes before it has been sent.
            let broken = async {
                sleep(Duration::from_millis(50)).await;
                Err(io::Error::other("cut off on purpose"))
            };
            let body = first(reply.body(), length).map(Ok);
            let body = body.chain(stream::once(broken));
            return streamed(content_type, Sending::new(cluster, None), body);
        }
        Fault::Shortened(length) => first(reply.body(), length).boxed(),
        Fault::EndEarly => stream::empty().boxed(),
        Fault::Stalled(length) => {
            let silence = stream::once(sleep(Duration::from_hours(1))).filter_map(|()| nothing());
            first(reply.body(), length).chain(silence).boxed()
        }
        Fault::Drip => reply.body().flat_map(stream::iter).then(drop_of).boxed(),
        Fault::Trailing(bytes) => reply.body().chain(once(bytes)).boxed(),
        Fault::Events(events) => {
            let frames = frames(&reply, events);
            once(frames).chain(mute(reply)).boxed()
        }
        Fault::Frames(frames) => once(frames).chain(mute(reply)).boxed(),
        Fault::Disordered(seed) => disordered(reply.body(), seed),
        Fault::Mute => mute(reply),
        Fault::Silence | Fault::Overlapping | Fault::Meanwhile(_) => {
            unreachable!("these are answered elsewhere")
        }
    };
    streamed(content_type, Sending::new(cluster, None), body.map(Ok))
}

fn once(bytes: impl Into<Bytes>) -> BoxStream<'static, Bytes> {
    stream::iter([bytes.into()]).boxed()
}

/// Returns the first bytes of a body. It does not wait for more.
fn first(
    body: BoxStream<'static, Bytes>,
    length: usize,
) -> impl Stream<Item = Bytes> + Send + 'static {
    stream::unfold((body, length), |(mut body, left)| async move {
        if left == 0 {
            return None;
        }
        let mut piece = body.next().await?;
        piece.truncate(left);
        let left = left - piece.len();
        Some((piece, (body, left)))
    })
}

/// Returns the pieces of a body in a random order, and about a third of them twice.
fn disordered(body: BoxStream<'static, Bytes>, seed: u64) -> BoxStream<'static, Bytes> {
    let collected = body.collect::<Vec<Bytes>>().map(move |mut pieces| {
        let mut rng = fastrand::Rng::with_seed(seed);
        let twice: Vec<Bytes> = pieces
            .iter()
            .filter(|_| rng.u8(..3) == 0)
            .cloned()
            .collect();
        pieces.extend(twice);
        rng.shuffle(&mut pieces);
        stream::iter(pieces)
    });
    stream::once(collected).flatten().boxed()
}

async fn drop_of(byte: u8) -> Bytes {
    sleep(Duration::from_secs(1)).await;
    Bytes::from(vec![byte])
}

/// Returns the frames of forged events; none if the right answer is no watch.
fn frames(reply: &Reply, events: Vec<(&'static str, Value)>) -> Vec<u8> {
    let Reply::Watch(watch) = reply else {
        return Vec::new();
    };
    let events = events.into_iter();
    events
        .filter_map(|(kind, object)| Event::new(kind, object).frame(watch.resource, watch.form))
        .flatten()
        .collect()
}

/// Returns the body of a watch that ends in time, but without its events.
fn mute(reply: Reply) -> BoxStream<'static, Bytes> {
    reply.body().filter_map(|_| nothing()).boxed()
}

fn nothing() -> Ready<Option<Bytes>> {
    future::ready(None)
}

/// Returns a body without an end. The pauses let the client's clock go on, also a paused one.
fn endless(head: Vec<u8>, piece: Vec<u8>) -> BoxStream<'static, Bytes> {
    let pieces = stream::repeat(Bytes::from(piece)).then(|piece| async {
        sleep(Duration::from_millis(1)).await;
        piece
    });
    once(head).chain(pieces).boxed()
}

fn repeat(bytes: &[u8]) -> Vec<u8> {
    bytes.repeat(PIECE.div_ceil(bytes.len()))
}

/// Returns the beginning of a gzip stream (RFC 1952, 2.3).
fn gzip_head(bytes: &[u8]) -> Vec<u8> {
    let header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    [&header, &*deflated(bytes)].concat()
}

/// Compresses bytes into blocks of deflate that others can follow.
fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("a Vec takes everything");
    encoder.flush().expect("a Vec takes everything");
    encoder.get_ref().clone()
}
