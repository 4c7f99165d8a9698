//! Bad input: each is one clear line that names the flag, and no line has a token in it.

use super::Examined;
use super::prometheus::{Answer, Prometheus};
use crate::running::{notafter, stderr};
use notafter_simulator::certificate::Draft;
use notafter_simulator::{Cluster, kubeconfig};

/// The line about a Prometheus that cannot be asked.
async fn failed(examined: &Examined, arguments: &[&str]) -> String {
    let (text, status) = examined.diagnosed(arguments).await;
    assert_eq!(status, 1, "{text}");
    assert!(!text.contains("hunter2"), "{text}");
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("failed       Prometheus: "));
    line.unwrap_or_else(|| panic!("{text}")).to_owned()
}

#[test]
fn an_invalid_flag_exits_with_status_2_and_is_named() {
    for (arguments, message) in [
        (
            &["--prometheus", "prometheus:9090"][..],
            "--prometheus <URL>",
        ),
        (&["--prometheus", "ftp://prometheus"], "--prometheus <URL>"),
        (&["--prometheus", "/graph"], "expected a URL such as"),
        (
            &["--prometheus", "https://me:hunter2@prometheus"],
            "expected a URL without a user",
        ),
        (
            &["--prometheus", "http://prometheus/graph/"],
            "without /graph or /api/v1",
        ),
        (
            &["--prometheus", "http://prometheus/prefix/api/v1"],
            "without /graph or /api/v1",
        ),
        (
            &["--prometheus", "http://prometheus/graph?g0.expr=up"],
            "expected a URL without a query",
        ),
        (&["--prometheus-token-file", "token"], "--prometheus <URL>"),
        (&["--prometheus-ca", "ca.crt"], "--prometheus <URL>"),
        (
            &["--service-account", "notafter"],
            "--service-account <NAMESPACE/NAME>",
        ),
        (&["--namespace", "Shop"], "--namespace <NAME>"),
        (&["--timeout", "10ms"], "--timeout <DURATION>"),
        (&["--output", "yaml"], "--output <FORMAT>"),
    ] {
        let output = notafter(&["doctor"]).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(message), "{}", stderr(&output));
    }
}

#[test]
fn a_kubeconfig_or_a_context_that_is_not_there_is_named_with_its_flag() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kubeconfig");
    std::fs::write(&file, kubeconfig("127.0.0.1:1".parse().unwrap(), None)).unwrap();
    let file = file.to_str().unwrap();
    for (arguments, why) in [
        (
            vec!["--kubeconfig", "/nowhere"],
            "--kubeconfig /nowhere: No such file or directory".to_owned(),
        ),
        (
            vec!["--kubeconfig", file, "--context", "nope"],
            format!("--context nope: {file} has no context of that name\n"),
        ),
    ] {
        let output = notafter(&["doctor"]).args(arguments).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let line = format!("failed       API server: {why}");
        assert!(text.starts_with(&line), "{line}\n{text}");
    }
}

#[tokio::test]
async fn an_answer_that_is_none_of_prometheus_is_said_in_one_line() {
    let examined = Examined::of(&Cluster::new()).await;
    let body = |code, media_type, text: &str| Answer::Body(code, media_type, text.into());
    let page = "<!DOCTYPE html><title>Sign in</title>";
    let error = r#"{"status":"error","errorType":"bad_data","error":"invalid parameter"}"#;
    let wrong = r#"{"status":"success","data":{"result":"none"}}"#;
    for (answer, why) in [
        (
            body(200, "text/html; charset=utf-8", page),
            "it answers with a web page: ",
        ),
        (
            body(200, "application/json", "{}"),
            "the answer is not one of Prometheus",
        ),
        (
            body(200, "application/json", wrong),
            "the answer is not one of Prometheus",
        ),
        (
            body(200, "text/plain", "hello"),
            "the answer is not one of Prometheus",
        ),
        (
            body(400, "application/json", error),
            "it answered 400 Bad Request: invalid parameter",
        ),
        (
            body(502, "text/plain", "no\nbackend"),
            "it answered 502 Bad Gateway: no backend",
        ),
        (
            body(503, "text/html", "<html>Application is not available"),
            "it answered 503 Service Unavailable\n",
        ),
        (
            body(
                400,
                "text/plain",
                "Client sent an HTTP request to an HTTPS server.\n",
            ),
            "it answers in TLS only: does its address begin with https, not http?",
        ),
        (
            body(404, "text/plain", ""),
            "it does not have the path /api/v1/query (404)",
        ),
        (Answer::Login, "it redirects (302), as a login page does: "),
        (Answer::Endless, "the answer is larger than 32 MiB"),
        (
            Answer::Silence,
            "no complete answer within 1 s: --timeout allows more",
        ),
    ] {
        let prometheus = Prometheus::healthy();
        prometheus.answers("up", answer);
        let address = format!("http://{}", prometheus.listen().await);
        let flags = ["--prometheus", &address, "--timeout", "1s"];
        let line = failed(&examined, &flags).await;
        let expected = format!("--prometheus {address}: {why}");
        assert!(
            format!("{line}\n").starts_with(&expected),
            "{expected}\n{line}"
        );
    }
}

