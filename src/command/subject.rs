//! One look at the subject of a command: at clusters, or at files.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use futures_util::future::join_all;

use super::progress::Progress;
use crate::api::{self, Access, Cluster, Polling};
use crate::cli::{ClustersArgs, SubjectArgs, When};
use crate::health::State;
use crate::object::ObjectRef;
use crate::offline;
use crate::report::{Problem, Source};
use crate::rotation::Declarations;
use crate::snapshot::Snapshot;

/// The reason of the problem that stands for a cluster of which nothing can be seen.
const UNREACHABLE: &str = "unreachable";

/// A cluster, or the contents of files, as they were seen.
#[derive(Default)]
pub struct Seen {
    /// The name of the cluster; nothing if there is only one.
    cluster: Option<String>,
    /// Everything that is known of it.
    pub snapshot: Snapshot,
    /// The files that objects were read from; nothing for a cluster.
    files: Option<BTreeMap<ObjectRef, Box<str>>>,
    problems: Vec<Problem>,
}

/// Looks at the files, or without any at the clusters, of the flags.
///
/// # Errors
/// If the reading of the files panics.
pub async fn look(files: Vec<PathBuf>, args: SubjectArgs) -> anyhow::Result<Vec<Seen>> {
    let SubjectArgs {
        clusters,
        namespaces,
        at: _,
        declarations,
    } = args;
    let declarations = declarations.into();
    if !files.is_empty() {
        let progress = Progress::start("Reading the files");
        let objects = progress.objects();
        let seen = move || look_at_files(&files, &declarations, objects);
        let seen = tokio::task::spawn_blocking(seen).await;
        progress.finish();
        return Ok(vec![seen.context("cannot read the files")?]);
    }
    let progress = Progress::start("Reading the cluster");
    let seen = look_at_clusters(&clusters, &namespaces, &declarations).await;
    progress.finish();
    Ok(seen)
}

fn look_at_files(
    files: &[PathBuf],
    declarations: &Declarations,
    mut progress: impl FnMut(usize),
) -> Seen {
    let inspected = offline::read(files, &declarations.labels(), &mut progress);
    let sources = inspected.sources.into_iter();
    let sources =
        sources.map(|(object, source)| (object, source.file.display().to_string().into()));
    let problems = inspected.problems.into_iter().map(Problem::from);
    let facts = Arc::new(inspected.facts);
    Seen {
        cluster: None,
        snapshot: Snapshot::judge(facts, inspected.lists, declarations, &Snapshot::default()),
        files: Some(sources.collect()),
        problems: problems.collect(),
    }
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

impl From<offline::Problem> for Problem {
    fn from(problem: offline::Problem) -> Self {
        let object = problem.object.as_ref();
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self {
            cluster: None,
            kind: object.map(|object| object.kind.as_str().to_owned()),
            namespace: object.map(|object| object.namespace.to_string()),
            name: object.map(|object| object.name.to_string()),
            key: text(&problem.key),
            reason: problem.reason.as_str().to_owned(),
            source: Some(problem.source.to_string()),
            hides: problem.reason.hides(),
            message: problem.message,
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
                reason: UNREACHABLE.into(),
                message,
                hides: true,
                ..Problem::default()
            }],
            ..Self::default()
        }
    }

    /// The reason why nothing could be read; absent if something was.
    pub fn unread(&self) -> Option<&str> {
        let mut problems = self.problems.iter();
        let found = problems.find(|problem| problem.reason == UNREACHABLE)?;
        Some(&found.message)
    }

    /// The source of a report.
    pub fn source(&self) -> Source<'_> {
        Source {
            cluster: self.cluster.as_deref(),
            snapshot: &self.snapshot,
            files: self.files.as_ref(),
            problems: &self.problems,
        }
    }
}
