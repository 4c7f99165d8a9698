//! The HTTP server, with well-behaved and misbehaving clients.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use notafter::api::Polling;
use notafter::server;
use notafter_simulator::{Cluster, Fault};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::scrape::Scrape;
use crate::served::{PATIENCE, Served, is_closed};
use crate::world::{SHORT, World, certificate, secret, tls};

fn shop() -> Cluster {
    let cluster = Cluster::new();
    cluster.apply(tls("shop", "web", &certificate("web", 90)));
    cluster
}

#[tokio::test]
async fn metrics_are_served_in_the_requested_format_and_encoding() {
    let served = Served::of(shop()).await;
    served.until("/ready", 200).await;
    let plain = served.request("GET", "/metrics", "").await;
    assert!(
        plain
            .head
            .contains("content-type: text/plain; version=0.0.4; charset=utf-8"),
        "{}",
        plain.head
    );
    assert!(
        plain.head.contains("vary: accept, accept-encoding"),
        "{}",
        plain.head
    );
    assert!(
        plain
            .head
            .contains(&format!("content-length: {}", plain.body.len())),
        "{}",
        plain.head
    );
    assert_eq!(
        Scrape::read(std::str::from_utf8(&plain.body).unwrap())
            .certificates()
            .len(),
        1
    );
    let headers = "accept: application/openmetrics-text;version=1.0.0\r\naccept-encoding: gzip\r\n";
    let gzip = served.request("GET", "/metrics", headers).await;
    assert!(
        gzip.head
            .contains("content-type: application/openmetrics-text; version=1.0.0"),
        "{}",
        gzip.head
    );
    assert!(
        gzip.head.contains("content-encoding: gzip"),
        "{}",
        gzip.head
    );
    let text = std::io::read_to_string(flate2::read::GzDecoder::new(&*gzip.body)).unwrap();
    assert_eq!(Scrape::read(&text).certificates().len(), 1);
    let head = served.request("HEAD", "/metrics", "").await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(
        served
            .request("POST", "/metrics", "content-length: 0\r\n")
            .await
            .status,
        405
    );
    served.stop().await;
}

#[tokio::test]
async fn the_index_page_links_to_the_others_and_an_unknown_path_is_not_found() {
    let served = Served::of(shop()).await;
    let (status, page) = served.get("/").await;
    assert_eq!(status, 200);
    for path in ["metrics", "runbooks/", "ready", "live"] {
        assert!(page.contains(&format!("href=\"{path}\"")), "{page}");
        assert_ne!(served.get(&format!("/{path}")).await.0, 404);
    }
    assert_eq!(served.get("/secrets").await.0, 404);
    served.stop().await;
}

#[tokio::test]
async fn neither_a_scrape_nor_the_liveness_probe_waits_for_the_api_server() {
    let cluster = shop();
    cluster.inject(Fault::Silence, "/", usize::MAX);
    let served = Served::run(World::polled(cluster.clone(), &Polling::listing(SHORT))).await;
    let scrape = Scrape::read(&served.until("/metrics", 200).await);
    assert!(
        scrape
            .all("notafter_list_up", &[])
            .iter()
            .all(|sample| sample.whole() == 0)
    );
    assert_eq!(served.get("/live").await, (200, "ok\n".into()));
    let (status, reason) = served.get("/ready").await;
    assert_eq!(status, 503, "{reason}");
    cluster.heal();
    served.until("/ready", 200).await;
    served.stop().await;
}

#[tokio::test]
async fn readiness_reports_what_it_waits_for_and_stays_ready_after_that() {
    let cluster = shop();
    cluster.refuse("secrets", "");
    let served = Served::of(cluster.clone()).await;
    let rule = r#"- {apiGroups: [""], resources: ["secrets"], verbs: ["list"]}"#;
    let expected =
        format!("the API server denies listing the secrets; the rule that allows it: {rule}\n");
    served
        .until_response("/ready", |_, body| body == expected)
        .await;
    cluster.allow("secrets", "");
    served.until("/ready", 200).await;
    cluster.inject(Fault::Status(500, None), "/", usize::MAX);
    let is_down = |body: &str| {
        let up = [("resource", "secrets")];
        Scrape::read(body).value("notafter_list_up", &up) == 0
    };
    served
        .until_response("/metrics", |_, body| is_down(body))
        .await;
    assert_eq!(
        served.get("/ready").await.0,
        200,
        "still ready: the last known state is served"
    );
    served.stop().await;
}

