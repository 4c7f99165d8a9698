//! The knowledge of a Prometheus about notafter: targets, rules, and Alertmanagers.
//!
//! Everything is read by the HTTP API, which Thanos and others have, too.

mod address;
mod answer;
mod client;
mod fault;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::{join, join4};

use self::answer::{Alertmanagers, Groups, Labels, Sample, Targets, Vector};
use self::client::Client;

pub use self::address::Address;
pub use self::fault::{Error, Fault};

/// The targets that are notafter's by their name, or by what was scraped of them within a day.
const UP: &str = r#"up{job=~".*notafter.*"} or up and on (cluster, job, instance) last_over_time(notafter_build_info[1d])"#;
const BUILD_INFO: &str = "notafter_build_info";
/// The targets that export something that only notafter exports.
const EXPORTING: &str = "count by (cluster, job, instance) (notafter_list_up)";
const UNREAD: &str = "notafter_list_up == 0";
/// The Alertmanagers that did not take an alert lately, if Prometheus scrapes itself.
const UNSENT: &str = "increase(prometheus_notifications_errors_total[15m]) > 0";

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
    pub versions: Result<BTreeSet<String>, Fault>,
    /// The targets that export something of notafter's.
    pub exporting: Result<Vec<Place>, Fault>,
    /// The lists that a scraped notafter cannot read.
    pub unread: Result<Vec<UnreadList>, Fault>,
    /// The rules of every program.
    pub rules: Result<Vec<Rule>, Fault>,
    /// The number of Alertmanagers that are configured or discovered.
    pub alertmanagers: Result<usize, Fault>,
    /// The Alertmanagers that did not take an alert lately, as far as Prometheus scrapes itself.
    pub unsent: Result<BTreeSet<String>, Fault>,
}

/// The labels that tell one target from all others.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The label `cluster`; empty where one Prometheus has one cluster.
    pub cluster: String,
    /// The label `job`.
    pub job: String,
    /// The label `instance`.
    pub instance: String,
}

/// A target that is notafter's.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The labels that identify the target.
    pub place: Place,
    /// The namespace of its pod; empty if it has no such label.
    pub namespace: String,
    /// True if the last scrape succeeded.
    pub is_up: bool,
    /// The error of the last scrape; empty if it is not known.
    pub error: String,
}

/// A list that a scraped notafter cannot read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnreadList {
    /// The resource.
    pub resource: String,
    /// The namespace; empty for all.
    pub scope: String,
    /// The labels of the target.
    pub place: Place,
    /// The namespace of the target's pod; empty if it has no such label.
    pub namespace: String,
}

/// A rule, alerting or recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// The name of the alert, or of the series.
    pub name: String,
    /// The name of its group.
    pub group: String,
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
        let up = client.vector(UP).await;
        let up = up.map_err(|fault| Error::Request(self.address.clone(), fault))?;
        let ((versions, exporting, unread, unsent), (groups, alertmanagers)) = join(
            join4(
                client.vector(BUILD_INFO),
                client.vector(EXPORTING),
                client.vector(UNREAD),
                client.vector(UNSENT),
            ),
            join(
                client.query::<Groups>("rules", &[]),
                client.query::<Alertmanagers>("alertmanagers", &[]),
            ),
        )
        .await;
        Ok(Monitoring {
            targets: targets(&client, up).await,
            versions: versions.map(|vector| vector.labels("version")),
            exporting: exporting.map(|vector| vector.map(|sample| Place::of(&sample.metric))),
            unread: unread.map(|vector| vector.map(UnreadList::from)),
            rules: groups.map(Groups::rules),
            alertmanagers: alertmanagers.map(|found| found.active_alertmanagers.len()),
            unsent: unsent.map(|vector| vector.labels("alertmanager")),
        })
    }
}

// === impl Place ===

impl Place {
    fn of(labels: &Labels) -> Self {
        Self {
            cluster: labels.get("cluster"),
            job: labels.get("job"),
            instance: labels.get("instance"),
        }
    }
}

// === impl UnreadList ===

impl From<Sample> for UnreadList {
    fn from(sample: Sample) -> Self {
        Self {
            resource: sample.metric.get("resource"),
            scope: sample.metric.get("scope"),
            place: Place::of(&sample.metric),
            namespace: sample.metric.get("namespace"),
        }
    }
}

/// The targets of an answer for `up`, with the errors of those that are down.
async fn targets(client: &Client, up: Vector) -> Vec<Target> {
    let mut targets: Vec<Target> = up.map(|sample| Target {
        place: Place::of(&sample.metric),
        namespace: sample.metric.get("namespace"),
        is_up: sample.value.1 == "1",
        error: String::new(),
    });
    targets.sort();
    if targets.iter().all(|target| target.is_up) {
        return targets;
    }
    // It may be a long answer, or missing: then the targets are as down as before.
    let known = client.query::<Targets>("targets", &[("state", "active")]);
    let known = known.await.unwrap_or_default().active_targets;
    for target in targets.iter_mut().filter(|target| !target.is_up) {
        let mut known = known.iter();
        if let Some(known) = known.find(|known| target.is_of(&known.labels)) {
            target.error.clone_from(&known.last_error);
        }
    }
    targets
}

// === impl Target ===

impl Target {
    /// Returns whether an active target has these labels, which are those before external labels: the
    /// cluster may be missing.
    fn is_of(&self, labels: &Labels) -> bool {
        let other = Place::of(labels);
        let is_cluster = other.cluster.is_empty() || other.cluster == self.place.cluster;
        let is_namespace = labels.get("namespace") == self.namespace;
        let labels = (&other.job, &other.instance);
        is_cluster && is_namespace && labels == (&self.place.job, &self.place.instance)
    }
}
