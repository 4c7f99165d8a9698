//! What the log says of those who were refused, and of an entrance that is open.

use notafter_simulator::Cluster;

use super::client::Client;
use super::until;
use crate::running::Running;

const TOKEN: &str = "token-hunter2";

/// notafter with these flags, and a client for it.
async fn running(arguments: &[&str]) -> (Running, Client) {
    let running = Running::of(&Cluster::new(), None, arguments).await;
    running.says("serving address=", 1).await;
    let log = running.log();
    let (_, address) = log.split_once("serving address=").unwrap();
    let address = address.split_whitespace().next().unwrap();
    let client = Client::new(address.parse().unwrap());
    (running, client)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_refused_is_said_once_a_minute_and_never_what_they_showed() {
    let (mut running, client) = running(&["--token-review", "--log", "trace"]).await;
    let stranger = client.clone().bearing(TOKEN);
    for _ in 0..5 {
        assert_eq!(stranger.status("/metrics").await, 401);
        assert_eq!(client.status("/metrics").await, 401);
    }
    let told = "WARN refused: the token is nobody's";
    running.says(told, 1).await;
    running
        .says("WARN refused: a bearer token is needed", 1)
        .await;
    running.ends_by("-TERM");
    let log = running.log();
    assert_eq!(log.matches(told).count(), 1, "{log}");
    assert_eq!(
        log.matches("DEBUG refused: the token is nobody's").count(),
        4
    );
    let line = log.lines().find(|line| line.contains(told)).unwrap();
    assert!(line.contains("reason=\"token\" peer=127.0.0.1:"), "{line}");
    assert!(!log.contains("hunter2"), "no token is ever logged");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_entrance_is_warned_of_unless_only_this_machine_can_reach_it() {
    let warning = "WARN whoever can reach this address may read the inventory";
    for (arguments, times) in [
        (&["--listen", "[::]:0"][..], 1),
        (&["--listen", "[::]:0", "--token-review"], 0),
        (&[], 0),
    ] {
        let mut running = Running::of(&Cluster::new(), None, arguments).await;
        running.says("list complete list=\"secrets\"", 1).await;
        running.ends_by("-TERM");
        assert_eq!(
            running.count(warning),
            times,
            "{arguments:?}: {}",
            running.log()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_that_cannot_be_used_is_said_once_and_when_it_can_be_again() {
    let files = super::Files::new();
    let path = |name| files.path(name).to_str().unwrap().to_owned();
    let (cert, key) = (path("tls.crt"), path("tls.key"));
    let (mut running, client) = running(&["--tls-cert", &cert, "--tls-key", &key]).await;
    let client = client.believing(&files.serving);
    let pair = files.pair("second");
    files.put("tls.crt", &pair.certificate);
    let why = format!("WARN --tls-cert {cert} and --tls-key {key}: ");
    running.says(&why, 1).await;
    assert_eq!(client.get("/live").await.unwrap().name(), "first");
    files.put("tls.key", &pair.key);
    until("the second is served", async || {
        client.get("/live").await.unwrap().name() == "second"
    })
    .await;
    running.says("INFO TLS has changed", 1).await;
    running.ends_by("-TERM");
    let log = running.log();
    assert_eq!(log.matches(&why).count(), 1, "{log}");
    assert!(!log.contains("PRIVATE"), "no key is ever logged");
}