#[tokio::test]
async fn an_address_that_does_not_answer_or_speaks_no_tls_is_said_in_one_line() {
    let examined = Examined::of(&Cluster::new()).await;
    let line = failed(&examined, &["--prometheus", "http://127.0.0.1:1/"]).await;
    let expected = "--prometheus http://127.0.0.1:1: no connection: ";
    assert!(line.starts_with(expected), "{line}");

    let address = format!("https://{}", Prometheus::healthy().listen().await);
    let authority = Draft::named("a CA").authority();
    let ca = examined.file("ca.crt", &authority.pair.certificate);
    let flags = ["--prometheus", &address, "--prometheus-ca", &ca];
    let line = failed(&examined, &flags).await;
    assert!(line.contains(": it does not answer in TLS ("), "{line}");
}

#[tokio::test]
async fn a_token_is_sent_without_its_line_end_and_a_rejected_one_names_its_flag() {
    let examined = Examined::of(&Cluster::new()).await;
    let prometheus = Prometheus::healthy();
    prometheus.requires("hunter2");
    let address = format!("http://{}", prometheus.listen().await);
    let flags = ["--prometheus", &address];
    let line = failed(&examined, &flags).await;
    assert!(
        line.ends_with(
            "it requires credentials (401): --prometheus-token-file takes the file of a token"
        ),
        "{line}"
    );

    let token = examined.file("token", "hunter2\n");
    let with_token = ["--prometheus", &address, "--prometheus-token-file", &token];
    let (text, status) = examined.diagnosed(&with_token).await;
    assert_eq!(status, 0, "{text}");

    prometheus.requires("another");
    let line = failed(&examined, &with_token).await;
    assert!(
        line.ends_with("the token of --prometheus-token-file is invalid or has expired (401)"),
        "{line}"
    );

    let prometheus = Prometheus::healthy();
    prometheus.answers("up", Answer::Body(403, "text/plain", String::new()));
    let address = format!("http://{}", prometheus.listen().await);
    let with_token = ["--prometheus", &address, "--prometheus-token-file", &token];
    let line = failed(&examined, &with_token).await;
    assert!(
        line.contains(": the user of --prometheus-token-file may not query it (403); on OpenShift: oc adm policy "),
        "{line}"
    );
}

#[tokio::test]
async fn a_file_that_holds_no_token_or_no_ca_names_its_flag() {
    let examined = Examined::of(&Cluster::new()).await;
    let address = format!("http://{}", Prometheus::healthy().listen().await);
    let file = |text: &str| examined.file("file", text);
    for (flag, text, why) in [
        ("--prometheus-token-file", "\n", "the file is empty"),
        (
            "--prometheus-token-file",
            "hunter2 hunter2",
            "the file holds more than a token",
        ),
        (
            "--prometheus-token-file",
            "hunter2\u{7}",
            "the file does not hold a token",
        ),
        (
            "--prometheus-ca",
            "hunter2",
            "the file holds no certificate in PEM",
        ),
        (
            "--prometheus-ca",
            "-----BEGIN CERTIFICATE-----\n",
            "the file is not PEM",
        ),
    ] {
        let path = file(text);
        let line = failed(&examined, &["--prometheus", &address, flag, &path]).await;
        assert_eq!(line, format!("{flag} {path}: {why}"));
    }
    for flag in ["--prometheus-token-file", "--prometheus-ca"] {
        let line = failed(&examined, &["--prometheus", &address, flag, "/nowhere"]).await;
        assert!(
            line.starts_with(&format!("{flag} /nowhere: No such file")),
            "{line}"
        );
    }
}
