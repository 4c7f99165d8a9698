//! What is served over HTTP, to good clients and bad ones.

use std::net::SocketAddr;
use std::time::Duration;

use notafter::server;
use notafter_simulator::{Cluster, Fault};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::scrape::Scrape;
use crate::served::{PATIENCE, Served, is_closed};
use crate::world::{SHORT, World, certificate, tls};

fn shop() -> Cluster {
    let cluster = Cluster::new();
    cluster.apply(tls("shop", "web", &certificate("web", 90)));
    cluster
}

#[tokio::test]
async fn metrics_are_served_as_they_were_asked_for() {
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
    let asked = "accept: application/openmetrics-text;version=1.0.0\r\naccept-encoding: gzip\r\n";
    let gzip = served.request("GET", "/metrics", asked).await;
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
async fn the_first_page_names_the_others_and_what_is_not_there_is_not_found() {
    let served = Served::of(shop()).await;
    let (status, page) = served.get("/").await;
    assert_eq!(status, 200);
    for path in ["/metrics", "/ready", "/live"] {
        assert!(page.contains(&format!("href=\"{path}\"")), "{page}");
        assert_ne!(served.get(path).await.0, 404);
    }
    assert_eq!(served.get("/secrets").await.0, 404);
    served.stop().await;
}

#[tokio::test]
async fn a_scrape_never_waits_for_the_api_server_and_neither_does_liveness() {
    let cluster = shop();
    cluster.inject(Fault::Silence, "/", usize::MAX);
    let served = Served::run(World::hurried(cluster.clone(), SHORT).await).await;
    let scrape = Scrape::read(&served.until("/metrics", 200).await);
    assert!(
        scrape
            .all("notafter_list_up", &[])
            .iter()
            .all(|it| it.whole() == 0)
    );
    assert_eq!(served.get("/live").await, (200, "ok\n".into()));
    let (status, why) = served.get("/ready").await;
    assert_eq!(status, 503, "{why}");
    cluster.heal();
    served.until("/ready", 200).await;
    served.stop().await;
}

#[tokio::test]
async fn readiness_says_what_it_is_waiting_for_and_stays_once_it_is_there() {
    let cluster = shop();
    cluster.refuse("secrets", "");
    let served = Served::of(cluster.clone()).await;
    let rule = r#"- {apiGroups: [""], resources: ["secrets"], verbs: ["list"]}"#;
    let told = format!("the API server refuses the secrets; the rule that allows them: {rule}\n");
    let waiting = async {
        while served.get("/ready").await.1 != told {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting)
        .await
        .expect("it says so in the end");
    cluster.allow("secrets", "");
    served.until("/ready", 200).await;
    cluster.inject(Fault::Status(500, None), "/", usize::MAX);
    let down = async {
        while Scrape::read(&served.get("/metrics").await.1)
            .value("notafter_list_up", &[("resource", "secrets")])
            > 0
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, down)
        .await
        .expect("the list goes down");
    assert_eq!(
        served.get("/ready").await.0,
        200,
        "what is known is still served"
    );
    served.stop().await;
}

#[tokio::test]
async fn a_connection_that_says_nothing_or_never_ends_its_head_is_closed() {
    let served = Served::of(shop()).await;
    let mut silent = served.connect().await;
    let mut http2 = served.connect().await;
    http2.write_all(b"PRI").await.unwrap();
    let mut endless = served.connect().await;
    endless
        .write_all(b"GET /metrics HTTP/1.1\r\nx: ")
        .await
        .unwrap();
    let mut kept = served.connect().await;
    kept.write_all(b"GET /live HTTP/1.1\r\nhost: notafter\r\n\r\n")
        .await
        .unwrap();
    let mut answer = [0; 12];
    kept.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(PATIENCE, kept.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "an idle connection is closed as well");
    for connection in [&mut silent, &mut http2, &mut endless] {
        let mut answer = Vec::new();
        let ended = tokio::time::timeout(PATIENCE, connection.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "{:?}", String::from_utf8_lossy(&answer));
    }
    served.stop().await;
}

#[tokio::test]
async fn hundreds_of_silent_connections_delay_a_scrape_but_do_not_prevent_it() {
    let served = Served::of(shop()).await;
    let mut silent = Vec::new();
    for _ in 0..300 {
        silent.push(served.connect().await);
    }
    assert_eq!(served.get("/metrics").await.0, 200);
    served.stop().await;
}

#[tokio::test]
async fn told_to_stop_it_stops_whoever_is_still_connected() {
    let cluster = shop();
    let bundle = certificate("ca", 90).certificate.repeat(1000);
    for index in 0..10 {
        let data = [("ca.crt", bundle.as_bytes())];
        cluster.apply(crate::world::secret(
            "shop",
            &format!("bundle-{index}"),
            &data,
        ));
    }
    let served = Served::run(World::of(cluster).await).await;
    served.until("/ready", 200).await;
    let mut idle = served.connect().await;
    // No kernel takes over what a body of six megabytes does not fit into.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut reads_nothing = socket.connect(served.address).await.unwrap();
    reads_nothing
        .write_all(b"GET /metrics HTTP/1.1\r\nhost: notafter\r\n\r\n")
        .await
        .unwrap();
    let mut head = [0; 12];
    reads_nothing.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 200");
    let address = served.address;
    served.stop().await;
    assert!(is_closed(&mut idle).await);
    assert!(
        TcpStream::connect(address).await.is_err(),
        "nobody listens any more"
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
