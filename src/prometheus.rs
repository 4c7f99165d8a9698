//! What a Prometheus knows about notafter: its targets, its rules, and where their alerts go.
//!
//! Everything is read by the HTTP API, which Thanos and others have, too.

mod answer;
mod client;
mod fault;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::join4;

use self::answer::{Alertmanagers, Groups, Labels, Targets, Vector};
use self::client::Client;

pub use self::client::Address;
pub use self::fault::{Error, Fault};

/// The targets that are notafter's by their name, or by what was scraped of them within a day.
const UP: &str = r#"up{job=~".*notafter.*"} or up and on (cluster, job, instance) last_over_time(notafter_build_info[1d])"#;
const BUILD_INFO: &str = "notafter_build_info";
const UNREAD: &str = "notafter_list_up == 0";

/// The way to a Prometheus.
#[derive(Clone, Debug)]
pub struct Access {
    /// The address of its API.
    pub address: Address,
    /// The file of the token that it requires.
    pub token_file: Option<PathBuf>,
    /// The file of the CA that signed its certificate.
    pub ca: Option<PathBuf>,
    /// The deadline of each answer.
    pub timeout: Duration,
}

/// Everything that a Prometheus knows about notafter.
#[derive(Clone, Debug, PartialEq)]
pub struct Monitoring {
    /// The targets, by job and instance.
    pub targets: Vec<Target>,
    /// The versions that are scraped.
    pub versions: BTreeSet<String>,
    /// The lists that a scraped notafter cannot read.
    pub unread: Result<Vec<UnreadList>, Fault>,
    /// The rules of every program.
    pub rules: Result<Vec<Rule>, Fault>,
    /// The number of Alertmanagers that alerts are sent to.
    pub alertmanagers: Result<usize, Fault>,
}

/// A target that is notafter's.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The label `job`.
    pub job: String,
    /// The label `instance`.
    pub instance: String,
    /// The namespace of its pod; empty if it has no such label.
    pub namespace: String,
    /// True if its last scrape succeeded.
    pub is_up: bool,
    /// The error of its last scrape; empty if it is not known.
    pub error: String,
}

/// A list that a scraped notafter cannot read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnreadList {
    /// The resource.
    pub resource: String,
    /// The namespace; empty for all.
    pub scope: String,
    /// The label `instance` of the target.
    pub instance: String,
}

/// A rule, alerting or recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// The name of the alert, or of the series.
    pub name: String,
    /// True if it alerts.
    pub alerts: bool,
    /// True if it has been evaluated since it was loaded.
    pub is_evaluated: bool,
    /// The error of its last evaluation; empty if it succeeded.
    pub error: String,
    /// The annotation `runbook_url`; empty if it has none.
    pub runbook_url: String,
}

// === impl Access ===

impl Access {
    /// Asks Prometheus.
    ///
    /// # Errors
    /// If a file cannot be used, or the first question is not answered.
    pub async fn monitoring(&self) -> Result<Monitoring, Error> {
        let client = Client::new(self)?;
        let up = client.query::<Vector>("query", &[("query", UP)]).await;
        let up = up.map_err(|fault| Error::Request(self.address.clone(), fault))?;
        let (versions, unread, groups, alertmanagers) = join4(
            client.query::<Vector>("query", &[("query", BUILD_INFO)]),
            client.query::<Vector>("query", &[("query", UNREAD)]),
            client.query::<Groups>("rules", &[]),
            client.query::<Alertmanagers>("alertmanagers", &[]),
        )
        .await;
        Ok(Monitoring {
            targets: targets(&client, up).await,
            // Only named beside the targets.
            versions: versions.map_or_else(|_| BTreeSet::new(), versions_of),
            unread: unread.map(unread_lists),
            rules: groups.map(Groups::rules),
            alertmanagers: alertmanagers.map(|found| found.active_alertmanagers.len()),
        })
    }
}

/// The targets of an answer for `up`, with the errors of those that are down.
async fn targets(client: &Client, up: Vector) -> Vec<Target> {
    let targets = up.result.into_iter().map(|sample| Target {
        job: sample.metric.get("job"),
        instance: sample.metric.get("instance"),
        namespace: sample.metric.get("namespace"),
        is_up: sample.value.1 == "1",
        error: String::new(),
    });
    let mut targets: Vec<Target> = targets.collect();
    targets.sort();
    if targets.iter().all(|target| target.is_up) {
        return targets;
    }
    // It may be a long answer, or missing: then the targets are as down as before.
    let known = client.query::<Targets>("targets", &[("state", "active")]);
    let known = known.await.unwrap_or_default().active_targets;
    for target in targets.iter_mut().filter(|target| !target.is_up) {
        let is_meant = |labels: &Labels| {
            (labels.get("job"), labels.get("instance"))
                == (target.job.clone(), target.instance.clone())
        };
        let mut known = known.iter();
        if let Some(known) = known.find(|known| is_meant(&known.labels)) {
            target.error.clone_from(&known.last_error);
        }
    }
    targets
}

fn versions_of(vector: Vector) -> BTreeSet<String> {
    let samples = vector.result.into_iter();
    samples
        .map(|sample| sample.metric.get("version"))
        .filter(|version| !version.is_empty())
        .collect()
}

fn unread_lists(vector: Vector) -> Vec<UnreadList> {
    let samples = vector.result.into_iter();
    samples
        .map(|sample| UnreadList {
            resource: sample.metric.get("resource"),
            scope: sample.metric.get("scope"),
            instance: sample.metric.get("instance"),
        })
        .collect()
}
