//! The targets of Prometheus: whether each is up, and is a notafter.

use super::asked::Asked;
use super::{Check, State, number, some};
use crate::prometheus::{Monitoring, Place, Target};
use crate::rbac;

/// The namespace of every installation that the manifests make.
const NAMESPACE: &str = "notafter";

/// The name of the check.
const NAME: &str = "targets";

/// Judges the targets.
pub(super) fn check(asked: &Asked, monitoring: &Monitoring) -> Check {
    let (all, kubectl) = (&monitoring.targets, asked.kubectl());
    if all.is_empty() {
        let message = "no target found: no job name contains notafter, and notafter_build_info was not scraped in \
                       the last 24 h";
        let selector = "--selector=app.kubernetes.io/name=notafter --show-labels";
        let check = Check::new(NAME, State::Missing, message);
        return check.look_at(format!(
            "{kubectl} get services,pods --all-namespaces {selector}"
        ));
    }
    let down: Vec<&Target> = all.iter().filter(|target| !target.is_up).collect();
    if let Some(first) = down.first() {
        let (number, all) = (down.len(), number(all.len(), "target is", "targets are"));
        let message = format!("{number} of {all} down: {}", described(&down));
        let check = Check::new(NAME, State::Failed, message);
        let namespace = namespace(&first.namespace);
        return check.look_at(format!(
            "{kubectl} -n {namespace} get deployments,pods,services"
        ));
    }
    let (exporting, versions) = match (&monitoring.exporting, &monitoring.versions) {
        (Ok(exporting), Ok(versions)) => (exporting, versions),
        (Err(fault), _) | (_, Err(fault)) => {
            let up = number(all.len(), "target", "targets");
            let message = format!("{up} up; what they export is unknown: {fault}");
            return Check::new(NAME, State::Unknown, message);
        }
    };
    let is_silent = |target: &&Target| !exporting.contains(&target.place);
    let silent: Vec<&Target> = all.iter().filter(is_silent).collect();
    if !silent.is_empty() {
        return unrecognized(&kubectl, &silent);
    }
    let up = number(all.len(), "target", "targets");
    let versions: Vec<&str> = versions.iter().map(String::as_str).collect();
    let message = match &versions[..] {
        [] => format!("{up} up, of unknown version"),
        versions => format!("{up} up, version {}", versions.join(" and ")),
    };
    Check::new(NAME, State::Ok, message)
}

/// The check of targets that are up, and export nothing of notafter's.
fn unrecognized(kubectl: &str, silent: &[&Target]) -> Check {
    let message = format!(
        "up, but without notafter_list_up: {}; is it notafter, and do the metricRelabelings keep its series?",
        described(silent)
    );
    let check = Check::new(NAME, State::Missing, message);
    check.look_at(format!(
        "{kubectl} get servicemonitors,podmonitors --all-namespaces --selector=app.kubernetes.io/name=notafter -o yaml"
    ))
}

/// Some targets, with their errors.
fn described(targets: &[&Target]) -> String {
    let described = targets.iter().map(|target| match &*target.error {
        "" => format!("{} {}", target.place.job, place(&target.place)),
        error => format!("{} {}: {error}", target.place.job, place(&target.place)),
    });
    let described: Vec<String> = described.collect();
    some(&described)
}

/// The instance of a target, and its cluster where Prometheus has several.
pub(super) fn place(place: &Place) -> String {
    match &*place.cluster {
        "" => place.instance.clone(),
        cluster => format!("{} in cluster {cluster}", place.instance),
    }
}

/// The namespace of a target, for a command.
pub(super) fn namespace(label: &str) -> &str {
    if rbac::is_label(label) {
        label
    } else {
        NAMESPACE
    }
}