#[tokio::test]
async fn a_connection_that_sends_nothing_or_never_completes_its_headers_is_closed() {
    let served = Served::of(shop()).await;
    let mut silent = served.connect().await;
    let mut http2 = served.connect().await;
    http2.write_all(b"PRI").await.unwrap();
    let mut unfinished = served.connect().await;
    unfinished
        .write_all(b"GET /metrics HTTP/1.1\r\nx: ")
        .await
        .unwrap();
    let mut idle = served.connect().await;
    idle.write_all(b"GET /live HTTP/1.1\r\nhost: notafter\r\n\r\n")
        .await
        .unwrap();
    let mut answer = [0; 12];
    idle.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    let mut rest = Vec::new();
    let closed = tokio::time::timeout(PATIENCE, idle.read_to_end(&mut rest)).await;
    assert!(
        closed.is_ok(),
        "an idle keep-alive connection is closed as well"
    );
    for connection in [&mut silent, &mut http2, &mut unfinished] {
        let mut answer = Vec::new();
        let closed = tokio::time::timeout(PATIENCE, connection.read_to_end(&mut answer)).await;
        assert!(closed.is_ok(), "{:?}", String::from_utf8_lossy(&answer));
    }
    served.stop().await;
}

#[tokio::test]
async fn hundreds_of_silent_connections_may_delay_a_scrape_but_never_prevent_it() {
    let served = Served::of(shop()).await;
    let mut silent = Vec::new();
    for _ in 0..300 {
        silent.push(served.connect().await);
    }
    assert_eq!(served.get("/metrics").await.0, 200);
    served.stop().await;
}

#[tokio::test]
async fn a_thousand_scrapes_at_once_are_all_answered() {
    allow_many_sockets();
    let served = Arc::new(Served::of(shop()).await);
    served.until("/ready", 200).await;
    let mut scrapes = JoinSet::new();
    for _ in 0..1000 {
        let served = served.clone();
        scrapes.spawn(async move { served.get("/metrics").await });
    }
    while let Some(scrape) = scrapes.join_next().await {
        let (status, text) = scrape.unwrap();
        assert_eq!(status, 200);
        assert!(text.ends_with("# EOF\n"), "a complete text");
    }
}

#[tokio::test]
async fn hundreds_of_slow_readers_cannot_keep_a_scraper_out() {
    let served = Served::run(World::listed(with_large_bundles())).await;
    served.until("/ready", 200).await;
    let mut slow = Vec::new();
    for _ in 0..300 {
        slow.push(slow_reader(&served).await);
    }
    let scrape = timeout(Duration::from_secs(10), served.get("/metrics")).await;
    let (status, _) = scrape.expect("within a usual scrape timeout");
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_head_that_is_too_long_is_refused_before_it_is_kept() {
    let served = Served::of(shop()).await;
    let answer = served
        .request("GET", "/metrics", &format!("x: {}\r\n", "x".repeat(60_000)))
        .await;
    assert_eq!(answer.status, 431);
    let token = format!("authorization: Bearer {}\r\n", "x".repeat(8_000));
    let answer = served.request("GET", "/metrics", &token).await;
    assert_eq!(answer.status, 200, "the longest tokens are short enough");
}

/// Lets this process have as many files as it may; a shell often allows 1024.
fn allow_many_sockets() {
    let limit = getrlimit(Resource::Nofile);
    let current = limit.maximum;
    setrlimit(Resource::Nofile, Rlimit { current, ..limit }).unwrap();
}

/// A cluster whose metrics have six megabytes: too much for the socket buffers of the kernel.
fn with_large_bundles() -> Cluster {
    let cluster = shop();
    let bundle = certificate("ca", 90).certificate.repeat(499);
    for index in 0..20 {
        let data = [("ca.crt", bundle.as_bytes())];
        cluster.apply(secret("shop", &format!("bundle-{index}"), &data));
    }
    cluster
}

/// A connection on which a scrape was requested, and that reads nothing.
async fn slow_reader(served: &Served) -> TcpStream {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut reader = socket.connect(served.address).await.unwrap();
    reader
        .write_all(b"GET /metrics HTTP/1.1\r\nhost: notafter\r\n\r\n")
        .await
        .unwrap();
    reader
}

#[tokio::test]
async fn the_server_shuts_down_even_with_clients_still_connected() {
    let served = Served::run(World::listed(with_large_bundles())).await;
    served.until("/ready", 200).await;
    let mut idle = served.connect().await;
    let mut stalled = slow_reader(&served).await;
    let mut head = [0; 12];
    stalled.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 200");
    let address = served.address;
    served.stop().await;
    assert!(is_closed(&mut idle).await);
    assert!(
        TcpStream::connect(address).await.is_err(),
        "the port is no longer open"
    );
}

#[tokio::test]
async fn a_port_in_use_is_an_error_that_names_the_flag() {
    let taken = server::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
        .await
        .unwrap();
    let address = taken.local_addr().unwrap();
    let error = server::bind(address).await.unwrap_err().to_string();
    assert!(
        error.starts_with(&format!("--listen {address}: Address already in use")),
        "{error}"
    );
}
