//! Clusters to scan, the kubeconfig that names them, and the results of commands about them.

use std::path::PathBuf;
use std::process::Output;

use notafter_simulator::certificate::Draft;
use notafter_simulator::{Cluster, kubeconfig};
use serde_json::Value;
use tempfile::TempDir;

use crate::running::{notafter, stderr};
use crate::world::{DAY, THEN, tls};

/// The reference time.
pub(super) const NOW: &str = "2024-02-23T10:07:05Z";

/// Clusters to scan, and the kubeconfig that names them `cluster-0`, `cluster-1` and so on.
pub(crate) struct Scanned {
    folder: TempDir,
}

impl Scanned {
    /// Serves clusters; one of them is not there if it is nothing.
    pub(crate) async fn of(clusters: &[Option<&Cluster>]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut merged: Option<Value> = None;
        for (cluster, index) in clusters.iter().zip(0..) {
            let address = match cluster {
                Some(cluster) => cluster.listen().await,
                None => "127.0.0.1:1".parse().unwrap(),
            };
            let text = kubeconfig(address, None);
            let mut config: Value = serde_saphyr::from_str(&text).unwrap();
            let name = format!("cluster-{index}");
            for (list, reference) in [("clusters", "cluster"), ("contexts", "")] {
                config[list][0]["name"] = name.clone().into();
                if reference.is_empty() {
                    config[list][0]["context"]["cluster"] = name.clone().into();
                }
            }
            config["current-context"] = "cluster-0".into();
            match &mut merged {
                None => merged = Some(config),
                Some(merged) => {
                    for list in ["clusters", "contexts"] {
                        let entry = config[list][0].clone();
                        merged[list].as_array_mut().unwrap().push(entry);
                    }
                }
            }
        }
        let text = serde_json::to_string(&merged).unwrap();
        std::fs::write(folder.path().join("kubeconfig"), text).unwrap();
        Self { folder }
    }

    pub(super) fn kubeconfig(&self) -> PathBuf {
        self.folder.path().join("kubeconfig")
    }

    /// Runs a command as of a time.
    pub(super) async fn output(&self, arguments: &[&str], at: &str) -> Output {
        let mut command = notafter(arguments);
        command
            .args(["--at", at])
            .arg("--kubeconfig")
            .arg(self.kubeconfig());
        tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap()
    }

    /// The output of a command that succeeds as of the reference time, and its exit status.
    pub(crate) async fn run(&self, arguments: &[&str]) -> (String, i32) {
        let output = self.output(arguments, NOW).await;
        let text = String::from_utf8(output.stdout.clone()).unwrap();
        assert_eq!(stderr(&output), "");
        (text, output.status.code().unwrap())
    }

    /// The error of a command that prints nothing else, and its exit status.
    pub(crate) async fn fail(&self, arguments: &[&str]) -> (String, i32) {
        let output = self.output(arguments, NOW).await;
        assert!(output.stdout.is_empty());
        (stderr(&output), output.status.code().unwrap())
    }

    /// The output of `notafter scan`, and the exit status.
    pub(crate) async fn print(&self, arguments: &[&str]) -> (String, i32) {
        self.run(&[&["scan"], arguments].concat()).await
    }

    /// The report of a time.
    pub(crate) async fn report_at(&self, at: &str) -> Value {
        let output = self.output(&["scan", "--output", "json"], at).await;
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The report in JSON, and the exit status.
    pub(crate) async fn report(&self, arguments: &[&str]) -> (Value, i32) {
        let (text, status) = self
            .print(&[arguments, &["--output", "json"]].concat())
            .await;
        (serde_json::from_str(&text).unwrap(), status)
    }
}

/// A secret with a certificate that expires after so many days.
pub(crate) fn by_hand(secret: &str, host: &str, days: i64) -> Value {
    let draft = Draft::named(host).valid(THEN - 60 * DAY, THEN + days * DAY);
    tls("shop", secret, &draft.self_signed())
}

/// A cluster with one certificate that was made by hand, and expires after so many days.
pub(crate) fn with_days_left(days: i64) -> Cluster {
    let cluster = Cluster::new();
    cluster.apply(by_hand("web", "web.example.com", days));
    cluster
}
