//! The log lines of denials, of missing authentication and of failed reloads.

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
async fn a_denial_is_a_warning_once_a_minute_and_never_quotes_a_credential() {
    let (mut running, client) = running(&["--token-review", "--log", "trace"]).await;
    let stranger = client.clone().bearing(TOKEN);
    for _ in 0..5 {
        assert_eq!(stranger.status("/metrics").await, 401);
        assert_eq!(client.status("/metrics").await, 401);
    }
    let denied = |level: &str, reason: &str| format!("{level} denied reason=\"{reason}\"");
    let warning = denied("WARN", "token");
    running.says(&warning, 1).await;
    running.says(&denied("WARN", "no_credentials"), 1).await;
    running.ends_by("-TERM");
    let log = running.log();
    assert_eq!(log.matches(&warning).count(), 1, "{log}");
    assert_eq!(log.matches(&denied("DEBUG", "token")).count(), 4);
    let line = log.lines().find(|line| line.contains(&warning)).unwrap();
    assert!(line.contains(" client=127.0.0.1:"), "{line}");
    assert!(line.contains("the token is invalid"), "{line}");
    assert!(!log.contains("hunter2"), "no token is ever logged");
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_authentication_is_a_warning_unless_only_this_machine_can_connect() {
    let warning = "WARN serving without authentication on a public address";
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
async fn a_pair_that_cannot_be_used_is_logged_once_and_so_is_the_recovery() {
    let files = super::Files::new();
    let path = |name| files.path(name).to_str().unwrap().to_owned();
    let (cert, key) = (path("tls.crt"), path("tls.key"));
    let (mut running, client) = running(&["--tls-cert", &cert, "--tls-key", &key]).await;
    let client = client.believing(&files.serving);
    let pair = files.pair("second");
    files.put("tls.crt", &pair.certificate);
    let not_reloaded =
        "WARN serving configuration not reloaded; the previous one stays active error=";
    let why = format!("{not_reloaded}--tls-cert {cert} and --tls-key {key}: ");
    running.says(&why, 1).await;
    assert_eq!(client.get("/live").await.unwrap().name(), "first");
    files.put("tls.key", &pair.key);
    until("the second is served", async || {
        client.get("/live").await.unwrap().name() == "second"
    })
    .await;
    running.says("INFO serving configuration reloaded", 1).await;
    running.ends_by("-TERM");
    let log = running.log();
    assert_eq!(log.matches(&why).count(), 1, "{log}");
    assert!(!log.contains("PRIVATE"), "no key is ever logged");
}
