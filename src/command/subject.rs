//! One look at the subject of a command: at one cluster or several.

use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::future::join_all;

use super::progress::Progress;
use crate::api::{self, Access, Cluster, Polling};
use crate::cli::{ClustersArgs, SubjectArgs, When};
use crate::health::State;
use crate::report::{Problem, Source};
use crate::rotation::Declarations;
use crate::snapshot::Snapshot;

/// A cluster, as it was seen.
#[derive(Default)]
pub struct Seen {
    /// The name of the cluster; nothing if there is only one.
    cluster: Option<String>,
    /// Everything that is known of it.
    pub snapshot: Snapshot,
    problems: Vec<Problem>,
}

/// Looks at the clusters of the flags.
pub async fn look(args: SubjectArgs) -> Vec<Seen> {
    let SubjectArgs {
        clusters,
        namespaces,
        at: _,
        declarations,
    } = args;
    let progress = Progress::start("Reading the cluster");
    let seen = look_at_clusters(&clusters, &namespaces, &declarations.into()).await;
    progress.finish();
    seen
}

/// The time to judge at: that of the flag, else now (Unix seconds).
pub fn time(at: Option<When>) -> i64 {
    let now = || {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        i64::try_from(now.as_secs()).unwrap_or(i64::MAX)
    };
    at.map_or_else(now, |When(at)| at)
}

async fn look_at_clusters(
    clusters: &ClustersArgs,
    namespaces: &[String],
    declarations: &Declarations,
) -> Vec<Seen> {
    let polling = Polling {
        namespaces: namespaces.to_vec(),
        labels: declarations.labels(),
        ..Polling::listing(clusters.timeout)
    };
    let contexts = if clusters.all_contexts {
        match api::contexts(clusters.kubeconfig.as_deref()) {
            Ok(contexts) => contexts,
            Err(error) => return vec![Seen::unreachable(None, error.to_string())],
        }
    } else {
        clusters.contexts.clone()
    };
    let access = |context| Access {
        kubeconfig: clusters.kubeconfig.clone(),
        context,
    };
    match &contexts[..] {
        [] => vec![look_at_cluster(None, access(None), &polling, declarations).await],
        [one] => {
            vec![look_at_cluster(None, access(Some(one.clone())), &polling, declarations).await]
        }
        several => {
            let looks = several.iter().map(|context| {
                let access = access(Some(context.clone()));
                look_at_cluster(Some(context), access, &polling, declarations)
            });
            join_all(looks).await
        }
    }
}

async fn look_at_cluster(
    name: Option<&str>,
    access: Access,
    polling: &Polling,
    declarations: &Declarations,
) -> Seen {
    let mut cluster = match Cluster::connect(access, polling).await {
        Ok(cluster) => cluster,
        Err(error) => return Seen::unreachable(name, error.to_string()),
    };
    let observed = cluster.look().await;
    let mut failures = observed.lists.iter().map(|list| &list.state);
    let failure = match failures.next() {
        Some(first @ State::Failed(why)) if failures.all(|state| state == first) => {
            Some(why.clone())
        }
        _ => None,
    };
    let snapshot = Snapshot::judge(
        observed.facts,
        observed.lists,
        declarations,
        &Snapshot::default(),
    );
    Seen {
        snapshot,
        ..match failure {
            Some(why) => Seen::unreachable(name, why),
            None => Seen {
                cluster: name.map(str::to_owned),
                ..Seen::default()
            },
        }
    }
}

// === impl Seen ===

impl Seen {
    /// A cluster of which nothing can be seen.
    fn unreachable(cluster: Option<&str>, message: String) -> Self {
        Self {
            cluster: cluster.map(str::to_owned),
            problems: vec![Problem {
                cluster: cluster.map(str::to_owned),
                kind: Some("Cluster".into()),
                reason: "unreachable".into(),
                message,
                hides: true,
                ..Problem::default()
            }],
            ..Self::default()
        }
    }

    /// The source of a report.
    pub fn source(&self) -> Source<'_> {
        Source {
            cluster: self.cluster.as_deref(),
            snapshot: &self.snapshot,
            files: None,
            problems: &self.problems,
        }
    }
}
