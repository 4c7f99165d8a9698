//! A thousand secrets of 1 MiB, sent while they are read: no more of them is held than what is known.

use std::{fs, iter};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use futures_util::stream;
use tokio::net::TcpListener;

use super::{MIB, filled, short};
use crate::running::{Running, notafter};
use crate::scrape::Scrape;

/// The number of secrets, and of those with a key that is full of certificates.
const SECRETS: usize = 1_000;
const BUNDLES: usize = 20;

/// The most memory of the program with them, in KiB; a debug build took 35 MiB. A buffer may grow to
/// 32 MiB, and 500 certificates are known of each bundle.
const MEMORY: usize = 80 * 1024;

/// A length-delimited field.
fn field(number: u8, value: &[u8]) -> Vec<u8> {
    [&head(number, value.len()), value].concat()
}

/// The beginning of such a field.
fn head(number: u8, mut length: usize) -> Vec<u8> {
    let mut head = vec![number << 3 | 2];
    while length >= 0x80 {
        head.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    head.push(u8::try_from(length).unwrap());
    head
}

/// The beginning of an item of the list: metadata and a leaf.
fn start(index: usize) -> Vec<u8> {
    let name = format!("web-{index:04}");
    let meta = [(1, &*name), (3, "shop"), (5, &*name), (6, "1")];
    let meta = meta.map(|(number, text)| field(number, text.as_bytes()));
    [
        field(1, &meta.concat()),
        entry("tls.crt", short().as_bytes()),
    ]
    .concat()
}

/// A value of a secret.
fn entry(key: &str, value: &[u8]) -> Vec<u8> {
    field(2, &[field(1, key.as_bytes()), field(2, value)].concat())
}

/// The list of secrets, which share their values.
fn list() -> Body {
    let key = entry("tls.key", &vec![0xff; MIB - 2_000]);
    let bundle = entry("all.crt", &filled(&short()).as_bytes()[..MIB - 2_000]);
    // The two are equally long, and so are all beginnings.
    let (start_length, value_length) = (start(0).len(), key.len());
    assert_eq!(value_length, bundle.len());
    let item = head(2, start_length + value_length);
    let meta = field(1, &field(2, b"4711"));
    let length = meta.len() + SECRETS * (item.len() + start_length + value_length);
    let kind = [field(1, b"v1"), field(2, b"SecretList")].concat();
    let envelope = [b"k8s\0".to_vec(), field(1, &kind), head(2, length), meta].concat();
    let (key, bundle) = (Bytes::from(key), Bytes::from(bundle));
    let items = (0..SECRETS).flat_map(move |index| {
        let value = if index < BUNDLES { &bundle } else { &key };
        [item.clone().into(), start(index).into(), value.clone()]
    });
    let pieces = iter::once(Bytes::from(envelope)).chain(items);
    Body::from_stream(stream::iter(pieces.map(Ok::<_, std::io::Error>)))
}

/// An API server with these secrets, and nothing else in it.
async fn answer(request: Request) -> Response<Body> {
    let response = Response::builder();
    if request.uri().path() != "/api/v1/secrets" {
        return response.status(404).body(Body::empty()).unwrap();
    }
    let response = response.header(CONTENT_TYPE, "application/vnd.kubernetes.protobuf");
    response.body(list()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_secrets_of_a_mebibyte_take_bounded_memory() {
    let router = Router::new().fallback(answer);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let running = Running::start(address, None, notafter(&[]), &["--interval", "1h"]);
    running.says("list complete list=\"secrets\"", 1).await;
    let scrape = Scrape::read(&running.until("/metrics", "web-0999").await);
    assert!(scrape.is_up("secrets"));
    assert_eq!(
        scrape.all("cert_not_after_seconds", &[]).len(),
        SECRETS + BUNDLES * 499
    );
    assert_eq!(scrape.problems().len(), BUNDLES);
    if let Ok(status) = fs::read_to_string(format!("/proc/{}/status", running.child.id())) {
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak: usize = peak
            .unwrap()
            .trim()
            .trim_end_matches(" kB")
            .parse()
            .unwrap();
        assert!(peak < MEMORY, "{peak} KiB");
    }
}
