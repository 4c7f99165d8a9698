//! `notafter doctor`: a line for each check, with what to do, and its exit status.

mod bad;
mod monitoring;
mod prometheus;
mod reviews;
mod rights;

use std::process::{Command, Output};

use notafter_simulator::{Cluster, kubeconfig};
use serde_json::Value;
use tempfile::TempDir;

use self::prometheus::Prometheus;
use crate::documents::document;
use crate::running::{notafter, stderr};

/// A cluster to examine, and the folder of its kubeconfig.
pub(super) struct Examined {
    folder: TempDir,
}

impl Examined {
    /// Serves a cluster to a client without credentials.
    async fn of(cluster: &Cluster) -> Self {
        Self::with_token(cluster, None).await
    }

    async fn with_token(cluster: &Cluster, token: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = kubeconfig(cluster.listen().await, token);
        std::fs::write(folder.path().join("kubeconfig"), config).unwrap();
        Self { folder }
    }

    /// The path of a file beside the kubeconfig, with that text.
    fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The result of a command line that reads the kubeconfig.
    async fn output(&self, mut command: Command) -> Output {
        command
            .arg("--kubeconfig")
            .arg(self.folder.path().join("kubeconfig"));
        tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap()
    }

    /// A text without the flag of the kubeconfig, which its commands have.
    fn shown(&self, text: &str) -> String {
        let flag = format!(" --kubeconfig={}/kubeconfig", self.folder.path().display());
        text.replace(&flag, "")
    }

    /// The text of `notafter doctor`, which writes no error, and the exit status.
    async fn diagnosed(&self, arguments: &[&str]) -> (String, i32) {
        let mut command = notafter(&["doctor"]);
        command.args(arguments);
        let output = self.output(command).await;
        assert_eq!(stderr(&output), "");
        let text = String::from_utf8(output.stdout).unwrap();
        (self.shown(&text), output.status.code().unwrap())
    }
}

/// A cluster with the resources that notafter knows, and its Prometheus.
async fn healthy() -> (Examined, Cluster, String) {
    let cluster = Cluster::with_olm();
    cluster.install_cert_manager(true);
    cluster.install_openshift(true);
    let address = Prometheus::healthy().listen().await;
    (
        Examined::of(&cluster).await,
        cluster,
        format!("http://{address}"),
    )
}

/// Requires that a text has these lines in a row.
#[track_caller]
pub(super) fn has(text: &str, lines: &[&str]) {
    let expected = lines.join("\n") + "\n";
    assert!(text.contains(&expected), "{expected}\nis not in\n{text}");
}

#[tokio::test]
async fn a_healthy_installation_is_ok_in_every_line_and_the_status_is_0() {
    let (examined, _, prometheus) = healthy().await;
    let (text, status) = examined.diagnosed(&["--prometheus", &prometheus]).await;
    assert_eq!(status, 0, "{text}");
    let lines: Vec<&str> = text.lines().collect();
    let [checks @ .., "", summary] = &lines[..] else {
        panic!("{text}")
    };
    assert!(
        checks.iter().all(|line| line.starts_with("ok           ")),
        "{text}"
    );
    assert_eq!(*summary, format!("{0} checks: {0} ok.", checks.len()));
    has(
        &text,
        &["ok           credentials: authenticated as system:serviceaccount:notafter:notafter"],
    );
    for list in notafter::kinds::ALL {
        has(
            &text,
            &[&format!("ok           list {}: allowed", list.name())],
        );
    }
}

#[tokio::test]
async fn the_page_shows_what_is_printed() {
    let cluster = Cluster::new();
    cluster.name_user("jane");
    cluster.refuse("services", "");
    let examined = Examined::of(&cluster).await;
    let prometheus = Prometheus::healthy();
    let none = serde_json::json!({"activeAlertmanagers": []});
    prometheus.answers("alertmanagers", prometheus::Answer::data(&none));
    let address = format!("http://{}", prometheus.listen().await);
    let account = "--service-account=notafter/notafter";
    let (text, status) = examined
        .diagnosed(&[account, "--prometheus", &address])
        .await;
    assert_eq!(status, 1);
    let text = text.replace(&address, "http://localhost:9090");
    let (_, rest) = text.split_once("http://127.0.0.1:").unwrap();
    let (port, _) = rest.split_once(' ').unwrap();
    let server = format!("http://127.0.0.1:{port}");
    let text = text.replace(&server, "https://api.example.com:6443");
    let page = document("docs/doctor.md");
    let shown = format!(
        "$ notafter doctor --service-account notafter/notafter --prometheus http://localhost:9090\n{text}```\n"
    );
    assert!(
        page.contains(&shown),
        "docs/doctor.md does not have\n{shown}"
    );
}

#[tokio::test]
async fn without_an_address_prometheus_is_not_checked_and_the_status_stays_0() {
    let (examined, ..) = healthy().await;
    let (text, status) = examined.diagnosed(&[]).await;
    assert_eq!(status, 0, "{text}");
    let lines = [
        "not checked  Prometheus: give its URL with --prometheus",
        "             Fix: notafter doctor --prometheus URL",
    ];
    has(&text, &lines);
}

#[tokio::test]
async fn programs_read_the_same_as_json() {
    let (examined, cluster, prometheus) = healthy().await;
    cluster.refuse("services", "");
    let flags = ["--prometheus", &prometheus, "--output", "json"];
    let (text, status) = examined.diagnosed(&flags).await;
    assert_eq!(status, 1);
    let diagnosis: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(diagnosis["apiVersion"], "notafter.io/v1");
    assert_eq!(diagnosis["kind"], "Diagnosis");
    let checks = diagnosis["checks"].as_array().unwrap();
    let named = |name: &str| checks.iter().find(|check| check["name"] == name).unwrap();
    assert_eq!(named("list services")["state"], "missing");
    assert_eq!(
        named("list services")["fix"],
        "notafter rights | kubectl apply -f -"
    );
    assert_eq!(named("rules")["state"], "ok");
    assert_eq!(named("rules")["lookAt"], Value::Null);
}
